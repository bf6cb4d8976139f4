"""A diagnosis as text: the verdict, what to do first, and then the evidence for who wants it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from unstuck.health.lines import entries, length, table, visible, wrapped
from unstuck.health.page import HEADINGS
from unstuck.health.page import html as html
from unstuck.health.spelling import arguments, code, flags
from unstuck.health.wording import (
    advice,
    listed,
    measured,
    place_of_all,
    proven,
    sentence,
    stated,
    trusted,
)
from unstuck.health.wording import verdict as verdict

if TYPE_CHECKING:
    from unstuck.health.finding import Evidence, Finding, Remedy
    from unstuck.health.told import Told

WIDTH = 80
IN = "  "


def text(diagnosis: Told, width: int = WIDTH, typed: bool = False) -> str:
    """For a terminal.

    Arguments:
        diagnosis: what to tell.
        width: of a line.
        typed: whether parameters are told as flags of ``unstuck train`` in place of code.
    """
    blocks = [_opening(diagnosis, width)]
    if diagnosis.findings:
        finding = diagnosis.findings[0]
        blocks += [
            first(finding, width, typed),
            _evidence(finding, width),
            _lookalikes(finding, width),
            _others(finding, width, typed),
            _further(diagnosis, width, typed),
        ]
    blocks += [_notes(diagnosis, width), _missing(diagnosis, width)]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _opening(diagnosis: Told, width: int) -> list[str]:
    lines = wrapped(verdict(diagnosis), width)
    if diagnosis.reached:
        lines += ["", *wrapped(sentence(diagnosis.reached), width)]
    if not diagnosis.findings and diagnosis.looked:
        lines += ["", *wrapped(f"Looked for: {listed(diagnosis.looked)}", width)]
    return lines


def first(finding: Finding, width: int = WIDTH, typed: bool = False) -> list[str]:
    """The one thing to do first, as lines; nothing where nothing is known."""
    if not finding.remedies:
        return []
    remedy = finding.remedies[0]
    said = wrapped(" ".join(advice(remedy)).strip(), width, IN)
    return ["Do this first", *said, *_done_by(remedy.parameters, width, typed)]


def _done_by(parameters: Mapping[str, Any], width: int, typed: bool) -> list[str]:
    """The code or the flags that do it, a step further in."""
    flagged = flags(parameters) if typed else []
    if flagged:
        return [2 * IN + line for line in _fitted(flagged, width - 2 * len(IN))]
    return [2 * IN + visible(line) for line in code(parameters)] if parameters else []


def _fitted(flagged: list[str], width: int) -> list[str]:
    """Flags side by side as far as they fit; none is torn from its value."""
    lines = [flagged[0]]
    for flag in map(visible, flagged[1:]):
        if len(lines[-1]) + 1 + len(flag) <= width:
            lines[-1] += " " + flag
        else:
            lines.append(flag)
    return lines


def _evidence(finding: Finding, width: int) -> list[str]:
    lines = [f"Evidence for {visible(finding.code)}"]
    if finding.evidence:
        lines += [IN + line for line in _table(finding.evidence, width - len(IN))]
    for said in filter(None, (proven(finding), trusted(finding))):
        lines += wrapped(said, width, IN)
    if finding.reference:
        lines += wrapped(f"Source: {sentence(finding.reference)}", width, IN)
    return lines


def _table(evidence: tuple[Evidence, ...], width: int) -> list[str]:
    """Aligned; where that gets too narrow, one under the other. What is the same in every row is
    said once, and long places are numbered."""
    cells = [(each.what, *measured(each), each.where) for each in evidence]
    common = place_of_all(evidence)
    below = wrapped(f"Measured: {sentence(common)}", width) if common else []
    shown = [0, 1]
    shown += [2] * any(each[2] for each in cells)
    shown += [3] * (not common and any(each[3] for each in cells))
    lines = _columns([HEADINGS, *cells], shown, width)
    if lines is None:
        lines = []
        for what, value, compared, where in cells:
            compared = f"{HEADINGS[2]} {compared}" if compared else ""
            parts = [value, compared, "" if common else where]
            lines += wrapped(f"{what}:", width)
            lines += wrapped(", ".join(filter(None, parts)), width, IN)
    return [*lines, *below]


def _columns(
    rows: list[tuple[str, str, str, str]], shown: list[int], width: int
) -> list[str] | None:
    """The columns that are shown, as lines; ``None`` where they do not fit."""
    places = list(dict.fromkeys(row[3] for row in rows[1:] if row[3]))
    natural = sum(max(length(row[i]) for row in rows) + 2 for i in shown) - 2
    if 3 not in shown or natural <= width:
        return table([[row[i] for i in shown] for row in rows], width, [0])
    marks = {place: f"({number})" for number, place in enumerate(places, start=1)}
    marked = [[*(row[i] for i in shown[:-1]), marks.get(row[3], "")] for row in rows[1:]]
    lines = table([[rows[0][i] for i in shown], *marked], width, [0])
    notes = [wrapped(f"{sentence(place)}", width, f"{marks[place]} ") for place in places]
    return None if lines is None else [*lines, *(line for note in notes for line in note)]


def _lookalikes(finding: Finding, width: int) -> list[str]:
    if not finding.lookalikes:
        return []
    pairs = [(each.name, sentence(each.told_apart)) for each in finding.lookalikes]
    return ["What else it could be, and why it is not", *entries(pairs, width, IN)]


def _others(finding: Finding, width: int, typed: bool) -> list[str]:
    if len(finding.remedies) < 2:
        return []
    lines = ["If that is not enough"]
    for number, remedy in enumerate(finding.remedies[1:], start=2):
        lines += wrapped(_briefly(remedy, typed), width, f"{IN}{number}. ")
    return lines


def _briefly(remedy: Remedy, typed: bool) -> str:
    """What to do, with the parameters in brackets, and the reason."""
    do, why = advice(remedy)
    if remedy.parameters:
        flagged = " ".join(flags(remedy.parameters)) if typed else ""
        do = f"{do[:-1]} ({flagged or ', '.join(arguments(remedy.parameters))}){do[-1]}"
    return f"{do} {why}".strip()


def _further(diagnosis: Told, width: int, typed: bool) -> list[str]:
    if len(diagnosis.findings) < 2:
        return []
    lines = ["Also found"]
    for number, finding in enumerate(diagnosis.findings[1:], start=2):
        before = f"{IN}{number}. "
        under = " " * len(before)
        lines += wrapped(f"{stated(finding)} ({finding.code})", width, before)
        for each in finding.evidence[:1]:
            value, compared = measured(each)
            seen = f"{each.what}: {value}{f', {HEADINGS[2]} {compared}' * bool(compared)}"
            lines += wrapped(sentence(seen), width, under)
        if finding.proof is not None:
            lines += wrapped(proven(finding), width, under)
        if finding.remedies:
            lines += wrapped(f"To do: {_briefly(finding.remedies[0], typed)}", width, under)
    return lines


def _notes(diagnosis: Told, width: int) -> list[str]:
    if not diagnosis.notes:
        return []
    lines = [line for note in diagnosis.notes for line in wrapped(sentence(note), width, "  - ")]
    return ["Worth knowing", *lines]


def _missing(diagnosis: Told, width: int) -> list[str]:
    if not diagnosis.missing:
        return []
    return wrapped(f"Not looked for: {listed(diagnosis.missing)}", width)
