"""A network on rows that it was trained without."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from unstuck.health.errors import mean, paired_t, unpaired_t
from unstuck.health.references import Reference, constant_errors, fitted_errors
from unstuck.health.subject import Sample, Trial
from unstuck.record import Array

Judge = Callable[[Array, Sample], Array]
QUARTERS = 4


@dataclass(frozen=True)
class Held:
    """What a fit reaches on rows it was trained without, of one or several quarters of the sample.

    Attributes:
        w: weights of the rows held out, (n,).
        errors, losses: of these rows after the last step, (n,).
        kept_errors, kept_losses: at the epoch that was best for them, (n,).
        theirs: errors of the best plain model, (n,).
        constant: errors of a constant, (n,).
        own_errors, own_w: of the rows it was trained on, (m,).
        lost: the share of the gain on the rows held out that is lost again by the end.
    """

    w: Array
    errors: Array
    losses: Array
    kept_errors: Array
    kept_losses: Array
    theirs: Array
    constant: Array
    own_errors: Array
    own_w: Array
    lost: float

    @classmethod
    def joined(cls, quarters: Sequence[Held]) -> Held:
        """Several quarters as one."""
        names = [each.name for each in fields(cls) if each.name != "lost"]
        joined = {name: np.concatenate([getattr(e, name) for e in quarters]) for name in names}
        lost = float(np.mean([each.lost for each in quarters]))
        return replace(quarters[0], **joined, lost=lost)

    @property
    def error(self) -> float:
        """Mean error of the rows held out."""
        return mean(self.errors, self.w)

    @property
    def own(self) -> float:
        """Mean error of the rows trained on."""
        return mean(self.own_errors, self.own_w)

    @property
    def reachable(self) -> float:
        """Mean error of the plain model there."""
        return mean(self.theirs, self.w)

    @property
    def gap(self) -> float:
        """How much larger the error of the rows held out is than that of those trained on."""
        return self.error - self.own

    @property
    def gap_t(self) -> float:
        """The same in standard errors."""
        return unpaired_t(self.errors, self.own_errors, self.w, self.own_w)

    @property
    def lost_t(self) -> float:
        """By how many standard errors the loss there is above the least of the fit."""
        return paired_t(self.losses, self.kept_losses, self.w)

    @property
    def behind_t(self) -> float:
        """By how many standard errors it is worse than the plain model."""
        return paired_t(self.errors, self.theirs, self.w)

    @property
    def skill_t(self) -> float:
        """By how many standard errors its best epoch is better than a constant."""
        return paired_t(self.constant, self.kept_errors, self.w)


def held(
    sample: Sample, rows: Array, trial: Trial, kind: str, found: Reference, judge: Judge
) -> Held:
    """A fit without some rows of a sample, on these.

    Arguments:
        sample: all rows.
        rows: numbers of those held out.
        trial: the fit.
        kind: of the targets.
        found: what plain models reach.
        judge: ``judge(predicted, sample)``: errors, row by row.
    """
    rest = np.setdiff1d(np.arange(len(sample.x)), rows)
    parts = sample.take(rest), sample.take(rows)
    constant = constant_errors(kind, *parts, judge)
    theirs = fitted_errors(found, kind, *parts, judge)
    return Held(
        sample.w[rows],
        trial.errors[rows],
        trial.losses[rows],
        trial.kept_errors[rows],
        trial.kept_losses[rows],
        constant if theirs is None else theirs,
        constant,
        trial.errors[rest],
        sample.w[rest],
        _lost(trial.history),
    )


def _lost(history: Mapping[str, Array]) -> float:
    """The share of the gain on the rows held out that is lost again by the end."""
    column = np.asarray(history.get("validation_loss", ()))
    column = column[np.isfinite(column)]
    if len(column) < 3:
        return 0.0
    first, least, last = float(column[0]), float(column.min()), float(column[-3:].mean())
    return (last - least) / max(first - least, 0.05 * abs(first), 1e-12)
