"""Why a fit ended: a named reason and a sentence that a user can read."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Nouns(NamedTuple):
    """What the sentences call what a solver makes small, and a round of its work.

    Attributes:
        objective: its full name.
        value: the short one.
        epoch: a round, in the singular.
    """

    objective: str
    value: str
    epoch: str


OF_A_FIT = Nouns("training loss", "loss", "epoch")
"""The words for a network that is fitted to rows."""


class StopReason(enum.Enum):
    """The reasons; the values are the sentences, with numbers and ``Nouns`` to fill in."""

    MAX_ITER = "All {epochs} {noun.epoch}s were used; more may help: raise max_iter."
    TOL = (
        "The {noun.objective} stopped falling: by less than {tol} in {stalled} {noun.epoch}s in "
        "a row."
    )
    VALIDATION = (
        "The validation {monitor} stopped improving: by less than {tol} in {stalled} epochs in a "
        "row."
    )
    STOPPING_RULE = (
        "The validation {monitor} ended the fit by the rule {rule}: its error is {told}."
    )
    LEARNING_RATE = "The adaptive learning rate fell to {rate:.1e}: there is no progress left."
    GLOBAL_MINIMUM = (
        "A global minimum of the loss was reached: every output equals its target "
        "(loss {loss:.6g}, the smallest there is)."
    )
    LOSS_GOAL = "The {noun.objective} reached its goal: {loss:.3g}, loss_goal was {goal:g}."
    GRADIENT_GOAL = (
        "The norm of the {noun.value}'s gradient reached its goal: {norm:.3g}, gradient_goal was "
        "{goal:g}."
    )
    NO_DESCENT = (
        "No step lowers the {noun.value} any more ({noun.value} {loss:.6g}, norm of its gradient "
        "{norm:.2e}): {why}."
    )
    MAX_TIME = (
        "The time was up after {noun.epoch} {epochs}: {seconds:.3g} s, max_time was {limit:g}."
    )
    NON_FINITE = (
        "{what} became non-finite at step {step} (epoch {epoch}) in layer {layer!r}; the last "
        "finite weights are kept. Lower learning_rate_init, or set clip_norm=1."
    )
    INTERRUPTED = "Interrupted after epoch {epochs}; what was learned is kept."
    CALLBACK = "A callback asked to stop after {noun.epoch} {epochs}."
    PARTIAL_FIT = "partial_fit did its one epoch."


@dataclass(frozen=True, repr=False)
class Stop:
    """The reason for which a fit ended.

    Attributes:
        reason: the member of ``StopReason``.
        sentence: what happened, in words.
        numbers: what is filled into the sentence; empty of what was loaded.

    Example:
        >>> from unstuck.solvers.stop import Stop, StopReason
        >>> stop = Stop.because(StopReason.MAX_ITER, epochs=200)
        >>> stop.name, str(stop)
        ('max_iter', 'All 200 epochs were used; more may help: raise max_iter.')
    """

    reason: StopReason
    sentence: str
    numbers: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def because(cls, reason: StopReason, nouns: Nouns = OF_A_FIT, /, **numbers: Any) -> Stop:
        """The reason with its numbers filled in, in the words of a fit or of the nouns given."""
        return cls(reason, reason.value.format(noun=nouns, **numbers), numbers)

    @property
    def name(self) -> str:
        """The reason in lower case, as in ``"max_iter"``."""
        return self.reason.name.lower()

    def __str__(self) -> str:
        return self.sentence

    def __repr__(self) -> str:
        return f"<{self.name}: {self.sentence}>"
