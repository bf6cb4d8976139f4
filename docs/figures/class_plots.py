"""Draws docs/figures/class_plots.svg: the plots of a classifier of two noisy half moons."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from unstuck import (
    ConfusionDisplay,
    NetClassifier,
    RegionsDisplay,
    ReliabilityDisplay,
    RocDisplay,
    datasets,
)
from unstuck.report import figures


def main() -> None:
    """Draw."""
    moons = datasets.load_dataset("moons", n=400, seed=0, noise=0.35)
    parts = {"train": slice(0, None, 2), "test": slice(1, None, 2)}
    inputs = {part: moons.X[rows] for part, rows in parts.items()}
    names = np.array(moons.target_names)
    targets = {part: names[moons.y[rows]] for part, rows in parts.items()}
    net = NetClassifier((16,), solver="lbfgs", tol=1e-3, alpha=0.1, random_state=0)
    net.fit(inputs["train"], targets["train"])
    with figures.written(Path(__file__).with_suffix(".svg"), 10.0, 9.4) as figure:
        (regions, confusion), (roc, reliability) = figure.subplots(2, 2)
        RegionsDisplay.from_estimator(net, inputs, targets, ax=regions)
        ConfusionDisplay.from_estimator(net, inputs["test"], targets["test"], ax=confusion)
        RocDisplay.from_estimator(net, inputs, targets, ax=roc)
        ReliabilityDisplay.from_estimator(net, inputs, targets, ax=reliability)


if __name__ == "__main__":
    main()
