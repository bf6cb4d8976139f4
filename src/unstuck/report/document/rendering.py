"""From contents to the page: one HTML file with everything in it."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

from unstuck import __version__
from unstuck.health.lines import visible
from unstuck.health.wording import sentence
from unstuck.report.document.attempts import Attempts
from unstuck.report.document.contents import Contents, Layers
from unstuck.report.document.drawn import Drawn
from unstuck.report.document.figures import figures
from unstuck.report.document.inline import inline
from unstuck.report.document.palette import variables
from unstuck.themes import styled

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATE, STYLE = "report.html", "report.css"
MOST_ROWS = 40
"""Rows of tables of a card that is unfolded."""


def rendered(contents: Contents) -> str:
    """The page.

    Arguments:
        contents: of the report.

    Example:
        >>> page = rendered(Contents("A <network>", (("solver", "adam"),)))
        >>> "A &lt;network&gt;" in page, "<network>" in page
        (True, False)
    """
    from markupsafe import Markup

    attempt = Attempts()
    drawn = {
        section: list(
            filter(None, (attempt(each.heading, partial(_shown, each)) for each in found))
        )
        for section, found in figures(contents, attempt).items()
    }
    said = {"verdict": contents.verdict, "diagnosis": contents.diagnosis, "repair": contents.repair}
    return (
        _environment()
        .get_template(TEMPLATE)
        .render(
            title=visible(contents.title),
            facts=[(name, visible(value)) for name, value in contents.facts],
            figures=drawn,
            cards={name: Markup(_card(thing)) for name, thing in said.items() if thing is not None},
            layers=_rows(contents.layers),
            missing=[sentence(visible(each)) for each in (*contents.missing, *attempt.missing)],
            style=Markup(_style()),
            version=__version__,
        )
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("unstuck.report.document", "templates")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip


def _style() -> str:
    text, _, _ = _environment().loader.get_source(_environment(), STYLE)  # type: ignore[union-attr]
    light, dark = variables(dark=False), variables(dark=True)
    figure = f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
    return figure + styled("unstuck-report", text)


def _shown(drawn: Drawn) -> dict[str, Any]:
    from markupsafe import Markup

    svg = inline(drawn.figure, drawn.name, f"{drawn.heading}. {drawn.reads}")
    return {**drawn._asdict(), "svg": Markup(svg)}


def _card(thing: Any) -> str:
    """What shows itself as HTML in notebooks, unfolded, since paper has nothing to click on; what
    does not, as its text."""
    shown = getattr(thing, "_repr_html_", None)
    if shown is None:
        from markupsafe import escape

        return f"<pre>{escape(visible_lines(str(thing)))}</pre>"
    page = shown().replace("<h4>", '<h4 aria-level="3">')  # below the heading of its section
    return page if page.count("<tr>") > MOST_ROWS else page.replace("<details>", "<details open>")


def visible_lines(text: str) -> str:
    """A text of several lines, in which nothing commands.

    Example:
        >>> print(visible_lines("a\\nb\\x1b"))
        a
        b\\x1b
    """
    return "\n".join(visible(line) for line in text.split("\n"))


def _rows(layers: Layers | None) -> list[tuple[str, ...]]:
    """The table of layers."""
    if layers is None:
        return []
    return [
        (visible(name), f"{units:,}", visible(unit))
        for name, units, unit in zip(layers.names, layers.units, layers.activations, strict=True)
    ]
