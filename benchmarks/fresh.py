"""Fresh processes: what import, compilation and fit take together."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.rounds import Run, Timing, interleaved
from benchmarks.threads import SETTINGS, Threads
from benchmarks.workloads import Goal, digits

OFF = "off"
IMPORT = "import time; s = time.perf_counter(); import unstuck; print(time.perf_counter() - s)"


@dataclass(frozen=True)
class FreshWork:
    """A 64-100-10 network on the 1797 digits with Adam, in a fresh process.

    Attributes:
        batch, epochs: rows a step; passes over the rows.
        folds: of a cross-validation; 0 for one fit.
        compiling, cached: the goals without kept programs and with a filled cache.
    """

    batch: int
    epochs: int
    folds: int
    compiling: Goal
    cached: Goal

    def __str__(self) -> str:
        what = f"{self.folds} folds" if self.folds else "import and fit"
        return f"{what}, digits, 64-100-10, batch {self.batch}, {self.epochs} epochs"


FRESH = {
    "folds": FreshWork(32, 200, 5, Goal("scikit-learn", 2.5), Goal("scikit-learn", 4)),
    "cold": FreshWork(
        200, 50, 0, Goal("scikit-learn", 2, faster=False), Goal("scikit-learn", 1.4, faster=False)
    ),
}
"""Work of fresh processes, by name."""


def write_digits(folder: Path) -> Path:
    """The digits in a file that NumPy reads."""
    path = folder / "digits.npz"
    data = digits()
    np.savez(path, x=data.x, y=data.y)
    return path


def process(work: FreshWork, peer: str, data: Path, cache: str, threads: Threads) -> Timing:
    """Start a process, wait for its end, and say how long that took."""
    arguments = [peer, str(data), str(work.batch), str(work.epochs), str(work.folds)]
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.fresh_fit", *arguments],
        env={**threads.environment(), "UNSTUCK_CACHE": cache},
        check=True,
        capture_output=True,
        text=True,
    )
    return Timing(time.perf_counter() - start, float(done.stdout))


def compare_fresh(
    work: FreshWork, folder: Path, rounds: int
) -> tuple[dict[str, list[Timing]], dict[str, Threads]]:
    """Time scikit-learn, unstuck without kept programs, and unstuck with a filled cache."""
    data, cache = write_digits(folder), str(folder / "programs")
    columns = {
        "unstuck": ("unstuck", OFF),
        "unstuck, cache filled": ("unstuck", cache),
        "scikit-learn": ("scikit-learn", OFF),
    }

    def run(column: str, threads: Threads) -> Run:
        peer, kept = columns[column]
        return lambda: process(work, peer, data, kept, threads)

    options = [each for each in SETTINGS.values() if each.cores is None]
    for threads in options:
        process(work, "unstuck", data, cache, threads)  # fills the cache
    chosen = {
        column: min(options, key=partial(_seconds, partial(run, column))) for column in columns
    }
    return interleaved({c: run(c, threads) for c, threads in chosen.items()}, rounds), chosen


def _seconds(run: Callable[[Threads], Run], threads: Threads) -> float:
    return run(threads)().seconds


def import_seconds(rounds: int) -> list[float]:
    """Times of ``import unstuck`` in fresh processes."""
    command = [sys.executable, "-c", IMPORT]
    environment = dict(os.environ)
    return [
        float(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)
        for _ in range(rounds + 1)
    ][1:]
