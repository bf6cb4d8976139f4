"""What ``unstuck show NAME`` shows: a text for the terminal, and a figure for a file."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

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


SHOWS: dict[str, Callable[[], Show]] = {
    "threshold": _threshold,
    "perceptron": _perceptron,
}
"""By name."""
