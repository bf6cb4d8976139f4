"""The logistic unit beside its peers and linear discriminant analysis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from unstuck.aligned import aligned
from unstuck.neuro.characters import regions
from unstuck.neuro.discriminant import beside_discriminant, far_rows, gaussian_rows
from unstuck.neuro.logistic import logistic_unit
from unstuck.neuro.overlap import overlap
from unstuck.report import figures
from unstuck.shows.show import Show


def show() -> Show:
    """As a text and a figure."""
    iris = load_iris()
    x, y = iris.data[50:], iris.target_names[iris.target[50:]]
    peer = LogisticRegression(C=np.inf, tol=1e-10, solver="newton-cholesky").fit(x, y)
    fits = {
        "cross-entropy, {0, 1}": logistic_unit(x, y),
        "logit loss, {-1, +1}": logistic_unit(x, y, loss="logit"),
        "LogisticRegression": peer,
    }
    table = [("by", "w", "b")]
    for name, fit in fits.items():
        w = " ".join(f"{value:.3f}" for value in fit.coef_[0])
        table.append((name, w, f"{fit.intercept_[0]:.3f}"))
    drawn = {"Gaussian rows": gaussian_rows, "a fifth of a class far away": far_rows}
    few, many = 200, 5000
    compared = {
        name: beside_discriminant(*draw(few, 0), *draw(many, 1)) for name, draw in drawn.items()
    }
    away = compared["a fifth of a class far away"]
    parts = [
        "versicolor or virginica, of iris\n" + "\n".join(aligned(table, words=2)),
        overlap(x, y == "virginica"),
        f"setosa or not\n{str(overlap(iris.data, iris.target == 0)).splitlines()[0]}",
        *(f"{name}: {few} to fit, {many:,} others\n{each}" for name, each in compared.items()),
        f"the regions of discriminant analysis there\n{regions(away.lda, *far_rows(few, 0))}",
        f"and of the logistic unit\n{regions(away.unit, *far_rows(few, 0))}",
    ]

    def save(path: Path) -> None:
        with figures.written(path, 9.6, 4.2) as figure:
            panels = figure.subplots(1, 2)
            for panel, (name, each) in zip(panels, compared.items(), strict=True):
                each.plot(*drawn[name](few, 0), ax=panel).set_title(name)

    return Show("\n\n".join(map(str, parts)), save)
