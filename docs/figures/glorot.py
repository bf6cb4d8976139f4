"""Draws docs/figures/glorot.svg: Glorot and Bengio's histograms, from our own records.

Five hidden layers on handwritten digits, before the first step. The standard law of their time is
uniform within 1 / sqrt(fan-in), of variance 1 / (3 fan-in); their normalized one has the variance
2 / (fan-in + fan-out). Rows, seeds and all else are the same.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from unstuck import NetClassifier, record_of
from unstuck.data.datasets import load_dataset
from unstuck.initializers import Initializer
from unstuck.record import Record
from unstuck.report import figures

DIGITS = load_dataset("digits")
LAYERS, UNITS, ROWS = 5, 300, 400
BINS = 81


def draw(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """The standard law."""
    limit = 1.0 / np.sqrt(shape[0])
    return rng.uniform(-limit, limit, shape)


LAWS: dict[str, Any] = {"standard": Initializer("standard", draw), "normalized": "glorot_uniform"}
NAMES = {"tanh": "tanh", "logistic": "sigmoid"}


def record(activation: str, law: Any) -> Record:
    """A network before its first step."""
    net = NetClassifier(
        (UNITS,) * LAYERS, activation=activation, initializer=law, solver="sgd",
        learning_rate_init=1e-12, max_iter=1, random_state=0, watch=False,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has not learned is what is wanted here
        net.fit(DIGITS.X, DIGITS.y)
    return record_of(net, DIGITS.X[:ROWS], DIGITS.y[:ROWS])


def colors() -> list[Any]:
    """From the first layer to the last."""
    from matplotlib import colormaps

    return [colormaps["viridis"](x) for x in np.linspace(0.05, 0.8, LAYERS)]


def outputs(found: Record) -> list[np.ndarray]:
    """Of the hidden layers."""
    return [layer.values["output"] for layer in found.layers[:-1]]


def adjoints(found: Record) -> list[np.ndarray]:
    """What comes back to the hidden layers, in units of what the last one gets."""
    back = [layer.adjoints["preactivation"] for layer in found.layers[:-1]]
    return [each / back[-1].std() for each in back]


def spread(array: np.ndarray) -> float:
    """How much units differ from row to row: the root mean square of their deviations."""
    return float(np.sqrt((array.std(0) ** 2).mean()))


def histograms(panel: Any, arrays: list[np.ndarray], low: float, high: float) -> None:
    """The first layer at the bottom, each as high as the others."""
    edges = np.linspace(low, high, BINS)
    middles = (edges[:-1] + edges[1:]) / 2
    for i, (array, color) in enumerate(zip(arrays, colors(), strict=True)):
        counts, _ = np.histogram(array.ravel(), edges)
        top = i + 1 + 0.92 * counts / counts.max()
        panel.fill_between(middles, i + 1, top, color=color, alpha=0.45, lw=0)
        panel.plot(middles, top, color=color, lw=1.2)
    panel.set(xlim=(low, high), ylim=(0.9, LAYERS + 1.05))
    panel.set_yticks(range(1, LAYERS + 1))
    panel.grid(axis="y", visible=False)


def by_depth(panel: Any, found: dict[str, Record], sizes: Any) -> None:
    """How much passes, against depth, for both laws."""
    looks = {"standard": ("o", figures.ORANGE), "normalized": ("s", figures.BLUE)}
    for law, one in found.items():
        marker, color = looks[law]
        deviations = [spread(each) for each in sizes(one)]
        panel.plot(
            range(1, LAYERS + 1), deviations, marker + "-", color=color, ms=5, lw=1.6, label=law
        )
    panel.set(yscale="log", xlabel="hidden layer", ylim=(3e-5, 2.5))
    panel.set_xticks(range(1, LAYERS + 1))
    panel.set_yticks([1e-4, 1e-3, 1e-2, 1e-1, 1])
    panel.minorticks_off()


def main() -> dict[str, Record]:
    """Draw; nothing is trained. Returns the records of tanh, by law."""
    records = {a: {law: record(a, LAWS[law]) for law in LAWS} for a in NAMES}
    with figures._drawing(figures.WIDTH, 7.4) as figure:
        panels = figure.subplots(3, 4)
        for i, (activation, name) in enumerate(NAMES.items()):
            for j, law in enumerate(LAWS):
                top, middle = panels[:2, 2 * i + j]
                top.set_title(f"{name}, {law}", fontsize=9.5)
                histograms(top, outputs(records[activation][law]), *((-1, 1), (0, 1))[i])
                histograms(middle, adjoints(records[activation][law]), -2.5, 2.5)
                top.set_xlabel("output")
                middle.set_xlabel("dL/da")
            left, right = panels[2, 2 * i : 2 * i + 2]
            by_depth(left, records[activation], outputs)
            by_depth(right, records[activation], adjoints)
            left.set_title(f"{name}: outputs", fontsize=9.5)
            right.set_title(f"{name}: dL/da", fontsize=9.5)
        for panel in panels[:2, 0]:
            panel.set_ylabel("hidden layer")
        panels[2, 0].set_ylabel("deviation over the rows")
        panels[2, 0].legend(loc="lower left", handlelength=1.6)
    figures.save(figure, Path(__file__).with_suffix(".svg"))
    for activation, found in records.items():
        for law, one in found.items():
            shrinks = " ".join(f"{spread(each):.4f}" for each in adjoints(one))
            print(f"{activation:<9} {law:<11} {shrinks}")
    return records["tanh"]


if __name__ == "__main__":
    main()
