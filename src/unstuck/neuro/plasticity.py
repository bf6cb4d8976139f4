"""Rules by which a weight changes with what its two units do, row after row.

In NumPy, row by row: a compiled loop takes half a second before its first row, which is what 20,000
rows of 64 inputs and 10 units take here, and then a seventh of the time (two cores).
"""

from __future__ import annotations

import numpy as np

HEBB, OJA, SANGER = "hebb", "oja", "sanger"
RULES = (HEBB, OJA, SANGER)


def learn(
    weights: np.ndarray,
    before: np.ndarray,
    now: np.ndarray,
    given: np.ndarray | None,
    *,
    rule: str,
    reverse: bool,
    rate: float,
    decay: float,
    connected: np.ndarray,
) -> np.ndarray:
    """Weights after some rows, one after the other.

    With x of a row of ``before`` and y of the units, s = -1 for the reverse rule and else 1::

        hebb    w_i += rate s y_i x
        oja     w_i += rate s y_i (x - y_i w_i), made of length 1 after each row for the reverse
        sanger  w_i += rate y_i (x - sum_{k <= i} y_k w_k)

    and ``w_i -= decay w_i`` for each.

    Arguments:
        weights: w, shape (units, inputs).
        before: the inputs that the change is made of, shape (n, inputs).
        now: the inputs that the units answer to, shape (n, inputs): the same but for a time lag.
        given: what the units do, shape (n, units), or ``None``: they answer ``w x``.
        rule, reverse, rate, decay: of the formulas.
        connected: where there are connections, shape (units, inputs); other weights stay 0.
    """
    sign = -1.0 if reverse else 1.0
    if given is not None and rule == HEBB:  # the rows do not depend on each other
        kept = (1 - decay) ** np.arange(len(before) - 1, -1, -1.0)
        moved = sign * rate * ((given * kept[:, None]).T @ before)
        return ((1 - decay) ** len(before) * weights + moved) * connected
    weights = weights.copy()
    below = np.tril(np.ones((len(weights), len(weights))))
    for row, (x, other) in enumerate(zip(before, now, strict=True)):
        y = weights @ other if given is None else given[row]
        change = y[:, None] * x
        if rule == OJA:
            change -= (y * y)[:, None] * weights
        elif rule == SANGER:
            change -= (y[:, None] * y * below) @ weights
        weights += sign * rate * change * connected - decay * weights
        if rule == OJA and reverse:
            weights /= np.maximum(np.linalg.norm(weights, axis=1, keepdims=True), 1e-300)
    return weights


def coactivity(before: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """How much units and inputs fire together: the size of their correlation, from 0 to 1.

    Arguments:
        before: inputs, shape (n, inputs).
        outputs: of the units, shape (n, units).

    Returns:
        Shape (units, inputs); 0 where one of them never changes.

    Example:
        >>> x = np.array([[1.0, 0], [0, 1], [1, 1], [0, 0]])
        >>> coactivity(x, x[:, :1]).round(3).tolist()
        [[1.0, 0.0]]
    """
    x, y = before - before.mean(0), outputs - outputs.mean(0)
    sizes = np.outer(np.linalg.norm(y, axis=0), np.linalg.norm(x, axis=0))
    return np.abs(y.T @ x) / np.where(sizes > 0, sizes, np.inf)
