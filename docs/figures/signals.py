"""Draws docs/figures/signals.svg: the history's signals of a healthy and of two sick networks.

The same data, widths, solver and seed; only the activation and the first weights differ.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from unstuck import NetClassifier
from unstuck.data.datasets import load_dataset
from unstuck.report import figures

HIDDEN = (32, 32, 32, 32)
SHOWN = {
    "layer_gradient_norm": "gradient norm",
    "layer_mean_slope": "mean slope",
    "layer_flat_share": "flat share",
}


def wide(key: object, shape: tuple[int, int], dtype: object) -> np.ndarray:
    """Weights far too large for sigmoid units: standard deviation 2 whatever the fan-in."""
    del key, dtype
    return np.random.default_rng(0).normal(0.0, 2.0, shape)


RUNS = {
    "healthy: relu": {"activation": "relu"},
    "vanishing: logistic": {"activation": "logistic"},
    "saturated: tanh, wide weights": {"activation": "tanh", "initializer": wide},
}


def fitted(**parameters: object) -> NetClassifier:
    """A network trained on two spirals."""
    spirals = load_dataset("spirals", seed=0)
    net = NetClassifier(
        HIDDEN, max_iter=150, n_iter_no_change=150, batch_size=32, random_state=0, **parameters
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that all epochs were used is what is wanted here
        return net.fit(spirals.X, spirals.y)


def main() -> None:
    """Train and draw."""
    nets = {title: fitted(**parameters) for title, parameters in RUNS.items()}
    for title, net in nets.items():
        history = net.history_
        print(f"{title:<30} loss {net.loss_curve_[-1]:.3f}")
        for signal in (*SHOWN, "layer_weight_norm", "layer_preactivation_rms", "layer_adjoint_rms"):
            for when, look in (("start", 0), ("end", -1)):
                numbers = "  ".join(f"{x:9.2g}" for x in history[signal][look])
                print(f"  {signal:<24} {when:<6} {numbers}")
    figure = figures.signals(
        {title: net.history_ for title, net in nets.items()},
        next(iter(nets.values())).network_.names,
        SHOWN,
        logarithmic=["layer_gradient_norm"],
    )
    figures.save(figure, Path(__file__).with_suffix(".svg"))


if __name__ == "__main__":
    main()
