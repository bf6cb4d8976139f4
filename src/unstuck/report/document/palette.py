"""The colors of a report's figures: one drawing serves light and dark, since a page decides.

Figures are drawn in the colors of ``drawing.colors``; in the page each of them is a variable.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from unstuck.drawing.colors import BAND, BLUE, GREEN, GRID, INK, ORANGE, PURPLE, QUIET, RED


class Paint(NamedTuple):
    """A color that a page decides on.

    Attributes:
        drawn: as it is drawn, and looks on light pages.
        name: of the variable.
        dark: as it looks on dark pages.
    """

    drawn: str
    name: str
    dark: str


PAINTS = (
    Paint(INK, "figure-ink", "#e4e8ed"),
    Paint(QUIET, "figure-quiet", "#a0a9b5"),
    Paint(GRID, "figure-grid", "#2b323b"),
    Paint(BAND, "figure-band", "#4a535f"),
    Paint("#ffffff", "figure-paper", "#171b21"),
    Paint(BLUE, "figure-blue", "#62aef0"),
    Paint(ORANGE, "figure-orange", "#f59a4f"),
    Paint(GREEN, "figure-green", "#4fc79a"),
    Paint(PURPLE, "figure-purple", "#cf9bdd"),
    Paint(RED, "figure-red", "#ff8f84"),
)
"""Every color that a figure may have; shades of one are drawn by its opacity."""

SEQUENCE = (BLUE, GREEN, PURPLE, ORANGE, RED, INK)
"""Of lines that have no order."""

_DRAWN = {paint.drawn: f"var(--{paint.name})" for paint in PAINTS}
_HEX = re.compile(r"#[0-9a-fA-F]{6}\b")


def painted(style: str) -> str:
    """A style with its colors as variables; one that is no paint stays as it is.

    Example:
        >>> painted("fill: #0b63a5; stroke: #123456")
        'fill: var(--figure-blue); stroke: #123456'
    """
    return _HEX.sub(lambda found: _DRAWN.get(found[0].lower(), found[0]), style)


def variables(dark: bool) -> str:
    """The variables of light or dark pages, for a style sheet."""
    return ";".join(f"--{paint.name}:{paint.dark if dark else paint.drawn}" for paint in PAINTS)
