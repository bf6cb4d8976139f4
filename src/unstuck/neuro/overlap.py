"""Whether a maximum-likelihood fit of a logistic unit exists: whether the classes overlap.

Albert and Anderson (1984): it exists where no hyperplane has all rows on their side or on it, other
than one that has all of them on it. With z = s (x, 1), the linear program

    maximize the sum of z_i·v  so that  0 <= z_i·v <= 1  for every row

is 0 there. Its multipliers then prove it: numbers m_i >= 1 with a sum of m_i z_i that is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from unstuck.neuro.separation import rounding, separation, signed
from unstuck.readable import Facts, Readable
from unstuck.summary import number

SIDE = 1e-7
"""Sums below this are 0, but for rounding: the program's own tolerance."""


@dataclass(frozen=True, repr=False)
class Overlap(Readable):
    """Whether two classes overlap, so that a maximum-likelihood fit exists.

    Attributes:
        kind: ``"overlap"``: it exists; ``"separable"``: a hyperplane has every row on its side;
            ``"touching"``: one has all rows on their side or on it, and not all on it.
        weights, bias: of that hyperplane, w of shape (inputs,); zeros where there is none. Along
            them the likelihood rises for ever.
        multipliers: shape (n,), at least 1, that prove the overlap; zeros where there is none.
        reach: length of the sum of ``m_i z_i``, divided by that of all m (inputs scaled to at most
            1): what rounding leaves of 0. Infinite where there is no proof.
    """

    kind: str
    weights: np.ndarray
    bias: float
    multipliers: np.ndarray
    reach: float

    @property
    def exists(self) -> bool:
        """Whether a maximum-likelihood fit exists."""
        return self.kind == "overlap"

    def _told(self) -> Facts:
        if self.exists:
            found = "The classes overlap: a maximum-likelihood fit exists."
            proof = f"Proved by multipliers of the rows, all at least 1 ({rounding(self.reach)})."
            return Facts("Overlap", (found, proof))
        where = "on their side" if self.kind == "separable" else "on their side or on it"
        listed = ", ".join(map(number, self.weights[:3])) + ", ..." * (len(self.weights) > 3)
        said = (
            f"No maximum-likelihood fit exists: a hyperplane has all rows {where}.",
            f"The likelihood rises for ever along w = ({listed}), b = {number(self.bias)}.",
        )
        return Facts("Overlap", said)


def overlap(X: Any, positive: Any) -> Overlap:
    """Decide whether a maximum-likelihood fit of a logistic unit exists.

    Arguments:
        X: inputs, shape (n, inputs), dense or sparse.
        positive: which rows are of the class, shape (n,), Boolean.

    Raises:
        DataError: rows or classes cannot be used.

    Example:
        >>> overlap([[1.0], [2.0], [3.0], [4.0]], [False, True, False, True]).exists
        True
        >>> overlap([[1.0], [2.0], [3.0], [4.0]], [False, False, True, True])
        No maximum-likelihood fit exists: a hyperplane has all rows on their side.
        The likelihood rises for ever along w = (2), b = -5.
        >>> overlap([[1.0], [2.0], [2.0], [3.0]], [False, False, True, True]).kind
        'touching'
    """
    apart = separation(X, positive)
    made = signed(X, positive)
    if apart.separable:
        nothing = np.zeros(made.rows.shape[0])
        return Overlap("separable", apart.weights, apart.bias, nothing, np.inf)
    n, size = made.rows.shape
    stacked = sparse.vstack if sparse.issparse(made.rows) else np.vstack
    inequalities = stacked([-made.rows, made.rows])
    limits = np.concatenate([np.zeros(n), np.ones(n)])
    total = -np.asarray(made.rows.sum(0)).ravel()
    free = [(None, None)] * size
    found = linprog(total, inequalities, limits, bounds=free, method="highs-ds")
    sums = made.rows @ found.x
    if sums.max() > SIDE:
        weights, bias = made.unit(found.x)
        return Overlap("touching", weights, bias, np.zeros(n), np.inf)
    multipliers = 1.0 - np.asarray(found.ineqlin.marginals)[:n]
    reach = float(np.linalg.norm(made.rows.T @ multipliers) / np.linalg.norm(multipliers))
    return Overlap("overlap", np.zeros(size - 1), 0.0, multipliers, reach)
