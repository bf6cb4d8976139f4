"""XOR: no single unit, two layers by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from unstuck.aligned import aligned
from unstuck.estimators.classifier import NetClassifier
from unstuck.neuro.characters import regions
from unstuck.neuro.logistic import logistic_unit
from unstuck.neuro.representable import representable
from unstuck.neuro.xor import by_hand
from unstuck.report import figures
from unstuck.report.regions_display import RegionsDisplay
from unstuck.shows.show import Show

X, Y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
TRAINED = {
    "two sigmoids, trained": ((2,), "logistic"),
    "two ReLUs, trained": ((2,), "relu"),
    "eight ReLUs, trained": ((8,), "relu"),
}
SEED = 0
"""One with which all solve it: two hidden units often end in a local minimum."""


def show() -> Show:
    """As a text and a figure."""
    lda = LinearDiscriminantAnalysis(solver="lsqr").fit(X, Y)
    table = [("", "w", "b", "P(1) of the four rows")]
    for name, each in (("logistic unit", logistic_unit(X, Y)), ("LDA", lda)):
        w = " ".join(f"{abs(value):.3f}" for value in each.coef_[0])
        p = " ".join(f"{value:.3f}" for value in each.predict_proba(X)[:, 1])
        table.append((name, w, f"{abs(each.intercept_[0]):.3f}", p))
    network = by_hand()
    parts = [
        f"one threshold unit\n{representable('0110')}",
        "other linear classifiers\n" + "\n".join(aligned(table)),
        f"two layers\n{network}",
        regions(network, X, Y),
    ]

    return Show("\n\n".join(map(str, parts)), _draw)


def _draw(path: Path) -> None:
    """The regions by hand, and of trained networks."""
    drawn: dict[str, Any] = {"two sigmoids, by hand": by_hand()}
    for name, (hidden, activation) in TRAINED.items():
        net = NetClassifier(
            hidden, activation=activation, solver="lbfgs", max_iter=1000, random_state=SEED
        )
        drawn[name] = net.fit(X, Y)
    with figures.written(path, 12.8, 3.7) as figure:
        panels = figure.subplots(1, len(drawn), sharey=True)
        for panel, (name, net) in zip(panels, drawn.items(), strict=True):
            RegionsDisplay.from_estimator(net, X, Y, names=("a", "b"), ax=panel)
            panel.set_title(name, pad=26)
            panel.label_outer()
