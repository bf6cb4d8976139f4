"""Draws docs/figures/pairs.svg: what an output unit gets back, under two losses.

A sigmoid unit whose target is 1. Left the loss, right the size of its derivative with respect to
the pre-activation, both over the pre-activation; the further left, the more wrong the unit is.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from unstuck import ACTIVATIONS, LOSSES
from unstuck.report import figures

PAIRS = {"cross_entropy": "cross-entropy", "squared_error": "squared error"}


def main() -> None:
    """Draw."""
    t = np.linspace(-8.0, 4.0, 1201)
    y = np.ones((len(t), 1))
    losses, pulls = {}, {}
    for name, label in PAIRS.items():
        value = LOSSES[name].of(y, t[:, None], ACTIVATIONS["logistic"])
        losses[label] = (t, value)
        pulls[label] = (t, abs(np.gradient(value, t)))
    figure = figures.courses(
        {"loss": losses, "size of its derivative": pulls},
        "pre-activation of the output unit (target 1)",
        "",
        columns=2,
        marks={
            "loss": "of a sigmoid unit: wrong on the left, right on the right",
            "size of its derivative": "what the unit learns from: |dL/da|",
        },
    )
    figures.save(figure, Path(__file__).with_suffix(".svg"))


if __name__ == "__main__":
    main()
