"""Units fail, more and more of them: what that does to answers and to time, beside arithmetic.

A network of 1,000 hidden units reads digits. A unit that failed gives 0, and is computed as before;
left out, it takes no time either. Beside it the same share of the bits of two factors of ten digits
is stuck at 0.
"""

from __future__ import annotations

import time
import warnings

import numpy as np
from sklearn.datasets import load_digits

from unstuck import NetClassifier
from unstuck.neuro import answers, factors, lesion

SHARES = (0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9)
BITS = 34
"""Of a factor of ten digits."""


def outputs(x: np.ndarray, w: np.ndarray, b: np.ndarray, v: np.ndarray) -> np.ndarray:
    """What the last layer sums up, without its bias."""
    return np.maximum(x @ w + b, 0) @ v


def products(share: float, rng: np.random.Generator) -> float:
    """The share of products that are right though bits of the factors are stuck at 0."""
    pairs = factors(10, 500)
    stuck = rng.random((*pairs.shape, BITS)) < share
    read = pairs - ((pairs[..., None] >> np.arange(BITS) & 1) * stuck << np.arange(BITS)).sum(2)
    return answers([a * b for a, b in read.tolist()], pairs).exact


def quickest(call, times: int) -> float:
    """Milliseconds of a call."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        found.append(1e3 * (time.perf_counter() - start))
    return min(found)


def main(small: bool = False) -> None:
    """The table."""
    X, y = load_digits(return_X_y=True)
    warnings.simplefilter("ignore")
    x, size, seeds = X / 16, 100 if small else 1000, 2 if small else 20
    net = NetClassifier((size,), random_state=0, max_iter=5 if small else 200).fit(x[::2], y[::2])
    found = lesion(net, x[1::2], y[1::2], orders=("random",), shares=SHARES, seeds=seeds)
    (w, b), (v, _) = (layer.values() for layer in net.parameters_.values())
    print("failed   read right   ms, giving 0   ms, left out   products right")
    for share, score in zip(SHARES, found.random.mean(0), strict=True):
        rng = np.random.default_rng(0)
        lives = rng.permutation(size) >= share * size
        kinds = (w, b, v * lives[:, None]), (w[:, lives], b[lives], v[lives])
        took = [quickest(lambda k=k: outputs(x[:100], *k), 5 if small else 200) for k in kinds]
        print(f"{100 * share:>4.0f} %{score:>14.3f}{took[0]:>15.2f}{took[1]:>15.2f}"
              f"{products(share, rng):>17.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
