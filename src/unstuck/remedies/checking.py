"""Claims put to the test: the fits of their networks, and the differences in pairs of seeds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from unstuck.remedies.claim import TEST, TRAIN, Claim, ClaimResult, Told
from unstuck.remedies.comparing import fitted
from unstuck.remedies.fits import Fits, Outcome
from unstuck.remedies.gains import paired
from unstuck.remedies.telling import Say


def checked(
    claim: Claim, fits: Fits, task: str, seeds: Sequence[int], prefix: str, say: Say
) -> ClaimResult:
    """Make the comparisons of a claim.

    Arguments:
        claim: what is said.
        fits: makes them.
        task: ``"classification"`` or ``"regression"``.
        seeds: of the fits; each also divides the rows.
        prefix: what parameters of the network begin with, inside a pipeline.
        say: told of every fit.
    """
    sides = [
        None if own is None else claim.treatment(own, task, prefix)
        for each in claim.expected
        for own in (each.first, each.second)
    ]
    shares = [each.share for each in claim.expected for _ in range(2)]
    arms = {(t.name, share): (t, share) for t, share in zip(sides, shares, strict=True) if t}
    made = fitted(fits, list(arms.values()), seeds, say)
    told = []
    for each, first, second in zip(claim.expected, sides[::2], sides[1::2], strict=True):
        assert first is not None
        after = made[first.name, each.share]
        before = None if second is None else made[second.name, each.share]
        told.append(Told(each, paired(before, after, partial(_value, each.measure))))
    outcomes = [one for each in made.values() for one in each]
    errors = dict.fromkeys(one.error for one in outcomes if one.error)
    return ClaimResult(claim, tuple(told), len(arms) * len(seeds), len(outcomes), tuple(errors))


def _value(measure: str, outcome: Outcome) -> float:
    scores = {TRAIN: outcome.train, TEST: outcome.test}
    return scores[measure] if measure in scores else outcome.measured[measure]
