"""How many programs are compiled by fits that should share one.

Run as ``python -m benchmarks.compilations``; it prints JSON.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator

import numpy as np

ROWS = (33, 64, 100, 150, 199, 500, 777, 1024, 2500, 4096, 9999, 12_345)
SEEDS = 10
FOLDS = 5
BACKEND = "/jax/core/compile/backend_compile_duration"


class Counter:
    """Counts what JAX hands to its compiler from now on."""

    def __init__(self) -> None:
        import jax.monitoring

        self.total = 0
        jax.monitoring.register_event_duration_secs_listener(self._take)

    def _take(self, event: str, seconds: float, **details: object) -> None:
        del seconds, details
        self.total += event == BACKEND

    def since(self, before: int) -> int:
        """How many since the count was ``before``."""
        return self.total - before


def count() -> Iterator[tuple[str, int, bool]]:
    """Pairs of what was done and how many programs that compiled; whether it should be none."""
    from sklearn.datasets import load_iris
    from sklearn.model_selection import KFold, LeaveOneOut

    counter = Counter()
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((max(ROWS), 20)), rng.integers(0, 3, max(ROWS))

    def fits(label: str, sets: list[tuple[np.ndarray, np.ndarray, int, int]], none: bool):
        before = counter.total
        for rows, classes, batch, seed in sets:
            _fit(rows, classes, batch, seed)
        return label, counter.since(before), none

    yield fits("first fit, batch 32", [(x[:200], y[:200], 32, 0)], False)
    others = [(x[:n], y[:n], 32, 0) for n in ROWS]
    yield fits(f"{len(ROWS)} other row counts, {ROWS[0]} to {ROWS[-1]:,}", others, True)
    parts = [part for part, _ in KFold(FOLDS).split(x[:1797])]
    yield fits(f"{FOLDS} folds of 1,797 rows", [(x[p], y[p], 32, 0) for p in parts], True)
    yield fits(f"{SEEDS} seeds", [(x[:500], y[:500], 32, s) for s in range(SEEDS)], True)
    x, y = load_iris(return_X_y=True)
    parts = [part for part, _ in LeaveOneOut().split(x)]
    whole = [(x[p], y[p], len(p), 0) for p in parts]
    yield fits("first whole-batch fit, 149 rows", whole[:1], False)
    yield fits("the other 149 of leave-one-out", whole[1:], True)
    whole = [(x[:n], y[:n], n, 0) for n in range(130, 192) if n <= len(x)]
    yield fits("whole batches of 130 to 150 rows", whole, True)


def _fit(x: np.ndarray, y: np.ndarray, batch: int, seed: int) -> None:
    from unstuck import NetClassifier

    NetClassifier((32,), batch_size=batch, max_iter=2, random_state=seed).fit(x, y)


def main() -> None:
    """Print the counts as JSON."""
    os.environ["UNSTUCK_CACHE"] = "off"
    warnings.simplefilter("ignore")
    print(json.dumps(list(count())))


if __name__ == "__main__":
    main()
