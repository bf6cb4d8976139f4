"""By what a cure is felt: the share of what is missed that an experiment brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from unstuck.health.case import CLOSES, MOSTLY, Case, known
from unstuck.health.diseases.capacity import LOST
from unstuck.health.errors import mean
from unstuck.health.gate import LEAST_GAP
from unstuck.health.subject import Change, Trial
from unstuck.record import Array

AGAIN = "trained again from the same start"
HELD = "a quarter of the rows held out, trained again"
CHOSEN = "every other row of a quarter that is held out, trained again"


@dataclass(frozen=True)
class Yardstick:
    """What is measured of an experiment.

    Attributes:
        of: the share that an experiment brings, up to about 1; ``None`` where it failed.
        what: it is a share of, to be followed by how the fit was changed.
        gained: the same after a share, in a sentence.
        where: on which rows.
        bar: above it, an experiment cures.
    """

    of: Callable[[Change], float | None]
    what: str
    gained: str
    where: str
    bar: float = CLOSES


def _rows(case: Case) -> Yardstick | None:
    """The gap on the training rows; where none is missed there, the loss on fresh ones."""
    gate = known(case.gate)
    if not gate.missed and not gate.behind:
        return _paid(case)

    def closed(change: Change) -> float | None:
        return None if case.trial(change) is None else case.closed_by(change)

    bar = CLOSES if gate.missed else MOSTLY
    return Yardstick(closed, "share of the gap closed", "of the gap is closed", AGAIN, bar)


def _paid(case: Case) -> Yardstick | None:
    """The loss on rows held out; a change that the error there does not feel brings nothing."""
    rows, sample = case.quarter(0), case.sample
    before = None if rows is None else case.without(rows)
    if rows is None or sample is None or before is None:
        return None
    w = sample.w[rows]
    loss = mean(before.kept_losses[rows], w)

    def gone(change: Change) -> float | None:
        after = case.trial(replace(change, held=tuple(rows.tolist())))
        if after is None:
            return None
        return 1.0 - mean(after.kept_losses[rows], w) / loss if case.paid_by(change) else 0.0

    what, gained = "share of the loss on fresh rows gone", "of the loss on fresh rows is gone"
    return Yardstick(gone, what, gained, HELD)


def _rare(case: Case) -> Yardstick | None:
    """The rows of rare classes that plain models get right and the network does not."""
    gate, reference = known(case.gate), known(case.reference)
    missed = max(reference.rare - gate.rare_right, LEAST_GAP)

    def found(change: Change) -> float | None:
        right = case.rare_right(change)
        return None if right is None else (right - gate.rare_right) / missed

    return Yardstick(
        found, "share of the missed rare rows found", "of the missed rare rows is found", AGAIN
    )


def _fresh(case: Case) -> Yardstick | None:
    """What the last epoch loses on rows held out; where that is little, how far it is behind a
    plain model there. Rows that choose an epoch do not judge it."""
    rows, held, sample = case.quarter(0), case.held_by_quarters, case.sample
    before = None if rows is None else case.without(rows)
    if rows is None or held is None or sample is None or before is None:
        return None
    judged = rows[1::2]
    w = sample.w[judged]
    risen = held.lost > LOST
    worst = mean((before.losses if risen else before.errors)[judged], w)
    theirs = held.theirs[: len(rows)][1::2]  # the first quarter of all
    least = mean(before.kept_losses[judged] if risen else theirs, w)

    def back(change: Change) -> float | None:
        after = case.trial(replace(change, held=tuple(rows.tolist())))
        if after is None:
            return None
        left = mean(_left(after, change, risen)[judged], w)
        return (worst - left) / max(worst - least, 1e-12 if risen else LEAST_GAP)

    lost = "lost on fresh rows" if risen else "missed on fresh rows"
    return Yardstick(back, f"share of what is {lost} won back", f"of what is {lost} is won back",
                     CHOSEN)  # fmt: skip


def _left(trial: Trial, change: Change, losses: bool) -> Array:
    """Losses or errors of the epoch that a fit ends with."""
    kept = "early_stopping" in dict(change.settings)
    if losses:
        return trial.kept_losses if kept else trial.losses
    return trial.kept_errors if kept else trial.errors


FELT: Mapping[str, Callable[[Case], Yardstick | None]] = MappingProxyType(
    {"rows": _rows, "rare classes": _rare, "fresh rows": _fresh}
)
"""By what cures are felt, by name."""
