"""Whether one linear unit can tell two classes apart: weights that do, or a proof that none do.

Both come from one linear program. With s = 1 for rows of the class and -1 for the others,

    maximize t  so that  s_i (w·x_i + b) >= t  for every row,  and  t <= 1.

Weights can be made larger at will, so t is 1 or 0. Where it is 0, the multipliers of the rows are a
proof (Farkas 1902; Gordan 1873): they are not negative, not all 0, and

    sum of m_i s_i (x_i, 1) = 0,

so whatever w and b are, the numbers s_i (w·x_i + b), m_i times each, add up to 0, and cannot all be
positive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from unstuck.errors import DataError
from unstuck.neuro.given import array_of
from unstuck.neuro.given_rows import given_rows
from unstuck.readable import Facts, Readable
from unstuck.summary import number

EXACT = 1e-9
"""What is nearer to 0 is said to be 0 but for rounding."""
ZERO = 1e-7
"""Multipliers below this share of the largest one are rounding."""


@dataclass(frozen=True, repr=False)
class Separation(Readable):
    """Whether a hyperplane tells the rows of a class from the others, with the proof.

    Attributes:
        separable: whether the weights put every row on its side, counted afterwards.
        weights: w, shape (inputs,); zeros where there are none.
        bias: b.
        multipliers: of the rows, shape (n,), at least 0 and adding up to 1; zeros where separable.
        reach: no w and b that have length 1 (with every input scaled to at most 1) put all rows
            further than this on their side: what rounding leaves of 0. Where separable: infinite.
    """

    separable: bool
    weights: np.ndarray
    bias: float
    multipliers: np.ndarray
    reach: float

    @property
    def proof(self) -> np.ndarray:
        """The rows that together contradict every unit: their places."""
        return np.flatnonzero(self.multipliers > 0)

    def _told(self) -> Facts:
        if self.separable:
            return Facts("Separation", ("Separable: one unit puts every row on its side.",))
        rows = self.proof
        said = (
            f"Not separable: {len(rows)} rows contradict every unit. By how much they are on their",
            f"side, each counted so often, adds up to 0 ({rounding(self.reach)}), whatever",
            "the weights are.",
        )
        table = [("row", "counted")]
        table += [(str(row), number(self.multipliers[row])) for row in rows]
        return Facts("Separation", said, table)


def rounding(reach: float) -> str:
    """How exact a proof is.

    Example:
        >>> rounding(0.0), rounding(2e-16), rounding(1e-4)
        ('exactly', 'but for rounding', 'within 0.0001')
    """
    if reach < EXACT:
        return "but for rounding" if reach else "exactly"
    return f"within {number(reach)}"


class Signed(NamedTuple):
    """Rows (x, 1) times their sign, each input scaled to at most 1.

    Attributes:
        rows: shape (n, inputs + 1).
        scale: what the inputs were divided by.
        center: what was taken from them before; zeros for sparse rows.
    """

    rows: Any
    scale: np.ndarray
    center: np.ndarray

    def unit(self, solution: np.ndarray) -> tuple[np.ndarray, float]:
        """Weights and bias for the rows as they were."""
        weights = solution[:-1] / self.scale
        return weights, float(solution[-1] - weights @ self.center)


def signed(x: Any, positive: Any) -> Signed:
    """The rows of both programs, checked.

    Arguments:
        x: inputs, shape (n, inputs), dense or sparse.
        positive: which rows are of the class, shape (n,), Boolean.

    Raises:
        DataError: no rows, shapes that do not fit, numbers that are not finite.
    """
    x = given_rows(x, "separation", dense=False)
    positive = array_of(positive)
    if positive.shape != (x.shape[0],):
        raise DataError(
            f"separation: X has the shape {x.shape} and the classes {positive.shape}; expected "
            "(n, inputs) and (n,)."
        )
    if not np.isin(positive, (0, 1)).all():
        raise DataError(
            f"separation: the classes are {np.unique(positive)[:6]}; expected True for the rows "
            "of the class and False for the others, as y == 'a' gives."
        )
    center = np.zeros(x.shape[1])
    if not sparse.issparse(x):
        center = x.mean(0)
        x = x - center
    scale = abs(x).max(0)
    scale = np.asarray(scale.toarray() if sparse.issparse(scale) else scale).ravel()
    scale = np.where(scale > 0, scale, 1.0)
    s = np.where(positive.astype(bool), 1.0, -1.0)[:, None]
    if sparse.issparse(x):
        divided = x @ sparse.diags_array(1 / scale)
        rows = sparse.hstack([divided, np.ones((x.shape[0], 1))], format="csr")
        return Signed(sparse.diags_array(s[:, 0]) @ rows, scale, center)
    return Signed(s * np.column_stack([x / scale, np.ones(len(x))]), scale, center)


def separation(X: Any, positive: Any) -> Separation:
    """Decide whether one unit ``w·x + b >= 0`` can tell some rows from the others.

    Arguments:
        X: inputs, shape (n, inputs), dense or sparse.
        positive: which rows are of the class, shape (n,), Boolean.

    Returns:
        The weights of a unit that does, or multipliers that prove that there is none.

    Raises:
        DataError: rows or classes cannot be used.

    Example:
        >>> corners = [[0, 0], [0, 1], [1, 0], [1, 1]]
        >>> separation(corners, [False, True, True, True])
        Separable: one unit puts every row on its side.
        >>> separation(corners, [False, True, True, False]).multipliers
        array([0.25, 0.25, 0.25, 0.25])
    """
    made = signed(X, positive)
    n, size = made.rows.shape
    stacked = sparse.hstack if sparse.issparse(made.rows) else np.hstack
    inequalities = stacked([-made.rows, np.ones((n, 1))])  # t - s (w·x + b) <= 0
    objective = np.append(np.zeros(size), -1.0)
    bounds = [(None, None)] * size + [(None, 1.0)]
    found = linprog(objective, inequalities, np.zeros(n), bounds=bounds, method="highs-ds")
    if found.x is not None and (made.rows @ found.x[:-1]).min() > 0:
        weights, bias = made.unit(found.x[:-1])
        return Separation(True, weights, bias, np.zeros(n), np.inf)
    multipliers = np.maximum(-np.asarray(found.ineqlin.marginals), 0.0)
    multipliers[multipliers < ZERO * multipliers.max()] = 0.0
    multipliers /= multipliers.sum()
    reach = float(np.linalg.norm(made.rows.T @ multipliers))
    return Separation(False, np.zeros(size - 1), 0.0, multipliers, reach)
