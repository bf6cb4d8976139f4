"""Draws docs/figures/plots.svg: the plots of a fit, ``fitnet(10)`` on a noisy sine."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from unstuck import (
    ErrorHistogramDisplay,
    FittedCurveDisplay,
    NetRegressor,
    RegressionDisplay,
    TrainingCurveDisplay,
    TrainingStateDisplay,
)
from unstuck.report import figures

PARTS = {"train": slice(0, 210), "validation": slice(210, 255), "test": slice(255, 300)}


def fitted() -> tuple[NetRegressor, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """A network, and its inputs and targets by part."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (300, 1))
    t = np.sin(2 * np.pi * x[:, 0]) + rng.normal(0, 0.1, 300)
    inputs = {part: x[rows] for part, rows in PARTS.items()}
    targets = {part: t[rows] for part, rows in PARTS.items()}
    net = NetRegressor(
        *(10,), activation="tanh", solver="lm", alpha=0, early_stopping=True, n_iter_no_change=5,
        max_iter=1000, random_state=0,
    )  # fmt: skip
    net.fit(
        inputs["train"], targets["train"], X_val=inputs["validation"], y_val=targets["validation"]
    )
    return net, inputs, targets


def main() -> None:
    """Draw."""
    net, inputs, targets = fitted()
    with figures.written(Path(__file__).with_suffix(".svg"), 10.5, 11.0) as figure:
        upper, lower = figure.subfigures(2, 1, height_ratios=(2.4, 1))
        (curve, state), (fit, errors) = upper.subplots(2, 2)
        TrainingCurveDisplay.from_estimator(net, ax=curve)
        TrainingStateDisplay.from_estimator(net, ax=state)
        FittedCurveDisplay.from_estimator(net, inputs, targets, ax=fit)
        ErrorHistogramDisplay.from_estimator(net, inputs, targets, ax=errors)
        RegressionDisplay.from_estimator(net, inputs, targets, ax=lower.subplots(1, 4))


if __name__ == "__main__":
    main()
