"""Pictures of spikes, potentials and rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.drawing.axes import axes_of, figure_of
from unstuck.drawing.colors import BLUE, GREEN, GRID, INK, ORANGE, PURPLE, QUIET

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SPIKE = 1.2
"""Height of a drawn spike above the threshold, in distances of it from rest: all alike."""
COLORS = (BLUE, ORANGE, GREEN, PURPLE)


def plot(spikes: Any, axes: Any, most: int) -> Figure:
    """Who fired when, above the potentials of chosen neurons."""
    both = bool(spikes.chosen)
    with figure_of(9.0, 4.4 if both else 2.8) as figure:
        if axes is None:
            axes = figure.subplots(1 + both, 1, sharex=True, squeeze=False)[:, 0]
        panels = np.ravel(axes)
        _raster(spikes, panels[0], most)
        if spikes.chosen and len(panels) > 1:
            _potentials(spikes, panels[1])
        panels[-1].set_xlabel("time, ms")
        drawn: Any = panels[0].figure
        return drawn


def _raster(spikes: Any, panel: Any, most: int) -> None:
    many = len(spikes.counts)
    shown = np.unique(np.linspace(0, many - 1, min(many, most)).astype(int))
    times, neurons = spikes.times, spikes.neurons
    trains = [times[neurons == each] for each in shown]
    colors = [COLORS[spikes.chosen.index(each) % len(COLORS)] if each in spikes.chosen else INK
              for each in shown.tolist()]  # fmt: skip
    panel.eventplot(trains, lineoffsets=np.arange(len(shown)), linelengths=0.7, colors=colors,
                    linewidths=1.2)  # fmt: skip
    few = len(shown) <= 8
    panel.set_yticks(np.arange(len(shown)) if few else [0, len(shown) - 1])
    panel.set_yticklabels([f"neuron {shown[i]:,}" for i in (range(len(shown)) if few else (0, -1))])
    for label, color in zip(panel.get_yticklabels(), colors if few else [INK, INK], strict=True):
        label.set_color(color)
    panel.set_ylim(len(shown) - 0.4, -0.6)
    panel.set_xlim(0, spikes.duration)
    panel.grid(False)
    panel.set_title("spikes")


def _potentials(spikes: Any, panel: Any) -> None:
    neuron = spikes.neuron
    top = neuron.threshold + SPIKE * (neuron.threshold - neuron.rest)
    time = np.arange(spikes.potentials.shape[1]) * neuron.step
    for level, word in ((neuron.threshold, "threshold"), (neuron.rest, "rest")):
        panel.axhline(level, color=QUIET, lw=0.9, ls=(0, (4, 2)))
        panel.annotate(word, (1, level), (4, 0), xycoords=("axes fraction", "data"),
                       textcoords="offset points", color=QUIET, va="center",
                       fontsize=8.5)  # fmt: skip
    for place, (who, course) in enumerate(zip(spikes.chosen, spikes.potentials, strict=True)):
        drawn = course.copy()
        drawn[spikes.steps[spikes.neurons == who]] = top
        panel.plot(time, drawn, color=COLORS[place % len(COLORS)], lw=1.3)
    panel.set_ylabel("potential, mV")
    panel.set_title("potential: every spike has the same height")


def plot_curve(curve: Any, ax: Any) -> Figure:
    """Rates over currents, and sigmoids."""
    with axes_of(ax, 6.4, 4.0) as panel:
        x = np.linspace(curve.currents[0], curve.currents[-1], 600)
        panel.axhline(curve.neuron.highest_rate, color=QUIET, lw=0.9, ls=(0, (4, 2)))
        panel.plot(x, curve.neuron.rate(x), color=GRID, lw=6, label="closed form")
        panel.plot(curve.currents, curve.rates, ".", color=INK, ms=4, label="simulated")
        for name, fit, color, dash in (("sigmoid", curve.sigmoid, BLUE, "-"),
                                       ("sigmoid of the logarithm", curve.of_logarithm, ORANGE,
                                        (0, (5, 1.6)))):  # fmt: skip
            panel.plot(x, fit.predict(x), color=color, lw=1.6, ls=dash,
                       label=f"{name}, R² {fit.r2:.3f}")  # fmt: skip
        panel.annotate("1 / refractory", (0, curve.neuron.highest_rate), (2, 3),
                       xycoords=("axes fraction", "data"), textcoords="offset points", color=QUIET,
                       fontsize=8.5)  # fmt: skip
        panel.set_ylim(0, min(1.12 * curve.neuron.highest_rate, 2 * curve.rates.max()))
        panel.set_xlabel("current, nA")
        panel.set_ylabel("rate, Hz")
        panel.set_title("the rate saturates")
        panel.legend(loc="lower right")
        return panel.figure
