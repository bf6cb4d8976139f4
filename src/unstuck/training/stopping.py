"""What is decided at the end of an epoch: go on, lower the rate, or stop, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from unstuck.solvers.stop import Stop, StopReason

SMALLEST_RATE = 1e-6
ADAPTIVE_DIVISOR = 5.0


@dataclass
class Stopping:
    """Early stopping and rates that react, with scikit-learn's rules.

    Without early stopping the training loss is followed: an epoch counts as no progress when its
    loss is above the best so far minus ``tol``. With it, the validation loss or score.

    Attributes:
        tol: smallest progress that counts.
        relative: whether ``tol`` is a share of the value.
        settles: whether a training loss that rises is progress too: the objective itself changes.
        loss_goal, gradient_goal: training loss and gradient norm at which the fit ends.
        patience: epochs without progress after which the fit ends.
        early: whether the validation data decide.
        reacts: what makes the rate fall, as in ``Schedule``.
        rate: the learning rate before any fall.
        monitor: ``"loss"`` or ``"score"`` of the validation data.
        plateau_patience, plateau_factor: for the schedule "plateau".
        floor: smallest loss there is, where it is known and can be reached; else -inf.
        precision: the gap to ``floor`` that rounding explains.
        scale: factor on the rate by now.
    """

    tol: float
    patience: float
    early: bool
    reacts: str
    rate: float
    monitor: str = "loss"
    relative: bool = False
    settles: bool = False
    loss_goal: float = -np.inf
    gradient_goal: float = -np.inf
    plateau_patience: int = 5
    plateau_factor: float = 0.5
    floor: float = -np.inf
    precision: float = 0.0
    scale: float = 1.0
    _end: _Progress = field(default_factory=lambda: _Progress(), init=False)
    _plateau: _Progress = field(default_factory=lambda: _Progress(), init=False)

    @property
    def failures(self) -> int:
        """Epochs in a row without progress."""
        return self._end.stalled

    def epoch(
        self, loss: float, held_out: float | None, norm: float = np.inf, stuck: bool = False
    ) -> Stop | None:
        """Take note of an epoch.

        Arguments:
            loss: the training loss.
            held_out: the validation loss or score, where there are validation data.
            norm: the gradient's norm.
            stuck: whether the solver finds no step that lowers the loss.

        Returns:
            The reason to stop, or ``None``. ``scale`` is up to date.
        """
        if loss - self.floor <= self.precision:
            return Stop.because(StopReason.GLOBAL_MINIMUM, loss=loss)
        if loss <= self.loss_goal:
            return Stop.because(StopReason.LOSS_GOAL, loss=loss, goal=self.loss_goal)
        if norm <= self.gradient_goal:
            return Stop.because(StopReason.GRADIENT_GOAL, norm=norm, goal=self.gradient_goal)
        if stuck:
            return Stop.because(StopReason.NO_DESCENT, loss=loss, norm=norm)
        sign = 1.0 if self.monitor == "score" else -1.0
        validated = -loss if held_out is None else sign * held_out
        settles = self.settles and not self.early
        self._end.note(validated if self.early else -loss, self.tol, self.relative, settles)
        self._plateau.note(validated, self.tol, self.relative)
        if self.reacts == "plateau" and self._plateau.stalled >= self.plateau_patience:
            self.scale, self._plateau.stalled = self.scale * self.plateau_factor, 0
        return self._stalled() if self._end.stalled > self.patience else None

    def _stalled(self) -> Stop | None:
        if self.reacts == "no_change":
            rate = self.rate * self.scale
            if rate <= SMALLEST_RATE:
                return Stop.because(StopReason.LEARNING_RATE, rate=rate)
            self.scale, self._end.stalled = self.scale / ADAPTIVE_DIVISOR, 0
            return None
        if self.early:
            return Stop.because(StopReason.VALIDATION, monitor=self.monitor, patience=self.patience)
        tol = f"{self.tol:g} of itself" if self.relative else f"{self.tol:g}"
        return Stop.because(StopReason.TOL, tol=tol, patience=self.patience)


@dataclass
class _Progress:
    """The best value so far (larger is better), and epochs in a row that did not get better.

    Where values settle, the last one takes the place of the best, and any change is progress.
    """

    best: float = -np.inf
    stalled: int = 0

    def note(self, value: float, tol: float, relative: bool, settles: bool = False) -> None:
        least = tol * abs(self.best) if relative else tol
        change = abs(value - self.best) if settles else value - self.best
        better = self.best == -np.inf or change >= least
        self.stalled = 0 if better else self.stalled + 1
        self.best = value if settles else max(self.best, value)
