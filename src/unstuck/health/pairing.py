"""Do output units and loss belong together? What the loss can reach through the units tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from unstuck.health.subject import Subject
from unstuck.record import Array

ROWS = 48
ROUNDS = 160


class Pair(NamedTuple):
    """The least loss in three ways, as means over rows.

    Attributes:
        through: of any pre-activations of the output units.
        free: of any outputs.
        constant: of the best constant pre-activation for all rows.
        falls: whether it falls without end as the least pre-activations are multiplied.
        indifferent: whether it is the same for all pre-activations, though targets differ.
    """

    through: float
    free: float
    constant: float
    falls: bool = False
    indifferent: bool = False

    @property
    def lost(self) -> float:
        """The share of what a constant leaves to gain that the output units keep out of reach."""
        gain = self.constant - self.free
        if not gain > 1e-9 * max(1.0, abs(self.constant)):
            return 0.0
        return (self.through - self.free) / gain


def pair(subject: Subject) -> Pair | None:
    """By minimizing the loss over pre-activations, over outputs, and over a constant.

    Where the loss is only known on pre-activations, free outputs can do no more.
    """
    sample, like = subject.sample, subject.parameters("start")
    if sample is None or like is None:
        return None
    rows = np.linspace(0, len(sample.x) - 1, min(ROWS, len(sample.x))).round().astype(int)
    first = subject.forward(like, sample.x[rows])
    if first is None or subject.losses(first, sample.y[rows]) is None:
        return None
    y, shape = sample.y[rows], first.shape
    scale = max(1.0, float(np.abs(y).mean()), float(y.std()))

    def through(t: Array) -> Array:
        return subject.losses(t, y)

    def free(z: Array) -> Array:
        return subject.free_losses(z, y)

    where, least = _least(through, shape, scale)
    if not np.isfinite(least):
        return None
    known = free(np.zeros(shape)) is not None
    constant = _least_constant(through, shape, scale)
    return Pair(
        least,
        min(_least(free, shape, scale)[1], least) if known else least,
        constant,
        _falls(through, where),
        _indifferent(through, shape, scale) and len(np.unique(y, axis=0)) > 1,
    )


def _indifferent(loss: Callable[[Array], Array], shape: tuple[int, ...], scale: float) -> bool:
    """Whether a loss is the same at pre-activations of all sizes and signs."""
    drawn = np.random.default_rng(0).normal(size=(4, *shape)) * scale
    found = np.array([loss(each) for each in (np.zeros(shape), *drawn)])
    return bool(np.ptp(found, axis=0).max() <= 1e-9 * max(1.0, np.abs(found).max()))


def _falls(loss: Callable[[Array], Array], where: Array) -> bool:
    """Whether a loss goes on falling in proportion to what makes it small."""
    once, ten, hundred = (float(np.mean(loss(where * times))) for times in (1.0, 10.0, 100.0))
    return once - ten > 1.0 and ten - hundred > 5.0 * (once - ten)


def _least(
    loss: Callable[[Array], Array], shape: tuple[int, ...], scale: float
) -> tuple[Array, float]:
    """Where each row's loss is least, searched coordinate by coordinate, and the rows' mean."""
    best = np.full(shape[0], np.inf)
    where = np.zeros(shape)
    for start in (0.0, scale, -scale):
        where_now, found = _descended(loss, np.full(shape, start), scale)
        better = found < best
        best = np.where(better, found, best)
        where[better] = where_now[better]
    return where, float(np.mean(best))


def _descended(loss: Callable[[Array], Array], t: Array, scale: float) -> tuple[Array, Array]:
    """Every row's loss made small by steps along its coordinates that grow and shrink."""
    value = _finite(loss(t))
    step = np.full(t.shape, scale)
    for turn in range(ROUNDS):
        j = turn % t.shape[1]
        moved = False
        for sign in (1.0, -1.0):
            tried = t.copy()
            tried[:, j] += sign * step[:, j]
            found = _finite(loss(tried))
            better = found < value
            t = np.where(better[:, None], tried, t)
            value = np.where(better, found, value)
            step[:, j] = np.where(better, 2.0 * step[:, j], step[:, j])
            moved |= bool(better.any())
        step[:, j] *= 0.6
    return t, value


def _least_constant(loss: Callable[[Array], Array], shape: tuple[int, ...], scale: float) -> float:
    def together(t: Array) -> Array:
        return np.array([_finite(loss(np.broadcast_to(row, shape))).mean() for row in t])

    _, value = _descended(together, np.zeros((1, shape[1])), scale)
    return float(value[0])


def _finite(losses: Array) -> Array:
    return np.nan_to_num(losses, nan=np.inf, posinf=np.inf)
