"""Where the boxes and arrows of a drawing go. Lengths are points, y grows downwards.

``graphlay`` does the work; nothing else in unstuck knows it.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.drawing.sketch import Arrow, Box, Sketch

FONT_SIZE = 7.5
ADVANCE = 0.602 * FONT_SIZE
"""Width of a character of the monospaced font that drawings are set in."""
LINE_HEIGHT = 10.0
PADDING = 7.0
SHAPE_SIZE = 6.5
MOST_ROWS = 6
"""Arrows into one box from more rows than this share a line."""
OPTIONS = {
    "direction": "topbottom",
    "spacing": {
        "layer_gap": 26.0,
        "node_gap": 18.0,
        "dummy_gap": 14.0,
        "port_gap": 12.0,
        "port_stroke_clear": 8.0,
        "stub": 9.0,
        "isolated_gap": 18.0,
        "edge_label_margin": 4.0,
        "compound_padding": 12.0,
        "compound_header": 12.0,
    },
    "labels": {"reservation": "always", "placement": "candidates", "clearance": 1.0},
    "tuning": {"labels": {"side_steps": [0.0, 0.0, 0.0, 0.0]}},
}
JOINT = 8.0
"""Side of the square that the layout reserves for a joint."""


@dataclass(frozen=True)
class Area:
    """A rectangle by its left upper corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def center(self) -> np.ndarray:
        """Its middle."""
        return np.array([self.x + self.width / 2, self.y + self.height / 2])

    def overlaps(self, other: Area) -> bool:
        """Whether two rectangles share more than a border."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


@dataclass(frozen=True)
class Route:
    """An arrow as drawn.

    Attributes:
        points: the corners from start to end, shape (n, 2).
        arrow: the array, and the numbers of the boxes at the ends; larger numbers are joints.
        label: where the middle of its shape is written.
        head: whether it ends at a box.
    """

    points: np.ndarray
    arrow: Arrow
    label: np.ndarray | None = None
    head: bool = True


@dataclass(frozen=True)
class Layout:
    """A drawing's geometry: the area of every box and of every named layer, and the arrows."""

    boxes: list[Area]
    layers: list[tuple[str, Area]]
    routes: list[Route]

    def extent(self) -> Area:
        """The area of all of it."""
        areas = [*self.boxes, *(area for _, area in self.layers)]
        areas += [label_area(route) for route in self.routes if route.label is not None]
        points = [np.array([[a.x, a.y], [a.x + a.width, a.y + a.height]]) for a in areas]
        found = np.concatenate(
            [*points, *(route.points for route in self.routes), np.empty((0, 2))]
        )
        if not len(found):
            return Area(0.0, 0.0, 0.0, 0.0)
        low, high = found.min(0), found.max(0)
        return Area(*low, *(high - low))


def label_area(route: Route) -> Area:
    """The area of the text on an arrow."""
    assert route.label is not None
    width, height = _label_size(route.arrow.shape).values()
    return Area(route.label[0] - width / 2, route.label[1] - height / 2, width, height)


def text_width(text: str) -> float:
    """Width of a line of text; characters of East Asian scripts count twice."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return ADVANCE * (len(text) + wide)


def size_of(box: Box) -> tuple[float, float]:
    """Width and height of a box."""
    widest = max(text_width(line.text) for line in box.lines)
    return widest + 2 * PADDING, LINE_HEIGHT * len(box.lines) + 2 * PADDING


def place(sketch: Sketch) -> Layout:
    """The geometry of a sketch: no boxes overlap, arrows run from border to border.

    The same sketch has the same layout every time.
    """
    import graphlay

    paths, joints = _paths(sketch)
    names = list(dict.fromkeys(box.layer for box in sketch.boxes if box.layer is not None))
    graph = _asked(sketch, paths, joints, names)
    found = graphlay.layout(graph, options=OPTIONS)
    areas = [_area(node) for node in found.nodes]
    layers, boxes = areas[: len(names)], areas[len(names) : len(names) + len(sketch.boxes)]
    middles = [area.center for area in areas[len(names) + len(boxes) :]]
    ends = [*(None for _ in boxes), *middles]
    routes = [_route(arrow, edge, ends) for arrow, edge in zip(paths, found.edges, strict=True)]
    return Layout(boxes, list(zip(names, layers, strict=True)), routes)


def _asked(sketch: Sketch, paths: list[Arrow], joints: list[int], names: list[str]) -> Any:
    """The graph to lay out: layers, then boxes and joints by their numbers."""
    import graphlay

    graph: Any = graphlay.Graph()
    layers = {name: graph.node(("layer", name)) for name in names}
    for index, box in enumerate(sketch.boxes):
        width, height = size_of(box)
        inside = {} if box.layer is None else {"parent": layers[box.layer]}
        graph.node(index, width=width, height=height, **inside)
    for joint in joints:
        graph.node(joint, width=JOINT, height=JOINT)
    for arrow in paths:
        label = {"label_size": _label_size(arrow.shape)} if arrow.shape else {}
        graph.edge(arrow.source, arrow.target, **label)
    return graph


def _label_size(shape: str) -> dict[str, float]:
    return {"width": text_width(shape) * SHAPE_SIZE / FONT_SIZE + 4.0, "height": SHAPE_SIZE + 2.0}


def _area(node: dict) -> Area:
    (x, y), (width, height) = node["center"].values(), node["size"].values()
    return Area(x - width / 2, y - height / 2, width, height)


def _route(arrow: Arrow, edge: dict, middles: Sequence[np.ndarray | None]) -> Route:
    """An edge as found, and from and to the middle of a joint."""
    points = [np.array([point["x"], point["y"]]) for point in edge["points"]]
    start, end = middles[arrow.source], middles[arrow.target]
    if start is not None:
        points = [start, np.array([points[0][0], start[1]]), *points]
    if end is not None:
        points = [*points, np.array([points[-1][0], end[1]]), end]
    anchor = edge.get("label_anchor") if arrow.shape else None
    label = None if anchor is None else np.array([anchor["x"], anchor["y"]])
    return Route(np.array(points), arrow, label, end is None)


# Shared lines


def _paths(sketch: Sketch) -> tuple[list[Arrow], list[int]]:
    """The arrows, and the numbers of joints: where many boxes of a chain send to one box, each
    enters a common line instead.

    Without it the weights of fifty layers that go into one penalty would be fifty lines.
    """
    depths = _depths(sketch)
    paths: list[Arrow] = []
    joints: list[int] = []
    for target in range(len(sketch.boxes)):
        entering = [arrow for arrow in sketch.arrows if arrow.target == target]
        rows = sorted({depths[arrow.source] for arrow in entering})
        by_row = [[a for a in entering if depths[a.source] == row] for row in rows]
        while len(rows) > MOST_ROWS and len(by_row) > 2:
            joint = len(sketch.boxes) + len(joints)
            joints.append(joint)
            paths += [Arrow(arrow.source, joint, "") for arrow in by_row.pop(0) + by_row.pop(0)]
            by_row.insert(0, [Arrow(joint, target, "")])
        paths += itertools.chain.from_iterable(by_row)
    return paths, joints


def _depths(sketch: Sketch) -> list[int]:
    """Longest way to every box from one that nothing enters."""
    depths = [0] * len(sketch.boxes)
    for _ in range(len(depths)):
        before = list(depths)
        for arrow in sketch.arrows:
            if arrow.source < arrow.target:
                depths[arrow.target] = max(depths[arrow.target], depths[arrow.source] + 1)
        if depths == before:
            break
    return depths
