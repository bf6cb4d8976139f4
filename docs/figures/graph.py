"""Draws the pictures of docs/graph.md: a graph, a folded one, and backpropagation."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from unstuck import ACTIVATIONS, INITIALIZERS, LOSSES, Graph, backpropagation, trace
from unstuck.layers.dense import Dense
from unstuck.layers.network import Network
from unstuck.training.objective import Objective

HERE = Path(__file__).parent
DEEP = (8, *[16] * 50, 3)


def two_layers() -> Graph:
    """A tanh layer, a linear layer and half the sum of squares, for one example."""
    import jax.numpy as jnp

    def error(p: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray) -> np.ndarray:
        z = jnp.tanh(p["W1"] @ x)
        return 0.5 * ((p["W2"] @ z - y) ** 2).sum()

    weights = {"W1": np.array([[0.5, -0.3], [0.8, 0.2]]), "W2": np.array([[1.0, -1.0]])}
    return trace(error, weights, np.array([1.0, 2.0]), np.array([0.5]))


def case(widths: tuple[int, ...], activation: str, rows: int) -> tuple:
    """An objective with its first parameters, and rows."""
    rng = np.random.default_rng(0)
    hidden = [(f"hidden_{i + 1}", n) for i, n in enumerate(widths[1:-1])]
    layers = [(name, Dense(n, ACTIVATIONS[activation])) for name, n in hidden]
    layers.append(("output", Dense(widths[-1], ACTIVATIONS["softmax"])))
    network = Network(widths[0], tuple(layers))
    first = network.initialize([INITIALIZERS["glorot_uniform"]] * len(layers), rng)
    y = np.eye(widths[-1])[rng.integers(0, widths[-1], rows)]
    x = rng.normal(size=(rows, widths[0]))
    return Objective(network, LOSSES["cross_entropy"]), first, x, y


def fifty_layers() -> Graph:
    """The loss of a network of fifty hidden logistic layers."""
    import jax.numpy as jnp

    objective, first, x, y = case(DEEP, "logistic", 16)

    def loss(parameters: dict, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return objective.losses(parameters, x, y, jnp).mean()

    return trace(loss, first, x, y)


def main() -> None:
    """Draw."""
    two_layers().draw(HERE / "graph.svg")
    fifty_layers().draw(HERE / "graph_folded.svg")
    objective, first, x, y = case((4, 3, 2), "tanh", 1)
    backpropagation(objective, x, y, parameters=first).draw(HERE / "backpropagation.svg")


if __name__ == "__main__":
    main()
