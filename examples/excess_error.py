"""Approximation, estimation and optimization error; and the better optimizer as the worse learner.

A large sample stands for the expectation, a long Levenberg-Marquardt fit (the best of two starts)
for the smallest error. The second table gives both solvers the same passes over many rows.
"""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np

from unstuck import NetRegressor
from unstuck.selection import excess_error

NOISE = 0.3
PLAIN: dict[str, Any] = {"activation": "tanh", "watch": False, "alpha": 0.0}


def truth(x: np.ndarray) -> np.ndarray:
    """The best function."""
    return np.sin(3 * x[:, 0]) * x[:, 1]


def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows, and the function with noise."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (count, 2))
    return x, truth(x) + NOISE * rng.standard_normal(count)


def net(solver: str, passes: int, size: int, seed: int, **more: Any) -> NetRegressor:
    """A network whose fit ends after so many passes."""
    return NetRegressor((size,), solver=solver, max_iter=passes, random_state=seed, **PLAIN, **more)


def adam(passes: int) -> Any:
    """Adam with mini-batches."""
    ends = {"learning_rate_init": 0.02, "tol": 0.0, "n_iter_no_change": 10**6, "batch_size": 20}
    return lambda size, seed: net("adam", passes, size, seed, **ends)


def main(small: bool = False) -> None:
    """The tables."""
    warnings.simplefilter("ignore")  # budgets end these fits
    found = excess_error(
        lambda size, seed: net("lm", 30 if small else 200, size, seed),
        draw,
        sizes=(2, 8) if small else (2, 8, 16),
        rows=(60,) if small else (60, 500, 4000),
        learners={f"adam, {passes} passes": adam(passes) for passes in (5, 100)},
        floor=lambda x, y: float(((truth(x) - y) ** 2).mean()),
        reference=500 if small else 5000,
        starts=1 if small else 2,
        seeds=1 if small else 3,
    )
    print(found)

    rows, fresh = draw(2000 if small else 50_000, 1), draw(2000 if small else 50_000, 2)
    print(
        f"\n8 units, {len(rows[1]):,} rows, so many passes: error on them, and excess of fresh rows"
    )
    print("passes  solver   empirical    excess   seconds")
    floor = ((truth(fresh[0]) - fresh[1]) ** 2).mean()
    for passes in (1, 3) if small else (1, 2, 5, 20, 100):
        for solver, make in (
            ("adam", adam(passes)),
            ("lbfgs", lambda q, seed, n=passes: net("lbfgs", n, q, seed)),
        ):
            make(8, 0).fit(*rows)  # compiles
            start = time.perf_counter()
            model = make(8, 0).fit(*rows)
            took = time.perf_counter() - start
            inside, outside = (((model.predict(x) - y) ** 2).mean() for x, y in (rows, fresh))
            line = f"{inside:>12.4f}{outside - floor:>10.4f}{took:>10.2f}"
            print(f"{passes:>6}  {solver:<6}{line}", flush=True)


if __name__ == "__main__":
    main()
