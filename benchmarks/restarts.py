"""Ten starts in threads, beside one on all cores and one on a single core.

The goal is a multiple of one start on all cores. What can be reached depends on how much those help
a single start: where all fits were alone on a core, ten would take five times one of them on two.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks import table
from benchmarks.rounds import Worker, interleaved
from benchmarks.solver_problems import FITTINGS
from benchmarks.table import Line
from benchmarks.threads import SETTINGS
from unstuck import NetClassifier, NetRegressor

STARTS, ROUNDS, GOAL = 10, 3, 6.0
RUNS = {
    "1 start": ("1", "2 threads"),
    "1 start on one core": ("1", "1 core"),
    f"{STARTS} starts": (str(STARTS), "2 threads"),
}
"""Number of starts and setting of a worker, by what is printed."""


@dataclass(frozen=True)
class Restarts:
    """Fits of a second or more that all do the same number of iterations.

    Attributes:
        problem: a name of ``FITTINGS``.
        hidden: hidden units, tanh.
        solver: its name.
        iterations: of every start.
    """

    problem: str
    hidden: int
    solver: str
    iterations: int

    def fit(self, starts: int) -> int:
        """Train; the iterations of all starts."""
        problem = FITTINGS[self.problem]
        net = (NetClassifier if problem.classes else NetRegressor)(
            (self.hidden,),
            activation="tanh",
            solver=self.solver,
            alpha=1e-3,
            tol=0.0,
            n_iter_no_change=math.inf,
            max_iter=self.iterations,
            random_state=0,
            n_restarts=starts,
        ).fit(*problem.data())
        return sum(start.n_iter for start in net.restarts_) if starts > 1 else net.n_iter_

    def __str__(self) -> str:
        return f"{self.problem} with {self.solver}, {self.hidden} units, {self.iterations:,} each"


RESTARTS = {
    each.solver: each
    for each in (
        Restarts("sinc", 20, "scg", 10_000),
        Restarts("sinc", 40, "lm", 400),
        Restarts("digits", 150, "lbfgs", 400),
    )
}
"""What is measured, by solver."""


def work(solver: str, starts: str) -> Callable[[], tuple[float, int]]:
    """The work of a worker: a whole fit, after one that compiles."""
    fits = RESTARTS[solver]
    fits.fit(int(starts))
    return lambda: (float(fits.fit(int(starts))), 1)


def measure(fits: Restarts) -> None:
    """Time the three in turns."""
    table.title(f"restarts: {fits}")
    with ExitStack() as stack:
        runs = {
            who: stack.enter_context(Worker("restarts", fits.solver, starts, SETTINGS[setting]))
            for who, (starts, setting) in RUNS.items()
        }
        found = interleaved(runs, ROUNDS)
    times = {who: [each.seconds for each in timings] for who, timings in found.items()}
    for who, timings in found.items():
        done = f"{timings[-1].value:,.0f} it"
        table.show([Line(who, table.duration(statistics.median(times[who])), done)])
    one, alone, many = times.values()
    ratio = statistics.median(b / a for a, b in zip(one, many, strict=True))
    bound = statistics.median(0.5 * STARTS * b / a for a, b in zip(one, alone, strict=True))
    table.show([table.below("ratio", ratio, GOAL, f"{ratio:.2f}")])
    table.show([Line("if each were alone on a core", f"{bound:.2f}")])
