"""A line of a validation table: parameters, and the errors of their fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from unstuck.health.spelling import number


@dataclass(frozen=True)
class Candidate:
    """Parameters, and the errors of their fits.

    Attributes:
        params: by name.
        train: errors on the rows that were fitted, one a fold, shape (k,); empty where they are not
            known.
        validation: errors on the rows held out, shape (k,).
        asked: how many folds there were to be.
        rows: rows that a search gave it, where it gave each round others.
        error: why a fit failed, in words.
    """

    params: Mapping[str, Any]
    train: np.ndarray
    validation: np.ndarray
    asked: int = 1
    rows: int | None = None
    error: str = ""

    @property
    def complete(self) -> bool:
        """Whether every fold was measured."""
        return len(self.validation) == self.asked and bool(np.isfinite(self.validation).all())

    @property
    def training_error(self) -> float:
        """Mean over the folds."""
        return float(np.mean(self.train)) if self.complete and len(self.train) else float("nan")

    @property
    def validation_error(self) -> float:
        """Mean over the folds.

        Formula:
            J = 1/k sum_i J_i
        """
        return float(np.mean(self.validation)) if self.complete else float("nan")

    @property
    def standard_error(self) -> float:
        """Of the validation error, as if folds were independent; unknown for fewer than two.

        Formula:
            s / sqrt(k)

        Example:
            >>> Candidate({"d": 1}, np.array([]), np.array([1.0, 3.0]), 2).standard_error
            1.0
        """
        if not self.complete or self.asked < 2:
            return float("nan")
        return float(np.std(self.validation, ddof=1) / self.asked**0.5)

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "params": dict(self.params),
            "training_error": self.training_error,
            "validation_error": self.validation_error,
            "standard_error": self.standard_error,
            "folds": {"train": self.train.tolist(), "validation": self.validation.tolist()},
            **({} if self.rows is None else {"rows": self.rows}),
            **({"error": self.error} if self.error else {}),
        }


def level(value: Any) -> float | None:
    """A value as a place on an axis; nothing where it is no number. A layer counts as its units.

    Example:
        >>> level(1e-4), level((8,)), level("tanh"), level(True)
        (0.0001, 8.0, None, None)
    """
    if isinstance(value, (tuple, list)) and len(value) == 1:
        value = value[0]
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        return None
    return float(value) if np.isfinite(float(value)) else None


def spelled(value: Any) -> str:
    """A value as it is written in a table.

    Example:
        >>> spelled(1e-4), spelled((8,)), spelled((16, 16)), spelled("tanh"), spelled(None)
        ('0.0001', '8', '16,16', 'tanh', 'None')
    """
    if isinstance(value, (tuple, list)) and value:
        return ",".join(map(spelled, value))
    if isinstance(value, Real) and not isinstance(value, (bool, np.bool_)):
        return number(float(value), 6)
    return " ".join(str(value).split())
