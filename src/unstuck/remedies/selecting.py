"""Selection: short fits of every treatment from the same seeds, and the best two together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from unstuck.remedies.divisions import Division, divided
from unstuck.remedies.fits import Fits, Job, Outcome
from unstuck.remedies.gains import Gain, gain
from unstuck.remedies.repair import SELECTION, Tried
from unstuck.remedies.telling import Say
from unstuck.remedies.treatment import UNTREATED, Treatment

SHORT = 0.3
"""Of the epochs of a fit."""
SEEDS = 2
LEAST_GAIN = 0.02
"""A gain that is smaller is none."""
NEARLY = 0.9
"""A treatment that gained this share of the best one's gain is nearly as good."""
ENOUGH = 0.5
"""Where less than this share of what was gained is left to a score of 1, a pair is not tried."""


class Candidate(NamedTuple):
    """A treatment and what it gained in the selection."""

    treatment: Treatment
    gain: Gain


def cost(treatments: int) -> float:
    """Fits that it takes to select from so many treatments, with a pair of them."""
    return SHORT * SEEDS * (2 + treatments)


def affordable(fits: float) -> int:
    """How many treatments can be selected from for so many fits, with no pair of them."""
    return max(0, int(fits / (SHORT * SEEDS) + 1e-9) - 1)


class Selection:
    """Short fits, and what is made of them.

    Arguments:
        fits: makes them.
        seeds: of the fits; the first also divides the rows.
        say: told of every treatment.

    Attributes:
        table: what was tried.
        seconds: the time of an untreated fit of all epochs; 0 before there was one.
    """

    def __init__(self, fits: Fits, seeds: Sequence[int], say: Say):
        self.fits, self.seeds, self.say = fits, seeds, say
        self.table: list[Tried] = []
        self.seconds = 0.0
        self._division: Division = divided(fits.rows, seeds[0])
        self._before: list[Outcome] = []

    def __call__(self, treatments: Sequence[Treatment], pairs: bool = True) -> list[Candidate]:
        """Those that gained something, the best first.

        Arguments:
            treatments: to try, the likeliest first.
            pairs: whether the best two are tried together, if they are more than each alone.
        """
        found = self._tried([UNTREATED, *treatments])
        pair = _pair(found) if pairs else None
        if pair is not None:
            found += self._tried([pair])
        return ranked(found)

    def _tried(self, treatments: Sequence[Treatment]) -> list[Candidate]:
        jobs = [
            Job(treatment, seed, self._division, SHORT)
            for seed in self.seeds
            for treatment in treatments
        ]
        outcomes = self.fits(jobs, self._told)
        by_place = [
            [each for each in outcomes if each.job.treatment is treatment]
            for treatment in treatments
        ]
        if treatments[0] is UNTREATED:
            self._before = by_place.pop(0)
            self.seconds = max((each.seconds for each in self._before), default=0.0) / SHORT
        found = [
            self._measured(treatment, after)
            for treatment, after in zip(treatments[-len(by_place) :], by_place, strict=True)
        ]
        return [each for each in found if each is not None]

    def _measured(self, treatment: Treatment, after: Sequence[Outcome]) -> Candidate | None:
        before = {each.job.seed: each for each in self._before}
        pairs = [(before[a.job.seed], a) for a in after if a.job.seed in before]
        broken = next((o.error for pair in pairs for o in pair if o.error), "")
        if broken or not pairs:
            self.table.append(Tried(SELECTION, treatment, None, broken or "not tried"))
            return None
        found = gain([b.test for b, _ in pairs], [a.test for _, a in pairs], self._division.ratio)
        became = "better" if found.mean > LEAST_GAIN else "no better"
        self.table.append(Tried(SELECTION, treatment, found, became))
        return Candidate(treatment, found)

    def _told(self, outcome: Outcome) -> None:
        self.say(f"tried {outcome.job.treatment.name!r}: {outcome.test:.3f}")


def ranked(found: Sequence[Candidate]) -> list[Candidate]:
    """Those that gained something, the best first; of those that are nearly as good as the best,
    the one that was named first: the likeliest cure, and the one that changes least.

    Arguments:
        found: in the order in which they were named, pairs after the single ones.
    """
    left = [each for each in found if each.gain.mean > LEAST_GAIN]
    order: list[Candidate] = []
    while left:
        most = max(each.gain.mean for each in left)
        order.append(next(each for each in left if each.gain.mean >= NEARLY * most))
        left.remove(order[-1])
    return order


def _pair(found: Sequence[Candidate]) -> Treatment | None:
    """The best two that gained something and can be applied together; nothing where one of them
    left little to gain."""
    best = sorted(found, key=lambda each: -each.gain.mean)
    if not best or 1 - best[0].gain.after < ENOUGH * best[0].gain.mean:
        return None
    gained = [each.treatment for each in best if each.gain.mean > 0]
    for one, other in combinations(gained[:3], 2):
        together = one + other
        known = any(dict(each.treatment.parameters) == together.parameters for each in found)
        if one.agrees(other) and one.adds(other) and not known:
            return together
    return None
