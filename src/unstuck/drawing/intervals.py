"""Scores with intervals, a line each: points of every fit, their mean, and how sure it is that it
is another one than the reference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from unstuck.drawing.axes import Grid, panels
from unstuck.drawing.colors import GREEN, INK, LAYER, ORANGE, QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLORS = {1: GREEN, 0: QUIET, -1: ORANGE}
MARKERS = {1: "o", 0: "D", -1: "v"}
DASHED, DOTTED = (0, (4, 2.5)), (0, (1, 2))
FAR = 0.1
"""A constant's value farther than this below all others is not drawn."""
MEANT = {1: "better", 0: "within the noise", -1: "worse"}
LINE, AROUND, WIDTH = 0.29, 1.3, 7.2
"""Inches: of a line, above and below all of them, and across."""


class Interval(NamedTuple):
    """A line.

    Attributes:
        name: at its left.
        values: of its fits, shape (n,).
        mean: of these.
        margin: half of the interval of its difference to the reference; infinite: not drawn.
        result: 1 where it is better than the reference, -1 where it is worse, else 0.
    """

    name: str
    values: np.ndarray
    mean: float
    margin: float = 0.0
    result: int = 0


def draw(
    lines: Sequence[Interval], reference: float, label: str, constant: float, ax: Any = None
) -> Axes:
    """Draw them from top to bottom, the first one being the reference.

    Arguments:
        lines: what is compared; bars that do not reach the dashed line are differences.
        reference: value of the dashed line.
        label: below the axis.
        constant: value of the dotted line; not drawn where it is far below all others.
        ax: matplotlib axes; a new figure where none are given.
    """
    with panels(ax, Grid((WIDTH, AROUND + LINE * len(lines)))) as (ax,):
        for place, line in enumerate(lines):
            _draw(ax, place, line)
        ax.axvline(reference, color=INK, lw=1.1, ls=DASHED, zorder=1)
        lowest = min(float(np.min(each.values, initial=math.inf)) for each in lines)
        shown = constant > lowest - FAR
        if shown:
            ax.axvline(constant, color=QUIET, lw=1.4, ls=DOTTED, zorder=1)
        ax.set_yticks(range(len(lines)), [each.name for each in lines])
        ax.set_ylim(len(lines) - 0.4, -0.6)
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="y", visible=False)
        ax.spines["left"].set_visible(False)
        ax.set_xlabel(label)
        _key(ax, {each.result for each in lines[1:]}, lines[0].name, shown)
    return ax


def _draw(ax: Axes, place: int, line: Interval) -> None:
    color = INK if place == 0 else COLORS[line.result]
    if place % 2:
        ax.axhspan(place - 0.5, place + 0.5, color=LAYER.fill, lw=0, zorder=0)
    spread = 0.22 * np.linspace(-1, 1, len(line.values)) if len(line.values) > 1 else 0.0
    ax.plot(line.values, place + spread, "o", ms=3.2, color=color, alpha=0.35, mec="none")
    if place and math.isfinite(line.margin):
        ends = [line.mean - line.margin, line.mean + line.margin]
        ax.plot(ends, [place, place], color=color, lw=2.4, solid_capstyle="butt", zorder=3)
    marker = "s" if place == 0 else MARKERS[line.result]
    ax.plot([line.mean], [place], marker, ms=7, color=color, mec="white", mew=1.0, zorder=4)


def _key(ax: Axes, results: set[int], reference: str, constant: bool) -> None:
    from matplotlib.lines import Line2D

    shown = [
        Line2D([], [], marker=MARKERS[each], color=COLORS[each], lw=2.4, ms=7, mec="white")
        for each in (1, 0, -1)
        if each in results
    ]
    named = [MEANT[each] for each in (1, 0, -1) if each in results]
    shown.append(Line2D([], [], color=INK, lw=1.1, ls=DASHED))
    named.append(reference)
    if constant:
        shown.append(Line2D([], [], color=QUIET, lw=1.4, ls=DOTTED))
        named.append("a constant")
    ax.legend(
        shown,
        named,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=len(shown),
        borderaxespad=0.2,
        handlelength=2.2,
        columnspacing=1.4,
    )
