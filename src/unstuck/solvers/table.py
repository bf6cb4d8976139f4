"""Every solver there is, by name."""

from __future__ import annotations

from unstuck.choices import Choices
from unstuck.solvers.bayesian import BAYESIAN
from unstuck.solvers.conjugate_gradient import CG
from unstuck.solvers.first_order import FIRST_ORDER
from unstuck.solvers.gradient_descent import GD
from unstuck.solvers.levenberg_marquardt import LEVENBERG_MARQUARDT
from unstuck.solvers.quasi_newton import BFGS, LBFGS
from unstuck.solvers.quickprop import QUICKPROP
from unstuck.solvers.rprop import RPROP
from unstuck.solvers.scaled_conjugate_gradient import SCG
from unstuck.solvers.solver import Solver

FULL_BATCH = (GD, CG, SCG, BFGS, LBFGS, LEVENBERG_MARQUARDT, BAYESIAN, RPROP, QUICKPROP)
"""Solvers that take all rows at once."""

SOLVERS: Choices[Solver] = Choices("solver", (*FIRST_ORDER, *FULL_BATCH))
"""Every solver, by name."""

READERS = {
    name: tuple(solver.name for solver in SOLVERS.values() if name in solver.reads)
    for name in dict.fromkeys(name for solver in SOLVERS.values() for name in solver.reads)
}
"""Parameters that only some solvers read, and which do."""
