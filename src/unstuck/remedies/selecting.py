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


def cost(treatments: int, share: float = SHORT) -> float:
    """Fits that it takes to select from so many treatments."""
    return share * SEEDS * (1 + treatments)


def affordable(fits: float) -> int:
    """How many treatments can be selected from for so many fits.

    Example:
        >>> affordable(cost(3)), affordable(cost(3) - 0.1)
        (3, 2)
    """
    return max(0, int(fits / (SHORT * SEEDS) + 1e-9) - 1)


class Selection:
    """Short fits, and what is made of them; whole ones where short ones show nothing.

    Arguments:
        fits: makes them.
        seeds: of the fits; the first also divides the rows.
        say: told of every treatment.

    Attributes:
        table: what was tried.
        seconds: the time of an untreated fit of all epochs; 0 before there was one.
        broken: why the untreated could not be trained, in words.
    """

    def __init__(self, fits: Fits, seeds: Sequence[int], say: Say):
        self.fits, self.seeds, self.say = fits, seeds, say
        self.table: list[Tried] = []
        self.seconds, self.broken = 0.0, ""
        self._division: Division = divided(fits.rows, seeds[0])
        self._before: dict[int, Outcome] = {}

    def __call__(self, treatments: Sequence[Treatment], most: float) -> list[Candidate]:
        """Those that gained something, the best first.

        Arguments:
            treatments: to try, the likeliest first.
            most: fits that it may take.
        """
        found, share = self._tried(treatments, SHORT), SHORT
        left = [each.treatment for each in found]  # those that did not break
        if left and not ranked(found) and self.fits.spent + cost(len(left), 1.0) <= most:
            found, share = self._tried(left, 1.0), 1.0
        pair = _pair(found)
        if pair is not None and self.fits.spent + share * SEEDS <= most:
            found += self._tried([pair], share)
        return ranked(found)

    def _tried(self, treatments: Sequence[Treatment], share: float) -> list[Candidate]:
        anew = not self._before or next(iter(self._before.values())).job.share != share
        each = [*([UNTREATED] if anew else []), *treatments]
        jobs = [Job(one, seed, self._division, share) for seed in self.seeds for one in each]
        made = self.fits(jobs, self._told)
        if anew:
            self._before = {o.job.seed: o for o in made if o.job.treatment is UNTREATED}
            self.broken = next((o.error for o in self._before.values() if o.error), "")
            seconds = (outcome.seconds for outcome in self._before.values())
            self.seconds = min(seconds, default=0.0) / share
        found = [self._measured(one, made) for one in treatments]
        return [one for one in found if one is not None]

    def _measured(self, treatment: Treatment, made: Sequence[Outcome]) -> Candidate | None:
        pairs = [
            (self._before[each.job.seed], each)
            for each in made
            if each.job.treatment is treatment and each.job.seed in self._before
        ]
        broken = next((each.error for pair in pairs for each in pair if each.error), "")
        if broken or not pairs:
            self.table.append(Tried(SELECTION, treatment, None, broken or "not tried"))
            return None
        found = gain([b.test for b, _ in pairs], [a.test for _, a in pairs])
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
        known = any(each.treatment.alike(together) for each in found)
        if one.agrees(other) and one.adds(other) and not known:
            return together
    return None
