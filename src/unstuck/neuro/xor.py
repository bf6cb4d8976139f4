"""XOR with two hidden sigmoid units whose weights are chosen by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.activations import ACTIVATIONS
from unstuck.errors import DataError
from unstuck.neuro.boolean import rows_of
from unstuck.readable import Facts, Readable

HIDDEN = np.array([[20.0, -20.0], [20.0, -20.0]]), np.array([-10.0, 30.0])
"""Weights, shape (inputs, units), and biases of "a or b" and of "not both"."""
OUTPUT = np.array([[20.0], [20.0]]), np.array([-30.0])
"""Of "and"."""


@dataclass(frozen=True, repr=False)
class TwoLayers(Readable):
    """A network of two inputs, two hidden sigmoid units and a sigmoid output.

    Attributes:
        hidden: weights, shape (2, 2), and biases, shape (2,), of the hidden units.
        output: weights, shape (2, 1), and bias, shape (1,), of the output.
        classes_: 0 and 1.
    """

    hidden: tuple[np.ndarray, np.ndarray] = HIDDEN
    output: tuple[np.ndarray, np.ndarray] = OUTPUT

    @property
    def classes_(self) -> np.ndarray:
        """The classes."""
        return np.array([0, 1])

    def values(self, X: Any) -> tuple[np.ndarray, np.ndarray]:
        """What the hidden units and the output are, shapes (n, 2) and (n,).

        Arguments:
            X: rows of two inputs, shape (n, 2).

        Raises:
            DataError: another shape.
        """
        x = np.asarray(X, float)
        if x.ndim != 2 or x.shape[1] != 2:
            raise DataError(f"X has the shape {x.shape}; expected (n, 2), two inputs.")
        sigmoid = ACTIVATIONS["logistic"]
        hidden = np.asarray(sigmoid(x @ self.hidden[0] + self.hidden[1]))
        return hidden, np.asarray(sigmoid(hidden @ self.output[0] + self.output[1]))[:, 0]

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of 0 and of 1, shape (n, 2)."""
        p = self.values(X)[1]
        return np.column_stack([1 - p, p])

    def predict(self, X: Any) -> np.ndarray:
        """0 or 1 for each row, shape (n,)."""
        return (self.values(X)[1] > 0.5).astype(int)

    def _told(self) -> Facts:
        rows = rows_of(2)
        hidden, output = self.values(rows)
        table: list[tuple[str, ...]] = [("a", "b", "a or b", "not both", "output")]
        for row, units, value in zip(rows, hidden, output, strict=True):
            table.append((*map(str, row), *(f"{each:.6f}" for each in (*units, value))))
        signs = [
            f"σ({w[0]:g} {names[0]} {w[1]:+g} {names[1]} {b:+g})"
            for (weights, biases), names in ((self.hidden, "ab"), (self.output, ("h1", "h2")))
            for w, b in zip(weights.T, biases, strict=True)
        ]
        said = (f"Two hidden units, {signs[0]} and {signs[1]},", f"and {signs[2]} of these:")
        return Facts("Two layers", said, table, words=0)


def by_hand() -> TwoLayers:
    """The network that solves XOR with weights of 20: a or b, not both, and both of these.

    Example:
        >>> by_hand().predict([[0, 0], [0, 1], [1, 0], [1, 1]]).tolist()
        [0, 1, 1, 0]
    """
    return TwoLayers()
