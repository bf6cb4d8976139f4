"""What a diagnosis proposes to try, and what it can only say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from unstuck.health.diagnosis import Diagnosis
from unstuck.health.finding import Finding
from unstuck.health.spelling import number
from unstuck.remedies.treatment import Treatment

GRADED = ("learning_rate_init", "alpha")
"""Parameters whose right size is known to a factor only: a remedy that changes one is also tried a
step further in the same direction, and two."""
STEP = 10.0
RATE = GRADED[0]


def proposed(diagnosis: Diagnosis, settings: Mapping[str, Any]) -> list[Treatment]:
    """Treatments that may cure what was found, the likeliest first.

    The first remedies of all findings together, where there are several; every remedy of each;
    these with more of what they change; and the very first with longer steps, since what was mended
    may bear them.

    Arguments:
        diagnosis: what was found.
        settings: parameters of the network as it is.
    """
    each = [list(_treatments(finding)) for finding in diagnosis.findings]
    firsts = [treatments[0] for treatments in each if treatments]
    single = [one for treatments in each for one in treatments]
    together = [_all(firsts)] if len(firsts) > 1 else []
    graded = [more for one in single for more in _further(one, settings)]
    return distinct([*together, *single, *graded, *_longer_steps(firsts[:1], settings)])


def said(diagnosis: Diagnosis) -> tuple[str, ...]:
    """What no parameter can mend: faults of the data and of functions of one's own."""
    return tuple(
        " ".join([finding.statement, *(remedy.do for remedy in finding.remedies[:1])])
        for finding in diagnosis.findings
        if not any(True for _ in _treatments(finding))
    )


def distinct(treatments: Iterable[Treatment]) -> list[Treatment]:
    """The first of those that change the same."""
    found: list[Treatment] = []
    for each in treatments:
        if not any(map(each.alike, found)):
            found.append(each)
    return found


def _treatments(finding: Finding) -> Iterator[Treatment]:
    for remedy in finding.remedies:
        if remedy.parameters:
            do = remedy.do.removeprefix("Or ").rstrip(".")
            yield Treatment(do[:1].upper() + do[1:], remedy.parameters)


def _all(treatments: list[Treatment]) -> Treatment:
    """All of them together, as far as they agree."""
    found = treatments[0]
    for each in treatments[1:]:
        if found.agrees(each) and not found.covers(each):
            found = found + each
    return found


def _further(treatment: Treatment, settings: Mapping[str, Any]) -> Iterator[Treatment]:
    """The same with a graded parameter a step further, and two."""
    for name in set(GRADED) & treatment.parameters.keys():
        value = treatment.parameters[name]
        step = STEP if value > settings[name] else 1 / STEP
        yield from (_with(treatment, name, value * step**power) for power in (1, 2))


def _longer_steps(treatments: list[Treatment], settings: Mapping[str, Any]) -> Iterator[Treatment]:
    for each in treatments:
        if RATE in settings and RATE not in each.parameters:
            yield _with(each, RATE, settings[RATE] * STEP)


def _with(treatment: Treatment, name: str, value: float) -> Treatment:
    value = float(f"{value:.3g}")
    return Treatment(
        f"{treatment.name}, with {name} {number(value)}", {**treatment.parameters, name: value}
    )
