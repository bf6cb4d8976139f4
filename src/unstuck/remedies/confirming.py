"""Confirmation: whole fits in pairs, from fresh seeds, on rows divided anew for each pair."""

from __future__ import annotations

from collections.abc import Sequence

from unstuck.remedies.divisions import divided
from unstuck.remedies.fits import Fits, Job, Outcome
from unstuck.remedies.gains import Gain, gain
from unstuck.remedies.selecting import LEAST_GAIN
from unstuck.remedies.telling import Say
from unstuck.remedies.treatment import UNTREATED, Treatment

PAIRS = 6
FUTILE = 3
"""After so many pairs a treatment that gained nothing is given up."""
COST = 2 * PAIRS
"""Fits that one confirmation takes."""
CHANCES = 2
"""Treatments of which one may be confirmed; each is held to its share of the doubt."""
DOUBT = 0.025
"""Probability that something is accepted which gains nothing."""


def confirmed(fits: Fits, treatment: Treatment, seeds: Sequence[int], say: Say) -> Gain | None:
    """What a treatment gains on seeds and rows that no selection has seen.

    Arguments:
        fits: makes them.
        treatment: to be confirmed.
        seeds: fresh ones, ``PAIRS`` of them.
        say: told of every pair.

    Returns:
        ``None`` where fits broke, or it was ended before.
    """
    found: Gain | None = None
    outcomes: list[Outcome] = []
    for part in (seeds[:FUTILE], seeds[FUTILE:]):
        outcomes += fits(_jobs(fits, treatment, part))
        found = _measured(outcomes, treatment)
        if found is None or found.pairs < min(len(outcomes) // 2, FUTILE):
            return None
        say(f"confirming {treatment.name!r}: {found.mean:+.3f} in {found.pairs} of {PAIRS} pairs")
        if found.mean <= LEAST_GAIN:
            break
    return found


def holds(found: Gain) -> bool:
    """Whether a gain is one beyond the spread."""
    enough = found.pairs >= PAIRS and found.mean > LEAST_GAIN
    return enough and found.least(DOUBT / CHANCES) > 0


def _jobs(fits: Fits, treatment: Treatment, seeds: Sequence[int]) -> list[Job]:
    return [
        Job(each, seed, divided(fits.rows, seed))
        for seed in seeds
        for each in (UNTREATED, treatment)
    ]


def _measured(outcomes: Sequence[Outcome], treatment: Treatment) -> Gain | None:
    before = {o.job.seed: o for o in outcomes if o.job.treatment is UNTREATED}
    after = {o.job.seed: o for o in outcomes if o.job.treatment is treatment}
    seeds = [seed for seed in before if seed in after]
    if not seeds or any(o.error for o in outcomes):
        return None
    ratio = before[seeds[0]].job.division.ratio
    return gain([before[s].test for s in seeds], [after[s].test for s in seeds], ratio)
