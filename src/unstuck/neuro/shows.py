"""What ``unstuck show NAME`` shows: a text for the terminal, and a figure for a file."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from unstuck.aligned import aligned
from unstuck.drawing.style import STYLE
from unstuck.errors import ParameterError, StuckWarning, did_you_mean
from unstuck.report import figures

CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
"""XOR."""


class Show(NamedTuple):
    """What is shown of a unit.

    Attributes:
        text: for a terminal: tables, and the figure in characters where that is possible.
        save: ``save(path)`` writes the figure to an SVG or PNG file.
    """

    text: str
    save: Callable[[Path], Any]


def show(name: str) -> Show:
    """What there is to see of a unit.

    Arguments:
        name: of ``SHOWS``.

    Raises:
        ParameterError: there is nothing of that name.

    Example:
        >>> print(show("threshold").text.splitlines()[0])
        One unit computes 14 of the 16 Boolean functions of two inputs.
    """
    if name not in SHOWS:
        raise ParameterError(
            f"there is nothing called {name!r} to show; expected one of {', '.join(SHOWS)}."
            f"{did_you_mean(name, SHOWS)}"
        )
    return SHOWS[name]()


def _threshold() -> Show:
    from unstuck.neuro.circuit import circuit_of
    from unstuck.neuro.representable import functions_of_two, representable

    circuit = circuit_of("0110")
    parts = [
        functions_of_two(),
        f"a xor b\n{representable('0110')}",
        f"a xor b\n{circuit}",
        circuit.graph(),
    ]
    return Show("\n\n".join(map(str, parts)), circuit.draw)


def _perceptron() -> Show:
    from sklearn.datasets import load_iris

    from unstuck.data.datasets import load_dataset
    from unstuck.neuro.characters import regions
    from unstuck.neuro.perceptron import Perceptron
    from unstuck.report.regions_display import RegionsDisplay

    clouds = load_dataset("blobs", n=90, noise=0.8, seed=0)
    apart = Perceptron().fit(clouds.X, clouds.y)
    iris = load_iris()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StuckWarning)  # the tables say it
        flowers = Perceptron().fit(iris.data, iris.target_names[iris.target])
        xor = Perceptron().fit(*CORNERS)
    unit = Perceptron().fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 1])
    parts = [
        f"three clouds of rows\n{apart.mistakes_told_}",
        regions(apart, clouds.X, clouds.y),
        f"iris\n{flowers.mistakes_told_}",
        f"XOR\n{xor.mistakes_told_}\n{xor.separations_[0]}",
        f"OR, learned: the graph of scalars\n{unit.graph([0, 1], 'scalars')}",
        f"and of tensors\n{unit.graph([0, 1])}",
    ]

    def save(path: Path) -> None:
        figures.save(RegionsDisplay.from_estimator(apart, clouds.X, clouds.y).figure_, path)

    return Show("\n\n".join(parts), save)


def _logistic() -> Show:
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    from unstuck.neuro.characters import regions
    from unstuck.neuro.discriminant import beside_discriminant, far_rows, gaussian_rows
    from unstuck.neuro.logistic import logistic_unit
    from unstuck.neuro.overlap import overlap

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
        import matplotlib
        from matplotlib.figure import Figure

        with matplotlib.rc_context(STYLE):
            figure = Figure(figsize=(9.6, 4.2), layout="constrained")
            panels = figure.subplots(1, 2)
            for panel, (name, each) in zip(panels, compared.items(), strict=True):
                each.plot(*drawn[name](few, 0), ax=panel).set_title(name)
        figures.save(figure, path)

    return Show("\n\n".join(map(str, parts)), save)


SHOWS: dict[str, Callable[[], Show]] = {
    "threshold": _threshold,
    "perceptron": _perceptron,
    "logistic": _logistic,
}
"""By name."""
