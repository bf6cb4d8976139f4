"""Rosenblatt's rule: a unit that changes with every mistake, and ends when it makes none."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from unstuck.neuro.margin import widest
from unstuck.neuro.separation import Separation, separation

PATIENCE = 10
"""Passes before a linear program is asked whether there is an end."""
CHUNK = 256
"""Rows whose sums are computed at once."""


class Learned(NamedTuple):
    """A unit.

    Attributes:
        weights: w, shape (inputs,).
        bias: b.
        mistakes: so many were made.
        passes: through the rows.
        done: whether the last pass was without mistakes.
        bound: (R / gamma)^2, infinite where the rows are not separable.
        proof: that they are not; ``None`` where they are.
    """

    weights: np.ndarray
    bias: float
    mistakes: int
    passes: int
    done: bool
    bound: float
    proof: Separation | None


def learn(x: Any, positive: np.ndarray, most: int) -> Learned:
    """Let a unit learn which rows are positive.

    Arguments:
        x: inputs, shape (n, inputs), dense or CSR.
        positive: shape (n,), Boolean.
        most: passes through rows that are separable.
    """
    s = np.where(positive, 1.0, -1.0)
    ones = np.ones((x.shape[0], 1))
    rows = sparse.hstack([x, ones], format="csr") if sparse.issparse(x) else np.hstack([x, ones])
    w, best = np.zeros(rows.shape[1]), np.zeros(rows.shape[1])
    mistakes, passes, wrong, fewest = 0, 0, 1, np.inf
    proof, decided = None, False
    while wrong and passes < most and proof is None:
        wrong = _pass(rows, s, w)
        mistakes, passes = mistakes + wrong, passes + 1
        left = _wrong(rows, s, w)
        if left < fewest:
            fewest, best = left, w.copy()
        wrong = min(wrong, left)
        if wrong and not decided and passes >= min(PATIENCE, most):
            found, decided = separation(x, positive), True
            proof = None if found.separable else found
    signed = sparse.diags_array(s) @ rows if sparse.issparse(rows) else s[:, None] * rows
    bound = widest(signed).bound if proof is None else np.inf
    return Learned(best[:-1], float(best[-1]), mistakes, passes, not fewest, bound, proof)


def _wrong(rows: Any, s: np.ndarray, w: np.ndarray) -> int:
    """How many rows are on the wrong side; on the boundary, a unit fires."""
    return int(((rows @ w >= 0) != (s > 0)).sum())


def _pass(rows: Any, s: np.ndarray, w: np.ndarray) -> int:
    """One pass, which changes w: the number of mistakes."""
    mistakes = 0
    for start in range(0, len(s), CHUNK):
        chunk, side = rows[start : start + CHUNK], s[start : start + CHUNK] > 0
        at = 0
        while at < len(side):
            wrong = (chunk[at:] @ w >= 0) != side[at:]
            first = int(wrong.argmax())
            if not wrong[first]:
                break
            at += first
            row = chunk[[at]]
            step = row.toarray()[0] if sparse.issparse(row) else row[0]
            w += step if side[at] else -step
            mistakes += 1
            at += 1
    return mistakes
