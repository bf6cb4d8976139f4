"""Draws docs/figures/findings.svg: what shows a disease, in a healthy and in a sick network.

The rows, the seed and all that is not named in ``PAIRS`` are the same on both sides.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from unstuck import NetClassifier, record_of
from unstuck.data.datasets import load_dataset
from unstuck.drawing.colors import BLUE, FLAT_SHADE, INK, ORANGE, QUIET
from unstuck.report import figures

SPIRALS = load_dataset("spirals", seed=0)
NOISY = load_dataset("moons", n=100, seed=0, noise=0.4)
FRESH = load_dataset("moons", n=400, seed=1, noise=0.4)
DEEP = (32,) * 6
Panel = Any


class Pair(NamedTuple):
    """A disease: how its networks differ, and how a panel shows it.

    Attributes:
        code: its name.
        says: what goes up.
        draw: ``draw(panel, network, color)``.
        healthy, sick: parameters of the networks.
        log: whether what is drawn is on a logarithmic axis.
    """

    code: str
    says: str
    draw: Callable[[Panel, NetClassifier, str], None]
    healthy: dict[str, Any]
    sick: dict[str, Any]
    log: bool = False


def normal(deviation: float) -> Callable[..., np.ndarray]:
    """First weights of one deviation, whatever the fan-in."""

    def initializer(key: object, shape: tuple[int, int], dtype: object) -> np.ndarray:
        del key, dtype
        return np.random.default_rng(0).normal(0.0, deviation, shape)

    return initializer


def copies(key: object, shape: tuple[int, int], dtype: object) -> np.ndarray:
    """Every unit gets the same weights, and is used in the same way."""
    first = normal(0.5)(key, (shape[0], 1), dtype) if shape[0] == 2 else np.full((shape[0], 1), 0.1)
    return np.repeat(first, shape[1], axis=1)


def rows_in_other_units() -> np.ndarray:
    """The spirals, one column in units a thousand times smaller, and far from 0."""
    return SPIRALS.X * [1000.0, 1.0] + [3000.0, 0.0]


def fitted(parameters: dict[str, Any]) -> NetClassifier:
    """A network of the spirals, or of the noisy moons."""
    given = {"max_iter": 60, "n_iter_no_change": 60, "batch_size": 32, "random_state": 0}
    given |= {"hidden_layer_sizes": (32, 32), "tol": 0.0} | parameters
    noisy = given.pop("noisy", False)
    units = given.pop("other_units", False)
    net = NetClassifier(**given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that all epochs were used is what is wanted here
        if noisy:
            return net.fit(NOISY.X, NOISY.y, X_val=FRESH.X, y_val=FRESH.y)
        return net.fit(rows_in_other_units() if units else SPIRALS.X, SPIRALS.y)


# What is drawn of a network


def by_layer(panel: Panel, net: NetClassifier, color: str) -> None:
    """Adjoints at the start, from the first to the last layer."""
    sizes = net.history_["layer_adjoint_rms"][0]
    panel.plot(range(1, len(sizes) + 1), sizes, "o-", color=color, ms=4)
    panel.set_xlabel("layer")
    panel.set_xticks(range(1, len(sizes) + 1))


def received(panel: Panel, net: NetClassifier, color: str) -> None:
    """What the second hidden layer receives, and where its units are flat."""
    values = record_of(net, SPIRALS.X, SPIRALS.y).layers[1].values["preactivation"].ravel()
    for side in (-12.0, 3.0):
        panel.axvspan(side, side + 9.0, color=FLAT_SHADE, lw=0)
    counts, edges = np.histogram(np.clip(values, -12.0, 12.0), np.linspace(-12, 12, 33))
    panel.bar(edges[:-1], counts / counts.max(), edges[1] - edges[0], align="edge", color=color)
    panel.set_xlabel("pre-activation")
    panel.set_yticks([])


def active(panel: Panel, net: NetClassifier, color: str) -> None:
    """On how many rows each unit of the first layer is active, sorted."""
    x = rows_in_other_units() if not net.scale_inputs else SPIRALS.X
    share = (record_of(net, x, SPIRALS.y).layers[0].values["output"] > 0).mean(0)
    panel.bar(range(1, len(share) + 1), np.sort(share)[::-1], 0.8, color=color)
    panel.set_xlabel("unit")
    panel.set_ylim(0, 1)


def incoming(panel: Panel, net: NetClassifier, color: str) -> None:
    """The two weights of every unit of the first layer after training."""
    first, second = net.coefs_[0]
    panel.axhline(0, color=QUIET, lw=0.6)
    panel.axvline(0, color=QUIET, lw=0.6)
    panel.plot(first, second, "o", color=color, ms=5, alpha=0.6, mec="none")
    panel.set_xlabel("first weight")
    panel.set(xlim=(-2, 2), ylim=(-2, 2))


def loss(panel: Panel, net: NetClassifier, color: str) -> None:
    """The training loss."""
    panel.plot(np.arange(1, net.n_iter_ + 1), net.history_["loss"], color=color)
    panel.set_xlabel("epoch")
    panel.set_ylim(0, 1.5)


def both_losses(panel: Panel, net: NetClassifier, color: str) -> None:
    """The loss of rows that are trained on, and of others."""
    epochs = np.arange(1, net.n_iter_ + 1)
    panel.plot(epochs, net.history_["loss"], color=color, lw=1.4, ls=(0, (3, 1.5)))
    panel.plot(epochs, net.history_["validation_loss"], color=color)
    panel.set_xlabel("epoch")
    panel.set_ylim(0, 1)


NOISE = {"noisy": True, "hidden_layer_sizes": (64, 64), "max_iter": 150,
         "n_iter_no_change": 150, "learning_rate_init": 0.01}  # fmt: skip
PAIRS = (
    Pair("vanishing_gradient", "adjoint", by_layer,
         {"hidden_layer_sizes": DEEP, "max_iter": 1},
         {"hidden_layer_sizes": DEEP, "max_iter": 1, "activation": "logistic"}, True),
    Pair("exploding_gradient", "adjoint", by_layer,
         {"hidden_layer_sizes": DEEP, "max_iter": 1},
         {"hidden_layer_sizes": DEEP, "max_iter": 1, "initializer": normal(1.0)}, True),
    Pair("saturated_units", "pairs", received,
         {"activation": "tanh", "max_iter": 1},
         {"activation": "tanh", "max_iter": 1, "initializer": normal(2.0)}),
    Pair("dead_units", "rows it is active on", active,
         {"max_iter": 40},
         {"max_iter": 40, "other_units": True, "scale_inputs": False,
          "learning_rate_init": 0.1}),
    Pair("unbroken_symmetry", "second weight", incoming,
         {"hidden_layer_sizes": (32,)},
         {"hidden_layer_sizes": (32,), "initializer": copies}),
    Pair("learning_rate_too_low", "loss", loss,
         {"max_iter": 100}, {"max_iter": 100, "learning_rate_init": 1e-6}),
    Pair("learning_rate_too_high", "loss", loss,
         {"max_iter": 100}, {"max_iter": 100, "n_iter_no_change": 100, "learning_rate_init": 1.0}),
    Pair("overfitting", "loss", both_losses,
         NOISE | {"alpha": 1.0}, NOISE | {"alpha": 0.0}),
)  # fmt: skip


def main() -> None:
    """Train and draw."""
    with figures._drawing(figures.WIDTH, 8.6) as figure:
        for part, pair in zip(figure.subfigures(4, 2, wspace=0.04).ravel(), PAIRS, strict=True):
            part.suptitle(pair.code, x=0.01, ha="left", fontweight="bold", color=INK, fontsize=10.5)
            panels = part.subplots(1, 2, sharey=True)
            sides = ((pair.healthy, "healthy", BLUE), (pair.sick, "sick", ORANGE))
            for panel, (parameters, name, color) in zip(panels, sides, strict=True):
                pair.draw(panel, fitted(parameters), color)
                panel.set_title(name, color=color, fontsize=9)
                if pair.log:
                    panel.set_yscale("log")
            panels[0].set_ylabel(pair.says)
    figures.save(figure, Path(__file__).with_suffix(".svg"))


if __name__ == "__main__":
    main()
