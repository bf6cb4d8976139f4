"""How a recall and the capacity of a memory are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.drawing.axes import axes_of, style
from unstuck.drawing.colors import BLUE, INK, ORANGE, QUIET

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNKNOWN = "#e9c46a"
"""Entries that are not known."""


def draw_recalls(
    recalls: Sequence[tuple[Mapping[str, np.ndarray], np.ndarray]], figure: Any
) -> None:
    """Recalls below each other: states as images, and the energy over the steps.

    Arguments:
        recalls: for each its states by name, -1, 0 and +1, and its energies.
        figure: to draw on.
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    colors = ListedColormap(["white", UNKNOWN, INK])
    columns = max(len(states) for states, _ in recalls)
    with style():
        widths = [*[1.0] * columns, 1.5]
        grid = figure.subplots(len(recalls), columns + 1, squeeze=False, width_ratios=widths)
        for line, (states, energies) in zip(grid, recalls, strict=True):
            for panel, (name, state) in zip(line, states.items(), strict=False):
                panel.imshow(state, cmap=colors, vmin=-1, vmax=1)
                panel.set_title(name, loc="center")
            for panel in line[len(states) : columns]:
                panel.set_axis_off()
            for panel in line[:columns]:
                panel.set(xticks=[], yticks=[])
                panel.grid(visible=False)
                panel.spines[:].set(visible=True, linewidth=0.8)
            line[-1].step(np.arange(len(energies)), energies, where="post", color=BLUE)
            line[-1].set_title("energy", loc="left")
        grid[-1, -1].set_xlabel("step")
        if any((state == 0).any() for states, _ in recalls for state in states.values()):
            looks = {"one value": INK, "the other": "white", "not known": UNKNOWN}
            key = [Patch(fc=color, ec=QUIET, lw=0.8, label=name) for name, color in looks.items()]
            figure.legend(handles=key, loc="outside lower left", ncols=3)


def capacity_figure(
    points: Sequence[tuple[float, float, float]],
    theory: tuple[np.ndarray, np.ndarray],
    name: str,
    ax: Any = None,
) -> Figure:
    """Overlaps over loads.

    Arguments:
        points: load, mean overlap, standard deviation over memories.
        theory: loads, and overlaps for infinitely many units; beyond the last load, 0.
        name: of the points.
        ax: draw there.
    """
    with axes_of(ax, 6.4, 3.6) as panel:
        load, mean, spread = np.array(points).T
        end = theory[0][-1]
        panel.plot(*theory, color=QUIET, label="theory, infinitely many units")
        panel.plot([end, end, max(load.max(), end)], [theory[1][-1], 0, 0], ":", color=QUIET)
        panel.errorbar(load, mean, spread, fmt="o-", color=BLUE, lw=1.2, ms=4, label=name)
        panel.axvline(end, color=ORANGE, lw=0.8)
        panel.annotate(f"{end:.3f}", (end, 0.03), (4, 0), textcoords="offset points", color=ORANGE)
        panel.set(xlabel="patterns / unit", ylabel="overlap", ylim=(-0.03, 1.05))
        panel.set_title("What a memory holds")
        panel.legend(loc="lower left")
    return panel.figure
