"""Draws docs/figures/derivatives.svg: the cost of derivatives against the number of weights.

PYTHONPATH=. python docs/figures/derivatives.py            measure for some minutes, and draw
PYTHONPATH=. python docs/figures/derivatives.py --quick    smaller networks
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.derivatives import FIRST_FITTED, Cost, exponents, measured
from unstuck.report import figures


def drawn(costs: Sequence[Cost]) -> Figure:
    """Both costs on logarithmic axes; hollow where some of the weights stand for all."""
    numeric, back = exponents(costs)
    weights = [each.weights for each in costs]
    lines = {
        f"central differences: ~ |W|^{numeric:.2f}": (weights, [c.differences for c in costs]),
        f"backpropagation: ~ |W|^{back:.2f}": (weights, [c.backpropagation for c in costs]),
    }
    figure = figures.courses({"": lines}, "number of weights |W|", "seconds for all derivatives")
    figure.set_size_inches(7.0, 4.2)
    panel = figure.axes[0]
    panel.set(xscale="log", yscale="log")
    panel.axvline(FIRST_FITTED, color="0.8", lw=0.8, zorder=0)
    for line in panel.lines[:2]:
        line.set_marker("o")
    some = [each for each in costs if each.timed < each.weights]
    panel.plot(
        [each.weights for each in some],
        [each.differences for each in some],
        "o",
        color="white",
        ms=4,
    )
    return figure


def main() -> None:
    """Measure and draw."""
    figures.save(drawn(measured(quick="--quick" in sys.argv)), Path(__file__).with_suffix(".svg"))


if __name__ == "__main__":
    main()
