"""Speed of training beside scikit-learn, PyTorch and hand-written JAX.

Run as ``python -m benchmarks.training [--quick] [--only NAME]``; ``benchmarks/README.md`` explains
every line. Needs PyTorch beside the package's own dependencies.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import table
from benchmarks.fresh import FRESH, compare_fresh, import_seconds
from benchmarks.rounds import compare
from benchmarks.workloads import WORKLOADS, Goal

ROUNDS, QUICK_ROUNDS = 9, 2
IMPORT_BOUND = 0.3
PREDICT_GOAL = Goal("scikit-learn", 0.5, faster=False)


def warm_fit(name: str, rounds: int) -> None:
    """Warm fits of one workload."""
    work = WORKLOADS[name]
    found, threads = compare("fit", name, work.peers, rounds)
    mine = found["unstuck"]
    table.title(f"{name}: {work}; {work.steps:,} steps")
    table.show([table.own(mine, threads["unstuck"].name)])
    for goal in work.goals:
        table.show([table.against(goal, mine, found[goal.peer], threads[goal.peer].name)])
    for peer in work.also:
        table.show([table.beside(peer, mine, found[peer], threads[peer].name)])
    print(table.losses(found))


def fresh(name: str, rounds: int) -> None:
    """Fresh processes, compilation included and with the cache filled."""
    work = FRESH[name]
    with tempfile.TemporaryDirectory() as folder:
        found, threads = compare_fresh(work, Path(folder), rounds)
    theirs = found["scikit-learn"]
    table.title(f"{name}: {work}, fresh process")
    for column, goal in (("unstuck", work.compiling), ("unstuck, cache filled", work.cached)):
        mine = found[column]
        who = "  scikit-learn"
        table.show(
            [
                table.own(mine, threads[column].name, column),
                table.against(goal, mine, theirs, threads["scikit-learn"].name, who),
            ]
        )
    print(("mean scores: " if work.folds else "training losses: ") + _values(found))


def _values(found: dict[str, list]) -> str:
    return ", ".join(f"{name} {timings[-1].value:.3f}" for name, timings in found.items())


def compilations(name: str, rounds: int) -> None:
    """Programs compiled by fits that should share one."""
    del rounds
    command = [sys.executable, "-m", "benchmarks.compilations"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    table.title(f"{name}: programs handed to the compiler")
    for label, count, none in json.loads(done.stdout):
        plain = table.Line(label, str(count))
        table.show([table.below(label, count, 0, str(count)) if none else plain])


def predict(name: str, rounds: int) -> None:
    """One row through a fitted 64-100-10 network."""
    found, threads = compare("predict", name, ("unstuck", PREDICT_GOAL.peer), rounds)
    table.title(f"{name}: one-row predict, 64-100-10")
    mine, theirs = found["unstuck"], found[PREDICT_GOAL.peer]
    table.show(
        [
            table.own(mine, threads["unstuck"].name),
            table.against(PREDICT_GOAL, mine, theirs, threads[PREDICT_GOAL.peer].name),
        ]
    )


def importing(name: str, rounds: int) -> None:
    """``import unstuck`` in fresh processes."""
    took = statistics.median(import_seconds(rounds))
    table.title(f"{name}: seconds")
    table.show([table.below("import unstuck", took, IMPORT_BOUND, table.duration(took))])


SECTIONS: dict[str, Callable[[str, int], None]] = {
    **dict.fromkeys(WORKLOADS, warm_fit),
    **dict.fromkeys(FRESH, fresh),
    "compilations": compilations,
    "predict": predict,
    "import": importing,
}
"""Everything that can be measured, by name."""


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROUNDS} rounds, to look")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="one section, or several")
    parser.add_argument("--rounds", type=int, help=f"rounds (default {ROUNDS})")
    chosen = parser.parse_args()
    rounds = chosen.rounds or (QUICK_ROUNDS if chosen.quick else ROUNDS)
    for name in chosen.only or SECTIONS:
        SECTIONS[name](name, rounds)


if __name__ == "__main__":
    main()
