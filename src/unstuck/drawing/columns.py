"""A long drawing goes on in a second column, as text on a page does."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from unstuck.drawing.layout import Area, Layout, Route, label_area

MOST_COLUMNS = 8
MOST_CROSSINGS = 6
"""Where more arrows would have to go on in the next column, there is none."""
PAGE = 1.3
"""Height of a page by its width."""
GAP = 12.0
LANE = 6.0
"""Between arrows that go on in the next column side by side."""
CLEAR = 3.0
"""Least distance of a cut from what must not be cut."""
CROSSING = 40.0
"""How far a cut may move to cut one arrow less."""


class Cut(NamedTuple):
    """A height, and where arrows cross it, from left to right."""

    y: float
    xs: tuple[float, ...]


def in_columns(layout: Layout) -> Layout:
    """The same layout in as many columns as bring it nearest to the shape of a page.

    It is cut between boxes, where few arrows pass; the arrows that were cut go on in the next
    column.
    """
    if not layout.boxes:
        return layout
    free = _free(layout)
    parts = {tuple(_cuts(layout, free, columns)) for columns in range(1, MOST_COLUMNS + 1)}
    parts = {cuts for cuts in parts if all(len(cut.xs) <= MOST_CROSSINGS for cut in cuts)}
    return min((_cut(layout, cuts) for cuts in sorted(parts, key=len)), key=_unlike_a_page)


def _unlike_a_page(layout: Layout) -> float:
    extent = layout.extent()
    return abs(math.log(extent.height / extent.width / PAGE))


def _cut(layout: Layout, cuts: tuple[Cut, ...]) -> Layout:
    heights = [cut.y for cut in cuts]
    shifts, gutters = _shifts(layout, cuts)

    def moved(area: Area) -> Area:
        dx, dy = shifts[bisect.bisect(heights, area.y)]
        return Area(area.x + dx, area.y + dy, area.width, area.height)

    def rerouted(route: Route) -> Route:
        points = [route.points[0] + shifts[bisect.bisect(heights, route.points[0][1])]]
        for start, end in itertools.pairwise(route.points):
            points += _detours(start, end, cuts, shifts, gutters)
            points.append(end + shifts[bisect.bisect(heights, end[1])])
        label = route.label
        if label is not None:
            label = label + shifts[bisect.bisect(heights, label[1])]
        return Route(np.array(points), route.arrow, label, route.head)

    layers = [(name, moved(area)) for name, area in layout.layers]
    return Layout([moved(a) for a in layout.boxes], layers, [rerouted(e) for e in layout.routes])


def _cuts(layout: Layout, free: list[float], columns: int) -> Iterator[Cut]:
    """Where to cut to get nearly equal parts, each with a box in it."""
    extent, tops, above = layout.extent(), sorted(area.y for area in layout.boxes), 0
    for number in range(1, columns):
        ideal = extent.y + extent.height * number / columns
        near = [y for y in free if abs(y - ideal) < 0.3 * extent.height / columns]
        at = [
            Cut(y, _crossings(layout, y))
            for y in near
            if above < bisect.bisect(tops, y) < len(tops)
        ]
        if at:
            cut = min(at, key=lambda cut: CROSSING * len(cut.xs) + abs(cut.y - ideal))
            above = bisect.bisect(tops, cut.y)
            yield cut


def _free(layout: Layout) -> list[float]:
    """Heights at which there are only arrows that run down or up."""
    extent = layout.extent()
    areas = [*layout.boxes, *(area for _, area in layout.layers)]
    areas += [label_area(route) for route in layout.routes if route.label is not None]
    spans = [(area.y, area.y + area.height) for area in areas]
    for route in layout.routes:
        pairs = itertools.pairwise(route.points)
        # What runs across may slant by a fraction of a point.
        across = [(a[1], b[1]) for a, b in pairs if abs(b[0] - a[0]) > abs(b[1] - a[1])]
        spans += [(min(ends), max(ends)) for ends in across]
    heights = np.arange(extent.y, extent.y + extent.height, 2.0)
    for low, high in spans:
        heights = heights[(heights < low - CLEAR) | (heights > high + CLEAR)]
    return heights.tolist()


def _crossings(layout: Layout, y: float) -> tuple[float, ...]:
    segments = (pair for route in layout.routes for pair in itertools.pairwise(route.points))
    return tuple(sorted(float(a[0]) for a, b in segments if (a[1] < y) != (b[1] < y)))


def _shifts(layout: Layout, cuts: tuple[Cut, ...]) -> tuple[list[np.ndarray], list[float]]:
    """How far each part moves: to the right of the one before, its top level with the others.

    And where the room between two columns begins.
    """
    heights = [-math.inf, *(cut.y for cut in cuts), math.inf]
    spans = [_span(layout, *part, cuts) for part in itertools.pairwise(heights)]
    shifts, gutters = [np.array([0.0, -layout.extent().y])], []
    x = spans[0][1]
    for cut, (left, right) in zip(cuts, spans[1:], strict=True):
        gutters.append(x)
        x += LANE * (len(cut.xs) + 1) + GAP
        shifts.append(np.array([x - left, -cut.y]))
        x += right - left
    return shifts, gutters


def _span(layout: Layout, low: float, high: float, cuts: tuple[Cut, ...]) -> tuple[float, float]:
    """Left and right end of what lies between two heights."""
    areas = [*layout.boxes, *(area for _, area in layout.layers)]
    areas += [label_area(route) for route in layout.routes if route.label is not None]
    xs = [x for a in areas if low < a.y < high for x in (a.x, a.x + a.width)]
    xs += [x for route in layout.routes for x, y in route.points.tolist() if low < y < high]
    xs += [x for cut in cuts if cut.y in (low, high) for x in cut.xs]
    return min(xs), max(xs)


def _detours(
    start: np.ndarray,
    end: np.ndarray,
    cuts: tuple[Cut, ...],
    shifts: list[np.ndarray],
    gutters: list[float],
) -> list[np.ndarray]:
    """Corners of the way from column to column of an arrow's part from start to end.

    Below the column to the right, up between the columns, and above the next one. Arrows keep
    to lanes, those further to the right to the inner ones, so that they do not cross.
    """
    ways = []
    for number, cut in enumerate(cuts):
        if (start[1] < cut.y) == (end[1] < cut.y):
            continue
        x = float(start[0])
        lane = len(cut.xs) - cut.xs.index(x)
        here, there = x + shifts[number][0], x + shifts[number + 1][0]
        bottom = cut.y + shifts[number][1] + LANE * lane
        top = -LANE * (len(cut.xs) + 1 - lane)
        between = gutters[number] + LANE * lane
        corners = [(here, bottom), (between, bottom), (between, top), (there, top)]
        ways.append([np.array(corner) for corner in corners])
    down = start[1] < end[1]
    return [corner for way in ways for corner in way] if down else _reversed(ways)


def _reversed(ways: list[list[np.ndarray]]) -> list[np.ndarray]:
    return [corner for way in reversed(ways) for corner in reversed(way)]
