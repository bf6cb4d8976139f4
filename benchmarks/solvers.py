"""Solvers that take all rows at once, beside the ones people would use instead.

Run as ``python -m benchmarks.solvers [--quick] [--only NAME]``; ``benchmarks/README.md`` explains
every line. Needs PyTorch and Optimistix beside the package's own dependencies.
"""

from __future__ import annotations

import argparse
import functools
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from benchmarks import table
from benchmarks.rounds import Timing
from benchmarks.solver_peers import PEERS, Peer, unstuck
from benchmarks.solver_problems import FITTINGS, Fitting
from benchmarks.table import Line
from unstuck import NetClassifier, NetRegressor

SEEDS, QUICK_SEEDS = 10, 3
OURS = {
    "sinc": ("lm", "bfgs"),
    "sinc from Glorot's weights": ("lm",),
    "sine": ("lm", "bfgs", "minimize bfgs", "lbfgs", "minimize lbfgs"),
    "digits": ("bfgs", "minimize bfgs", "lbfgs", "minimize lbfgs"),
}
"""Solvers, problem by problem: of an estimator's fit, or of the function ``minimize``."""
OTHERS = {
    "sinc": ("SciPy MINPACK", "Optimistix BFGS", "Optimistix LM", "jitted LM"),
    "sinc from Glorot's weights": (
        "SciPy MINPACK",
        "Optimistix BFGS",
        "Optimistix LM",
        "jitted LM",
    ),
    "sine": tuple(PEERS),
    "digits": (
        "SciPy BFGS",
        "SciPy L-BFGS-B",
        "scikit-learn",
        "Optimistix BFGS",
        "Optimistix LBFGS",
        "PyTorch LBFGS",
    ),
}
"""Peers, problem by problem."""
COLD = """
import time; start = time.perf_counter()
import warnings; warnings.simplefilter("ignore")
import numpy as np
from unstuck import NetRegressor
x = np.linspace(-1.0, 1.0, 2000)[:, None]
net = NetRegressor((20,), activation="tanh", solver="lm", alpha=0.0, tol=0.0, max_iter=1000,
                   loss_goal=0.5e-9, scale_targets=False, random_state=0)
net.fit(x, np.sinc(10.0 * x[:, 0]))
print(time.perf_counter() - start, net.stop_reason_.name)
"""
RESTARTS = 10


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_SEEDS} seeds")
    parser.add_argument("--only", action="append", choices=[*FITTINGS, "cold", "restarts"])
    chosen = parser.parse_args()
    seeds = QUICK_SEEDS if chosen.quick else SEEDS
    warnings.simplefilter("ignore")
    for name in chosen.only or [*FITTINGS, "cold", "restarts"]:
        if name in FITTINGS:
            with jax.enable_x64(True):
                to_goal(FITTINGS[name], seeds)
        else:
            {"cold": cold, "restarts": restarts}[name]()


def to_goal(problem: Fitting, seeds: int) -> None:
    """Warm time to the goal: the median over seeds, and how many reach it."""
    table.title(f"{problem.name}: {_shape(problem)}, to a loss of {problem.goal:g}; {seeds} seeds")
    ours = {name: _tried(unstuck(name)(problem), seeds) for name in OURS[problem.name]}
    for name, found in ours.items():
        _show(f"unstuck {name}", found, problem, "")
    for name in OTHERS[problem.name]:
        found = _tried(PEERS[name](problem), seeds)
        ratios = [_ratio(mine, found, problem) for mine in ours.values()]
        _show(name, found, problem, " / ".join(ratios))


def _tried(peer: Peer, seeds: int) -> list[Timing]:
    peer(0)  # compiles
    return [peer(seed) for seed in range(seeds)]


def _good(found: list[Timing], problem: Fitting) -> list[float]:
    return [each.seconds for each in found if each.value <= problem.goal]


def _ratio(mine: list[Timing], theirs: list[Timing], problem: Fitting) -> str:
    """How many times ours is faster, by medians over the seeds that reach the goal."""
    times = [_good(each, problem) for each in (mine, theirs)]
    if not all(times):
        return "-"
    return f"{statistics.median(times[1]) / statistics.median(times[0]):.1f}"


def _show(who: str, found: list[Timing], problem: Fitting, ratio: str) -> None:
    good = _good(found, problem)
    shown = table.duration(statistics.median(good or [each.seconds for each in found]))
    table.show([Line(who, shown, f"{len(good)}/{len(found)}", ratio)])


def _shape(problem: Fitting) -> str:
    x, _ = problem.rows
    return f"{'-'.join(map(str, problem.network.widths))}, {len(x):,} rows"


def cold() -> None:
    """A first fit in a fresh process, from its first import on, without kept programs."""
    import os

    table.title("cold: sinc to 1e-9 with lm, fresh process, no kept programs")
    environment = {**os.environ, "UNSTUCK_CACHE": "off"}
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", COLD],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        seconds, reason = done.stdout.split()
        table.show([table.below(f"unstuck lm ({reason})", float(seconds), 2.0, f"{seconds:.4} s")])


def restarts() -> None:
    """Ten starts in threads beside one: of a small network, and of one that takes all cores."""
    for problem, hidden, solver, iterations in (
        ("sinc", 20, "scg", 10_000),
        ("digits", 150, "lbfgs", 600),
    ):
        table.title(f"restarts: {problem} with {solver}, {hidden} units, {iterations} iterations")
        estimator = functools.partial(
            NetClassifier if FITTINGS[problem].classes else NetRegressor,
            (hidden,),
            activation="tanh",
            solver=solver,
            alpha=1e-3,
            tol=0.0,
            max_iter=iterations,
            random_state=0,
        )
        _starts(estimator, *FITTINGS[problem].data())


def _starts(estimator: Callable[..., Any], x: np.ndarray, y: np.ndarray) -> None:
    times: dict[int, list[Timing]] = {1: [], RESTARTS: []}
    estimator().fit(x, y)  # compiles
    for count in (1, RESTARTS) * 3:
        start, used = time.perf_counter(), time.process_time()
        estimator(n_restarts=count).fit(x, y)
        seconds = time.perf_counter() - start
        times[count].append(Timing(seconds, (time.process_time() - used) / seconds))
    for count, found in times.items():
        seconds, cores = (statistics.median(each) for each in zip(*found, strict=True))
        who = f"{count} start{'s' * (count > 1)}"
        table.show([Line(who, table.duration(seconds), f"{cores:.1f} cores")])
    ratio = statistics.median(
        many.seconds / one.seconds for one, many in zip(*times.values(), strict=True)
    )
    table.show([table.below("ratio", ratio, 6.0, f"{ratio:.2f}")])


if __name__ == "__main__":
    main()
