"""Backpropagation as a picture: unit by unit where that is readable, else bars for every layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.aligned import cut
from unstuck.drawing import picture
from unstuck.drawing.backpropagation_table import heading, rms
from unstuck.drawing.colors import BLUE, DERIVATIVE, INK, QUIET, RED, UNITS, BoxLook
from unstuck.drawing.layout import FONT_SIZE, LINE_HEIGHT, SHAPE_SIZE, Area, text_width
from unstuck.drawing.picture import MARGIN, frame, write
from unstuck.summary import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_UNITS, MOST_LAYERS = 8, 5
"""Networks up to this size are drawn unit by unit."""
UNIT = (96.0, 6 * LINE_HEIGHT + 8.0)
ACROSS, DOWN = 150.0, 14.0
"""Room between columns and between units of a column."""
THICKEST = 3.0
SHARES = (0.62, 0.46, 0.78, 0.3, 0.54, 0.7, 0.38, 0.86, 0.2)
"""Of the way between two units at which the number of a weight may stand, the best first."""
LONGEST = 18
"""Characters of a name in a box."""
BAR, NAME = 90.0, 90.0


def draw(passed: Any) -> Figure:
    """The figure of a ``Backpropagation``.

    Every unit of a small network for one example; a row a layer for anything else.
    """
    widths = passed.objective.network.widths
    small = max(widths) <= MOST_UNITS and len(widths) <= MOST_LAYERS + 1 and len(passed.x) == 1
    return _units(passed) if small else _bars(passed)


# Unit by unit


def _units(passed: Any) -> Figure:
    widths = passed.objective.network.widths
    tall = max(widths) * (UNIT[1] + DOWN) - DOWN
    width = len(widths) * (UNIT[0] + ACROSS) - ACROSS
    top = 4 * LINE_HEIGHT
    figure, axes = picture.page(
        Area(-MARGIN, -top - MARGIN, width + 2 * MARGIN, tall + top + 7 * LINE_HEIGHT + 2 * MARGIN)
    )
    places = [_column(index, count, tall) for index, count in enumerate(widths)]
    for index, each in enumerate(passed.layers):
        _connections(axes, each.parameters["weights"], places[index], places[index + 1])
        _weights(axes, each.parameters["weights"], places[index], places[index + 1])
    _titles(axes, passed, places, top)
    for index, (place, x) in enumerate(zip(places[0], passed.x[0], strict=True)):
        middle = Area(
            place.x, place.y + place.height / 2 - LINE_HEIGHT - 4, place.width, 2 * LINE_HEIGHT + 8
        )
        _unit(axes, middle, UNITS["input"], _name(passed.inputs, index, "x"), [("x", x, INK)])
    for each, column in zip(passed.layers, places[1:], strict=True):
        _layer(axes, passed, each, column)
    _explain(axes, passed, tall)
    return figure


def _column(index: int, count: int, tall: float) -> list[Area]:
    """The places of the units of a layer, centered on the tallest."""
    start = (tall - count * (UNIT[1] + DOWN) + DOWN) / 2
    x = index * (UNIT[0] + ACROSS)
    return [Area(x, start + k * (UNIT[1] + DOWN), *UNIT) for k in range(count)]


def _connections(axes: Axes, weights: Any, left: Sequence[Area], right: Sequence[Area]) -> None:
    """A line a weight: as thick as it is large, dashed where it is negative."""
    thickness = THICKEST / max(float(np.abs(weights).max()), 1e-300)
    for (i, j), weight in np.ndenumerate(weights):
        start, end = left[i], right[j]
        axes.plot(
            [start.x + start.width, end.x],
            [start.y + start.height / 2, end.y + end.height / 2],
            color=BLUE if weight > 0 else RED,
            linewidth=max(abs(float(weight)) * thickness, 0.2),
            linestyle="solid" if weight > 0 else (0, (4, 2)),
            alpha=0.55,
            solid_capstyle="butt",
            zorder=0.5,
        )


def _weights(axes: Axes, weights: Any, left: Sequence[Area], right: Sequence[Area]) -> None:
    """The number of every weight on its line, where no other number stands."""
    taken: list[Area] = []
    for (i, j), weight in np.ndenumerate(weights):
        text = number(weight + 0.0)
        size = text_width(text) * SHAPE_SIZE / FONT_SIZE + 6.0, SHAPE_SIZE + 2.0
        places = [_on_line(left[i], right[j], share, size) for share in SHARES]
        place = next((p for p in places if not any(map(p.overlaps, taken))), places[0])
        taken.append(place)
        x, y = place.center
        written = write(axes, x, y, text, QUIET, SHAPE_SIZE, centered=True)
        written.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.85})


def _on_line(left: Area, right: Area, share: float, size: tuple[float, float]) -> Area:
    """The place of a text on the way between two units."""
    start, end = left.center, right.center
    start[0], end[0] = left.x + left.width, right.x
    x, y = start + share * (end - start)
    return Area(x - size[0] / 2, y - size[1] / 2, *size)


def _name(names: Sequence[str], index: int, letter: str) -> str:
    """What a unit is called: its own name, or a letter and its number from 1."""
    return cut(str(names[index]), LONGEST) if names else f"{letter}{index + 1}"


def _titles(axes: Axes, passed: Any, places: Sequence[Sequence[Area]], top: float) -> None:
    write(axes, 0.0, -top, heading(passed), bold=True)
    names = [("inputs", ""), *((each.name, str(each.layer)) for each in passed.layers)]
    for (name, unit), column in zip(names, places, strict=True):
        middle = column[0].x + column[0].width / 2
        write(axes, middle, -2.1 * LINE_HEIGHT, name, centered=True, bold=True)
        write(axes, middle, -1.1 * LINE_HEIGHT, unit, QUIET, centered=True)


def _layer(axes: Axes, passed: Any, each: Any, column: Sequence[Area]) -> None:
    last = each is passed.layers[-1]
    bias = each.parameters.get("bias")
    for unit, place in enumerate(column):
        lines = [] if bias is None else [("bias", bias[unit], QUIET)]
        lines += [("a", each.a[0, unit], INK), ("z", each.z[0, unit], INK)]
        lines.append(("h'(a)", each.slope[0, unit], QUIET))
        lines.append(("delta", each.delta[0, unit], DERIVATIVE))
        name = _name(passed.outputs if last else (), unit, "y" if last else "unit ")
        _unit(axes, place, UNITS["output" if last else "hidden"], name, lines)
        if last:
            target = f"target {number(passed.y[0, unit])}"
            x = place.x + place.width - text_width(target)
            write(axes, x, place.y + place.height + 0.7 * LINE_HEIGHT, target, QUIET)


def _unit(
    axes: Axes, place: Area, look: BoxLook, name: str, lines: Sequence[tuple[str, Any, str]]
) -> None:
    frame(axes, place, look)
    y = place.y + (place.height - LINE_HEIGHT * (len(lines) + 1)) / 2 + LINE_HEIGHT / 2
    write(axes, place.x + place.width / 2, y, name, centered=True, bold=True)
    for what, value, color in lines:
        y += LINE_HEIGHT
        write(axes, place.x + 8.0, y, f"{what:<5} {number(value + 0.0)}", color)


def _explain(axes: Axes, passed: Any, tall: float) -> None:
    sentences = (
        "Forward, left to right: a = sum of weight × input + bias, z = h(a).",
        _error(passed),
        "Hidden units, right to left: delta = dL/da = h'(a) × sum of weight × next layer's delta.",
        "Derivative of a weight: delta of its unit × its input.",
        "Lines: weights, thick where large, dashed and red where negative.",
    )
    for index, sentence in enumerate(sentences):
        write(axes, 0.0, tall + (2.2 + index) * LINE_HEIGHT, sentence, QUIET)


def _error(passed: Any) -> str:
    """Where delta begins: at the output layer the loss gives it."""
    loss, output = passed.objective.loss, passed.objective.network.output
    if loss.on_preactivations(output):
        return f"Output units: delta = dL/da, of {loss.name} and {output.name} together."
    return f"Output units: delta = dL/da = h'(a) × dL/dz, of {loss.name}."


# Layer by layer

QUANTITIES = (
    ("rms z", lambda each: rms(each.z), BLUE),
    ("mean h'(a)", lambda each: float(np.abs(each.slope).mean()), QUIET),
    ("rms delta", lambda each: rms(each.delta), DERIVATIVE),
    ("norm dL/dw", lambda each: float(np.linalg.norm(each.gradient["weights"])), DERIVATIVE),
)


def _bars(passed: Any) -> Figure:
    """A row a layer; bars are logarithmic and start at the smallest number of their column."""
    rows, column = len(passed.layers), BAR + 64.0
    names = max([NAME, *(text_width(each.name) + 12.0 for each in passed.layers)])
    width = names + len(QUANTITIES) * column
    height = (rows + 4) * LINE_HEIGHT * 1.3
    figure, axes = picture.page(
        Area(-MARGIN, -MARGIN, width + 2 * MARGIN, height + LINE_HEIGHT + 2 * MARGIN)
    )
    write(axes, 0.0, 0.0, heading(passed), bold=True)
    for row, each in enumerate(passed.layers):
        write(axes, 0.0, (row + 3) * LINE_HEIGHT * 1.3, each.name)
    for index, (title, measure, color) in enumerate(QUANTITIES):
        x = names + index * column
        write(axes, x, 1.8 * LINE_HEIGHT * 1.3, title, color, bold=True)
        _bar_column(axes, x, [measure(each) for each in passed.layers], color)
    said = "Bars: powers of ten above the smallest number of the column. rms: root mean square."
    write(axes, 0.0, (rows + 4) * LINE_HEIGHT * 1.3, said, QUIET)
    return figure


def _bar_column(axes: Axes, x: float, values: Sequence[float], color: str) -> None:
    from matplotlib.patches import Rectangle

    logs = np.log10([v if np.isfinite(v) and v > 0 else np.nan for v in values])
    known = logs[np.isfinite(logs)]
    low, high = (known.min(), known.max()) if len(known) else (0.0, 0.0)
    span = max(high - low, 1.0)
    for row, (value, log) in enumerate(zip(values, logs, strict=True)):
        y = (row + 3) * LINE_HEIGHT * 1.3
        length = 0.0 if np.isnan(log) else 4.0 + (BAR - 4.0) * (log - low) / span
        if length:
            axes.add_patch(Rectangle((x, y - 3.5), length, 7.0, facecolor=color, alpha=0.75))
        write(axes, x + length + 4.0, y, number(value))
