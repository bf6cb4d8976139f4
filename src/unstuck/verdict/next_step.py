"""What to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from unstuck.health.diagnosis import Diagnosis
from unstuck.health.words import listed
from unstuck.verdict.comparison import BETTER, WORSE
from unstuck.verdict.leaks import Leak
from unstuck.verdict.opponents import CONSTANT
from unstuck.verdict.standing import FREER, Fitted, Standing

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
        task: as which the target is to be learned, where that is another one; else empty.
    """

    do: str
    why: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    leave_out: tuple[str, ...] = ()
    task: str = ""

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "do": self.do,
            "why": self.why,
            "parameters": {name: _plain(each) for name, each in self.parameters.items()},
            "leave_out": list(self.leave_out),
            "task": self.task,
        }


def next_step(
    standing: Standing, leaks: Sequence[Leak], diagnosis: Diagnosis | None, fitted: Fitted
) -> NextStep:
    """The one thing to do next.

    Arguments:
        standing: of the network beside what is cheap to reach.
        leaks: columns that give the target away.
        diagnosis: of the network.
        fitted: what the fit was.
    """
    return (
        _without(leaks)
        or _as_numbers(standing)
        or _cured(standing, diagnosis, fitted)
        or _other_rows(standing)
        or _used(standing)
        or _gentler(standing, fitted)
        or _longer(standing, fitted)
        or _others(standing)
    )


def _without(leaks: Sequence[Leak]) -> NextStep | None:
    """Where columns give the target away."""
    if not leaks:
        return None
    names = tuple(each.column for each in leaks)
    are, them = ("is", "it") if len(names) == 1 else ("are", "them")
    return NextStep(
        f"ask whether {listed([repr(name) for name in names])} {are} known before the target "
        f"is; if not, leave {them} out",
        "the scores are worth nothing then",
        leave_out=names,
    )


def _as_numbers(standing: Standing) -> NextStep | None:
    """Where whole numbers were taken for classes, and nothing was learned."""
    if not (standing.amounts and standing.constant_is_as_good) or standing.seen:
        return None
    return NextStep(
        "if the whole numbers of the target are amounts, learn them as numbers",
        "as classes, 3 is no nearer to 4 than to 9, and a constant does as well",
        task="regression",
    )


def _cured(standing: Standing, diagnosis: Diagnosis | None, fitted: Fitted) -> NextStep | None:
    """What the diagnosis says, the gravest finding first, without what would do harm."""
    for finding in diagnosis.findings if diagnosis else ():
        if standing.overfits and finding.code == FREER:
            continue
        for remedy in finding.remedies:
            if fitted.takes(remedy.parameters, standing.overfits):
                do = remedy.do[3:] if remedy.do.startswith("Or ") else remedy.do
                return NextStep(do, remedy.why, remedy.parameters)
    return None


def _other_rows(standing: Standing) -> NextStep | None:
    """Where these rows say nothing of new ones."""
    if standing.seen:
        return NextStep(
            "judge it by rows that were held out of the fit", "these it may know by heart"
        )
    if standing.first.too_few:
        return NextStep(
            "bring more rows, or hold more of them out",
            "so few hardly tell a good network from a poor one",
        )
    return None


def _used(standing: Standing) -> NextStep | None:
    """Where it is good."""
    if not standing.good:
        return None
    what = "it is" if standing.first.result == BETTER else "its probabilities are"
    return NextStep("use it", f"{what} better than what is cheap to reach")


def _gentler(standing: Standing, fitted: Fitted) -> NextStep | None:
    """Where the training rows were learned by heart."""
    if not standing.overfits:
        return None
    why = "it does better on the rows it was trained on; "
    if not fitted.held_out:
        return NextStep(
            "hold validation rows out", f"{why}validation rows say when to stop",
            {"early_stopping": True},
        )  # fmt: skip
    alpha = float(fitted.settings.get("alpha", 0.0))
    if alpha * STRONGER > STRONGEST:
        return None
    found = {"alpha": max(1.0, alpha * STRONGER)}
    return NextStep("penalize the weights more", f"{why}small weights follow them less", found)


def _longer(standing: Standing, fitted: Fitted) -> NextStep | None:
    """Where it was stopped before it was as good as others."""
    first = standing.first
    behind = first.result == WORSE or first.opponent == CONSTANT
    if standing.overfits or fitted.stopped != "max_iter" or not behind:
        return None
    found = {"max_iter": LONGER * int(fitted.settings.get("max_iter", 200))}
    return NextStep("train longer", "it was still learning when its epochs were used up", found)


def _others(standing: Standing) -> NextStep:
    """What is left where nothing seems to be wrong with it."""
    first = standing.first
    if first.opponent == CONSTANT and first.result != BETTER:
        return NextStep(
            "bring other columns, or more rows",
            "a constant does as well, so these hardly tell the target",
        )
    if first.result == WORSE:
        return NextStep("take a linear model, or bring more rows", "it is better here")
    if WORSE in standing.results:
        return NextStep("do not trust its probabilities", "its decisions may be used")
    return NextStep("use it, or a linear model, which is simpler and as good here")


def _plain(value: Any) -> Any:
    value = getattr(value, "item", lambda: value)()
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
