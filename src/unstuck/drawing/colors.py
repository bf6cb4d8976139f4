"""Every color of graphs and figures, and how the boxes of a graph look."""

from __future__ import annotations

from typing import NamedTuple

INK, QUIET, GRID = "#22272e", "#6b7480", "#e4e7eb"
"""Of letters and frames, of what explains, of lines behind curves."""
BLUE, ORANGE, GREEN, PURPLE, RED = "#0b63a5", "#d55e00", "#00805c", "#8e4a9e", "#a8322a"
"""Dark enough for letters, and told apart by their lightness too."""
DERIVATIVE = PURPLE
FLAT_SHADE, LINEAR_SHADE = "#f7dcd3", "#d5ecdf"
"""Behind the parts of an activation function."""
BAND = "#c9cfd6"
"""The interval around a curve."""


class BoxLook(NamedTuple):
    """How the box of a role looks: also without color, by its corners and its border.

    Attributes:
        fill, edge: colors.
        corner: radius in points.
        width: of the border in points.
        double, dashed: the border.
    """

    fill: str
    edge: str
    corner: float
    width: float
    double: bool = False
    dashed: bool = False


BOXES = {
    "input": BoxLook("white", INK, 9.0, 0.8),
    "parameter": BoxLook("#f9dcd8", RED, 0.0, 1.6),
    "constant": BoxLook("white", QUIET, 0.0, 0.8, dashed=True),
    "intermediate": BoxLook("#dfecf8", BLUE, 4.0, 0.8),
    "folded": BoxLook("#dfecf8", BLUE, 4.0, 0.8),
    "output": BoxLook("white", INK, 9.0, 0.8, double=True),
}
"""Of a graph's nodes: white inputs and outputs, red parameters, blue operations."""

LAYER = BoxLook("#f5f6f8", QUIET, 6.0, 0.6)
"""Around the nodes of a layer."""

UNITS = {
    "input": BoxLook("white", INK, 9.0, 0.8),
    "hidden": BoxLook("#dfecf8", BLUE, 9.0, 0.8),
    "output": BoxLook("white", INK, 9.0, 1.6),
}
"""Of a network's units."""
