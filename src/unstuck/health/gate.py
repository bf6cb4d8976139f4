"""The gate: a network that does as well as can be expected of its rows is not stuck."""

from __future__ import annotations

import numpy as np

from unstuck.health.errors import by_class, mean, paired_t, rare_classes
from unstuck.health.references import Reference
from unstuck.health.subject import Sample
from unstuck.record import Array

IGNORED = 0.75
"""Rare classes are missed where under this share of what is reachable of them is right."""
LEAST_GAP = 0.02
"""A gap that is smaller is none."""


class Gate:
    """The network beside what is reachable, on the same rows.

    Attributes:
        own, reachable, constant: mean errors.
        t: by how many standard errors the network is worse.
        missed: whether it is worse by far.
        behind: whether it is worse by little, but surely.
        rare: names of the rare classes.
        rare_right: the mean share of their rows that is right.
        minority_missed: whether it is they that are missed.
    """

    def __init__(self, kind: str, rows: Array, w: Array, few: bool):
        self.kind, self.rows, self.w, self.few = kind, rows, w, few
        self.own = self.reachable = self.constant = self.t = 0.0
        self.missed = self.behind = self.minority_missed = False
        self.rare_right = 1.0
        self.rare: Array = np.empty(0)

    @classmethod
    def of(cls, kind: str, sample: Sample, errors: Array, found: Reference) -> Gate:
        """From the errors of a sample and its reference."""
        gate = cls(kind, found.rows, sample.w[found.rows], found.few)
        own = errors[found.rows]
        gate.own, gate.reachable = mean(own, gate.w), mean(found.errors, gate.w)
        gate.constant = mean(found.constant, gate.w)
        gate.t = paired_t(own, found.errors, gate.w)
        gate.missed, gate.behind = gate._is_missed(), gate._is_behind()
        if kind == "classes":
            gate._balance(sample.labels[found.rows], own == 0, found)
        return gate

    def _is_missed(self) -> bool:
        own, reachable, count = self.own, self.reachable, len(self.rows)
        if self.kind == "numbers":
            return own > 1.3 * reachable + 0.03 * self.constant + 0.02 and self.t > 3
        if count <= 16:
            return own > reachable + LEAST_GAP
        noise = 2 * np.sqrt(max(reachable * (1 - reachable), 0.25 / count) / count)
        return bool(own > 1.6 * reachable + max(0.03, noise) and self.t > 3)

    def _is_behind(self) -> bool:
        """Enough to ask whether a smaller rate would mend it."""
        enough = self.own > 1.3 * self.reachable + LEAST_GAP and self.t > 1.5
        return self.kind != "numbers" and len(self.rows) > 16 and enough

    def _balance(self, labels: Array, right: Array, found: Reference) -> None:
        self.rare = rare_classes(labels)
        self.rare_right = by_class(labels, right, self.rare)
        learnable = found.balanced > 1 / len(np.unique(labels)) + 0.1
        missed = self.rare_right < IGNORED * found.rare
        self.minority_missed = bool(len(self.rare) and not found.few and learnable and missed)

    def closed(self, errors: Array, before: Array | None = None) -> float:
        """The share of the gap that errors of the sample close; at least -1.

        Arguments:
            errors: with a change.
            before: without; those of the network where nothing is given.
        """
        own = self.own if before is None else min(self.own, mean(before[self.rows], self.w))
        own = min(own, self.constant) if self.constant > self.reachable else own
        gap = max(own - self.reachable, LEAST_GAP)
        return max((own - mean(errors[self.rows], self.w)) / gap, -1.0)
