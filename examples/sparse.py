"""Sparse codes: what is gained and what is lost where 1 to 50 % of the units may be active.

Digits, 200 hidden ReLUs, 60 epochs of Adam. "noise": as many of the test images are right when each
pixel, of 0 to 16, is moved by Gaussian noise of standard deviation 1. "after": of the digits 0 to
4, when after these only the digits 5 to 9 are shown, for 10 epochs. "products": the share of the
output layer's products that have a factor of 0 and need not be computed is what is not active.
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from unstuck import NetClassifier
from unstuck.neuro import activity

SHARES = 1.0, 0.5, 0.2, 0.1, 0.04, 0.02, 0.01
UNITS, NOISE = 200, 1.0
LASTING = {"tol": 0.0, "n_iter_no_change": 1000, "watch": False}


def network(share: float, seed: int, epochs: int) -> NetClassifier:
    """A network of which so many hidden units may be active at once."""
    return NetClassifier(UNITS, active_share=share, max_iter=epochs, random_state=seed, **LASTING)


def measured(share: float, seed: int, epochs: int) -> tuple[float, ...]:
    """Active at once, ever; right, with noise; of the first digits before and after the others."""
    x, y = load_digits(return_X_y=True)
    x, held, y, held_y = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
    net = network(share, seed, epochs).fit(x, y)
    found = activity(net, held).layers[0]
    noisy = held + np.random.default_rng(seed).normal(0, NOISE, held.shape)
    low, held_low = y < 5, held_y < 5
    again = network(share, seed, epochs)
    for _ in range(epochs):
        again.partial_fit(x[low], y[low], classes=np.arange(10))
    before = again.score(held[held_low], held_y[held_low])
    for _ in range(max(epochs // 6, 1)):
        again.partial_fit(x[~low], y[~low])
    after = again.score(held[held_low], held_y[held_low])
    at_once, ever = found.active_at_once, found.ever
    return at_once, ever, net.score(held, held_y), net.score(noisy, held_y), before, after


def main(small: bool = False) -> None:
    """The table."""
    seeds, shares, epochs = (1, (1.0, 0.02), 6) if small else (5, SHARES, 60)
    headings = "may be", "active", "ever", "right", "noise", "before", "after"
    print(
        "".join(
            f"{heading:>16}" if i > 2 else f"{heading:>8}" for i, heading in enumerate(headings)
        )
    )
    for share in shares:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # all epochs are used
            found = np.array([measured(share, seed, epochs) for seed in range(seeds)])
        mean, spread = found.mean(0), 2 * found.std(0) / seeds**0.5
        line = f"{share:>8.0%}" + "".join(f"{value:>8.0%}" for value in mean[:2])
        said = zip(mean[2:], spread[2:], strict=True)
        print(line + "".join(f"{f'{m:.3f} ± {s:.3f}':>16}" for m, s in said), flush=True)


if __name__ == "__main__":
    main()
