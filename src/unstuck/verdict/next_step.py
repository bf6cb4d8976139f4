"""What to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from unstuck.health.diagnosis import Diagnosis
from unstuck.health.words import listed
from unstuck.verdict.comparison import BETTER, WORSE, Comparison
from unstuck.verdict.leaks import Leak
from unstuck.verdict.opponents import CONSTANT

STRONGER, STRONGEST = 100.0, 100.0
"""How much stronger a penalty is tried next, and beyond which none is."""
LONGER = 5


@dataclass(frozen=True)
class NextStep:
    """What to do.

    Attributes:
        do: in words.
        why: the reason.
        parameters: of the estimator, that do it.
        leave_out: columns to be left out.
    """

    do: str
    why: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    leave_out: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "do": self.do,
            "why": self.why,
            "parameters": {name: _plain(each) for name, each in self.parameters.items()},
            "leave_out": list(self.leave_out),
        }


def next_step(
    comparisons: Sequence[Comparison],
    overfits: bool,
    leaks: Sequence[Leak],
    diagnosis: Diagnosis | None,
    settings: Mapping[str, Any],
    stopped: str,
) -> NextStep:
    """The one thing to do next.

    Arguments:
        comparisons: with what is cheap to reach.
        overfits: whether the network is clearly better on the rows that it was trained on.
        leaks: columns that give the target away.
        diagnosis: of the network.
        settings: parameters of the estimator.
        stopped: name of the reason why the fit ended.
    """
    if leaks:
        names = tuple(each.column for each in leaks)
        are, them = ("is", "it") if len(names) == 1 else ("are", "them")
        return NextStep(
            f"ask whether {listed([repr(name) for name in names])} {are} known before the target "
            f"is; if not, leave {them} out",
            "the scores are worth nothing then",
            leave_out=names,
        )
    remedies = diagnosis.findings[0].remedies if diagnosis and diagnosis.findings else ()
    if remedies:
        return NextStep(remedies[0].do, remedies[0].why, remedies[0].parameters)
    results = {each.result for each in comparisons}
    if BETTER in results and WORSE not in results:
        return NextStep("use it", "it is better than what is cheap to reach")
    return (
        _gentler(overfits, settings)
        or _longer(comparisons[0], settings, stopped)
        or _others(comparisons[0], results)
    )


def _gentler(overfits: bool, settings: Mapping[str, Any]) -> NextStep | None:
    """Where the training rows were learned by heart."""
    if not overfits:
        return None
    why = "it does better on the rows it was trained on; "
    if settings.get("early_stopping") is False:
        return NextStep(
            "hold validation rows out", f"{why}validation rows say when to stop",
            {"early_stopping": True},
        )  # fmt: skip
    alpha = float(settings.get("alpha", 0.0))
    if alpha * STRONGER > STRONGEST:
        return None
    found = {"alpha": max(1.0, alpha * STRONGER)}
    return NextStep("penalize the weights more", f"{why}small weights follow them less", found)


def _longer(first: Comparison, settings: Mapping[str, Any], stopped: str) -> NextStep | None:
    """Where it was stopped before it was as good as others."""
    if stopped != "max_iter" or (first.result != WORSE and first.opponent != CONSTANT):
        return None
    found = {"max_iter": LONGER * int(settings.get("max_iter", 200))}
    return NextStep("train longer", "it was still learning when its epochs were used up", found)


def _others(first: Comparison, results: set[str]) -> NextStep:
    """What is left where nothing seems to be wrong with it."""
    if first.opponent == CONSTANT and first.result != BETTER:
        return NextStep(
            "bring other columns, or more rows",
            "a constant does as well, so these hardly tell the target",
        )
    if first.result == WORSE:
        return NextStep("take a linear model, or bring more rows", "it is better here")
    if WORSE in results:
        return NextStep("do not trust its probabilities", "its decisions may be used")
    return NextStep("use it, or a linear model, which is simpler and as good here")


def _plain(value: Any) -> Any:
    value = getattr(value, "item", lambda: value)()
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
