"""Figures of units: what each does, how many pass something back, how far weights move."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.drawing.colors import BAND, BLUE, INK, ORANGE, PURPLE, QUIET, RED
from unstuck.report.document.contents import START, Layers
from unstuck.report.document.drawn import (
    COLORS,
    FEW,
    Drawn,
    exponents,
    extent,
    key,
    layer_axis,
    moment_key,
    power_axis,
    selected,
    short,
)
from unstuck.report.document.inline import drawing
from unstuck.report.document.units import STATES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_CELLS = 48
"""Cells of a layer; of wider ones a cell stands for several units."""
LOOKS = ((BLUE, 0.32), (BAND, 0.9), (ORANGE, 1.0), (RED, 1.0), (INK, 1.0))
"""Color and opacity of each state."""


def unit_figures(layers: Layers) -> Iterator[Drawn]:
    """The map of units, and the share of pairs that pass something back."""
    wider = max(layers.units) > MOST_CELLS
    several = f"; of more than {MOST_CELLS} units a cell stands for several, sorted" * wider
    for moment, states in layers.states.items():
        at = "before the first step" if moment == START else "at the end"
        yield Drawn(
            f"units-{moment}", f"What every unit does {at}", _map(layers, states),
            f"A cell a unit, a row a layer, the inputs below{several}. {_told(states)}",
        )  # fmt: skip
    yield Drawn(
        "active", "Share of active units", _active(layers),
        "Share of the pairs of row and unit with a slope of at least 2 % of the activation's "
        "largest: what these let through, earlier layers can learn from. About half is usual for "
        "ReLU; near 0 a layer is stuck.",
    )  # fmt: skip


def _told(states: list[np.ndarray]) -> str:
    """How many units are in which state, in words."""
    counts = np.bincount(np.concatenate(states), minlength=len(STATES))
    total = counts.sum()
    others = [f"{n} {state.name}" for n, state in zip(counts[1:], STATES[1:], strict=True) if n]
    rest = f"{', '.join(others)}" if others else "all at work"
    means = [f"{s.name}: {s.means}" for n, s in zip(counts[1:], STATES[1:], strict=True) if n]
    return f"Of {total} units: {rest}. {'; '.join(means).capitalize()}{'.' * bool(means)}".strip()


def cells(states: np.ndarray, most: int = MOST_CELLS) -> np.ndarray:
    """The states of a layer as at most so many cells: of more units sorted, and in proportion. What
    few units are stays to be seen.

    Example:
        >>> cells(np.array([0, 3, 0])).tolist(), cells(np.array([0] * 99 + [3]), 4).tolist()
        ([0, 3, 0], [0, 0, 0, 3])
    """
    if len(states) <= most:
        return states
    counts = np.bincount(states, minlength=len(STATES))
    found = np.where(counts > 0, np.maximum(1, counts * most // len(states)), 0)
    found[counts.argmax()] += most - found.sum()
    return np.repeat(np.arange(len(STATES)), found)


def _map(layers: Layers, states: list[np.ndarray]) -> Any:
    from matplotlib.patches import Patch

    rows = [cells(each) for each in states]
    width, count = max(map(len, rows)), len(rows)
    row = 0.26 if count <= FEW else max(0.07, 3.4 / count)
    with drawing(0.75 + row * count) as figure:
        panel = figure.add_subplot()
        for state, (color, alpha) in enumerate(LOOKS):
            at_these = [(int(x), y) for y, r in enumerate(rows) for x in np.flatnonzero(r == state)]
            _cells(panel, at_these, width, color, alpha)
        at = list(range(count)) if count <= FEW else selected(count, 6)
        labels = short(layers.names)
        panel.set_yticks([i + 0.5 for i in at], [f"{labels[i]} ({layers.units[i]})" for i in at])
        panel.set(xlim=(0, max(width, 8)), ylim=(0, count))
        panel.set_xticks([])
        panel.grid(visible=False)
        panel.spines[:].set_visible(False)
        panel.tick_params(length=0)
        there = sorted(set(np.concatenate(states).tolist()))
        key(
            figure,
            [Patch(color=LOOKS[s][0], alpha=LOOKS[s][1], label=STATES[s].name) for s in there],
        )
    return figure


def _cells(panel: Axes, at: list[tuple[int, int]], width: int, color: str, alpha: float) -> None:
    """Squares of one state as one path."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if not at:
        return
    gap = 0.1 if width <= 24 else 0.06
    square = np.array([(gap, gap), (1 - gap, gap), (1 - gap, 1 - gap), (gap, 1 - gap), (gap, gap)])
    polygons = [square + corner for corner in at]
    panel.add_patch(PathPatch(Path.make_compound_path_from_polys(np.array(polygons)),
                              facecolor=color, alpha=alpha, linewidth=0))  # fmt: skip


def _active(layers: Layers) -> Any:
    with drawing(2.3) as figure:
        panel = figure.add_subplot()
        for moment, shares in layers.active.items():
            panel.plot(100 * shares, color=COLORS[moment], marker="o",
                       ms=4 if len(shares) <= FEW else 2, lw=1.6)  # fmt: skip
        layer_axis(panel, layers.names)
        panel.set_ylim(-4, 104)
        panel.set_yticks([0, 25, 50, 75, 100], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        key(figure, moment_key(tuple(layers.active)))
    return figure


# How far weights move


def step_figures(layers: Layers) -> Iterator[Drawn]:
    """Length of the steps beside the weights; nothing where no step is known."""
    if layers.first_step is None and layers.moved is None:
        return
    parts = [
        "The first step as a share of the weights: about a thousandth is usual; a tenth throws "
        "away the first weights, a millionth does not learn." * (layers.first_step is not None),
        "And the way from the first weights to the last: layers near the bottom did not take "
        "part." * (layers.moved is not None),
    ]
    yield Drawn("steps", "Update to weight", _steps(layers), " ".join(filter(None, parts)))


def _steps(layers: Layers) -> Any:
    from matplotlib.lines import Line2D

    given = {
        "first step / weights": (layers.first_step, QUIET, "s"),
        "whole way / first weights": (layers.moved, PURPLE, "o"),
    }
    with drawing(2.5) as figure:
        panel, handles, drawn = figure.add_subplot(), [], []
        for label, (ratios, color, marker) in given.items():
            if ratios is None:
                continue
            drawn.append(exponents(ratios))
            panel.plot(drawn[-1], color=color, marker=marker, lw=1.4,
                       ms=4.5 if len(ratios) <= FEW else 2)  # fmt: skip
            handles.append(Line2D([], [], color=color, marker=marker, ms=5, label=label))
        layer_axis(panel, layers.names)
        power_axis(panel.yaxis, *extent(*drawn))
        key(figure, handles, 2)
    return figure
