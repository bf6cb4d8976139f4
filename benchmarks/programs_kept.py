"""What a process keeps after fits of several hundred shapes: memory and memory maps.

Run as ``python -m benchmarks.programs_kept``, or with the number of shapes; it reads ``/proc``, so
it needs Linux.
"""

from __future__ import annotations

import gc
import sys
import time
import warnings

import numpy as np

SHAPES = 300
EVERY = 50


def megabytes() -> float:
    """Memory of this process that is in the machine's memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6


def maps() -> int:
    """Memory maps of this process; Linux allows 65,530."""
    with open("/proc/self/maps") as file:
        return sum(1 for _ in file)


def main(shapes: int = SHAPES) -> None:
    """Fit networks of so many widths, every fifth with ``lm``; print what is held on the way."""
    from unstuck import NetRegressor

    warnings.simplefilter("ignore")
    X = np.random.default_rng(0).normal(size=(40, 3))

    def fit(units: int, solver: str) -> None:
        NetRegressor((units,), solver=solver, max_iter=2, random_state=0).fit(X, X[:, 0])

    fit(1, "adam")
    fit(1, "lm")
    began, memory, before = time.perf_counter(), megabytes(), maps()
    print("| shapes | MB more | memory maps more | s |\n|---|---|---|---|")
    for done in range(1, shapes + 1):
        fit(done + 1, "adam" if done % 5 else "lm")
        if done % EVERY == 0 or done == shapes:
            gc.collect()
            seconds = time.perf_counter() - began
            held = megabytes() - memory
            print(f"| {done} | {held:.0f} | {maps() - before:,} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
