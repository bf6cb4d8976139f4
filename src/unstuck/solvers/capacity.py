"""Whether a network and the matrices of its solver fit into memory: asked before they are made."""

from __future__ import annotations

import contextlib
import functools
import math
import os
from pathlib import Path

from unstuck.errors import ParameterError
from unstuck.solvers.solver import Solver

COPIES = 4
"""Of the parameters, that the plainest solver needs: themselves, float64, gradient, next ones."""
PASSES = 3
"""Of what layers put out, that a step keeps: outputs, slopes, and what comes back."""
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Files in which Linux tells how much of the machine a container may use."""
OPERATIONS = 2e10
"""Floating-point operations of a matrix product in a second, on a machine of everyday."""
MUCH_TIME = 60.0
"""Seconds from which on a user is told before."""


def check_capacity(
    record: Solver,
    parameters: int,
    observations: int = 0,
    more: int = 0,
    itemsize: int = 8,
    passed: int = 0,
    rows: int = 0,
    networks: int = 1,
) -> None:
    """Whether this machine has the memory for the parameters, for what layers put out in a step and
    for a solver's matrices.

    Arguments:
        record: the solver.
        parameters: P.
        observations: rows times outputs.
        more: numbers in other matrices.
        itemsize: bytes of a number.
        passed: bytes of what the layers put out for all rows of a step.
        rows: of a step, to be told.
        networks: that are kept, each as it begins and as it ends.

    Raises:
        ParameterError: it has not; says how much is needed and which solver to take.
    """
    there = machine_memory()
    needed = itemsize * (COPIES + 2 * (networks - 1)) * parameters + PASSES * passed
    if needed > there:
        what = f"a network of {parameters:,} parameters"
        what = f"{networks} times {what}" if networks > 1 else what
        what += f" and a step of {rows:,} rows" if passed else ""
        fewer = ", or a smaller batch_size" if rows > 1 else ""
        if record.full and passed:
            fewer = ", or solver='adam', which takes some rows at a time"
        raise ParameterError(
            f"{what} needs about {needed / 1e9:,.1f} GB of memory; this machine has "
            f"{there / 1e9:,.1f} GB. Take fewer units in hidden_layer_sizes{fewer}."
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


def slow(record: Solver, parameters: int, observations: int, iterations: int) -> str:
    """A sentence about a fit whose matrices will take more than a minute, or an empty text.

    A Gauss-Newton step costs ``N P^2 + P^3`` operations, with P parameters and N observations; on
    fewer observations than parameters that of ``lm`` costs ``N^2 P + N^3``.

    Arguments:
        record: the solver.
        parameters: P.
        observations: N, rows times outputs.
        iterations: most that are done, in all networks together.

    Example:
        >>> from unstuck import SOLVERS
        >>> slow(SOLVERS["br"], 61, 2000, 200)
        ''
    """
    if not record.residuals or record.matrices is None:
        return ""
    small = record.matrices(parameters, observations) < record.matrices(parameters, parameters)
    p, n = sorted((parameters, observations)) if small else (parameters, observations)
    seconds = (n * p**2 + p**3) / OPERATIONS
    if seconds * iterations < MUCH_TIME:
        return ""
    return (
        f"solver={record.name!r} with {parameters:,} parameters takes about "
        f"{float(f'{seconds:.1g}'):g} s for an "
        f"iteration, so up to {duration(seconds * iterations)} for {iterations:,} of them. Take "
        "fewer units, fewer networks, solver='lbfgs', or set max_time."
    )


def duration(seconds: float) -> str:
    """Some time to one digit.

    Example:
        >>> duration(130.0), duration(20_000.0)
        ('2 minutes', '6 hours')
    """
    size, unit = (3600, "hour") if seconds >= 5400 else (60, "minute")
    count = float(f"{seconds / size:.1g}")
    return f"{count:,.0f} {unit}{'s' * (count != 1)}"


@functools.cache
def machine_memory() -> float:
    """Bytes of this machine, or of its part that a container may use; infinite where the system
    does not say."""
    found = [math.inf]
    if "SC_PHYS_PAGES" in getattr(os, "sysconf_names", {}):
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for each in LIMITS:
        with contextlib.suppress(OSError, ValueError):  # not there, or "max"
            found.append(float(Path(each).read_text()))
    return min(found)
