"""The loss around weights: along steps, and how it curves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from unstuck.health.subject import Subject, flat, like, moved
from unstuck.record import Array

FACTORS = 10.0 ** np.arange(-5, 6.5, 0.5)


class Line(NamedTuple):
    """The loss where the solver's step is multiplied by factors.

    Attributes:
        factors: of the step, (m,).
        losses: there, (m,).
        before: loss before the step.
    """

    factors: Array
    losses: Array
    before: float

    @property
    def best(self) -> float:
        """The factor with the least loss; 0 where no step lowers it."""
        at = int(np.argmin(self.losses))
        return float(self.factors[at]) if self.losses[at] < self.before else 0.0

    def works(self, share: float = 0.5) -> tuple[float, float] | None:
        """Least and largest factor that lower the loss by a share of the most that any does."""
        gain = self.before - self.losses
        if not gain.max() > 0:
            return None
        good = self.factors[gain >= share * gain.max()]
        return float(good.min()), float(good.max())


def along_first_step(subject: Subject) -> Line | None:
    """Along the first step from the first weights; ``None`` where the solver has no such step."""
    parameters = subject.parameters("start")
    if parameters is None or (step := subject.step(parameters)) is None:
        return None
    before = subject.objective(parameters)
    losses = np.array([subject.objective(moved(parameters, step, t)) for t in FACTORS])
    return Line(FACTORS, np.nan_to_num(losses, nan=np.inf), before)


class Curvature(NamedTuple):
    """Second derivatives of the loss along directions of weight space.

    Attributes:
        lowest: along the direction in which it curves down most.
        largest: the largest in size.
    """

    lowest: float
    largest: float


RESTARTS = 3
"""Of Lanczos' method at most; each takes some twenty products of two gradients."""


def curvature(subject: Subject) -> Curvature | None:
    """By Lanczos' method, from differences of gradients; ``None`` where it does not converge.

    Reference: Pearlmutter 1994, Fast exact multiplication by the Hessian; Bishop 2006, section
    5.4.6.
    """
    from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

    end = subject.parameters("end")
    if end is None:
        return None
    length = 1e-4 * max(float(np.linalg.norm(flat(end))), 1.0)

    def product(direction: Array) -> Array:
        size = max(float(np.linalg.norm(direction)), 1e-300)
        step = like(direction.ravel() / size, end)
        ahead, behind = (flat(subject.gradient(moved(end, step, t))) for t in (length, -length))
        return size * (ahead - behind) / (2 * length)

    count = len(flat(end))
    start = np.random.default_rng(0).normal(size=count)
    hessian = LinearOperator((count, count), matvec=product, dtype=float)
    try:
        ends = eigsh(hessian, 2, which="BE", v0=start, tol=0.05, maxiter=RESTARTS,
                     return_eigenvectors=False)  # fmt: skip
    except (ArpackError, ValueError, TypeError):  # not converged; too few parameters
        return None
    return Curvature(float(ends.min()), float(np.abs(ends).max()))
