"""XOR: no single unit, two layers by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from unstuck.aligned import aligned
from unstuck.neuro.characters import regions
from unstuck.neuro.logistic import logistic_unit
from unstuck.neuro.representable import representable
from unstuck.neuro.xor import by_hand
from unstuck.report import figures
from unstuck.report.regions_display import RegionsDisplay
from unstuck.shows.show import Show


def show() -> Show:
    """As a text and a figure."""
    x, y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    lda = LinearDiscriminantAnalysis(solver="lsqr").fit(x, y)
    table = [("", "w", "b", "P(1) of the four rows")]
    for name, each in (("logistic unit", logistic_unit(x, y)), ("LDA", lda)):
        w = " ".join(f"{abs(value):.3f}" for value in each.coef_[0])
        p = " ".join(f"{value:.3f}" for value in each.predict_proba(x)[:, 1])
        table.append((name, w, f"{abs(each.intercept_[0]):.3f}", p))
    network = by_hand()
    parts = [
        f"one threshold unit\n{representable('0110')}",
        "other linear classifiers\n" + "\n".join(aligned(table)),
        f"two layers\n{network}",
        regions(network, x, y),
    ]

    def save(path: Path) -> None:
        figures.save(RegionsDisplay.from_estimator(network, x, y).figure_, path)

    return Show("\n\n".join(map(str, parts)), save)
