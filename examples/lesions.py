"""Lesions of networks that read digits and of what else reads them, and what training brings back.

Every line is the mean over fits from several seeds, to half of the rows, scored on the other half.
"how much" is the share of the variance of the accuracy that goes with how much was removed; the
rest goes with where (blocks) or with which parts (at random).
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.tree import DecisionTreeClassifier

from unstuck import NetClassifier
from unstuck.neuro import lesion, recovery

GIVEN = {"learning_rate_init": 0.005, "tol": 1e-3}
DROPPED = 0.5


def cases(seed: int) -> dict[str, tuple]:
    """Estimators, and what is removed of them."""
    net = NetClassifier((64,), watch=False, random_state=seed, **GIVEN)
    dropout = NetClassifier((64,), watch=False, random_state=seed, dropout=DROPPED, **GIVEN)
    narrow = NetClassifier((16,), watch=False, random_state=seed, **GIVEN)
    deep = NetClassifier((32, 32), watch=False, random_state=seed, **GIVEN)
    mlp = MLPClassifier((64,), random_state=seed, **GIVEN)
    return {
        "net 64, units": (net, "units"),
        "net 64, dropout": (dropout, "units"),
        "net 16, units": (narrow, "units"),
        "net 32-32, units": (deep, "units"),
        "net 64, weights": (net, "weights"),
        "MLP 64, units": (mlp, "units"),
        "tree, tests": (DecisionTreeClassifier(random_state=seed), "units"),
        "memory, rows": (KNeighborsClassifier(3), "units"),
    }


def main(small: bool = False) -> None:
    """The two tables."""
    X, y = load_digits(return_X_y=True)
    step = 8 if small else 2
    fit, test = (X[::step] / 16, y[::step]), (X[1::step] / 16, y[1::step])
    seeds = 1 if small else 5
    given = {"seeds": 2, "places": 2, "shares": (0.2, 0.5, 0.8)} if small else {}
    names = [name for name in cases(0) if not small or name in ("MLP 64, units", "memory, rows")]
    print("                            half gone with, removed   how much explains")
    print("                  accuracy  random  worst   block     blocks    random")
    for name in names:
        rows = []
        for seed in range(seeds):
            each, what = cases(seed)[name]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = lesion(each.fit(*fit), *test, what=what, **given)
            halves = [found.half(order) for order in ("random", "worst", "blocks")]
            rows.append([found.intact, *halves, found.extent(), found.extent("random")])
        accuracy, *rest = np.mean(rows, axis=0)
        shares = [f"{100 * value:.0f} %" for value in rest]
        print(f"{name:<18}{accuracy:>8.3f}" + "".join(f"{text:>8}" for text in shares[:3])
              + "".join(f"{text:>10}" for text in shares[3:]), flush=True)  # fmt: skip
    net = MLPClassifier((32,), learning_rate_init=0.005)
    course = {"total": 6, "epochs": (1, 3), "seeds": 1} if small else {"total": 100, "seeds": 5}
    course = {"epochs": (2, 5, 10, 20, 50)} | course
    print()
    print(recovery(net, *fit, *test, **course))


if __name__ == "__main__":
    main()
