"""What it costs that a fit watches itself: ``python -m benchmarks.watching [--only NAME]``.

Warm fits of the workloads of ``benchmarks.training``, as they are and with as many epochs as take
a second. Fits with ``watch=True`` and ``watch=False`` take turns in one process, in an order that
changes from round to round; another fit with ``watch=False`` is the control. Then what the looks
hold in memory after so many steps.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from benchmarks.peers import classifier
from benchmarks.table import duration
from benchmarks.workloads import WORKLOADS, Workload

PAIRS = 9
EPOCHS = {"small": 300, "medium": 100, "few-rows": 25_000, "wide": 2}
"""Epochs that take a second or more."""
STEPS = (1_000, 10_000, 100_000, 1_000_000)
PLAYERS = {"watched": True, "plain": False, "control": False}


def fit_of(work: Workload) -> Callable[[bool], Any]:
    """``fit(watch)``: one whole fit."""
    data = work.data()
    held = {"X_val": data.x_val, "y_val": data.y_val} if work.valid else {}

    def fit(watch: bool) -> Any:
        net = classifier(
            "unstuck",
            work.widths[1:-1],
            batch_size=work.batch,
            max_iter=work.epochs,
            watch=watch,
        )
        return net.fit(data.x, data.y, **held)

    return fit


def seconds(fit: Callable[[bool], Any], watch: bool) -> float:
    """How long one fit takes."""
    gc.collect()
    began = time.perf_counter()
    fit(watch)
    return time.perf_counter() - began


def rounds(fit: Callable[[bool], Any], count: int) -> dict[str, list[float]]:
    """Times of everyone in every round; who goes first changes, and so does who follows whom."""
    names, found = list(PLAYERS), {name: [] for name in PLAYERS}
    for player in PLAYERS.values():
        fit(player)
    for turn in range(count):
        order = names[turn % 3 :] + names[: turn % 3]
        for name in order if turn % 2 else order[::-1]:
            found[name].append(seconds(fit, PLAYERS[name]))
    return found


def ratio(over: list[float], under: list[float]) -> float:
    """The median of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(over, under, strict=True))


def cost(name: str, work: Workload, pairs: int) -> None:
    """Print the line of a workload."""
    found = rounds(fit_of(work), pairs)
    plain = found["plain"]
    cells = (
        name,
        f"{work.epochs:,}",
        f"{work.steps:,}",
        duration(statistics.median(plain)),
        f"{ratio(found['watched'], plain):.3f}",
        f"{ratio(found['control'], plain):.3f}",
    )
    print(f"| {' | '.join(cells)} |", flush=True)


def memory(steps: int) -> None:
    """Print what the looks of a fit of so many steps hold: as networks that wait, and measured."""
    work = WORKLOADS["few-rows"]
    work = replace(work, epochs=max(1, steps // (work.steps // work.epochs)))
    net = fit_of(work)(True)
    history, size = net._model.course.history, net.network_.size
    waiting = sum(callable(look.signals) for look in history.looks) * size * 4
    history.fetch()
    measured = sum(look.signals.nbytes for look in history.looks)
    columns = sum(8 * len(column) for column in history.columns.values())
    looks = len(history.looks)
    print(f"| {work.steps:,} | {looks} | {waiting:,} | {measured:,} | {columns:,} |", flush=True)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.watching", description=__doc__)
    parser.add_argument("--only", choices=WORKLOADS, action="append", help="one workload, or more")
    parser.add_argument("--pairs", type=int, default=PAIRS, help=f"rounds (default {PAIRS})")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    print("| workload | epochs | steps | watch=False | watch=True | control |\n|" + "---|" * 6)
    for name in chosen.only or WORKLOADS:
        work = WORKLOADS[name]
        for epochs in sorted({work.epochs, EPOCHS[name]}):
            cost(name, replace(work, epochs=epochs), chosen.pairs)
    if not chosen.only:
        print("\n| steps | looks | bytes waiting | bytes measured | bytes of columns |")
        print("|" + "---|" * 5)
        for steps in STEPS:
            memory(steps)


if __name__ == "__main__":
    main()
