"""A verdict: what a network reaches beside what is cheap to reach, and what to do next."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from unstuck.health.diagnosis import Diagnosis
from unstuck.verdict import page, telling, wording
from unstuck.verdict.comparison import Comparison
from unstuck.verdict.importance import Importance
from unstuck.verdict.leaks import Leak
from unstuck.verdict.next_step import NextStep
from unstuck.verdict.scores import ClassScores


@dataclass(frozen=True, repr=False)
class Verdict:
    """What a network reaches on rows that were held out, and what that is worth. Prints as a text;
    shows as HTML.

    Attributes:
        comparisons: with a constant and a linear model on the same rows, the most telling measure
            first.
        scores: of the network on ``"train"`` and ``"test"``, and of ``"a linear model"`` and
            ``"a constant"`` on ``"test"``, by name.
        rows: how many rows each of them was measured on.
        classes: precision and recall of every class; none for numbers.
        confusion: rows of each class (down) that were taken for each (across), where every row is
            of one class.
        importance: what each column is worth, the most important first; empty where that was not
            asked for.
        leaks: columns that give the target away.
        diagnosis: of the network; ``None`` where there is none.
        next_step: what to do now.
        notes: what is worth knowing.
        seen: whether the rows called ``"test"`` are, for the most part, rows of the fit.
        by_heart: whether it is clearly better on the rows that it was trained on.
        too_sure: whether its probabilities promise more right rows than there are, beyond the
            noise.
        networks: how many networks are averaged; the diagnosis is of the first of them.
        importance_measure: in which unit importance is told.
    """

    comparisons: tuple[Comparison, ...]
    scores: Mapping[str, Mapping[str, float]]
    rows: Mapping[str, int]
    next_step: NextStep
    classes: tuple[ClassScores, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    importance: tuple[Importance, ...] = ()
    leaks: tuple[Leak, ...] = ()
    diagnosis: Diagnosis | None = None
    notes: tuple[str, ...] = ()
    importance_measure: str = field(default="", repr=False)
    seen: bool = False
    by_heart: bool = False
    too_sure: bool = False
    networks: int = 1

    @property
    def result(self) -> str:
        """``"better"`` or ``"worse"`` than the better of a constant and a linear model, or
        ``"within the noise"``: by the first measure, with which the sentence begins."""
        return self.comparisons[0].result

    @property
    def sentence(self) -> str:
        """The comparison in a line."""
        return wording.headline(self)

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data, for JSON: what is not finite is ``None``."""
        return _plain(
            {
                "sentence": self.sentence,
                "result": self.result,
                "too_few_rows": self.comparisons[0].too_few,
                "rows_seen": self.seen,
                "by_heart": self.by_heart,
                "too_sure": self.too_sure,
                "networks": self.networks,
                "comparisons": [each.to_dict() for each in self.comparisons],
                "rows": dict(self.rows),
                "scores": {part: dict(each) for part, each in self.scores.items()},
                "classes": [each.to_dict() for each in self.classes],
                "confusion": [list(row) for row in self.confusion],
                "importance": [each._asdict() for each in self.importance],
                "importance_measure": self.importance_measure,
                "leaks": [each._asdict() for each in self.leaks],
                "diagnosis": None if self.diagnosis is None else self.diagnosis.to_dict(),
                "next_step": self.next_step.to_dict(),
                "notes": list(self.notes),
            }
        )

    def __str__(self) -> str:
        return telling.text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return page.html(self)


def _plain(value: Any) -> Any:
    """Plain data without numbers that JSON lacks."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
