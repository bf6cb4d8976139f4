"""Solvers that take all rows at once, beside the ones people would use instead.

Run as ``python -m benchmarks.solvers [--quick] [--only NAME]``; ``benchmarks/README.md`` explains
every line. Needs PyTorch and Optimistix beside the package's own dependencies.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import warnings

import jax

from benchmarks import table
from benchmarks.restarts import RESTARTS, measure
from benchmarks.rounds import Timing
from benchmarks.solver_peers import PEERS, Peer, unstuck
from benchmarks.solver_problems import FITTINGS, Fitting
from benchmarks.table import Line

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
    """Starts in threads, of several solvers."""
    for fits in RESTARTS.values():
        measure(fits)


if __name__ == "__main__":
    main()
