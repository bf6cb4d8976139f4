"""Whether a network and the matrices of its solver fit into memory: asked before they are made."""

from __future__ import annotations

import math
import os

from unstuck.errors import ParameterError
from unstuck.solvers.solver import Solver

COPIES = 4
"""Of the parameters, that the plainest solver needs: themselves, float64, gradient, next ones."""


def check_capacity(
    record: Solver, parameters: int, observations: int = 0, more: int = 0, itemsize: int = 8
) -> None:
    """Whether this machine has the memory for the parameters and for a solver's matrices.

    Arguments:
        record: the solver.
        parameters: P.
        observations: rows times outputs.
        more: numbers in other matrices.
        itemsize: bytes of a number.

    Raises:
        ParameterError: it has not; says how much is needed and which solver to take.
    """
    there = _machine_memory()
    if itemsize * COPIES * parameters > there:
        raise ParameterError(
            f"a network of {parameters:,} parameters needs about "
            f"{itemsize * COPIES * parameters / 1e9:,.1f} GB of memory; this machine has "
            f"{there / 1e9:,.1f} GB. Take fewer units in hidden_layer_sizes."
        )
    if record.matrices is None:
        return
    needed = itemsize * (record.matrices(parameters, observations) + more)
    if needed > there:
        raise ParameterError(
            f"solver={record.name!r} with {parameters:,} parameters needs about "
            f"{needed / 1e9:,.1f} GB of memory for its matrices; this machine has "
            f"{there / 1e9:,.1f} GB. Take solver='lbfgs', which keeps a few vectors, or fewer "
            "parameters."
        )


def _machine_memory() -> float:
    if "SC_PHYS_PAGES" not in getattr(os, "sysconf_names", {}):
        return math.inf
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
