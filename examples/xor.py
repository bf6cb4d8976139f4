"""XOR: no single unit solves it, two hidden ones do, and how often each solver finds them.

A fit counts as a success where all four rows are right. Solvers of mini-batches take 2,000 steps of
all four rows at one learning rate, 0.05; the others end by themselves, after 1,000 at most. None is
tuned, so the table says how often a solver gets there as it comes, and not which one is best.
"""

from __future__ import annotations

import math
import time
import warnings

import numpy as np

from unstuck import SOLVERS, NetClassifier
from unstuck.neuro import by_hand, representable
from unstuck.solvers.first_order import FirstOrder

X, Y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
NETWORKS = {
    "2 sigmoids": ((2,), "logistic"),
    "2 ReLUs": ((2,), "relu"),
    "8 ReLUs": ((8,), "relu"),
}
ONLY_NUMBERS = {"br"}  # for regression only
STEPS = {
    "tol": 0.0,
    "n_iter_no_change": math.inf,
    "learning_rate_init": 0.05,
    "max_iter": 2000,
    "batch_size": 4,
}


def successes(solver: str, network: tuple, seeds: int) -> int:
    """So many fits put all four rows on their side."""
    hidden, activation = network
    given = STEPS if isinstance(SOLVERS[solver], FirstOrder) else {"max_iter": 1000}
    right = 0
    for seed in range(seeds):
        net = NetClassifier(
            hidden,
            activation=activation,
            solver=solver,
            random_state=seed,
            scale_inputs=False,
            watch=False,
            **given,
        )
        right += net.fit(X, Y).score(X, Y) == 1
    return right


def main(small: bool = False) -> None:
    """The proof, the numbers by hand, and the table."""
    print(representable("0110"))
    print(f"\n{by_hand()}\n")
    seeds = 2 if small else 200
    solvers = ["lbfgs"] if small else [name for name in SOLVERS if name not in ONLY_NUMBERS]
    networks = dict(list(NETWORKS.items())[: 1 if small else None])
    print(f"share of {seeds} seeds that solve XOR")
    print(f"{'solver':<10}" + "".join(f"{name:>12}" for name in networks) + "     seconds")
    for solver in solvers:
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = [successes(solver, network, seeds) / seeds for network in networks.values()]
        took = time.perf_counter() - start
        line = f"{solver:<10}" + "".join(f"{share:>12.3f}" for share in found)
        print(f"{line}{took:>12.1f}", flush=True)


if __name__ == "__main__":
    main()
