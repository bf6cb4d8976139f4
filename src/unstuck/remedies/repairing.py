"""Repair by experiment: select by short fits, then confirm by whole ones on fresh seeds and rows.

The trial that selects may not be the one that proves: of fifteen treatments that do nothing, the
best of five seeds is above the mean and deviation of the untreated ones in 40 of 100 tries.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from unstuck.health.words import counted
from unstuck.remedies import confirming, selecting, telling
from unstuck.remedies.budget import Budget
from unstuck.remedies.confirming import CHANCES, LOOKS, PAIRS, Confirmation, holds
from unstuck.remedies.fits import Fits
from unstuck.remedies.gains import Gain
from unstuck.remedies.proposals import distinct
from unstuck.remedies.repair import CONFIRMATION, Repair, Tried, Tries
from unstuck.remedies.selecting import Candidate, Selection
from unstuck.remedies.telling import Say
from unstuck.remedies.treatment import Treatment

MANY = 20.0
"""Fits that selection may take, whatever the budget."""
EPSILON = 1e-6
FRESH = LOOKS * (1 + PAIRS)
"""Seeds of a confirmation."""


def repaired(
    fits: Fits,
    treatments: Sequence[Treatment],
    budget: Budget,
    seed: int,
    say: Say,
    measure: str = "score",
) -> Repair:
    """Try treatments; accept the first that is confirmed.

    Arguments:
        fits: makes them.
        treatments: what to try, the likeliest first.
        budget: what it may cost.
        seed: of everything that is drawn.
        say: told what is tried, in words.
        measure: what scores are of.
    """
    trial = _Trial(fits, budget, seed, say)
    accepted, verdict = trial.run(distinct(treatments), measure)
    return Repair(
        accepted=accepted is not None,
        params=dict(accepted.parameters) if accepted else {},
        verdict=verdict,
        table=Tries([*trial.selection.table, *trial.table]),
        measure=measure,
        fits=round(fits.spent, 6),
        seconds=budget.spent,
    )


def too_small(budget: Budget) -> str:
    """What is said of a budget that cannot confirm anything; nothing of others."""
    needed = confirming.COST + selecting.cost(1)
    return telling.too_few(budget.fits, needed) if budget.fits < needed else ""


class _Trial:
    """The run of a repair."""

    def __init__(self, fits: Fits, budget: Budget, seed: int, say: Say):
        drawn = np.random.SeedSequence(seed).generate_state(selecting.SEEDS + CHANCES * FRESH) >> 1
        selects, self.fresh = np.split(drawn, [selecting.SEEDS])
        self.fits, self.budget, self.say = fits, budget, say
        self.selection = Selection(fits, selects.tolist(), self._tell)
        self.table: list[Tried] = []
        self.planned = 0.0

    def run(self, treatments: list[Treatment], measure: str) -> tuple[Treatment | None, str]:
        """The treatment that was confirmed, and the verdict."""
        left = min(self.budget.fits - confirming.COST, MANY)
        some = treatments[: selecting.affordable(left)]
        if not some:
            return None, too_small(self.budget)
        self.planned = selecting.cost(len(some)) + confirming.COST
        self._tell(f"{counted(len(some), 'treatment')}, some {self.planned:.0f} fits")
        ranked = self.selection(some, left)
        for best, fresh in zip(ranked, np.split(self.fresh, CHANCES), strict=False):
            if self._refused():
                break
            found = self._confirmed(best, fresh.tolist())
            if found is not None and holds(found):
                return best.treatment, telling.accepted(
                    best.treatment, found, measure, self.fits.rows.few
                )
        return None, self._refused() or self._nothing(bool(ranked))

    def _nothing(self, gained: bool) -> str:
        """Why nothing is proposed where all went to the end."""
        if self.selection.broken:
            return telling.broken(self.selection.broken)
        if all(each.gain is None for each in self.selection.table):
            return telling.none_made(self.selection.table[0].became)
        return telling.NOT_CONFIRMED if gained else telling.NO_GAIN

    def _refused(self) -> str:
        """Why nothing more is confirmed, in words; nothing where something can be."""
        if self.fits.ends():
            return telling.ended(self.budget.over)
        if not self.table and self._seconds(confirming.COST) > self.budget.left:
            return telling.too_late(self._seconds(confirming.COST), self.budget.left)
        return ""

    def _confirmed(self, best: Candidate, seeds: Sequence[int]) -> Gain | None:
        left = self.budget.fits - self.fits.spent + EPSILON
        if left < confirming.COST:
            return None
        self.planned = self.fits.spent + confirming.COST
        trial = Confirmation(self.fits, best.treatment, seeds, self._tell)
        found = trial(left)
        if found is None:
            became = trial.broken or "not finished"
        else:
            became = "confirmed" if holds(found) else "refuted"
        self.table.append(Tried(CONFIRMATION, best.treatment, found, became))
        return found

    def _seconds(self, fits: float) -> float:
        """How long so many fits take."""
        return fits * self.selection.seconds / self.fits.n_jobs

    def _tell(self, what: str) -> None:
        """Say what is tried, and how long it will still take where that is known."""
        left = self._seconds(max(self.planned - self.fits.spent, 0.0))
        self.say(f"{what}; about {left:.0f} s left" if left >= 1 else what)
