"""A claim about remedies or stuck units, as comparisons that can be made, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from unstuck.choices import Named
from unstuck.health.spelling import number
from unstuck.readable import Facts, Readable
from unstuck.remedies.gains import Gain
from unstuck.remedies.measures import FLAT_PAIRS, GROWTH, HIDDEN_STUCK, MOSTLY_STUCK, OUTPUTS_STUCK
from unstuck.remedies.table import CLASSES, NUMBERS
from unstuck.remedies.treatment import Treatment

HELD, FAILED, UNTOLD = "held", "did not hold", "not told"
MATTERS = 0.02
"""A difference that is smaller is none."""
TRAIN, TEST = "train", "test"
MEASURES = {
    TRAIN: "score on the rows of the fit",
    TEST: "score on held-out rows",
    HIDDEN_STUCK: "share of hidden units flat on nearly all rows",
    MOSTLY_STUCK: "share of sigmoids flat on most rows, of ReLUs on all",
    OUTPUTS_STUCK: "share of rows with a stuck output unit",
    FLAT_PAIRS: "share of flat pairs of row and hidden unit",
    GROWTH: "powers of ten from first to last layer",
}
"""In which a claim's networks differ, in words."""


SOUND: dict[str, Any] = {
    "activation": "logistic",
    "initializer": "fan_in",
    "scale_inputs": True,
    "layer_norm": False,
    "slope_offset": 0.0,
    "output_activation": "logistic",
    "loss": "cross_entropy",
    "class_targets": (0.0, 1.0),
}
"""What the networks of claims have where a claim does not say otherwise."""
OF_CLASSES = ("output_activation", "loss", "class_targets")


class Expected(NamedTuple):
    """One comparison of a claim: that the first network has more of something than the second.

    Attributes:
        says: in a few words.
        first, second: parameters beside the claim's common ones; ``None`` in place of the second
            where it is said that there is some.
        measure: a name of ``MEASURES``.
        more: whether the first is said to have more; else that it has no more.
        share: of the epochs, up to 1.
    """

    says: str
    first: Mapping[str, Any]
    second: Mapping[str, Any] | None
    measure: str = TEST
    more: bool = True
    share: float = 1.0


@dataclass(frozen=True, repr=False)
class Claim(Named):
    """What is said, and how it is put to the test.

    Attributes:
        name: short.
        description: the claim.
        expected: comparisons that must all come out as said.
        tasks: ``"classification"`` and/or ``"regression"``: what it is about.
        common: parameters that all its networks have.
        reference: the source.
        aliases: other names.
    """

    name: str
    description: str
    expected: tuple[Expected, ...] = field(hash=False)
    reference: str
    tasks: tuple[str, ...] = (CLASSES, NUMBERS)
    common: Mapping[str, Any] = field(default_factory=dict, hash=False)
    aliases: tuple[str, ...] = ()

    def treatment(self, own: Mapping[str, Any], task: str, prefix: str = "") -> Treatment:
        """All that is set of one of its networks.

        Arguments:
            own: beside what is common.
            task: of numbers, nothing is set of targets, output units and loss.
            prefix: what parameters begin with, inside a pipeline.
        """
        every = {**SOUND, **self.common, **own}
        kept = {k: v for k, v in every.items() if task == CLASSES or k not in OF_CLASSES}
        name = ", ".join(f"{k}={v}" for k, v in {**self.common, **own}.items())
        return Treatment(name, {f"{prefix}{k}": v for k, v in kept.items()})


@dataclass(frozen=True)
class Told:
    """One comparison of a claim, made.

    Attributes:
        expected: what is said.
        gain: of the first network over the second, in pairs of seeds; ``None`` of fewer than two.
    """

    expected: Expected
    gain: Gain | None

    @property
    def margin(self) -> float:
        """Half of the 95 % interval of the difference; infinite where nothing is known."""
        return math.inf if self.gain is None else self.gain.margin

    @property
    def verdict(self) -> str:
        """``"held"``, ``"did not hold"``, or ``"not told"``.

        More: it held where the interval is above 0, and did not where it is below ``MATTERS``. No
        more: it held where it is below ``MATTERS``, and did not where it is above 0. Some: it held
        where there is any; that there is none cannot be told from so many fits.
        """
        if self.gain is None:
            return UNTOLD
        if self.expected.second is None:
            return HELD if self.gain.mean > 0 else UNTOLD
        above = self.gain.mean - self.margin > 0
        below = self.gain.mean + self.margin < MATTERS
        says, denies = (above, below) if self.expected.more else (below, above)
        return HELD if says else FAILED if denies else UNTOLD

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data; ``None`` for what is not known."""
        known, found = self.gain is not None, self.gain or Gain(0.0, 0.0, 0.0, 0)
        return {
            "says": self.expected.says,
            "measure": self.expected.measure,
            "more": self.expected.more,
            "first": found.after if known else None,
            "second": found.before if known else None,
            "difference": found.mean if known else None,
            "margin": self.margin if math.isfinite(self.margin) else None,
            "pairs": found.pairs,
            "verdict": self.verdict,
        }


@dataclass(frozen=True, repr=False)
class ClaimResult(Readable):
    """What came of a claim.

    Attributes:
        claim: what was said.
        told: its comparisons.
        asked: fits that were to be made.
        fits: that were made.
        errors: why fits failed, in words.
    """

    claim: Claim
    told: tuple[Told, ...]
    asked: int
    fits: int
    errors: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """``"held"`` where all comparisons did, ``"did not hold"`` where one did not, else
        ``"not told"``."""
        verdicts = [each.verdict for each in self.told]
        if FAILED in verdicts:
            return FAILED
        return HELD if set(verdicts) == {HELD} else UNTOLD

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "claim": self.claim.name,
            "says": self.claim.description,
            "verdict": self.verdict,
            "told": [each.to_dict() for each in self.told],
            "fits": self.fits,
            "asked": self.asked,
            "errors": list(self.errors),
        }

    def _told(self) -> Facts:
        heads = ("it is said that", "in", "verdict", "first", "second", "difference")
        rows = [heads, *map(_row, self.told)]
        said = [f"{self.claim.description} This {self.verdict}."]
        if self.verdict == UNTOLD:
            said = [f"{self.claim.description} That cannot be told from these rows and seeds."]
        said += [f"Failed: {each}" for each in self.errors[:1]]
        if self.fits < self.asked:
            said.append(f"Interrupted: {self.fits} of {self.asked} fits were made.")
        return Facts("ClaimResult", tuple(said), rows, words=3)


def _row(told: Told) -> tuple[str, ...]:
    expected, found = told.expected, told.gain
    where = MEASURES[expected.measure]
    if expected.share < 1:
        where += f", after {number(100 * expected.share)} % of the epochs"
    if found is None:
        return (expected.says, where, told.verdict, "", "", "")
    values = (f"{found.after:.3f}", f"{found.before:.3f}", f"{found.mean:+.3f} ± {told.margin:.3f}")
    return (expected.says, where, told.verdict, *values)
