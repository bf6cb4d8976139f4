"""Draws docs/figures/schedules.svg: the learning rate over 100 epochs, for every schedule."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from unstuck import SCHEDULES
from unstuck.report import figures

EPOCHS = 100


def rates(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Epochs and factors; for a schedule that reacts, as if progress ended twice."""
    schedule = SCHEDULES[name]
    epochs = np.linspace(0, EPOCHS, 50 * EPOCHS, endpoint=False)
    factor = schedule.factor(epochs, epochs / EPOCHS, 0.5)
    fall = {"no_change": 5.0, "plateau": 2.0}.get(schedule.reacts, 1.0)
    return epochs, factor / fall ** ((epochs >= 40).astype(int) + (epochs >= 70))


def main() -> None:
    """Draw."""
    panels = {name: {"rate": rates(name)} for name in SCHEDULES}
    marks = {
        "adaptive": "if stalled at 40 and 70",
        "plateau": "if stalled at 40 and 70",
        "invscaling": "power_t = 0.5",
    }
    figure = figures.courses(
        panels, "epoch", "share of the rate", columns=4, y_range=(-0.03, 1.05), marks=marks
    )
    figures.save(figure, Path(__file__).with_suffix(".svg"))


if __name__ == "__main__":
    main()
