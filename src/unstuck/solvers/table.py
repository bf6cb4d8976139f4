"""Every solver there is, by name."""

from __future__ import annotations

from unstuck.choices import Choices
from unstuck.solvers.first_order import FIRST_ORDER
from unstuck.solvers.solver import Solver

SOLVERS: Choices[Solver] = Choices("solver", FIRST_ORDER)
"""Every solver, by name."""

READERS = {
    name: tuple(solver.name for solver in SOLVERS.values() if name in solver.reads)
    for name in dict.fromkeys(name for solver in SOLVERS.values() for name in solver.reads)
}
"""Parameters that only some solvers read, and which do."""
