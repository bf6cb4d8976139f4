"""What scikit-learn's searches measured, as a validation table."""

from __future__ import annotations

from typing import Any

import numpy as np

from unstuck.errors import DataError
from unstuck.selection.candidate import Candidate
from unstuck.selection.measure import Measure, default_scoring, measure


def read(search: Any) -> dict[str, Any]:
    """The fields of the table of a fitted search; see ``ValidationTable.from_search``."""
    found = getattr(search, "cv_results_", None)
    if not isinstance(found, dict) or "params" not in found:
        raise DataError(
            f"{type(search).__name__} has no cv_results_; expected a fitted search of "
            "scikit-learn: call fit first."
        )
    if not found["params"] or not hasattr(search, "estimator"):
        raise DataError(
            f"{type(search).__name__} has no candidates of an estimator; expected a fitted search "
            "of scikit-learn."
        )
    if "mean_test_score" not in found:
        scores = [name[10:] for name in found if name.startswith("mean_test_")]
        raise DataError(f"the search has several scores, {', '.join(scores)}; expected one.")
    errors = _measure(search)
    held, train = (_by_fold(found, part, errors) for part in ("test", "train"))
    rows = found.get("n_resources")
    candidates: dict[str, Candidate] = {}
    for at, params in enumerate(found["params"]):
        # Of a search in rounds the last one counts, and its order: the first of equals is the best.
        candidates.pop(repr(params), None)
        counted = None if rows is None else int(rows[at])
        candidates[repr(params)] = Candidate(params, train[at], held[at], held.shape[1], counted)
    made = sum(len(each.validation) for each in candidates.values())
    seconds = float(np.sum(found["mean_fit_time"] + found["mean_score_time"]) * held.shape[1])
    folds = f"{held.shape[1]} fold{'s' * (held.shape[1] != 1)}"
    fields = {"candidates": list(candidates.values()), "measure": errors.name, "folds": folds}
    return {**fields, "asked": made, "seconds": seconds}


def _measure(search: Any) -> Measure:
    """Of its score; where none was asked for, that of its estimator."""
    scoring = getattr(search, "scoring", None)
    if scoring is not None:
        return measure(scoring)
    own = default_scoring(search.estimator)
    return measure("accuracy" if own == "accuracy" else "r2" if isinstance(own, str) else own)


def _by_fold(found: Any, part: str, errors: Measure) -> np.ndarray:
    """Shape (candidates, folds); no folds where the scores are not there."""
    names = [f"split{i}_{part}_score" for i in range(len(found))]
    columns = [np.asarray(found[name], float) for name in names if name in found]
    return errors.error(np.stack(columns, 1)) if columns else np.empty((len(found["params"]), 0))
