"""The order of judgement: what is found first explains what would be found later."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from unstuck.health.case import Case, quiet
from unstuck.health.diagnosis import Diagnosis
from unstuck.health.disease import STAGES, Disease
from unstuck.health.errors import HUGE
from unstuck.health.finding import Finding, Lookalike, Sign
from unstuck.health.proving import proved
from unstuck.health.resolving import resolved
from unstuck.health.spelling import number
from unstuck.health.subject import Facts, Subject
from unstuck.health.table import DISEASES
from unstuck.health.trust import confidence

T = TypeVar("T")
Failed = Callable[[str, Exception], None]


def judged(
    subject: Subject,
    say: Callable[[str], None] = quiet,
    failed: Failed | None = None,
    prove: bool = False,
    diseases: Mapping[str, Disease] = DISEASES,
) -> Diagnosis:
    """The diagnosis of a subject.

    Arguments:
        subject: what is asked.
        say: told what is measured now.
        failed: told the code of a disease that could not be looked for because of an error, which
            is then only said; without it the error is raised.
        prove: whether each finding's experiment is made, and its outcome told.
        diseases: what is looked for.
    """
    case, guard = Case(subject, say), Guard(failed)
    findings: list[Finding] = []
    looked: list[str] = []
    for stage in STAGES:
        # What belongs to a stage explains what only shows there: a rate, the overflow it leads to.
        for disease in sorted(diseases.values(), key=lambda each: each.stage != stage):
            signs = guard(disease.code, functools.partial(_signs, case, disease, stage, looked))
            findings += [_finding(disease, sign, subject.facts) for sign in signs or ()]
        if findings:
            break
    if prove:
        findings = [_proof(case, each, diseases, guard) for each in findings]
    told = guard("what is reachable", lambda: reached(case)) or ""
    noted = guard("notes", lambda: tuple(notes(case))) or ()
    return Diagnosis(
        tuple(findings), told, tuple(dict.fromkeys(looked)), tuple(guard.missing), noted
    )


class Guard:
    """Runs a part of a diagnosis; an error in it is told and the rest goes on.

    Attributes:
        missing: what could not be looked at, and why.
    """

    def __init__(self, failed: Failed | None):
        self.failed = failed
        self.missing: list[str] = []

    def __call__(self, what: str, part: Callable[[], T]) -> T | None:
        """What a part gives; ``None`` after an error."""
        try:
            return part()
        except Exception as error:
            if self.failed is None:
                raise
            self.failed(what, error)
            self.missing.append(f"{what} ({type(error).__name__}: {error})")
            return None


def _proof(case: Case, finding: Finding, diseases: Mapping[str, Disease], guard: Guard) -> Finding:
    """A finding with its proof; as it was after an error."""
    part = functools.partial(proved, case, finding, diseases)
    return guard(f"the proof of {finding.code}", part) or finding


def _signs(case: Case, disease: Disease, stage: str, looked: list[str]) -> list[Sign]:
    """The signs of a disease at a stage; nothing where it is not looked for."""
    signs = disease.at(stage)
    if signs is None or not case.has(disease.needs):
        return []
    looked.append(disease.code)
    return list(signs(case))


def _finding(disease: Disease, sign: Sign, facts: Facts) -> Finding:
    lookalikes = tuple(
        Lookalike(each.name, sign.ruled_out.get(each.name, each.told_apart))
        for each in disease.lookalikes
    )
    usual = disease.remedies
    order = sign.remedies or sorted(usual, key=lambda each: each is not usual[sign.first])
    told = [resolved(each, sign.parameters, facts) for each in order]
    remedies = [each for each in told if each is not None]
    return Finding(
        disease.code,
        sign.statement,
        sign.layer,
        sign.evidence,
        lookalikes,
        tuple(remedies),
        confidence(disease.code),
        disease.reference,
    )


def reached(case: Case) -> str:
    """How good the network is beside what is reachable, in a sentence."""
    gate = case.gate if case.trained else None
    if gate is None or case.reference is None:
        return ""
    how = "on rows it has seen" if case.reference.few else "by cross-validation"
    own = number(gate.own) if gate.own < HUGE / 10 else "beyond all bounds"
    unit = "squared error in units of the variance" if case.facts.kind == "numbers" else "error"
    return (
        f"Its {unit} on its own rows is {own}; {case.reference.name} reaches "
        f"{number(gate.reachable)} {how}, a constant {number(gate.constant)}."
    )


def notes(case: Case) -> Iterator[str]:
    """What is worth knowing and is no disease."""
    if case.sample is not None:
        constant = case.sample.constant
        if constant.any() and not constant.all():
            yield (
                f"{int(constant.sum())} of {len(constant)} input columns are constant in the "
                f"{len(case.sample.raw):,} rows that were looked at."
            )
