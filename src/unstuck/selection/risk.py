"""The expected loss of a fitted model: the mean over many rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.metrics import log_loss

from unstuck.errors import DataError

Risk = Callable[[Any, Any, Any], float]
Draw = Callable[[int, int], tuple[Any, Any]]


def risk_of(model: Any, X: Any, y: Any) -> float:
    """The mean squared error of a regressor, the log-loss of a classifier.

    Arguments:
        model: fitted.
        X, y: rows.

    Example:
        >>> from sklearn.dummy import DummyRegressor
        >>> risk_of(DummyRegressor().fit([[0.0], [1.0]], [1.0, 3.0]), [[5.0]], [5.0])
        9.0
    """
    if is_classifier(model):
        return float(log_loss(y, model.predict_proba(X), labels=model.classes_))
    return float(((np.asarray(model.predict(X), float) - np.asarray(y, float)) ** 2).mean())


def drawn(draw: Draw, count: int, seed: int, name: str) -> tuple[Any, Any]:
    """Rows and targets of a source.

    Raises:
        DataError: the source gives another number of them.
    """
    try:
        X, y = draw(count, seed)
    except (TypeError, ValueError) as problem:
        raise DataError(
            f"{name}: draw({count}, {seed}) did not give X and y: {problem}. Expected a function "
            "of the number of rows and of a seed."
        ) from problem
    if len(X) != count or len(y) != count:
        raise DataError(
            f"{name}: draw({count}, {seed}) gave {len(X)} rows and {len(y)} targets; expected "
            f"{count} of each."
        )
    return X, y
