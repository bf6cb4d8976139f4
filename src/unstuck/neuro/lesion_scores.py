"""By what a damaged estimator is judged: a score that is larger where predictions are better."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import get_scorer, get_scorer_names, r2_score

from unstuck.errors import DataError, ParameterError, UnstuckError, did_you_mean, first_sentence

Score = Callable[[Any, Any, Any], float]
"""Of an estimator, rows and targets."""


def score_of(scoring: str | Score | None, estimator: Any) -> tuple[str, Score]:
    """The name of a score and the score.

    Arguments:
        scoring: a name of scikit-learn's, a function, or nothing: accuracy or R2.
        estimator: that is judged.

    Raises:
        ParameterError: there is no such score.
    """
    if scoring is None:
        name, score = ("accuracy", accuracy) if is_classifier(estimator) else ("R2", _r2)
        return name, _safe(name, score)
    if callable(scoring):
        name = getattr(scoring, "__name__", str(scoring))
        return name, _safe(name, scoring)
    names = get_scorer_names()
    if not isinstance(scoring, str) or scoring not in names:
        raise ParameterError(
            f"scoring was {scoring!r}; expected the name of a score of scikit-learn's, "
            "such as 'balanced_accuracy', or a function of estimator, rows and targets."
            f"{did_you_mean(scoring, names)}"
        )
    return scoring, _safe(scoring, get_scorer(scoring))


def _safe(name: str, score: Score) -> Score:
    """The score, which says by name that it could not be taken."""

    def taken(estimator: Any, X: Any, y: Any) -> float:
        try:
            return float(score(estimator, X, y))
        except UnstuckError:
            raise
        except Exception as problem:
            raise DataError(
                f"the score {name} could not be taken: {first_sentence(problem)} Expected a number "
                "from it for the estimator, these rows and their targets."
            ) from problem

    return taken


def check_classes(y: Any, classes: Any, subject: str) -> None:
    """Raise a ``DataError`` where no row has a class that was learned: as numbers, not as text."""
    known = {*np.ravel(classes).tolist()}
    if not known & {*np.ravel(y).tolist()}:
        raise DataError(
            f"{subject}: no target is one of the classes that were learned, "
            f"{', '.join(map(repr, sorted(known, key=str)[:5]))}; the first is "
            f"{np.ravel(y)[0]!r}. Give targets as they were in the fit."
        )


def accuracy(estimator: Any, X: Any, y: Any) -> float:
    """The share of rows whose class (all of whose labels) is predicted. Quicker than
    scikit-learn's, which checks every time what the classes are."""
    right = estimator.predict(X) == np.asarray(y)
    return float(np.mean(right.all(1) if right.ndim > 1 else right))


def _r2(estimator: Any, X: Any, y: Any) -> float:
    return float(r2_score(y, estimator.predict(X)))


def constant_score(estimator: Any, score: Score, X: Any, y: Any) -> float:
    """The score of the best constant: the shares of the classes, or the mean."""
    kind = DummyClassifier(strategy="prior") if is_classifier(estimator) else DummyRegressor()
    fitted = _safe("of a constant", lambda kind, X, y: score(kind.fit(X, y), X, y))
    return fitted(kind, X, y)
