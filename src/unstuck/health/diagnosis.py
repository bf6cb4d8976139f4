"""A diagnosis: findings, the gravest first, and what was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from unstuck.health import telling
from unstuck.health.finding import Finding


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """What is wrong with a network, or that nothing is. Prints as a text; shows as HTML.

    Attributes:
        findings: in the order of judgement: none follows from one that was found before it.
        reached: how good the network is beside what is known to be reachable, in a sentence.
        looked: what was looked at, in words.
        missing: what could not be looked at, and why.
        notes: what is worth knowing and is no disease.
    """

    findings: tuple[Finding, ...]
    reached: str = ""
    looked: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def verdict(self) -> str:
        """What is wrong, in a sentence."""
        return telling.verdict(self)

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data, for JSON."""
        return {
            "verdict": self.verdict,
            "healthy": self.healthy,
            "reached": self.reached,
            "findings": [finding.to_dict() for finding in self.findings],
            "looked": list(self.looked),
            "missing": list(self.missing),
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        return telling.text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return telling.html(self)
