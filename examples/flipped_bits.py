"""One bit of one weight of a network that reads digits is flipped: what that does to its accuracy.

Weights of the hidden layer, float64, at random; every line is over so many flips of the same bit.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

from unstuck import NetClassifier
from unstuck.neuro import flipped

BITS = (0, 26, 51, 52, 53, 54, 55, 56, 58, 60, 61, 62, 63)


def main(small: bool = False) -> None:
    """The table."""
    X, y = load_digits(return_X_y=True)
    x, flips = X / 16, 3 if small else 500
    net = NetClassifier((64,), learning_rate_init=0.005, tol=1e-3, random_state=0)
    net.fit(x[::2], y[::2])
    weights, rng = net.parameters_["hidden_1"]["weights"], np.random.default_rng(0)
    print(f"accuracy {net.score(x[1::2], y[1::2]):.3f}; after one of {flips} flips:")
    print("bit         mean    least   as before")
    before = net.predict(x[1::2])
    for bit in BITS:
        scores, same = [], []
        for _ in range(flips):
            place = rng.integers(64), rng.integers(64)
            whole = weights[place]
            weights[place] = flipped(whole, bit)
            with np.errstate(all="ignore"):  # a weight of 1e300 overflows
                predicted = net.predict(x[1::2])
            weights[place] = whole
            scores.append(np.mean(predicted == y[1::2]))
            same.append(np.array_equal(predicted, before))
        print(f"{bit:<8}{np.mean(scores):>8.3f}{min(scores):>9.3f}{100 * np.mean(same):>10.0f} %")


if __name__ == "__main__":
    main()
