"""Figures over depth: what layers compute and receive, and what becomes of adjoints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.drawing.colors import GREEN, INK, ORANGE, QUIET, RED
from unstuck.health.spelling import number, percent
from unstuck.report.document.contents import END, START, Layers, Quantity
from unstuck.report.document.drawn import (
    COLORS,
    FEW,
    Drawn,
    exponents,
    extent,
    key,
    layer_axis,
    moment_key,
    plain,
    power_axis,
    selected,
)
from unstuck.report.document.inline import drawing
from unstuck.report.document.quantities import LAWS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MANY, MOST_TOLD = 0.1, 4
"""Share of zeros from which it is told, and layers that are told."""
SHIFT = 0.16
"""By how much start and end stand beside each other, in layers."""

READS = {
    "preactivation": "What units receive. A sigmoid is flat beyond ±4, tanh beyond ±2.5: layers "
    "whose bars reach far beyond hardly learn.",
    "output": "What units hand on. It should keep its spread from layer to layer: a spread that "
    "shrinks to nothing carries nothing, one that grows soon overflows.",
    "adjoint": "How strongly each unit's input moves the loss of a row, by powers of ten. Bars "
    "that sink towards the inputs are a gradient that vanishes; bars that climb, one that "
    "explodes.",
    "gradient": "The derivative by each weight, by powers of ten. Layers far below the others "
    "learn far more slowly at one learning rate.",
}
HISTOGRAMS = {
    "preactivation": "The same numbers as histograms, one layer a row.",
    "output": "Heaps at the ends of the range are saturated units; a needle at 0 is a layer that "
    "says nothing, or ReLUs that are off.",
    "adjoint": "The further a layer's heap lies to the left, the less of the error reaches it.",
    "gradient": "Glorot and Bengio's figure: in a network that learns, the heaps lie above each "
    "other.",
}


def depth_figures(layers: Layers) -> Iterator[Drawn]:
    """Distributions of every quantity over depth, and as histograms."""
    for name, quantity in layers.quantities.items():
        what = LAWS[name].name
        yield Drawn(
            f"depth-{name}", f"{what.capitalize()}s over depth", _bands(layers, name, quantity),
            READS[name],
        )  # fmt: skip
        if np.any([shares.any() for shares in quantity.bins.shares.values()]):
            yield Drawn(
                f"histogram-{name}", f"Histograms of {what}s", _ridges(layers, name, quantity),
                HISTOGRAMS[name] + _zeros(layers, quantity) * LAWS[name].sizes,
            )  # fmt: skip


def _zeros(layers: Layers, quantity: Quantity) -> str:
    """Which layers have many numbers that are exactly 0 at the end: these have no power of ten."""
    shares = quantity.zeros[END]
    many = [i for i in np.argsort(-shares, kind="stable") if shares[i] > MANY]
    if not many:
        return ""
    told = [f"{percent(float(shares[i]), 2)} of {layers.names[i]}" for i in many[:MOST_TOLD]]
    more = f" and {len(many) - MOST_TOLD} more layers" * (len(many) > MOST_TOLD)
    return f" Exactly 0, and so not drawn, at the end: {', '.join(told)}{more}."


def _bands(layers: Layers, name: str, quantity: Quantity) -> Any:
    with drawing(_height(layers)) as figure:
        panel = figure.add_subplot()
        for moment, found in quantity.quantiles.items():
            _spread(panel, found, moment, len(quantity.quantiles) > 1)
        layer_axis(panel, layers.names)
        if LAWS[name].sizes:
            power_axis(panel.yaxis, *extent(*quantity.quantiles.values()))
        panel.set_ylabel(f"{'size of ' * LAWS[name].sizes}{LAWS[name].name}")
        key(figure, moment_key(tuple(quantity.quantiles)))
    return figure


def _height(layers: Layers) -> float:
    """Of the two figures of a quantity, which stand beside each other."""
    return max(2.4, 0.9 + 0.4 * len(selected(len(layers.names))))


def _spread(panel: Axes, found: np.ndarray, moment: str, both: bool) -> None:
    """Bars of the middle 96 % and 50 % with the median; areas where there are many layers."""
    low, lower, middle, upper, high = found.T
    color, at = COLORS[moment], np.arange(len(found), dtype=float)
    if len(found) > FEW:
        panel.fill_between(at, low, high, color=color, alpha=0.14, lw=0)
        panel.fill_between(at, lower, upper, color=color, alpha=0.3, lw=0)
        panel.plot(at, middle, color=color, lw=1.6)
        return
    at += SHIFT * (1 if moment == END else -1) * both
    panel.vlines(at, low, high, color=color, lw=1.4)
    panel.vlines(at, lower, upper, color=color, lw=6, alpha=0.55)
    panel.plot(at, middle, "o", color=color, ms=4, mec="white", mew=0.8, zorder=4)


def _ridges(layers: Layers, name: str, quantity: Quantity) -> Any:
    shown = selected(len(layers.names))
    with drawing(_height(layers)) as figure:
        panel = figure.add_subplot()
        for row, layer in enumerate(shown):
            for moment, shares in quantity.bins.shares.items():
                _ridge(panel, quantity.bins.edges, shares[layer], len(shown) - 1 - row, moment)
        names = [plain(layers.names[layer]) for layer in reversed(shown)]
        panel.set_yticks(range(len(shown)), names)
        panel.set_ylim(-0.12, len(shown) + 0.05)
        panel.spines["left"].set_visible(False)
        panel.tick_params(axis="y", length=0)
        edges = quantity.bins.edges
        if LAWS[name].sizes:
            power_axis(panel.xaxis, edges[0], edges[-1], 7)
        panel.set_xlabel(f"{'size of ' * LAWS[name].sizes}{LAWS[name].name}")
        key(figure, moment_key(tuple(quantity.bins.shares)))
    return figure


def _ridge(panel: Axes, edges: np.ndarray, shares: np.ndarray, foot: float, moment: str) -> None:
    """One histogram, as high as a row."""
    heights = foot + 0.86 * shares / max(shares.max(), 1e-12)
    color = COLORS[moment]
    if moment == END:
        panel.stairs(heights, edges, baseline=foot, fill=True, color=color, alpha=0.35, lw=0)
    panel.stairs(heights, edges, baseline=foot, color=color, lw=1.1)


# Attenuation


def attenuation_figures(layers: Layers) -> Iterator[Drawn]:
    """What becomes of adjoints on their way back; nothing of a single layer."""
    if len(layers.names) < 2:
        return
    yield Drawn(
        "attenuation", "What is left of the error on its way back", _sizes(layers),
        f"Norm of each layer's adjoints beside that of the last layer, which is 1. "
        f"{_first_of_last(layers)}",
    )  # fmt: skip
    yield Drawn(
        "factors", "Each step back: slope times weights", _factors(layers),
        "A step back from a layer to the one before multiplies adjoints by weights and then by "
        "slopes. The slope's factor cannot exceed the largest slope of the activation, the dashed "
        "line: 1/4 for a sigmoid, 1 for tanh and ReLU. Adjoints keep their size where the product "
        "of both is near 1.",
    )  # fmt: skip


def _first_of_last(layers: Layers) -> str:
    said = {START: "before the first step", END: "at the end"}
    found = [
        f"{number(float(back.sizes[0]))} {said[moment]}"
        for moment, back in layers.back.items()
        if np.isfinite(back.sizes[0])
    ]
    return f"The first layer receives {' and '.join(found)}." if found else ""


def _sizes(layers: Layers) -> Any:
    with drawing(2.7) as figure:
        panel = figure.add_subplot()
        found = {moment: exponents(back.sizes) for moment, back in layers.back.items()}
        panel.axhline(0, color=QUIET, lw=1, ls=(0, (4, 2.5)))
        for moment, sizes in found.items():
            panel.plot(sizes, color=COLORS[moment], marker="o", ms=4 if len(sizes) <= FEW else 2)
        layer_axis(panel, layers.names)
        power_axis(panel.yaxis, *extent(0.0, *found.values()))
        panel.set_ylabel("adjoint / last adjoint")
        key(figure, moment_key(tuple(found)))
    return figure


def _factors(layers: Layers) -> Any:
    from matplotlib.lines import Line2D

    marks = {START: ("none", "before the first step"), END: (None, "at the end")}
    with drawing(3.0) as figure:
        panel = figure.add_subplot()
        bounds = exponents(layers.bounds[:-1])
        drawn = [bounds, np.zeros(1)]
        steps = np.arange(len(bounds))
        for moment, back in layers.back.items():
            for factors, color in ((back.weights, GREEN), (back.slopes, ORANGE)):
                drawn.append(exponents(factors))
                panel.plot(
                    steps, drawn[-1], color=color, marker="o", ms=4 if len(steps) <= FEW else 2.4,
                    lw=1.6 if moment == END else 0.9, mfc=marks[moment][0] or color,
                    alpha=1 if moment == END else 0.75,
                )  # fmt: skip
        panel.axhline(0, color=QUIET, lw=0.8)
        panel.step(
            np.r_[-0.5, steps + 0.5], np.r_[bounds[:1], bounds], where="pre", color=RED, lw=1.3,
            ls=(0, (4, 2)),
        )  # fmt: skip
        layer_axis(panel, layers.names[:-1])
        panel.set_xlabel("back to layer")
        power_axis(panel.yaxis, *extent(*drawn))
        panel.set_ylabel("factor")
        handles = [
            Line2D([], [], color=ORANGE, lw=3, label="slopes"),
            Line2D([], [], color=GREEN, lw=3, label="weights"),
            Line2D([], [], color=RED, lw=1.3, ls=(0, (4, 2)), label="bound of the slopes"),
        ]
        handles += [
            Line2D(
                [],
                [],
                color=INK,
                marker="o",
                ls="none",
                ms=4,
                mfc=marks[m][0] or INK,
                label=marks[m][1],
            )
            for m in layers.back
        ]
        key(figure, handles, 3)
    return figure
