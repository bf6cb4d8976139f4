"""A verdict as HTML, for notebooks: nothing to load, nothing that runs."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from unstuck.health.lines import visible
from unstuck.health.style import STYLE
from unstuck.verdict import telling, wording
from unstuck.verdict.comparison import BETTER, WORSE

TAKEN = "taken for"
"""The heading of a column of words."""
LONGEST = 1_000_000
"""Characters of a line that is not broken here."""

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unstuck.verdict.scores import ClassScores
    from unstuck.verdict.told import Told


def html(verdict: Told) -> str:
    """For a notebook."""
    kind, sign = _state(verdict)
    label = f'<span class="sign" aria-hidden="true">{sign}</span>Verdict'
    gap = wording.gap(verdict)
    parts = [
        f'<p class="label">{label}</p>',
        f'<p class="verdict">{_text(wording.headline(verdict))}</p>',
        f'<p class="reached">{_text(gap)}</p>' if gap else "",
        _next(verdict),
        _scores(verdict),
        _classes(verdict.classes),
        *(
            f'<p class="quiet">{_text(line)}</p>'
            for line in telling.columns(verdict, width=LONGEST)
        ),
        *(f'<p class="quiet">{_text(each)}</p>' for each in verdict.notes),
    ]
    if verdict.diagnosis is not None:
        said = _text(f"{wording.diagnosed(verdict)}: {verdict.diagnosis.verdict}")
        parts.append(f'<p class="quiet">{said}</p>')
    body = "\n".join(filter(None, parts))
    return f'<div class="unstuck-diagnosis {kind}"><style>{STYLE}</style>\n{body}\n</div>'


def _state(verdict: Told) -> tuple[str, str]:
    """Its class, and the sign that says the same without color."""
    results = {each.result for each in verdict.comparisons}
    if WORSE in results or verdict.leaks:
        return "sick", "!"
    well = verdict.comparisons[0].result == BETTER and not verdict.seen
    return ("well", "✓") if well else ("unseen", "=")


def _text(text: str) -> str:
    return escape(visible(text)).replace(" %", "&nbsp;%").replace(" ± ", "&nbsp;±&nbsp;")


def _next(verdict: Told) -> str:
    found = verdict.next_step
    lines = telling.done_by(found)
    code = f"<pre><code>{'&#10;'.join(map(_text, lines))}</code></pre>" if lines else ""
    return f'<section class="do"><h4>Next</h4><p>{_text(wording.step(found))}</p>{code}</section>'


def _scores(verdict: Told) -> str:
    head, *rows = telling.score_cells(verdict)
    return _table(head, rows)


def _classes(classes: Sequence[ClassScores]) -> str:
    if not classes:
        return ""
    rows = []
    for each in classes:
        taken = ", ".join(f"{name} ({count})" for name, count in each.taken_for)
        shares = ["" if s is None else f"{s:.3f}" for s in (each.precision, each.recall)]
        rows.append([each.name, str(each.rows), *shares, taken])
    table = _table(["class", "rows", "precision", "recall", TAKEN], rows)
    return f"<details><summary>Class by class</summary>\n{table}\n</details>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    first = "".join(f'<th scope="col">{_text(each)}</th>' for each in head)
    body = "\n".join(
        f'<tr><th scope="row">{_text(row[0])}</th>'
        + "".join(map(_cell, head[1:], row[1:]))
        + "</tr>"
        for row in rows
    )
    kind = ' class="scores"'
    return f"<table{kind}><thead><tr>{first}</tr></thead><tbody>{body}</tbody></table>"


def _cell(name: str, value: str) -> str:
    """A cell that knows the heading of its column, for where there is no room for headings."""
    kind = "words" if name == TAKEN else "number"
    return f'<td class="{kind}" data-of="{_text(name)}">{_text(value)}</td>'
