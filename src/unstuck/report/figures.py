"""Figures as functions of plain arrays; matplotlib is imported when a figure is drawn.

No function here knows an estimator: whoever has the arrays can draw the figure. Every function
returns a ``matplotlib.figure.Figure`` that is attached to no window; ``save`` writes it.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.drawing.axes import figure_of, style
from unstuck.drawing.colors import (
    BLUE,
    FLAT_SHADE,
    GREEN,
    INK,
    LINEAR_SHADE,
    ORANGE,
    PURPLE,
    QUIET,
)
from unstuck.errors import DataError
from unstuck.persistence.atomic import replacing
from unstuck.report.panels import noted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Interval = tuple[float, float]

WIDTH = 9.0
"""Inches: a figure as wide as the text of a web page."""


@dataclass(frozen=True)
class Curve:
    """A function of one variable with its derivative, and the places to point out.

    Attributes:
        name: the panel's title.
        a: where it is drawn, shape (n,).
        value, slope: shape (n,).
        formula: shown under the title.
        flat: intervals of ``a`` where the slope is near 0.
        linear: interval of ``a`` where it is almost a straight line.
        curved: points (a, value) where the second derivative is extreme.
        kink: the point (a, value) where the derivative does not exist.
        jumps: whether the value jumps at the kink.
    """

    name: str
    a: np.ndarray
    value: np.ndarray
    slope: np.ndarray
    formula: str = ""
    flat: Sequence[Interval] = ()
    linear: Interval | None = None
    curved: Sequence[Interval] = ()
    kink: Interval | None = None
    jumps: bool = False


def activations(curves: Sequence[Curve], columns: int = 3) -> Figure:
    """A panel for every activation function, and one panel that says how to read them.

    Example:
        >>> a = np.linspace(-2.0, 2.0, 5)
        >>> figure = activations([Curve("relu", a, np.maximum(a, 0), (a > 0) * 1.0)])
        >>> len(figure.axes)
        2
    """
    rows = math.ceil((len(curves) + 1) / columns)
    with _drawing(WIDTH, 2.35 * rows) as figure:
        panels = [figure.add_subplot(rows, columns, i + 1) for i in range(len(curves) + 1)]
        for panel, curve in zip(panels, curves, strict=False):
            _curve(panel, curve)
        for panel in panels[len(curves) - columns : -1]:
            panel.set_xlabel("pre-activation a")
        _key(panels[-1])
    return figure


def courses(
    panels: Mapping[str, Mapping[str, tuple[np.ndarray, np.ndarray]]],
    x_label: str,
    y_label: str,
    columns: int = 3,
    y_range: Interval | None = None,
    marks: Mapping[str, str] | None = None,
) -> Figure:
    """Lines in panels: title -> label -> (x, y). Each label has one color in all panels.

    Arguments:
        panels: what to draw.
        x_label, y_label: of every panel.
        columns: panels in a row.
        y_range: the same for every panel.
        marks: a sentence under a panel's title.

    Example:
        >>> x = np.arange(3.0)
        >>> figure = courses({"rate": {"constant": (x, x)}}, "epoch", "rate")
        >>> figure.axes[0].get_title(loc="left")
        'rate'
    """
    labels = list(dict.fromkeys(label for lines in panels.values() for label in lines))
    colors = dict(zip(labels, _shades(len(labels)), strict=True))
    rows = math.ceil(len(panels) / columns)
    with _drawing(WIDTH, 2.3 * rows + 0.3) as figure:
        for index, (title, lines) in enumerate(panels.items()):
            panel = figure.add_subplot(rows, min(columns, len(panels)), index + 1)
            for label, (x, y) in lines.items():
                panel.plot(x, y, color=colors[label], label=label)
            _title(panel, title, (marks or {}).get(title, " " if marks else ""))
            if index >= len(panels) - columns:
                panel.set_xlabel(x_label)
            if index % columns == 0:
                panel.set_ylabel(y_label)
            if y_range is not None:
                panel.set_ylim(*y_range)
        if len(labels) > 1:
            _legend_below(figure, figure.axes[0])
    return figure


def signals(
    runs: Mapping[str, Mapping[str, np.ndarray]],
    layers: Sequence[str],
    shown: Mapping[str, str],
    logarithmic: Sequence[str] = (),
) -> Figure:
    """Signals of every layer over the epochs: one row a signal, one column a run.

    Arguments:
        runs: title of the column -> arrays as in ``history_``: ``look_epoch`` of shape (looks,)
            and the signals of shape (looks, layers).
        layers: names of the layers, from input to output.
        shown: signal -> label of the axis.
        logarithmic: signals on a logarithmic axis.

    Example:
        >>> run = {"look_epoch": np.arange(2), "layer_mean_slope": np.ones((2, 1))}
        >>> figure = signals({"healthy": run}, ["output"], {"layer_mean_slope": "slope"})
        >>> len(figure.axes)
        1
    """
    colors = _shades(len(layers))
    with _drawing(WIDTH, 1.9 * len(shown) + 0.6) as figure:
        grid = figure.subplots(len(shown), len(runs), sharex="col", sharey="row", squeeze=False)
        for row, (signal, label) in zip(grid, shown.items(), strict=True):
            for panel, (title, run) in zip(row, runs.items(), strict=True):
                if signal not in run:
                    raise DataError(f"{title} has no looks at its layers; fit it with watch=True.")
                for index, layer in enumerate(layers):
                    course = run[signal][:, index]
                    panel.plot(run["look_epoch"], course, color=colors[index], label=layer)
                if panel in grid[0]:
                    panel.set_title(title)
                if panel in grid[-1]:
                    panel.set_xlabel("epoch")
            row[0].set_ylabel(label)
            if signal in logarithmic:
                row[0].set_yscale("log")
        _legend_below(figure, grid[0, 0])
    return figure


def save(figure: Figure, path: str | Path) -> None:
    """Write a figure, whole or not at all; an SVG file has the same bytes whenever the same numbers
    are drawn."""
    kind = Path(path).suffix.lower().removeprefix(".")
    with replacing(path) as file, style():
        metadata = {"Date": None} if kind == "svg" else {}
        figure.savefig(file, format=kind, metadata=metadata, dpi=144)


@contextlib.contextmanager
def written(path: str | Path, width: float, height: float) -> Iterator[Figure]:
    """A figure to draw on, of so many inches, which is written to a file at the end."""
    with figure_of(width, height) as figure:
        yield figure
    save(figure, path)


def _drawing(width: float, height: float) -> contextlib.AbstractContextManager[Figure]:
    return figure_of(width, height, w_pad=0.06, h_pad=0.06, wspace=0.03, hspace=0.04)


def _curve(panel: Axes, curve: Curve) -> None:
    for low, high in curve.flat:
        panel.axvspan(low, high, color=FLAT_SHADE, lw=0)
    if curve.linear is not None:
        panel.axvspan(*curve.linear, color=LINEAR_SHADE, lw=0)
    panel.axhline(0, color=QUIET, lw=0.8)
    panel.plot(curve.a, _broken(curve, curve.slope), color=ORANGE, ls=(0, (4, 1.6)), lw=1.7)
    value = _broken(curve, curve.value) if curve.jumps else curve.value
    panel.plot(curve.a, value, color=BLUE, lw=2.2)
    for a, z in curve.curved:
        panel.plot(a, z, "o", color="white", mec=INK, mew=1.4, ms=6, zorder=4)
    if curve.kink is not None:
        panel.plot(*curve.kink, "D", color=PURPLE, mec="white", mew=0.8, ms=6, zorder=4)
    panel.set_xlim(curve.a[0], curve.a[-1])
    panel.locator_params(nbins=5, integer=True, axis="x")
    panel.locator_params(nbins=5, axis="y")
    _title(panel, curve.name, curve.formula)


def _broken(curve: Curve, y: np.ndarray) -> np.ndarray:
    """Values with a gap at the kink, so that a jump is not drawn as a line."""
    if curve.kink is None:
        return y
    gap = np.array(y, float)
    gap[np.argmin(abs(curve.a - curve.kink[0]))] = np.nan
    return gap


def _title(panel: Axes, title: str, under: str) -> None:
    panel.set_title(title, pad=16 if under else 6)
    if under:
        noted(panel, under, 4).set_in_layout(False)


def _key(panel: Axes) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    panel.axis("off")
    dot: dict[str, Any] = {
        "ls": "none",
        "marker": "o",
        "mfc": "white",
        "mec": INK,
        "mew": 1.4,
        "ms": 6,
    }
    diamond: dict[str, Any] = {"ls": "none", "marker": "D", "mfc": PURPLE, "mec": "white", "ms": 7}
    handles = [
        Line2D([], [], color=BLUE, lw=2.2, label="value"),
        Line2D([], [], color=ORANGE, lw=1.7, ls=(0, (4, 1.6)), label="slope"),
        Patch(color=FLAT_SHADE, label="flat: slope < 2 % of the largest"),
        Patch(color=LINEAR_SHADE, label="nearly linear: 1 % off its tangent"),
        Line2D([], [], label="second derivative is extreme", **dot),
        Line2D([], [], label="kink or jump", **diamond),
    ]
    key = panel.legend(handles=handles, loc="center left", borderaxespad=0, labelspacing=0.75)
    key.set_in_layout(False)


def _legend_below(figure: Figure, panel: Axes) -> None:
    handles, labels = panel.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 6))


def _shades(count: int) -> list[Any]:
    """Colors for up to three lines, or an ordered scale for more (layers from input to output)."""
    import matplotlib

    if count <= 3:
        return [BLUE, ORANGE, GREEN][:count]
    scale = matplotlib.colormaps["viridis"]
    return [scale(share) for share in np.linspace(0.0, 0.86, count)]
