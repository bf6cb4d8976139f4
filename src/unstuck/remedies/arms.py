"""The arms of a comparison: what came out of each treatment's fits, beside those without it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.remedies.fits import Outcome
from unstuck.remedies.gains import Gain
from unstuck.remedies.measures import HIDDEN_STUCK, LOSS, OUTPUTS_STUCK
from unstuck.remedies.treatment import Treatment

BETTER, SAME, WORSE = "better", "within the noise", "worse"


@dataclass(frozen=True)
class Arm:
    """A treatment and what came out of its fits.

    Attributes:
        treatment: what was changed.
        acts_on: which stuck units it is for; nothing where that is not known.
        outcomes: of its fits that ended, in the order of the seeds.
        gain: on the held-out rows, over the fits of the same seeds without it; ``None`` of the
            untreated, and where fewer than two pairs ended.
        learned: share of its fits that learned.
    """

    treatment: Treatment
    acts_on: str
    outcomes: tuple[Outcome, ...]
    gain: Gain | None = None
    learned: float = math.nan

    @property
    def name(self) -> str:
        """The treatment's."""
        return self.treatment.name

    @property
    def error(self) -> str:
        """Why a fit of it failed, in words; nothing where none did."""
        return next((each.error for each in self.outcomes if each.error), "")

    @property
    def scores(self) -> np.ndarray:
        """Of the held-out rows, a number for each fit."""
        return np.array([each.test for each in self.outcomes if not each.error])

    @property
    def spread(self) -> float:
        """Standard deviation of these over the seeds; NaN of a single one."""
        return float(np.std(self.scores, ddof=1)) if len(self.scores) > 1 else math.nan

    @property
    def margin(self) -> float:
        """Half of the 95 % interval of the gain; infinite where nothing is known."""
        return math.inf if self.gain is None else self.gain.margin

    @property
    def result(self) -> str:
        """``"better"``, ``"worse"`` or ``"within the noise"``; nothing of the untreated."""
        if self.gain is None:
            return ""
        if not abs(self.gain.mean) > self.margin:
            return SAME
        return BETTER if self.gain.mean > 0 else WORSE

    def mean(self, of: Callable[[Outcome], float]) -> float:
        """The mean of a number of its fits; NaN where none has it."""
        found = [of(each) for each in self.outcomes if not each.error]
        known = [each for each in found if math.isfinite(each)]
        return float(np.mean(known)) if known else math.nan

    def measured(self, name: str) -> float:
        """The mean of what was measured beside the scores."""
        return self.mean(lambda each: each.measured.get(name, math.nan))

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data; ``None`` for what is not known."""
        found = self.gain
        return {
            "remedy": self.name,
            "parameters": self.treatment.plain(),
            "acts_on": self.acts_on or None,
            "fits": len(self.outcomes),
            "train": _known(self.mean(lambda each: each.train)),
            "test": _known(self.mean(lambda each: each.test)),
            "spread": _known(self.spread),
            "gain": None if found is None else _known(found.mean),
            "margin": _known(self.margin),
            "result": self.result or None,
            "learned": _known(self.learned),
            "epochs": _known(self.mean(lambda each: each.epochs)),
            "loss": _known(self.measured(LOSS)),
            HIDDEN_STUCK: _known(self.measured(HIDDEN_STUCK)),
            OUTPUTS_STUCK: _known(self.measured(OUTPUTS_STUCK)),
            "error": self.error or None,
        }


@dataclass(frozen=True)
class Learning:
    """When a fit counts as one that learned: it gained over a constant, on the rows that it was
    trained on, three quarters of what the best fit of all gained there.

    Attributes:
        constant: score of a constant.
        enough: that share.
        least: gain of the best from which on there was anything to learn.
    """

    constant: float
    enough: float = 0.75
    least: float = 0.05

    def shares(self, arms: Sequence[Sequence[Outcome]]) -> list[float]:
        """The share of each arm's fits that learned."""
        best = max((each.train for arm in arms for each in arm if not each.error), default=math.nan)
        if not best - self.constant > self.least:
            return [0.0 if arm else math.nan for arm in arms]
        enough = self.constant + self.enough * (best - self.constant)
        return [
            float(np.mean([each.train >= enough for each in arm])) if arm else math.nan
            for arm in arms
        ]


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
