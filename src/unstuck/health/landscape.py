"""The loss along steps: which learning rates would lower it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from unstuck.health.subject import Subject, moved
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
    """Along the first step from the first weights."""
    return along(subject, "start")


def along(subject: Subject, when: str) -> Line | None:
    """Along the step that the solver would take first from the weights of a moment."""
    parameters = subject.parameters(when)
    if parameters is None or (step := subject.step(parameters)) is None:
        return None
    before = subject.objective(parameters)
    losses = np.array([subject.objective(moved(parameters, step, t)) for t in FACTORS])
    return Line(FACTORS, np.nan_to_num(losses, nan=np.inf), before)
