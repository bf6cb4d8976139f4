"""MATLAB's comparison of its training functions, repeated with every solver; and exclusive or.

A sine with 1-5-1 units (tanh, linear output), parity of three bits with 3-10-10-1 and exclusive or
with 2-2-1 (tanh everywhere), each from many first weights by Nguyen and Widrow, as in MATLAB.
Evaluations of gradient or Jacobian and CPU times (without compilation): medians of the fits that
reached the goal, and their ratio to the least. MATLAB's are mean times beside its fastest; its
`traingdx` stands beside our `sgd` with momentum on all rows. `br` wants a linear output.

Reference: MathWorks, "Choose a Multilayer Neural Network Training Function".
"""

from __future__ import annotations

import math
import time
import warnings
from itertools import product

import numpy as np

from unstuck import NetRegressor

SOLVERS = ("lm", "br", "bfgs", "lbfgs", "scg", "cg", "gd", "rprop", "quickprop", "adam", "sgd")
RATES = {"quickprop": 0.1, "adam": 0.01, "sgd": 0.1}
T = np.linspace(-1.0, 1.0, 41)[:, None]


def bits(count: int) -> tuple[np.ndarray, np.ndarray]:
    """All rows of so many signs, and their product."""
    rows = np.array([*product((-1.0, 1.0), repeat=count)])
    return rows, rows.prod(1)


DEEP = {"hidden_layer_sizes": (10, 10), "output_activation": "tanh"}
PROBLEMS = {
    "sine, 1-5-1": (
        (T, np.sin(np.pi * T[:, 0])), {"hidden_layer_sizes": (5,)}, 0.002,
        {"lm": 1.0, "bfgs": 4.58, "rprop": 4.97, "scg": 5.34, "cg": 7.23, "sgd": 24.29},
    ),
    "parity of 3 bits, 3-10-10-1": (
        bits(3), DEEP, 0.001,
        {"rprop": 1.0, "scg": 1.10, "cg": 1.38, "lm": 3.50, "bfgs": 5.28, "sgd": 7.26},
    ),
    "exclusive or, 2-2-1": (bits(2), DEEP | {"hidden_layer_sizes": (2,)}, 0.001, {}),
}  # fmt: skip
"""Data, network, goal, and published relative times."""


def fits(data: tuple, network: dict, goal: float, solver: str, seeds: int, most: int):
    """For each seed: whether the goal was reached, evaluations, milliseconds."""
    found = []
    for seed in (0, *range(seeds)):  # the first compiles
        net = NetRegressor(
            **network, activation="tanh", solver=solver, alpha=0, loss_goal=goal / 2,
            learning_rate_init=RATES.get(solver, 0.001), max_iter=most, tol=0,
            n_iter_no_change=math.inf, initializer="nguyen_widrow",
            scale_inputs=False, scale_targets=False, random_state=seed,
        )  # fmt: skip
        start = time.process_time()
        with warnings.catch_warnings(action="ignore"):  # not there, or tanh behind squared error
            net.fit(*data)
        spent = 1e3 * (time.process_time() - start)
        evaluations = net.history_.get("evaluations", np.ones(net.n_iter_)).sum()
        found.append((net.stop_reason_.name == "loss_goal", evaluations, spent))
    return np.array(found[1:])


def line(name: str, found: np.ndarray, least: np.ndarray, published: dict) -> str:
    """A row of the table."""
    there = found[found[:, 0] == 1]
    share = f"{name:<10}{len(there) / len(found):7.0%}"
    if len(there) == 0:
        return share
    _, count, spent = np.median(there, 0)
    numbers = f"{count:13.0f}{count / least[0]:9.1f}{spent:9.1f}{spent / least[1]:9.1f}"
    return f"{share}{numbers}{published.get(name, ''):>9}"


def main(small: bool = False) -> None:
    """One table a problem."""
    seeds, most = (2, 200) if small else (30, 5000)
    for title, (data, network, goal, published) in list(PROBLEMS.items())[: 1 if small else None]:
        alone = np.median(fits(data, network, goal, "lm", 5, 1)[:, 2])
        print(f"\n{title}, to a mean squared error of {goal}: {seeds} seeds")
        print(f"one iteration of lm takes {alone:.1f} ms, nearly all of it the call of fit\n")
        print(f"{'':<10}reached  evaluations relative       ms relative   MATLAB")
        names = [n for n in SOLVERS if n != "br" or "output_activation" not in network]
        found = {n: fits(data, network, goal, n, seeds, most) for n in names[:: 5 if small else 1]}
        least = np.min([np.median(f[f[:, 0] == 1], 0) for f in found.values() if f[:, 0].any()], 0)
        for name in found:
            print(line(name, found[name], least[1:], published))


if __name__ == "__main__":
    main()
