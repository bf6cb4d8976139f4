"""What experiments are judged by: a score whose best is 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn import metrics
from sklearn.base import is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor

from unstuck.errors import ParameterError, did_you_mean
from unstuck.remedies.divisions import Rows

Scorer = Callable[..., float]


def scorer_of(estimator: Any, rows: Rows, scoring: Any = None) -> Scorer:
    """A score as scikit-learn calls it; of a loss the share of a constant's that is saved, so that
    0.02 is little of everything.

    Formula:
        1 - loss / loss of a constant

    Arguments:
        estimator: of scikit-learn's contract.
        rows: from which the constant is learned.
        scoring: as scikit-learn takes it.

    """
    scorer: Scorer = metrics.check_scoring(estimator, scoring)
    if not is_loss(scoring):
        return scorer
    constant = _of_a_constant(estimator, rows, scorer)

    def saved(fitted: Any, x: Any, y: Any, **weights: Any) -> float:
        return 1.0 - scorer(fitted, x, y, **weights) / constant

    return saved


def check_scoring(scoring: Any) -> None:
    """Refuse what is no scoring.

    Raises:
        ParameterError: says what was expected.
    """
    known = metrics.get_scorer_names()
    if scoring is None or callable(scoring) or (isinstance(scoring, str) and scoring in known):
        return
    raise ParameterError(
        f"repair: scoring was {scoring!r:.100}; expected a name of "
        "sklearn.metrics.get_scorer_names(), such as 'balanced_accuracy', or a function "
        f"scoring(estimator, X, y).{did_you_mean(scoring, known)}"
    )


def words(estimator: Any, scoring: Any) -> str:
    """What scores are of."""
    if scoring is None:
        return "accuracy" if is_classifier(estimator) else "R2"
    name = str(getattr(scoring, "__name__", scoring)).replace("_", " ")
    if is_loss(scoring):
        return f"share of a constant's {name.removeprefix('neg ')} that it saves"
    return name


def is_loss(scoring: Any) -> bool:
    """Whether the best is 0, and what is worse is less."""
    if isinstance(scoring, str):
        return scoring.startswith("neg_")
    return getattr(scoring, "_sign", 1) < 0  # of make_scorer(..., greater_is_better=False)


def _of_a_constant(estimator: Any, rows: Rows, scorer: Scorer) -> float:
    dummy = DummyClassifier(strategy="prior") if is_classifier(estimator) else DummyRegressor()
    weights = {} if rows.w is None else {"sample_weight": rows.w}
    dummy.fit(rows.x, rows.y, **weights)
    return float(scorer(dummy, rows.x, rows.y, **weights)) or -1.0
