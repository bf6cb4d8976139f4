"""What is decided at the end of an epoch: go on, lower the rate, or stop, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from unstuck.layers.network import Packed
from unstuck.solvers.last_look import explained
from unstuck.solvers.stop import Stop, StopReason
from unstuck.solvers.stopping_rules import STOPPING_RULES, StoppingRule, Strips

SMALLEST_RATE = 1e-6
ADAPTIVE_DIVISOR = 5.0
PATIENCE = STOPPING_RULES["patience"]


class Stalls(NamedTuple):
    """The best values so far (larger is better), and epochs in a row that did not get better.

    Attributes:
        best, stalled: of what ends the fit.
        plateau_best, plateau_stalled: of what lowers the rate of the schedule "plateau".
        scale: factor on the rate by now.
        strips: what rules beside patience read of the validation data.
    """

    best: float = -np.inf
    stalled: int = 0
    plateau_best: float = -np.inf
    plateau_stalled: int = 0
    scale: float = 1.0
    strips: Strips = Strips()


class Best(NamedTuple):
    """The parameters with the best validation result, which a fit ends with.

    Attributes:
        vector: the parameters as they are trained.
        value: their result on the validation data, smaller is better: loss, or minus the score.
        epoch: after which they were had.
    """

    vector: Packed
    value: float
    epoch: int


@dataclass(frozen=True)
class Stopping:
    """Early stopping and rates that react, with scikit-learn's rules.

    Without early stopping the training loss is followed: an epoch counts as no progress when its
    loss is above the best so far minus ``tol``. With it, the validation loss or score. Under a rule
    beside ``"patience"`` the training loss is followed, too, and the rule ends what it is for.

    Attributes:
        tol: smallest progress that counts.
        relative: whether ``tol`` is a share of the value.
        settles: whether a training loss that rises is progress too: the objective itself changes.
        loss_goal, gradient_goal: training loss and gradient norm at which the fit ends.
        patience: epochs without progress after which the fit ends.
        early: whether the validation data decide.
        rule: how they do.
        strip_length: epochs of a strip, which some rules read.
        reacts: what makes the rate fall, as in ``Schedule``.
        rate: the learning rate before any fall.
        monitor: ``"loss"`` or ``"score"`` of the validation data.
        plateau_patience, plateau_factor: for the schedule "plateau".
        floor: smallest loss there is, where it is known and can be reached; else -inf.
        precision: the gap to ``floor`` that rounding explains.
    """

    tol: float
    patience: float
    early: bool
    reacts: str
    rate: float
    monitor: str = "loss"
    rule: StoppingRule = PATIENCE
    strip_length: int = 5
    relative: bool = False
    settles: bool = False
    loss_goal: float = -np.inf
    gradient_goal: float = -np.inf
    plateau_patience: int = 5
    plateau_factor: float = 0.5
    floor: float = -np.inf
    precision: float = 0.0

    @property
    def validated(self) -> bool:
        """Whether progress is measured on the validation data, where there are any."""
        return self.early or self.reacts == "plateau"

    @property
    def patient(self) -> bool:
        """Whether epochs without progress on the validation data are counted."""
        return self.early and self.rule.ends is None

    def over(self, stalls: Stalls) -> bool:
        """Whether a fit with this progress has ended by it."""
        ruled = self.early and self.rule.over(stalls.strips, self.strip_length)
        return ruled or stalls.stalled > self.patience

    def cost(self, loss: float, score: float | None) -> float:
        """What is followed on the validation data, smaller is better."""
        return -score if self.monitor == "score" and score is not None else loss

    def keep(self, kept: Best | None, vector: Packed, cost: float, epoch: int) -> Best:
        """The parameters to keep: those so far, or those after this epoch where they are better."""
        better = kept is None or cost < kept.value or math.isnan(kept.value)
        return Best(vector, cost, epoch) if better or kept is None else kept

    def epoch(
        self,
        stalls: Stalls,
        loss: float,
        cost: float | None,
        norm: float = np.inf,
        promised: float | None = None,
    ) -> tuple[Stalls, Stop | None]:
        """Take note of an epoch.

        Arguments:
            stalls: after the epoch before.
            loss: the training loss.
            cost: what is followed on the validation data, smaller is better; ``None`` without.
            norm: the gradient's norm.
            promised: where the solver finds no step that lowers the loss, what the gradient
                promises for a step of the parameters' size.

        Returns:
            The stalls after this epoch, and the reason to stop or ``None``.
        """
        ended = self._goal(loss, norm, promised)
        if ended is not None:
            return stalls, ended
        followed = -loss if cost is None else -cost
        settles = self.settles and not self.patient
        best, count = self._noted(
            stalls.best, stalls.stalled, followed if self.patient else -loss, settles
        )
        stalls = stalls._replace(best=best, stalled=count)
        if self.reacts == "plateau":
            stalls = self._on_plateau(stalls, followed)
        if self.early and not self.patient and cost is not None:
            stalls, ended = self._ruled(stalls, loss, cost)
            if ended is not None:
                return stalls, ended
        return self._stalled(stalls) if stalls.stalled > self.patience else (stalls, None)

    def _on_plateau(self, stalls: Stalls, followed: float) -> Stalls:
        """The rate falls after so many epochs without progress, which then count anew."""
        best, count = self._noted(stalls.plateau_best, stalls.plateau_stalled, followed)
        if count < self.plateau_patience:
            return stalls._replace(plateau_best=best, plateau_stalled=count)
        scale = stalls.scale * self.plateau_factor
        return stalls._replace(plateau_best=best, plateau_stalled=0, scale=scale)

    def _ruled(self, stalls: Stalls, loss: float, cost: float) -> tuple[Stalls, Stop | None]:
        """The rule's word. Of a score, which is 1 at best, the error is what it lacks."""
        error = 1.0 + cost if self.monitor == "score" else cost
        strips = stalls.strips.after(loss, error, self.strip_length)
        stalls = stalls._replace(strips=strips)
        if not self.rule.over(strips, self.strip_length):
            return stalls, None
        name = f"{self.rule.name}({self.rule.constant:g})"
        numbers = {"rule": name, "told": self.rule.told(strips)}
        return stalls, Stop.because(StopReason.STOPPING_RULE, monitor=self.monitor, **numbers)

    def _goal(self, loss: float, norm: float, promised: float | None) -> Stop | None:
        """A reason to stop that does not depend on the epochs before."""
        if loss - self.floor <= self.precision:
            return Stop.because(StopReason.GLOBAL_MINIMUM, loss=loss)
        if loss <= self.loss_goal:
            return Stop.because(StopReason.LOSS_GOAL, loss=loss, goal=self.loss_goal)
        if norm <= self.gradient_goal:
            return Stop.because(StopReason.GRADIENT_GOAL, norm=norm, goal=self.gradient_goal)
        if promised is not None:
            why = explained(promised, abs(loss))
            return Stop.because(StopReason.NO_DESCENT, loss=loss, norm=norm, why=why)
        return None

    def _noted(
        self, best: float, count: int, value: float, settles: bool = False
    ) -> tuple[float, int]:
        """The best and the count after a value; where values settle the last one is the best."""
        least = self.tol * abs(best) if self.relative else self.tol
        change = abs(value - best) if settles else value - best
        # A share of the value may be less than its rounding: what changes nothing is no progress.
        enough = change >= least and (change > 0 or not self.relative)
        better = (best == -np.inf or enough) and not math.isnan(value)
        return value if settles else max(best, value), 0 if better else count + 1

    def _stalled(self, stalls: Stalls) -> tuple[Stalls, Stop | None]:
        if self.reacts == "no_change":
            rate = self.rate * stalls.scale
            if rate <= SMALLEST_RATE:
                return stalls, Stop.because(StopReason.LEARNING_RATE, rate=rate)
            return stalls._replace(scale=stalls.scale / ADAPTIVE_DIVISOR, stalled=0), None
        tol = f"{self.tol:g} of itself" if self.relative else f"{self.tol:g}"
        numbers = {"tol": tol, "stalled": stalls.stalled}
        if self.patient:
            return stalls, Stop.because(StopReason.VALIDATION, monitor=self.monitor, **numbers)
        return stalls, Stop.because(StopReason.TOL, **numbers)
