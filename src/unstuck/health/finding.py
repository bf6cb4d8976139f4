"""Findings: what is wrong, where, on what evidence, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from unstuck.health.spelling import number
from unstuck.readable import Facts, Readable


class Evidence(NamedTuple):
    """One number that a finding rests on.

    Attributes:
        what: was measured, in words.
        value: the number.
        threshold: what it was compared with; ``None`` where it only illustrates.
        sick: ``"above"`` or ``"below"`` the threshold.
        where: on which rows, and when.
    """

    what: str
    value: float
    threshold: float | None = None
    sick: str = "above"
    where: str = ""


class Lookalike(NamedTuple):
    """What else could look like a finding.

    Attributes:
        name: its code, or words where it is no finding.
        told_apart: how it is ruled out.
    """

    name: str
    told_apart: str


class Remedy(NamedTuple):
    """What to do.

    Attributes:
        do: in words.
        why: the reason.
        parameters: constructor parameters of the estimators that do it; none where the data have
            to be changed. ``None`` stands for a value that depends on the case.
    """

    do: str
    why: str
    parameters: Mapping[str, Any] = {}


class Sign(NamedTuple):
    """What a disease was recognized by.

    Attributes:
        statement: one sentence.
        evidence: the numbers.
        layer: where; ``None`` where it has no place.
        ruled_out: how lookalikes were ruled out here, by name; in place of the general words.
        parameters: values of constructor parameters that would do here, in place of those of the
            remedies.
        first: which of the disease's remedies comes first here.
        remedies: in place of the disease's, where those do not help here.
    """

    statement: str
    evidence: tuple[Evidence, ...] = ()
    layer: str | None = None
    ruled_out: Mapping[str, str] = {}
    parameters: Mapping[str, Any] = {}
    first: int = 0
    remedies: tuple[Remedy, ...] = ()


class Proof(NamedTuple):
    """How the experiment went that tells a finding from its lookalikes.

    Attributes:
        outcome: ``"proved"``: its remedy cures and what lookalikes would need does not;
            ``"not told apart"``: one of these does as well; ``"not proved"``: its remedy does not
            cure; ``"not provable"``: there is no such experiment.
        reason: in a sentence.
        alike: codes of the lookalikes that it is not told apart from.
    """

    outcome: str
    reason: str
    alike: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Finding(Readable):
    """Something that is wrong with a network, its training or its data.

    Attributes:
        code: its name, a key of ``DISEASES``.
        layer: where it sits; ``None`` where it has no place.
        statement: what is wrong, in one sentence.
        evidence: numbers with their thresholds, and where they were measured.
        lookalikes: what else could look like this, and how it was ruled out.
        remedies: what to do, in order.
        confidence: the share of such findings that can be expected to be right, from 0 to 1, as
            counted on the benchmark; ``None`` of one that is in no benchmark.
        reference: the source.
        proof: the outcome of its experiment; ``None`` where none was asked for.
    """

    code: str
    statement: str
    layer: str | None = None
    evidence: tuple[Evidence, ...] = ()
    lookalikes: tuple[Lookalike, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    confidence: float | None = None
    reference: str = field(default="", repr=False)
    proof: Proof | None = None

    def __repr__(self) -> str:
        return f"<{self.code}: {self.statement}>"

    def _told(self) -> Facts:
        first = [f"Do this first: {each.do} {each.why}".strip() for each in self.remedies[:1]]
        if self.proof is not None:
            first.append(f"{self.proof.outcome.capitalize()}. {self.proof.reason}")
        rows = [("evidence", "value", "evidence if", "where")] * bool(self.evidence)
        for each in self.evidence:
            limit = "" if each.threshold is None else f"{each.sick} {number(each.threshold)}"
            rows.append((each.what, number(each.value), limit, each.where))
        return Facts(f"Finding {self.code}", (self.statement, *first), rows, words=4)

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "code": self.code,
            "layer": self.layer,
            "statement": self.statement,
            "evidence": [each._asdict() for each in self.evidence],
            "lookalikes": [each._asdict() for each in self.lookalikes],
            "remedies": [
                {**each._asdict(), "parameters": dict(each.parameters)} for each in self.remedies
            ],
            "confidence": self.confidence,
            "reference": self.reference,
            "proof": None if self.proof is None else self.proof._asdict(),
        }
