"""What there is to tell of a verdict, for those who tell it: it knows its tellers itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from unstuck.health.diagnosis import Diagnosis
from unstuck.verdict.comparison import Comparison
from unstuck.verdict.importance import Importance
from unstuck.verdict.leaks import Leak
from unstuck.verdict.next_step import NextStep
from unstuck.verdict.scores import ClassScores


class Told(Protocol):
    """A ``Verdict``; its attributes are described there."""

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The most telling first."""
        ...

    @property
    def scores(self) -> Mapping[str, Mapping[str, float]]:
        """By part or model."""
        ...

    @property
    def rows(self) -> Mapping[str, int]:
        """By the same."""
        ...

    @property
    def classes(self) -> tuple[ClassScores, ...]:
        """Of every class."""
        ...

    @property
    def importance(self) -> tuple[Importance, ...]:
        """Of every column."""
        ...

    @property
    def importance_measure(self) -> str:
        """Its unit."""
        ...

    @property
    def leaks(self) -> tuple[Leak, ...]:
        """Columns that give the target away."""
        ...

    @property
    def diagnosis(self) -> Diagnosis | None:
        """Of the network."""
        ...

    @property
    def next_step(self) -> NextStep:
        """What to do."""
        ...

    @property
    def seen(self) -> bool:
        """Whether the rows called test were fitted to."""
        ...

    @property
    def by_heart(self) -> bool:
        """Whether it is clearly better on the rows it was trained on."""
        ...

    @property
    def too_sure(self) -> bool:
        """Whether its probabilities promise too much."""
        ...

    @property
    def networks(self) -> int:
        """How many are averaged."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing."""
        ...
