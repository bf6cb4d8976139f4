"""The gradient that reaches each layer of a deep network, before the first step.

A sigmoid's slope is at most 1/4, so what travels back shrinks at every layer. ReLU layers with
fitting first weights pass it on. ``history_`` holds the numbers; nothing extra is computed here.
"""

from __future__ import annotations

import warnings

import numpy as np

from unstuck import NetClassifier
from unstuck.data.datasets import load_dataset


def gradients(activation: str, depth: int) -> tuple[np.ndarray, float]:
    """Gradient norm of every hidden layer at the start, and the accuracy after ten epochs."""
    data = load_dataset("moons", n=500, seed=0)
    net = NetClassifier(
        (16,) * depth, activation=activation, batch_size=32, max_iter=10, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ten epochs are not meant to be enough
        net.fit(data.X, data.y)
    return net.history_["layer_gradient_norm"][0][:-1], net.score(data.X, data.y)


def main(small: bool = False) -> None:
    """Print the gradient of every layer as a bar on a logarithmic scale."""
    depth = 3 if small else 8
    for activation in ("logistic", "tanh", "relu"):
        norms, accuracy = gradients(activation, depth)
        print(f"\n{activation}: accuracy after 10 epochs {accuracy:.2f}")
        for layer, norm in enumerate(norms, 1):
            bar = "█" * max(0, round(4 * (np.log10(norm) + 8)))
            print(f"  layer {layer}  {norm:8.1e}  {bar}")
        print(f"  last hidden layer / first: {norms[-1] / norms[0]:.0f}")


if __name__ == "__main__":
    main()
