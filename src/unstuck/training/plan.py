"""What a training program is compiled for, and what it carries from step to step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from unstuck.layers.network import Packed
from unstuck.solvers.solver import Solver
from unstuck.training.objective import Objective


class State(NamedTuple):
    """All that the steps carry on: parameters, solver's memory, steps done (modulo 2^32)."""

    vector: Packed
    memory: Any
    step: Any


@dataclass(frozen=True)
class Plan:
    """What a training program is compiled for.

    Attributes:
        objective: network and loss.
        solver: the solver.
        options: pairs of name and value, of the solver's ``static`` parameters.
    """

    objective: Objective
    solver: Solver
    options: tuple[tuple[str, Any], ...] = ()

    def hyperparameters(self, numbers: dict[str, Any]) -> dict[str, Any]:
        """All parameters that the solver reads: traced numbers, and the options."""
        return {**numbers, **dict(self.options)}
