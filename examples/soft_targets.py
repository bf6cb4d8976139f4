"""Targets that are probabilities: their entropy is the least loss, and reaching it is said.

Several people label each example, and do not always agree. The share of their votes is a better
target than the majority's 0 or 1. With targets between 0 and 1 the smallest cross-entropy is
known: the entropy of the targets. Equal inputs with different targets put it out of reach.
"""

from __future__ import annotations

import warnings

import numpy as np

from unstuck import ACTIVATIONS, LOSSES, NetClassifier


def votes(rows: int, people: int) -> tuple[np.ndarray, np.ndarray]:
    """Points on a line, and the share of people who call each one "high"."""
    rng = np.random.default_rng(0)
    x = np.linspace(-2, 2, rows)
    high = rng.binomial(people, 1 / (1 + np.exp(-2 * x)))
    share = (high + 0.5) / (people + 1)  # never exactly 0 or 1
    return x[:, None], np.stack([1 - share, share], axis=1)


def fitted(x: np.ndarray, soft: np.ndarray, epochs: int) -> NetClassifier:
    """A network without a penalty, wide enough to pass through every target."""
    net = NetClassifier(
        (64,), activation="tanh", alpha=0, solver="adam", learning_rate="cosine", tol=0,
        learning_rate_init=0.01, max_iter=epochs, n_iter_no_change=epochs, random_state=0,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # using up all epochs is intended
        return net.fit(x, soft.argmax(1), soft_targets=soft)


def entropy(targets: np.ndarray) -> float:
    """Mean entropy of rows of two probabilities."""
    return LOSSES["cross_entropy"].floor(targets[:, 1:], ACTIVATIONS["logistic"]).mean()


def main(small: bool = False) -> None:
    """Compare what is reached with what can be reached."""
    epochs = 5_000 if small else 20_000
    x, soft = votes(6, people=9)
    twice = np.concatenate([soft, soft[::-1]])
    cases = {
        "six different rows": (x, soft),
        "every row twice, with other targets": (np.concatenate([x, x]), twice),
    }
    for title, (rows, targets) in cases.items():
        net = fitted(rows, targets, epochs)
        print(f"{title}\n  entropy of the targets  {entropy(targets):.8f}")
        if len(rows) > len(x):
            print(f"  entropy of the averages {entropy((soft + soft[::-1]) / 2):.8f}")
        print(f"  loss reached            {net.best_loss_:.8f}\n  {net.stop_reason_}\n")


if __name__ == "__main__":
    main()
