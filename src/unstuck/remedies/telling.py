"""How a repair speaks while it runs and at its end."""

from __future__ import annotations

from collections.abc import Callable

from unstuck.health.spelling import number
from unstuck.remedies.gains import Gain
from unstuck.remedies.treatment import Treatment

Say = Callable[[str], None]


def accepted(treatment: Treatment, found: Gain, measure: str, few: bool) -> str:
    """The verdict on a repair that was confirmed; ``few`` where no rows could be held out."""
    where = "on the rows of the fit, too few to hold any out" if few else "on rows divided anew"
    return (
        f"Confirmed from {found.pairs} fresh seeds, {where}: {treatment.name}. "
        f"The {measure} rises from {found.before:.3f} to {found.after:.3f}, by "
        f"{found.mean:.3f} +- {found.spread}."
    )


def too_few(fits: float, needed: float) -> str:
    """The verdict where the budget does not suffice for anything."""
    return (
        f"Nothing was tried: a budget of {number(fits)} fits cannot confirm anything; at least "
        f"{number(needed)} are needed."
    )


def too_late(needed: float, left: float) -> str:
    """The verdict where there is no time to confirm."""
    return (
        f"Nothing is proposed: confirming the best of the selection would take about "
        f"{number(needed)} s, and {number(max(left, 0.0))} s are left."
    )


def ended(over: bool) -> str:
    """The verdict where it was ended before anything was confirmed."""
    why = "the time was over" if over else "it was interrupted"
    return f"Nothing is proposed: {why} before anything was confirmed."


def broken(error: str) -> str:
    """The verdict where the untreated network could not be trained."""
    return f"Nothing is proposed: the network as it is could not be trained: {error}"


def none_made(error: str) -> str:
    """The verdict where no treatment could be tried."""
    return f"Nothing is proposed: no treatment could be tried: {error}"


NO_GAIN = "Nothing is proposed: no treatment that was tried gained anything."
NOT_CONFIRMED = (
    "Nothing is proposed: what did best in the selection gained nothing for sure from fresh seeds."
)
NOTHING_TO_TRY = "Nothing is proposed: no parameter mends what was found."
HEALTHY = "Nothing to repair: the diagnosis found nothing."
