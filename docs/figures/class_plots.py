"""Draws docs/figures/class_plots.svg: the plots of a classifier of two noisy half moons."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from unstuck import (
    ConfusionDisplay,
    NetClassifier,
    RegionsDisplay,
    ReliabilityDisplay,
    RocDisplay,
    datasets,
)
from unstuck.report.figures import STYLE, save


def main() -> None:
    """Draw."""
    moons = datasets.load_dataset("moons", n=400, seed=0, noise=0.35)
    parts = {"train": slice(0, None, 2), "test": slice(1, None, 2)}
    inputs = {part: moons.X[rows] for part, rows in parts.items()}
    names = np.array(moons.target_names)
    targets = {part: names[moons.y[rows]] for part, rows in parts.items()}
    net = NetClassifier((16,), solver="lbfgs", tol=1e-3, alpha=0.1, random_state=0)
    net.fit(inputs["train"], targets["train"])
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(10.0, 9.4), layout="constrained")
        (regions, confusion), (roc, reliability) = figure.subplots(2, 2)
        RegionsDisplay.from_estimator(net, inputs, targets, ax=regions)
        ConfusionDisplay.from_estimator(net, inputs["test"], targets["test"], ax=confusion)
        RocDisplay.from_estimator(net, inputs, targets, ax=roc)
        ReliabilityDisplay.from_estimator(net, inputs, targets, ax=reliability)
    save(figure, Path(__file__).with_suffix(".svg"))


if __name__ == "__main__":
    main()
