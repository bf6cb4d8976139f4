"""Hebb's rule beside backpropagation, on digits: the same passes, units and rows.

Sanger's rule finds features without classes. On these or on the pixels, ten units are told the
class of each row, or logistic regression is fitted. Backpropagation trains both layers at once.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable

import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from unstuck import NetClassifier
from unstuck.neuro import HebbianLayer

UNITS = 32
STEPS = {"batch_size": 8, "learning_rate_init": 0.005}
Rows = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def told(x: np.ndarray, y: np.ndarray, test: np.ndarray, passes: int) -> np.ndarray:
    """Classes by units that are told them while they learn by Hebb's rule."""
    outputs = np.eye(10)[y] - 0.1
    units = HebbianLayer(10, rule="hebb", learning_rate=1e-3, max_iter=passes, random_state=0)
    return units.fit(x, outputs=outputs).transform(test).argmax(1)


def logistic(x: np.ndarray, y: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Classes by logistic regression, which is no rule of single connections."""
    return LogisticRegression(max_iter=2000).fit(x, y).predict(test)


def backpropagation(rows: Rows, passes: int, seed: int, **settings: float) -> np.ndarray:
    """Classes by a network with as many hidden units."""
    net = NetClassifier(UNITS, max_iter=passes, random_state=seed, watch=False, **settings)
    return net.fit(rows[0], rows[2]).predict(rows[1])


def accuracies(rows: Rows, passes: int, seed: int) -> dict[str, tuple[float, float]]:
    """Accuracy on rows held out, and the seconds of the fit, by method."""
    x, test, y, truth = rows

    def seen(readout: Callable[..., np.ndarray], *more: int) -> np.ndarray:
        layer = HebbianLayer(UNITS, max_iter=passes, random_state=seed).fit(x)
        return readout(layer.transform(x), y, layer.transform(test), *more)

    methods = {
        "pixels, told by Hebb's rule": lambda: told(x, y, test, passes),
        "Sanger's features, told by Hebb's rule": lambda: seen(told, passes),
        "Sanger's features, logistic regression": lambda: seen(logistic),
        "pixels, logistic regression": lambda: logistic(x, y, test),
        "backpropagation": lambda: backpropagation(rows, passes, seed),
        "backpropagation, 8 rows a step": lambda: backpropagation(rows, passes, seed, **STEPS),
    }
    found = {}
    for name, method in methods.items():
        start = time.perf_counter()
        found[name] = (float((method() == truth).mean()), time.perf_counter() - start)
    return found


def main(small: bool = False) -> None:
    """The tables of docs/hebb.md."""
    x, y = load_digits(return_X_y=True)
    passes, seeds = ((1, 2), 1) if small else ((1, 5, 20, 60), 5)
    warnings.simplefilter("ignore")  # few passes are meant
    table = {}
    for many in passes:
        for seed in range(seeds):
            rows = train_test_split(x / 16, y, test_size=0.25, random_state=seed, stratify=y)
            table[many, seed] = accuracies(rows, many, seed)
    print(f"accuracy on rows held out, mean of {seeds}; passes:")
    print(f"{'':<40}" + "".join(f"{many:>8}" for many in passes) + "   seconds")
    for name in table[passes[0], 0]:
        line = [np.mean([table[many, seed][name][0] for seed in range(seeds)]) for many in passes]
        took = np.median([table[passes[-1], seed][name][1] for seed in range(seeds)])
        print(f"{name:<40}" + "".join(f"{each:>8.3f}" for each in line) + f"{took:>10.2f}")

    peer = PCA(8).fit(x)
    print("\ndegrees between Sanger's units and scikit-learn's principal components")
    for many in passes:
        w = HebbianLayer(8, max_iter=many, random_state=0).fit(x).components_
        cosines = abs((w * peer.components_).sum(1)) / np.linalg.norm(w, axis=1)
        degrees = np.degrees(np.arccos(np.minimum(cosines, 1)))
        print(f"{many:>4} passes  " + " ".join(f"{each:5.1f}" for each in degrees))


if __name__ == "__main__":
    main()
