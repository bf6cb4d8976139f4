"""Perceptrons on rows that a line divides, and on others."""

from __future__ import annotations

import warnings
from pathlib import Path

from sklearn.datasets import load_iris

from unstuck.data.datasets import load_dataset
from unstuck.errors import StuckWarning
from unstuck.neuro.characters import regions
from unstuck.neuro.perceptron import Perceptron
from unstuck.report import figures
from unstuck.report.regions_display import RegionsDisplay
from unstuck.shows.show import Show

CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]]


def show() -> Show:
    """As a text and a figure."""
    clouds = load_dataset("blobs", n=90, noise=0.8, seed=0)
    apart = Perceptron().fit(clouds.X, clouds.y)
    iris = load_iris()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StuckWarning)  # the tables say it
        flowers = Perceptron().fit(iris.data, iris.target_names[iris.target])
        xor = Perceptron().fit(CORNERS, [0, 1, 1, 0])
    unit = Perceptron().fit(CORNERS, [0, 1, 1, 1])
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
