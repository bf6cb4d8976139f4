"""By what a damaged estimator is judged: a score that is larger where predictions are better."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import get_scorer, get_scorer_names, r2_score

from unstuck.errors import ParameterError, did_you_mean

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
        return ("accuracy", accuracy) if is_classifier(estimator) else ("R2", _r2)
    if callable(scoring):
        return getattr(scoring, "__name__", str(scoring)), scoring
    names = get_scorer_names()
    if scoring not in names:
        raise ParameterError(
            f"lesion: scoring was {scoring!r}; expected the name of a score of scikit-learn's, "
            "such as 'balanced_accuracy', or a function of estimator, rows and targets."
            f"{did_you_mean(scoring, names)}"
        )
    return scoring, get_scorer(scoring)


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
    return float(score(kind.fit(X, y), X, y))
