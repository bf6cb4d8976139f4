"""A repair: what was tried, what was confirmed, and which parameters do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from unstuck.health.spelling import arguments, number
from unstuck.readable import Facts, Readable
from unstuck.remedies.gains import Gain
from unstuck.remedies.treatment import Treatment

SELECTION, CONFIRMATION = "selection", "confirmation"


class Tried(NamedTuple):
    """A treatment that was tried.

    Attributes:
        stage: ``"selection"``, by short fits; or ``"confirmation"``, by whole ones from fresh seeds
            on a fresh division of the rows.
        treatment: what was changed.
        gain: what it gained; ``None`` where no fit ended.
        became: what became of it, in words.
    """

    stage: str
    treatment: Treatment
    gain: Gain | None
    became: str

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        found = self.gain
        numbers = {} if found is None else {**found._asdict(), "gain": found.mean}
        return {
            "stage": self.stage,
            "treatment": self.treatment.name,
            "parameters": self.treatment.plain(),
            **numbers,
            "became": self.became,
        }


class Tries(Readable, tuple[Tried, ...]):
    """Everything that was tried, in its order; prints as a table."""

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """As texts, with headings; nothing where nothing was tried."""
        rows: list[tuple[str, ...]] = [
            ("tried", "by", "became", "seeds", "before", "after", "gain", "+-")
        ]
        for each in self:
            found = each.gain
            numbers = ("", "", "", "", "")
            if found is not None:
                scores = (f"{found.before:.3f}", f"{found.after:.3f}", f"{found.mean:+.3f}")
                numbers = (str(found.pairs), *scores, found.spread)
            rows.append((each.treatment.name, each.stage, each.became, *numbers))
        return rows if self else []

    def _told(self) -> Facts:
        return Facts("Tried", rows=self.rows, words=3)


@dataclass(frozen=True, repr=False)
class Repair(Readable):
    """What became of a try to repair a network. Prints as a text; shows as HTML.

    Attributes:
        accepted: whether a treatment was confirmed.
        params: its parameters, for ``set_params``; none without.
        verdict: what came out, in a sentence.
        table: everything that was tried, what it changed and what it gained, with its spread.
        said: what is wrong and no parameter can mend, in sentences.
        measure: what scores are of: ``"accuracy"``.
        fits: how many fits it took, those of fewer epochs as their share.
        seconds: how long it took.
    """

    accepted: bool
    params: Mapping[str, Any]
    verdict: str
    table: Tries = field(default_factory=Tries)
    said: tuple[str, ...] = ()
    measure: str = "score"
    fits: float = 0.0
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data, for JSON."""
        return {
            "accepted": self.accepted,
            "params": Treatment("", self.params).plain(),
            "verdict": self.verdict,
            "table": [each.to_dict() for each in self.table],
            "said": list(self.said),
            "measure": self.measure,
            "fits": self.fits,
            "seconds": self.seconds,
        }

    def sentences(self, apply: str = "") -> tuple[str, ...]:
        """What came out, in sentences.

        Arguments:
            apply: how it is applied; by ``set_params`` if not given.
        """
        found = [self.verdict, *self.said]
        if self.accepted:
            found.append(f"To apply it: {apply or self._call}")
        if self.table:
            cost = f"{number(self.fits)} fits and {number(self.seconds)} s"
            found.append(f"Tried in {cost}, and judged by the {self.measure}:")
        return tuple(found)

    @property
    def _call(self) -> str:
        return f"set_params({', '.join(arguments(self.params))})"

    def _told(self) -> Facts:
        return Facts("Repair", self.sentences(), self.table.rows, words=3)
