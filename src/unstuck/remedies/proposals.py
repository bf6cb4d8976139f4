"""What a diagnosis proposes to try, and what it can only say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from unstuck.health.diagnosis import Diagnosis
from unstuck.health.finding import Finding
from unstuck.remedies.treatment import Treatment


def proposed(diagnosis: Diagnosis) -> list[Treatment]:
    """Treatments that may cure what was found, the likeliest first.

    The remedies of every finding; and where there are several findings, the first remedies of all
    of them together.
    """
    each = [list(_treatments(finding)) for finding in diagnosis.findings]
    firsts = [treatments[0] for treatments in each if treatments]
    together = [_all(firsts)] if len(firsts) > 1 else []
    return distinct([*together, *(one for treatments in each for one in treatments)])


def said(diagnosis: Diagnosis) -> tuple[str, ...]:
    """What no parameter can mend: faults of the data and of functions of one's own."""
    return tuple(
        " ".join([finding.statement, *(remedy.do for remedy in finding.remedies[:1])])
        for finding in diagnosis.findings
        if not any(True for _ in _treatments(finding))
    )


def distinct(treatments: Iterable[Treatment]) -> list[Treatment]:
    """The first of those that change the same."""
    found: dict[str, Treatment] = {}
    for each in treatments:
        found.setdefault(repr(sorted(each.parameters.items())), each)
    return list(found.values())


def _treatments(finding: Finding) -> Iterator[Treatment]:
    for remedy in finding.remedies:
        if remedy.parameters:
            do = remedy.do.removeprefix("Or ").rstrip(".")
            yield Treatment(do[:1].upper() + do[1:], remedy.parameters)


def _all(treatments: list[Treatment]) -> Treatment:
    """All of them together, as far as they agree."""
    found = treatments[0]
    for each in treatments[1:]:
        if found.agrees(each) and each.parameters.items() - found.parameters.items():
            found = found + each
    return found
