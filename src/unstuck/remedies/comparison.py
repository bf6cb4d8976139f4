"""What a comparison of remedies found."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from unstuck.health.spelling import number, percent
from unstuck.readable import Facts, Readable
from unstuck.remedies.arms import BETTER, SAME, WORSE, Arm
from unstuck.remedies.measures import HIDDEN_STUCK, OUTPUTS_STUCK

HEADINGS = (
    *("remedy", "acts on", "result", "train", "held out", "gain", "learned"),
    *("stuck hidden", "outputs"),
)


@dataclass(frozen=True, repr=False)
class RemedyComparison(Readable):
    """Remedies side by side: the same rows, seeds and epochs, with and without each.

    Attributes:
        arms: the untreated network first, then every remedy; each with ``name``, ``acts_on``,
            ``gain`` and its ``margin``, ``result``, ``learned``, ``outcomes``.
        measure: what scores are of: ``"accuracy"`` or ``"R2"``.
        constant: score of a constant.
        epochs: most epochs of a fit.
        seeds: of the fits, in order.
        rows: how many were trained on and how many held out, in each fit.
        left_out: remedies that were not tried, with the reason.
        asked: fits that were to be made; where Ctrl-C ended it, fewer are in ``arms``.
        compilations: programs that had to be compiled for all of them.
        seconds: it took.
    """

    arms: tuple[Arm, ...]
    measure: str
    constant: float
    epochs: int
    seeds: tuple[int, ...]
    rows: tuple[int, int]
    left_out: Mapping[str, str]
    asked: int
    compilations: int
    seconds: float

    @property
    def fits(self) -> int:
        """That were made."""
        return sum(len(each.outcomes) for each in self.arms)

    @property
    def complete(self) -> bool:
        """Whether all fits were made."""
        return self.fits == self.asked

    @property
    def table(self) -> list[dict[str, Any]]:
        """A line for each arm, as plain data."""
        return [each.to_dict() for each in self.arms]

    def __getitem__(self, name: str) -> Arm:
        """An arm by its name."""
        return next(each for each in self.arms if each.name == name)

    def named(self, result: str) -> list[str]:
        """Remedies with a result, those of the largest difference first."""
        found = [each for each in self.arms if each.result == result and each.gain is not None]
        found.sort(key=lambda each: -abs(each.gain.mean) if each.gain else 0.0)
        return [each.name for each in found]

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data, without what differs from one run to the next."""
        return {
            "measure": self.measure,
            "constant": self.constant,
            "epochs": self.epochs,
            "seeds": list(self.seeds),
            "rows": {"train": self.rows[0], "held_out": self.rows[1]},
            "complete": self.complete,
            "left_out": dict(self.left_out),
            "table": self.table,
        }

    def plot(self, ax: Any = None) -> Any:
        """Draw it: the score of every fit, and the 95 % interval of each remedy's difference.

        Arguments:
            ax: matplotlib axes; a new figure where none are given.

        Returns:
            The axes.
        """
        from unstuck.drawing.intervals import Interval, draw

        before = self.arms[0].mean(lambda each: each.test)
        lines = [
            Interval(
                each.name,
                each.scores,
                each.mean(lambda one: one.test),
                0.0 if each.gain is None else each.margin,
                {BETTER: 1, WORSE: -1}.get(each.result, 0),
            )
            for each in self.arms
        ]
        held = "on held-out rows" if self.rows[1] else "on the rows of the fit"
        return draw(lines, before, f"{self.measure} {held}", self.constant, ax)

    def _told(self) -> Facts:
        said = (self._of_what(), *self._results(), *self._notes())
        return Facts("RemedyComparison", said, self._rows(), words=3)

    def _results(self) -> list[str]:
        better, worse, same = map(self.named, (BETTER, WORSE, SAME))
        counts = f"{len(better)} of {len(self.arms) - 1} are better than as it is"
        if not better:
            return [f"{counts}, {len(worse)} worse, {len(same)} within the noise."]
        best = self[better[0]]
        gained = f"{best.gain.mean:+.3f} ± {best.margin:.3f}" if best.gain else ""
        return [
            f"{counts}, {len(worse)} worse, {len(same)} within the noise. The largest gain: "
            f"{best.name}, {gained}."
        ]

    def _of_what(self) -> str:
        held = (
            f"{self.measure} on {self.rows[1]} held-out rows"
            if self.rows[1]
            else f"{self.measure} on the {self.rows[0]} rows of the fit, too few to hold any out"
        )
        return (
            f"{held}, {len(self.seeds)} seeds, {self.epochs} epochs; a constant reaches "
            f"{number(self.constant)}. {self.fits} fits in {self.seconds:.0f} s, "
            f"{self.compilations} programs compiled."
        )

    def _notes(self) -> Sequence[str]:
        notes = [f"Left out: {name}, {reason}." for name, reason in self.left_out.items()]
        notes += [f"{each.name}: {each.error}" for each in self.arms if each.error]
        if not self.complete:
            notes.append(f"Interrupted: {self.fits} of {self.asked} fits were made.")
        return notes

    def _rows(self) -> list[tuple[str, ...]]:
        return [HEADINGS, *map(_row, self.arms)]


def _row(arm: Arm) -> tuple[str, ...]:
    gained = "" if arm.gain is None else f"{arm.gain.mean:+.3f} ± {arm.margin:.3f}"
    return (
        arm.name,
        arm.acts_on,
        "" if arm.result == SAME else arm.result,
        _told(arm.mean(lambda each: each.train)),
        _told(arm.mean(lambda each: each.test)),
        gained,
        _share(arm.learned),
        _share(arm.measured(HIDDEN_STUCK)),
        _share(arm.measured(OUTPUTS_STUCK)),
    )


def _told(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else ""


def _share(value: float) -> str:
    return percent(value, 2) if math.isfinite(value) else ""
