"""What a fit has become: all that changes while it runs, and all it needs to go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from unstuck.layers.network import Packed
from unstuck.training.history import History
from unstuck.training.plan import State
from unstuck.training.stopping import Best, Stalls


class Tally(NamedTuple):
    """Sums over the steps of an epoch that has not ended: weight, weighted loss, weighted norm."""

    weight: float = 0.0
    loss: float = 0.0
    norm: float = 0.0

    def plus(self, weights: Sequence[float], rows: Sequence[Sequence[float]]) -> Tally:
        """With further steps, one after the other: wherever calls end, the sums have the same bits.

        Arguments:
            weights: of the steps' rows.
            rows: what each step measured; loss and gradient norm come first.
        """
        total, loss, norm = self
        for weight, row in zip(weights, rows, strict=True):
            total += weight
            loss += weight * row[0]
            norm += weight * row[1]
        return Tally(total, loss, norm)


class Marks(NamedTuple):
    """Checksums of what a part was about. Where they differ the next one is about something else.

    Attributes:
        objective: solver, loss and variations.
        rows: the batches, and the parameters where the solver's memory belongs to them.
        rules: what counts as progress.
        held: the validation rows; 0 without.
    """

    objective: int = 0
    rows: int = 0
    rules: int = 0
    held: int = 0


class Place(NamedTuple):
    """Where a fit is. The loop replaces it whole, so that an interruption finds no half of it.

    Attributes:
        state: what the compiled steps carry on.
        step: steps done.
        tally: of the epoch that has not ended.
        stalls: progress so far, and the factor on the learning rate.
        kept: the parameters with the best validation result; ``None`` without validation data.
    """

    state: State
    step: int
    tally: Tally
    stalls: Stalls
    kept: Best | None


@dataclass
class Course:
    """The course of a fit, over all its parts. A part that goes on works on a copy of its own.

    Attributes:
        step: steps done.
        vector: parameters after the last step as they are trained; ``None`` where the model's own
            are these.
        memory: the solver's memory then, as a list of arrays; ``None`` before the first step.
        marks: of what the memory and the progress belong to.
        kept: the parameters with the best validation result; ``None`` without validation data.
        stalls: progress so far, and the factor on the learning rate.
        tally: of the epoch that has not ended.
        history: epoch by epoch.
        looked: the step of the last look that was due; -1 before the first, and after a part
            without looks.
        begun: epochs that were done before the last part.
    """

    step: int = 0
    vector: Packed | None = None
    memory: list[np.ndarray] | None = None
    marks: Marks = Marks()
    kept: Best | None = None
    stalls: Stalls = field(default_factory=Stalls)
    tally: Tally = field(default_factory=Tally)
    history: History = field(default_factory=History)
    looked: int = -1
    begun: int = 0

    @property
    def latest(self) -> int:
        """Epochs of the last part: of the last call of ``fit`` or ``partial_fit``."""
        return self.history.epochs - self.begun

    def fork(self, watch: bool = True) -> Course:
        """A course that goes on from here, while this one stays as it is.

        The look at the end of the last part is left out of it, unless it was due or none follow.

        Arguments:
            watch: whether the next part looks at the layers.
        """
        history = self.history.copy()
        if watch and 0 <= self.looked != self.step and history.looks:
            history.looks.pop()
        return replace(self, history=history, looked=self.looked if watch else -1)

    def place(self, state: State) -> Place:
        """Where the next part starts, from what the steps carry on."""
        return Place(state, self.step, self.tally, self.stalls, self.kept)

    def settle(self, place: Place) -> None:
        """Take note of where a part ended; its state is kept by whom the course belongs to."""
        _, self.step, self.tally, self.stalls, self.kept = place
