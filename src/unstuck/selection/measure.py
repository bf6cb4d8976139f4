"""What an error is: a loss as it is, of a score what is missing to the best."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from sklearn.base import is_classifier, is_regressor
from sklearn.metrics import get_scorer_names

from unstuck.errors import ParameterError, did_you_mean

NAMED = {
    "accuracy": "error rate",
    "neg_mean_squared_error": "mean squared error",
    "neg_root_mean_squared_error": "root mean squared error",
    "neg_mean_absolute_error": "mean absolute error",
    "neg_log_loss": "log loss",
}
"""Errors with a name of their own, by scikit-learn's name of the score."""


class Measure(NamedTuple):
    """From scores to errors.

    Attributes:
        name: of the error.
        best: the score whose error is 0.
        score: of scikit-learn, as it was asked for.
    """

    name: str
    best: float
    score: Any

    def error(self, scores: Any) -> np.ndarray:
        """Errors of scores, of the same shape.

        Formula:
            best - score

        Example:
            >>> measure("accuracy").error([0.75, 1.0]).tolist()
            [0.25, 0.0]
        """
        return self.best - np.asarray(scores, float)


def measure(scoring: Any) -> Measure:
    """The error that belongs to a score.

    Arguments:
        scoring: a name of scikit-learn, or a function ``scoring(estimator, X, y)``: the larger the
            better. Of a function that is not scikit-learn's, the error is minus what it gives.

    Raises:
        ParameterError: it is neither; or several.

    Example:
        >>> [measure(name).name for name in ("neg_mean_squared_error", "f1", "neg_max_error")]
        ['mean squared error', '1 - f1', 'max error']
    """
    known = get_scorer_names()
    if isinstance(scoring, str) and scoring in known:
        if scoring.startswith("neg_"):
            return Measure(NAMED.get(scoring, scoring[4:].replace("_", " ")), 0.0, scoring)
        return Measure(NAMED.get(scoring, f"1 - {scoring}"), 1.0, scoring)
    if callable(scoring):
        name = getattr(getattr(scoring, "_score_func", scoring), "__name__", "score")
        if getattr(scoring, "_sign", 1) < 0:  # of make_scorer(..., greater_is_better=False)
            return Measure("loss" if name == "<lambda>" else name.replace("_", " "), 0.0, scoring)
        known_as = "score" if name in ("<lambda>", own_score.__name__) else name.replace("_", " ")
        return Measure(f"minus {known_as}", 0.0, scoring)
    raise ParameterError(
        f"scoring was {scoring!r:.100}; expected one name of sklearn.metrics.get_scorer_names(), "
        "such as 'balanced_accuracy', or a function scoring(estimator, X, y)."
        f"{did_you_mean(scoring, known)}"
    )


def default_scoring(estimator: Any) -> Any:
    """Accuracy of classes; of numbers the mean squared error, which one row suffices for; of
    anything else its own score."""
    if is_classifier(estimator):
        return "accuracy"
    return "neg_mean_squared_error" if is_regressor(estimator) else own_score


def own_score(estimator: Any, X: Any, y: Any = None) -> float:
    """What ``estimator.score`` gives."""
    return float(estimator.score(X, y))
