"""Confirmation: whole fits in pairs, from fresh seeds, on rows that are divided anew.

The rows are divided into parts, and each is judged by once: the differences are as independent as
they can be of rows that are what they are (Dietterich 1998).
"""

from __future__ import annotations

from collections.abc import Sequence

from unstuck.remedies.divisions import Division, folds
from unstuck.remedies.fits import Fits, Job, Outcome
from unstuck.remedies.gains import Gain, gain
from unstuck.remedies.selecting import LEAST_GAIN
from unstuck.remedies.telling import Say
from unstuck.remedies.treatment import UNTREATED, Treatment

PAIRS = 6
"""Of a look. A treatment that is better, but not for sure, gets as many again."""
FUTILE = 3
"""After so many pairs a treatment that gained nothing is given up."""
COST = 2 * PAIRS
"""Fits that one look takes."""
LOOKS, CHANCES = 2, 2
"""Looks at a treatment, and treatments of which one may be confirmed; each has its share of the
doubt (Bonferroni)."""
DOUBT = 0.025
"""Probability that something is accepted which gains nothing."""


class Confirmation:
    """Pairs of fits without and with a treatment.

    Arguments:
        fits: makes them.
        treatment: to be confirmed.
        seeds: fresh ones: of the division of each look, then of its pairs; ``(1 + PAIRS) * LOOKS``.
        say: told of what is gained so far.

    Attributes:
        broken: why a fit failed, in words.
    """

    def __init__(self, fits: Fits, treatment: Treatment, seeds: Sequence[int], say: Say):
        self.fits, self.treatment, self.seeds, self.say = fits, treatment, seeds, say
        self._outcomes: list[Outcome] = []
        self.broken = ""

    def __call__(self, most: float) -> Gain | None:
        """What it gains on seeds and rows that no selection has seen.

        Arguments:
            most: fits that it may take.

        Returns:
            ``None`` where fits broke, or it was ended before.
        """
        found: Gain | None = None
        for look in range(LOOKS):
            if look and (found is None or not unsure(found) or most < (1 + look) * COST):
                break
            divide, *own = self.seeds[look * (1 + PAIRS) :][: 1 + PAIRS]
            pairs = list(zip(folds(self.fits.rows, PAIRS, divide), own, strict=True))
            found = self._made(pairs[:FUTILE])
            if found is None or found.mean <= LEAST_GAIN:
                break
            found = self._made(pairs[FUTILE:])
        return found

    def _made(self, pairs: Sequence[tuple[Division, int]]) -> Gain | None:
        jobs = [
            Job(each, seed, division)
            for division, seed in pairs
            for each in (UNTREATED, self.treatment)
        ]
        made = self.fits(jobs)
        self._outcomes += made
        self.broken = next((outcome.error for outcome in made if outcome.error), "")
        if len(made) < len(jobs) or self.broken:
            return None
        before = [each.test for each in self._outcomes[::2]]
        after = [each.test for each in self._outcomes[1::2]]
        found = gain(before, after)
        self.say(f"confirming {self.treatment.name!r}: {found.mean:+.3f} in {found.pairs} pairs")
        return found


def holds(found: Gain) -> bool:
    """Whether a gain is one beyond the spread."""
    enough = found.pairs >= PAIRS and found.mean > LEAST_GAIN
    return enough and found.least(DOUBT / (CHANCES * LOOKS)) > 0


def unsure(found: Gain) -> bool:
    """Whether there may be a gain that is not sure yet."""
    return found.pairs >= PAIRS and found.mean > LEAST_GAIN and not holds(found)
