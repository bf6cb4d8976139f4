"""``solver="auto"``: the solver that suits data and network, and why.

A solver that gets to the bottom of the loss overfits there. So ``auto`` never trains without
something that holds it back: rows held out, or a penalty that the evidence sets.
"""

from __future__ import annotations

from typing import NamedTuple

from unstuck.settings import Settings
from unstuck.solvers import gauss_newton
from unstuck.solvers.solver import Solver
from unstuck.solvers.table import SOLVERS
from unstuck.training.objective import Objective

CHEAP = 2e9
"""Floating-point operations of an iteration that a person does not notice (about 0.1 s)."""
MANY_ROWS = 10_000
"""Above it a step on a part of the rows tells nearly as much as one on all."""


class Choice(NamedTuple):
    """A solver and the reason for it.

    Attributes:
        solver: the record.
        why: a sentence; empty where the user named the solver.
    """

    solver: Solver
    why: str = ""


def is_open(settings: Settings) -> bool:
    """Whether the solver is left to be chosen."""
    return isinstance(settings.solver, str) and settings.solver == "auto"


def holds_out(settings: Settings, objective: Objective, rows: int) -> bool:
    """Whether "auto" needs validation rows: unless it takes ``br``.

    Arguments:
        settings: the parameters.
        objective: network and loss.
        rows: number of all rows.
    """
    return choose(settings, objective, rows, False, False).solver is not SOLVERS["br"]


def choose(
    settings: Settings, objective: Objective, rows: int, partial: bool, validated: bool
) -> Choice:
    """The solver of a fit; where it is "auto", from the sizes of data and network.

    Arguments:
        settings: the parameters.
        objective: network and loss.
        rows: number of training rows.
        partial: whether each call brings only a part of the rows.
        validated: whether there are validation data.
    """
    if not is_open(settings):
        return Choice(SOLVERS.resolve(settings.solver))
    network, loss = objective.network, objective.loss
    size, outputs = network.size, network.widths[-1]
    sizes = f"{size:,} parameters and {rows:,} rows"
    if partial:
        return Choice(SOLVERS["adam"], "adam: partial_fit brings a part of the rows at a time.")
    able = [name for name in ("br", "lm", "lbfgs") if objective.allows(SOLVERS[name])]
    if not able:
        return Choice(SOLVERS["adam"], "adam: the others need the true gradient of all rows.")
    squares = loss.name == "squared_error" and gauss_newton.variance_of(loss, network.output)
    if squares and "lm" in able and rows * outputs * size**2 + size**3 <= CHEAP:
        cheap = f"with {sizes} a Gauss-Newton step is cheap"
        if network.output.name == "identity" and not validated and "br" in able:
            return Choice(SOLVERS["br"], f"br: {cheap}, and the evidence sets the penalty.")
        return Choice(SOLVERS["lm"], f"lm: {cheap}.")
    if "lbfgs" not in able:
        told = " and ".join(each.setting for each in objective.variations)
        return Choice(SOLVERS["adam"], f"adam: lbfgs cannot train with {told}.")
    if rows <= MANY_ROWS and 6.0 * rows * size <= CHEAP:
        return Choice(SOLVERS["lbfgs"], f"lbfgs: with {sizes} a step on all rows is cheap.")
    return Choice(SOLVERS["adam"], f"adam: with {sizes} many small steps get further.")
