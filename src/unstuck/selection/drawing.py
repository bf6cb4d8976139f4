"""A validation table as a figure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.drawing.axes import axes_of
from unstuck.drawing.colors import BLUE, FLAT_SHADE, INK, LAYER, ORANGE, QUIET
from unstuck.selection import wording
from unstuck.selection.candidate import Candidate, level, spelled
from unstuck.selection.results import Measured

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEW_FOLDS = 10
"""Up to so many, each is drawn."""
DECADES = 1.5
"""Numbers that spread over more are drawn on a logarithmic axis."""
MOST_LINES = 30
"""Candidates that are drawn of a grid, the best ones."""
BESIDE, ABOVE = 22, 22.0
"""Characters of a title for which there is room beside the legend, half as wide without errors;
points by which a longer one stands above it."""
LINE, AROUND, WIDTH = 0.27, 1.3, 7.2
"""Inches: of a line, above and below all of them, and across."""


def draw(table: Measured, ax: Any = None) -> Axes:
    """Draw it; see ``ValidationTable.plot``."""
    whole = [each for each in table.candidates if each.complete]
    names = table.names
    curve = len(names) == 1 and all(level(each.params[names[0]]) is not None for each in whole)
    if curve:
        whole.sort(key=lambda each: level(each.params[names[0]]) or 0.0)
        size, draw_all = (6.4, 4.0), _draw_curves
    else:
        whole = sorted(whole, key=lambda each: each.validation_error)[:MOST_LINES]
        size, draw_all = (WIDTH, AROUND + LINE * max(len(whole), 3)), _draw_lines
    with axes_of(ax, *size) as panel:
        draw_all(panel, table, whole)
    return panel


def _draw_curves(ax: Axes, table: Measured, whole: list[Candidate]) -> None:
    """Both errors against the parameter."""
    name = table.names[0]
    at = np.array([level(each.params[name]) for each in whole], float)
    held = np.array([each.validation_error for each in whole])
    train = np.array([table.rounded(each.training_error) for each in whole])
    if whole and 1 < whole[0].asked <= FEW_FOLDS and not table.folds.startswith("leave-one-out"):
        for fold in np.stack([each.validation for each in whole], 1):
            ax.plot(at, fold, color=ORANGE, lw=0.7, alpha=0.35)
    bars = np.array([each.standard_error for each in whole])
    _mark(ax, table, name)
    ax.errorbar(
        at, held, np.nan_to_num(bars), color=ORANGE, marker="o", ms=5, capsize=2.5, elinewidth=1.2,
        label="validation" + (" ± one standard error" if table.spread else ""),
    )  # fmt: skip
    if np.isfinite(train).any():
        ax.plot(at, train, color=BLUE, marker="s", ms=4.5, label="training")
    _scale(ax, "x", at)
    _scale(ax, "y", np.concatenate([held, train]))
    if (at == at.round()).all() and len(at) <= 12 and ax.get_xscale() == "linear":
        ax.set_xticks(at)
    ax.set_xlabel(table.label(name))
    ax.set_ylabel(table.measure)
    ax.set_title(table.folds)
    ax.legend(frameon=True, framealpha=0.85, edgecolor="none", fontsize=8)


def _mark(ax: Axes, table: Measured, name: str) -> None:
    """The optimum as a line, the one-standard-error choice as another, and overfitting beyond."""
    best, modest = table.optimum, table.one_standard_error
    if best is None:
        return
    place = level(best.params[name])
    assert place is not None
    told = f"optimum: {table.told(best.params)}"
    ax.axvline(place, color=INK, lw=1.1, ls=(0, (4, 2.5)), label=told)
    if modest is not None and modest is not best:
        told = f"within one standard error: {table.told(modest.params)}"
        ax.axvline(level(modest.params[name]) or 0.0, color=QUIET, lw=1.4, ls=(0, (1, 2)),
                   label=told)  # fmt: skip
    side = wording.overfitting(table).get(table.label(name))
    if side is not None:
        ends = [level(each.params[name]) or 0.0 for each in table.candidates if each.complete]
        span = (place, max(ends)) if side == ">" else (min(ends), place)
        ax.axvspan(*span, color=FLAT_SHADE, alpha=0.45, lw=0, zorder=0, label="overfitting")


def _scale(ax: Axes, axis: str, values: np.ndarray) -> None:
    """Logarithmic where numbers spread far; zeros are drawn below the smallest of the others."""
    known = values[np.isfinite(values)]
    above = known[known > 0]
    if len(above) < 2 or (known < 0).any() or np.ptp(np.log10(above)) < DECADES:
        if axis == "y":
            ax.set_ylim(bottom=min(0.0, float(known.min(initial=0.0))))
        return
    set_scale = ax.set_xscale if axis == "x" else ax.set_yscale
    if (known == 0).any():
        smallest = 10.0 ** math.floor(math.log10(above.min()))
        set_scale("symlog", linthresh=smallest, linscale=0.4)
        if axis == "y":
            ax.set_ylim(bottom=-0.15 * smallest)
    else:
        set_scale("log")


def _draw_lines(ax: Axes, table: Measured, whole: list[Candidate]) -> None:
    """A line for each candidate, the best at the top."""
    modest = table.one_standard_error
    for place, each in enumerate(whole):
        if place % 2:
            ax.axhspan(place - 0.5, place + 0.5, color=LAYER.fill, lw=0, zorder=0)
        if math.isfinite(each.standard_error):
            ends = each.validation_error + each.standard_error * np.array([-1, 1])
            ax.plot(ends, [place, place], color=ORANGE, lw=2.2, solid_capstyle="butt")
        ax.plot([each.validation_error], [place], "o", color=ORANGE, ms=6.5, mec="white",
                label="validation" + (" ± one standard error" if table.spread else ""))  # fmt: skip
        ax.plot([each.training_error], [place], "s", color=BLUE, ms=5, label="training")
    _scale(ax, "x", np.array([each.validation_error for each in whole]))
    named = [", ".join(spelled(each.params.get(n, "")) for n in table.names) for each in whole]
    for place, each in enumerate(whole):
        if each is table.optimum:
            named[place] += "  (optimum)"
        elif each is modest:
            named[place] += "  (one s.e.)"
    ax.set_yticks(range(len(whole)), named)
    ax.set_ylim(len(whole) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="y", visible=False)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(", ".join(filter(None, (table.measure, table.folds))))
    title = ", ".join(map(table.label, table.names))
    beside = BESIDE if table.spread else 2 * BESIDE
    ax.set_title(title, pad=ABOVE if len(title) > beside else None)
    handles, labels = ax.get_legend_handles_labels()
    once = dict(zip(labels, handles, strict=True))
    ax.legend(
        once.values(), once.keys(), loc="lower right", bbox_to_anchor=(1, 1), ncols=2,
        borderaxespad=0.2,
    )  # fmt: skip
