"""What a fit leaves, as one readable thing: a text for ``print`` and the prompt, a card in a
notebook."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

from unstuck.aligned import aligned
from unstuck.themes import styled

MOST_ROWS = 40
"""Rows of a table; of more, the first and the last."""

_RULES = """
& {display:inline-block;max-width:100%;box-sizing:border-box;margin:.5rem 0;padding:.6rem .9rem;
 border:1px solid var(--line);border-radius:6px;background:var(--paper);color:var(--ink);
 font:13px/1.45 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-x:auto}
& .title {margin:0 0 .3rem;color:var(--quiet);font-size:12px}
& .said {margin:0 0 .35rem;max-width:46rem;color:inherit}
& table {border-collapse:collapse;border:0;margin:0;font-size:13px;color:inherit;background:none}
& tr {background:none;border:0}
& th,& td {padding:.2rem 1rem .2rem 0;border:0;border-top:1px solid var(--line);text-align:left;
 vertical-align:top;font-weight:400;color:inherit;background:none;max-width:32rem;
 overflow-wrap:break-word}
& thead th {border-top:0;color:var(--quiet);font-size:12px}
& .number {text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
& th:last-child,& td:last-child {padding-right:0}
"""

STYLE = styled("unstuck-card", _RULES)
"""A style sheet that touches nothing but cards."""


class Facts(NamedTuple):
    """What there is to tell of a thing.

    Attributes:
        title: what kind of thing it is, for a card; a text begins with what is said.
        said: sentences, one a line.
        rows: of a table; the first holds the headings.
        words: so many of its columns hold words, the others numbers. Blank headings are not shown.
    """

    title: str
    said: tuple[str, ...] = ()
    rows: Sequence[Sequence[str]] = ()
    words: int = 1


def text(thing: Any) -> str:
    """A thing that has ``_told()``, its ``Facts``, as lines of text."""
    facts: Facts = thing._told()
    rows = [list(row) for row in _shortened(facts.rows)]
    cut = _NARROWEST if rows and _NARROWEST.keys() & set(rows[0]) else None
    table = aligned(rows, words=facts.words, narrowest=cut) if rows else []
    return "\n".join([*facts.said, *(line for line in table if line)])


def html(thing: Any) -> str:
    """The same as a card: nothing to load, nothing that runs."""
    facts: Facts = thing._told()
    parts = [f'<p class="title">{escape(facts.title)}</p>']
    parts += [f'<p class="said">{escape(sentence)}</p>' for sentence in facts.said]
    if facts.rows:
        head, *body = _shortened(facts.rows)
        lines = "\n".join(_row(row, "td", facts.words) for row in body)
        over = f"<thead>{_row(head, 'th', facts.words)}</thead>" if any(head) else ""
        parts.append(f"<table>{over}<tbody>{lines}</tbody></table>")
    inner = "\n".join(parts)
    return f'<div class="unstuck-card"><style>{STYLE}</style>\n{inner}\n</div>'


class Readable:
    """A thing that is told by its ``Facts``."""

    def _told(self) -> Facts:
        raise NotImplementedError

    __str__ = __repr__ = text
    _repr_html_ = html


_NARROWEST = {"tried": 24, "name": 12, "what it is": 20, "when": 20, "meaning": 20}
"""How far columns of words are cut where a table is wider than a terminal."""


def _row(cells: Sequence[str], tag: str, words: int) -> str:
    marks = ["" if i < words else ' class="number"' for i in range(len(cells))]
    return f"<tr>{''.join(map(f'<{tag}{{}}>{{}}</{tag}>'.format, marks, map(escape, cells)))}</tr>"


def _shortened(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """The rows, or the first and the last of many."""
    if len(rows) <= MOST_ROWS + 1:
        return list(rows)
    half = MOST_ROWS // 2
    left_out = [f"... {len(rows) - 1 - 2 * half:,} more", *("" for _ in rows[0][1:])]
    return [*rows[: half + 1], left_out, *rows[-half:]]
