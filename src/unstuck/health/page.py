"""A diagnosis as HTML, for notebooks: nothing to load, nothing that runs."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from unstuck.health.lines import visible
from unstuck.health.spelling import arguments, code
from unstuck.health.style import STYLE
from unstuck.health.wording import (
    UNSEEN,
    advice,
    is_sick,
    listed,
    measured,
    place_of_all,
    proven,
    sentence,
    stated,
    trusted,
    verdict,
)

if TYPE_CHECKING:
    from unstuck.health.finding import Evidence, Finding, Lookalike, Remedy
    from unstuck.health.told import Told

HEADINGS = ("what", "value", "evidence if", "where")
LIMIT = f'<span class="narrow">{HEADINGS[2]} </span>'
"""Where rows are told without their headings."""


def html(diagnosis: Told) -> str:
    """For a notebook."""
    parts = [_opening(diagnosis)]
    if diagnosis.findings:
        finding = diagnosis.findings[0]
        parts += [
            _first(finding),
            _proof(finding),
            _folded("Evidence", _evidence(finding)),
            _folded("What else it could be, and why it is not", _lookalikes(finding.lookalikes)),
            _folded("If that is not enough", _others(finding.remedies[1:])),
            _further(diagnosis.findings[1:]),
        ]
    parts += [
        _section("Worth knowing", "ul", (_text(sentence(each)) for each in diagnosis.notes)),
        _quiet("Looked for", diagnosis.looked if not diagnosis.findings else ()),
        _quiet("Not looked for", diagnosis.missing),
    ]
    state, _ = _state(diagnosis)
    body = "\n".join(filter(None, parts))
    return f'<div class="unstuck-diagnosis {state}"><style>{STYLE}</style>\n{body}\n</div>'


def _state(diagnosis: Told) -> tuple[str, str]:
    """Its class, and the sign that says the same without color."""
    if diagnosis.findings:
        return "sick", "!"
    return ("unseen", "?") if verdict(diagnosis) == UNSEEN else ("well", "✓")


def _text(text: str) -> str:
    """Text as HTML shows it, whatever it holds; a number stays with its sign for per cent."""
    return escape(visible(text)).replace(" %", "&nbsp;%")


def _tag(tag: str, inner: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f"<{tag}{named}>{inner}</{tag}>"


def _opening(diagnosis: Told) -> str:
    sign = f'<span class="sign" aria-hidden="true">{_state(diagnosis)[1]}</span>'
    label = f"{sign}Diagnosis"
    if diagnosis.findings:
        label += f" {_tag('code', _text(diagnosis.findings[0].code))}"
    lines = [_tag("p", label, "label"), _tag("p", _text(verdict(diagnosis)), "verdict")]
    if diagnosis.reached:
        lines.append(_tag("p", _text(sentence(diagnosis.reached)), "reached"))
    return _tag("header", "\n".join(lines))


def _first(finding: Finding) -> str:
    if not finding.remedies:
        return ""
    remedy = finding.remedies[0]
    do, why = advice(remedy)
    said = _tag("p", f"{_tag('strong', _text(do))} {_text(why)}".strip())
    done = _tag("pre", _tag("code", "\n".join(map(_text, code(remedy.parameters)))))
    return _tag(
        "section", _tag("h4", "Do this first") + said + done * bool(remedy.parameters), "do"
    )


def _proof(finding: Finding) -> str:
    """The outcome of its experiment, in full view."""
    return _tag("p", _text(proven(finding)), "proof") if finding.proof is not None else ""


def _evidence(finding: Finding) -> str:
    parts = [*_table(finding.evidence), _tag("p", _text(trusted(finding)), "quiet")]
    if finding.reference:
        parts.append(_tag("p", f"Source: {_text(sentence(finding.reference))}", "quiet"))
    return "\n".join(filter(None, parts))


def _table(evidence: tuple[Evidence, ...]) -> list[str]:
    """The numbers; where they were measured is said once if it is the same of all."""
    if not evidence:
        return []
    common = place_of_all(evidence)
    placed = not common and any(each.where for each in evidence)
    shown = HEADINGS if placed else HEADINGS[:-1]
    head = _tag("tr", "".join(f'<th scope="col">{each}</th>' for each in shown))
    body = "\n".join(_row(each, placed) for each in evidence)
    table = _tag("table", f"{_tag('thead', head)}{_tag('tbody', body)}")
    said = _tag("p", f"Measured: {_text(sentence(common))}", "quiet")
    return [table, said] if common else [table]


def _row(evidence: Evidence, with_place: bool) -> str:
    value, compared = measured(evidence)
    cells = [
        f'<th scope="row">{_text(evidence.what)}</th>',
        _tag("td", _text(value), "number sick" if is_sick(evidence) else "number"),
        _tag("td", f"{LIMIT}{_text(compared)}" if compared else "", "limit"),
        *([_tag("td", _text(evidence.where), "where")] * with_place),
    ]
    return _tag("tr", "".join(cells))


def _lookalikes(lookalikes: tuple[Lookalike, ...]) -> str:
    pairs = "\n".join(
        _tag("dt", _text(each.name)) + _tag("dd", _text(sentence(each.told_apart)))
        for each in lookalikes
    )
    return _tag("dl", pairs) if pairs else ""


def _others(remedies: tuple[Remedy, ...]) -> str:
    items = "\n".join(_tag("li", _remedy(each)) for each in remedies)
    return f'<ol start="2">{items}</ol>' if items else ""


def _remedy(remedy: Remedy) -> str:
    """What to do, the reason, and the parameters, in a few words."""
    said = _text(" ".join(advice(remedy)).strip())
    call = _text(", ".join(arguments(remedy.parameters)))
    return f"{said} {_tag('code', call)}" if remedy.parameters else said


def _further(findings: tuple[Finding, ...]) -> str:
    items = []
    for finding in findings:
        parts = [f"{_tag('strong', _text(stated(finding)))} {_tag('code', _text(finding.code))}"]
        if finding.proof is not None:
            parts.append(_proof(finding))
        if finding.remedies:
            parts.append(_tag("p", f"To do: {_remedy(finding.remedies[0])}"))
        if finding.evidence:
            parts.append(_folded("Evidence", _evidence(finding)))
        items.append("\n".join(parts))
    return _section("Also found", "ol", items, ' start="2"')


def _section(heading: str, kind: str, items: Iterable[str], more: str = "") -> str:
    """A heading and a list; nothing where the list is empty."""
    listing = "\n".join(_tag("li", each) for each in items)
    return _tag("section", f"<h4>{heading}</h4><{kind}{more}>{listing}</{kind}>") if listing else ""


def _folded(heading: str, inner: str) -> str:
    return _tag("details", f"{_tag('summary', heading)}\n{inner}") if inner else ""


def _quiet(heading: str, parts: tuple[str, ...]) -> str:
    return _tag("p", f"{heading}: {_text(listed(parts))}", "quiet") if parts else ""
