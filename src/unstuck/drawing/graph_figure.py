"""The drawing of a graph: boxes with numbers, arrows with shapes, layers as groups."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from unstuck.drawing import picture
from unstuck.drawing.colors import BOXES, DERIVATIVE, INK, LAYER, QUIET
from unstuck.drawing.columns import in_columns
from unstuck.drawing.layout import (
    ADVANCE,
    FONT_SIZE,
    LINE_HEIGHT,
    PADDING,
    SHAPE_SIZE,
    Area,
    Route,
    place,
    text_width,
)
from unstuck.drawing.picture import MARGIN, frame, write
from unstuck.drawing.sketch import Box, Sketch, sketch
from unstuck.graph import Graph

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NARROWEST = 330.0
"""Points: the caption and the legend need as much."""


def draw(graph: Graph) -> Figure:
    """The figure of a graph."""
    return drawn(sketch(graph))


def drawn(sketch: Sketch) -> Figure:
    """The figure of a sketch."""
    folded = any(box.role == "folded" for box in sketch.boxes)
    layout = in_columns(place(sketch)) if folded else place(sketch)
    extent = layout.extent()
    width = max(extent.width, NARROWEST) + 2 * MARGIN
    below = _legend(sketch, width)
    height = extent.height + 2 * MARGIN + LINE_HEIGHT * (len(below) + 3)
    left = extent.x - (width - extent.width) / 2
    figure, axes = picture.page(Area(left, extent.y - MARGIN, width, height))
    for _, area in layout.layers:
        frame(axes, area, LAYER)
    for route in layout.routes:
        _arrow(axes, route)
    for box, area in zip(sketch.boxes, layout.boxes, strict=True):
        _box(axes, box, area)
    for route in layout.routes:
        if route.label is not None:
            x, y = route.label
            _label(axes, x, y, route.arrow.shape, "white", SHAPE_SIZE)
    for name, area in layout.layers:
        middle = area.x + 6.0 + text_width(name) / 2
        _label(axes, middle, area.y + 8.0, name, LAYER.fill, FONT_SIZE, bold=True)
    _below(axes, sketch, below, left + MARGIN, extent.y + extent.height + 2.5 * LINE_HEIGHT)
    return figure


def _box(axes: Axes, box: Box, area: Area) -> None:
    look = BOXES[box.role]
    frame(axes, area, look)
    if look.double:
        frame(axes, area, look, shrunk=2.0)
    y = area.y + PADDING + LINE_HEIGHT / 2
    for line in box.lines:
        named = line.kind == "name"
        color = DERIVATIVE if line.kind == "derivative" else INK
        x = area.x + area.width / 2 if named or line.kind == "operation" else area.x + PADDING
        write(axes, x, y, line.text, color, centered=x != area.x + PADDING, bold=named)
        y += LINE_HEIGHT


def _label(
    axes: Axes, x: float, y: float, text: str, behind: str, size: float, bold: bool = False
) -> None:
    """A text in front of whatever line passes there."""
    written = write(axes, x, y, text, QUIET, size, centered=True, bold=bold)
    written.set_bbox({"facecolor": behind, "edgecolor": "none", "pad": 0.8})


def _arrow(axes: Axes, route: Route) -> None:
    """A path with round corners, and a head where it enters a box."""
    from matplotlib.patches import Circle, PathPatch, Polygon
    from matplotlib.path import Path as Outline

    corners, codes = _rounded(route.points)
    end = route.points[-1]
    along = end - route.points[-2]
    along = along / max(float(np.hypot(*along)), 1e-9)
    if route.head:
        corners[-1] = end - 4.0 * along
        across = np.array([-along[1], along[0]])
        tip = [end, end - 5.0 * along + 2.3 * across, end - 5.0 * along - 2.3 * across]
        axes.add_patch(Polygon(np.array(tip), facecolor=INK, edgecolor="none", clip_on=False))
    else:
        axes.add_patch(Circle((end[0], end[1]), 1.6, facecolor=INK, edgecolor="none"))
    outline = Outline(corners, codes)
    axes.add_patch(PathPatch(outline, facecolor="none", edgecolor=INK, linewidth=0.8))


def _rounded(points: np.ndarray, radius: float = 4.0) -> tuple[np.ndarray, list[int]]:
    """Corners and codes of a path that goes round each corner."""
    found, codes = [points[0]], [1]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        for end, code in ((before, 2), (after, 3)):
            way = end - corner
            length = max(float(np.hypot(*way)), 1e-9)
            on = corner + way * min(radius / length, 0.5)
            found += [on] if code == 2 else [corner, on]
            codes += [2] if code == 2 else [3, 3]
    return np.array([*found, points[-1]]), [*codes, 2]


# Below the drawing

EXPLAINED = {
    "input": "input",
    "parameter": "parameter",
    "constant": "constant",
    "intermediate": "operation",
    "folded": "several operations",
    "output": "output",
}


def _legend(sketch: Sketch, width: float) -> list[str]:
    """The sentences below the drawing, in lines that fit."""
    lines = [line.text for box in sketch.boxes for line in box.lines]
    said = []
    if any(line.startswith("adjoint") for line in lines):
        said.append("adjoint: derivative of the output with respect to the node.")
    if any(line.startswith("tangent") for line in lines):
        said.append("tangent: derivative of the node along the given direction.")
    if any(box.role == "folded" for box in sketch.boxes):
        said.append("Several operations: value and adjoint of the last one, and as gradient the")
        said[-1] += " adjoints of the parameters inside."
    if any(" ± " in line for line in lines):
        said.append("±: mean and standard deviation of a large array.")
    if sketch.arrows:
        said.append("Arrows bear the shape of the array; those without carry one number.")
    if not sketch.boxes:
        said.append("The graph has no nodes.")
    room = int((width - 2 * MARGIN) / ADVANCE)
    return [line for each in (*said, *sketch.caption) for line in textwrap.wrap(each, room)]


def _below(axes: Axes, sketch: Sketch, lines: list[str], x: float, y: float) -> None:
    at = x
    for role in [each for each in BOXES if any(box.role == each for box in sketch.boxes)]:
        _box(axes, Box(role, role, ()), Area(at, y - 11.0, 16.0, 10.0))
        write(axes, at + 20.0, y - 6.0, EXPLAINED[role], QUIET)
        at += 32.0 + ADVANCE * len(EXPLAINED[role])
    for index, line in enumerate(lines):
        write(axes, x, y + LINE_HEIGHT * (index + 1), line, QUIET)
