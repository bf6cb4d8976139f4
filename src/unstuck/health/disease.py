"""What can be wrong: one record each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from unstuck import readable
from unstuck.health.finding import Lookalike, Remedy, Sign
from unstuck.health.subject import Change
from unstuck.readable import Facts

if TYPE_CHECKING:
    from unstuck.health.case import Case

STAGES = (
    "data",
    "structure",
    "targets",
    "scales",
    "units",
    "depth",
    "steps",
    "capacity",
    "otherwise",
)
"""The order of judgement: what is found at one stage explains what would be found at later ones."""

LENGTHS = {"learning_rate_init": None, "first_step": None, "largest_step": None}
"""Parameters of remedies that say how long steps are: those that the solver has."""


@dataclass(frozen=True, repr=False)
class Disease:
    """Something that can be wrong.

    Attributes:
        code: its name.
        stage: where in the order of judgement; one of ``STAGES``.
        means: what it is, in a sentence for somebody who has never met it.
        needs: the measures of a ``Case`` it is judged by; it is not looked for without them.
        signs: ``signs(case)``: where and by what it is recognized; nothing where it is absent.
        lookalikes: what else could look like it, and how that is told apart.
        remedies: in order.
        reference: the source.
        also: other stages at which it is looked for in other ways.
        trial: what shows whether it is this where its remedies have no values of their own: what
            ``prove`` trains again with.
        felt: by what a cure of it is felt; a key of ``yardsticks.FELT``.
    """

    code: str
    stage: str
    means: str
    needs: tuple[str, ...]
    signs: Callable[[Case], Iterable[Sign]]
    lookalikes: tuple[Lookalike, ...]
    remedies: tuple[Remedy, ...]
    reference: str
    also: Mapping[str, Callable[[Case], Iterable[Sign]]] = field(default_factory=dict)
    trial: Change = Change()
    felt: str = "rows"

    def __repr__(self) -> str:
        return f"<disease {self.code}>"

    def _told(self) -> Facts:
        rows = [("", ""), ("looked for at stage", self.stage)]
        rows += [("first remedy", f"{each.do} {each.why}") for each in self.remedies[:1]]
        rows += [("source", self.reference)] * bool(self.reference)
        return Facts(f"Disease {self.code}", (self.means,), rows, words=2)

    _repr_html_ = readable.html

    def at(self, stage: str) -> Callable[[Case], Iterable[Sign]] | None:
        """How it is looked for at a stage."""
        return self.signs if stage == self.stage else self.also.get(stage)
