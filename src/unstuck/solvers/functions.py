"""The solvers as functions: make any JAX function small."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.errors import ParameterError, did_you_mean, raise_together
from unstuck.rules import Number, Words, any_of, hint_of
from unstuck.solvers.controls import CONTROLS
from unstuck.solvers.descent import Callback, Minimum, descend
from unstuck.solvers.first_order import FirstOrder
from unstuck.solvers.gauss_newton import ResidualProblem
from unstuck.solvers.loop import whole
from unstuck.solvers.problem import FunctionProblem
from unstuck.solvers.solver import Batch
from unstuck.solvers.table import SOLVERS

PATIENCE, RISING_PATIENCE = 10, 100
"""Iterations without progress before the end, of solvers that never rise and of others."""

NONE = Words((None,))
LIMITS = {
    "max_iter": Number(1, whole=True),
    "tol": Number(0),
    "n_iter_no_change": any_of(NONE, Number(1, whole=True), Words((math.inf,))),
    "loss_goal": any_of(NONE, Number()),
    "gradient_goal": any_of(NONE, Number(0)),
    "max_time": any_of(NONE, Number(0, closed="neither")),
}
"""Rules of what ends a descent."""


def minimize(
    function: Callable[..., Array],
    start: Any,
    *arguments: Any,
    solver: str | Batch | FirstOrder = "bfgs",
    max_iter: int = 1000,
    tol: float = 1e-9,
    n_iter_no_change: float | None = None,
    loss_goal: float | None = None,
    gradient_goal: float | None = None,
    max_time: float | None = None,
    callback: Callback | None = None,
    **controls: Any,
) -> Minimum:
    """Make ``function(parameters, *arguments)`` small.

    All iterations run compiled; a function that is passed again (the same object) is not compiled
    again for new values of the same shapes. Numbers are float64 where the start has a float64
    leaf, as Python's floats and NumPy's default are; else float32.

    Arguments:
        function: a JAX function that returns a real scalar.
        start: its first argument at the start: an array, or a pytree of arrays and numbers.
        *arguments: what else it takes, pytrees of arrays and numbers. Data belong here: other data
            of the same shapes compile nothing, and NumPy arrays that a function holds inside keep
            the precision of its first use.
        solver: a name of ``SOLVERS`` or a record of it.
        max_iter: most iterations.
        tol: a value that is lower by less than this share is no progress. 1e-9 is above the
            rounding of float64, and low enough for solvers that gain a millionth an iteration.
        n_iter_no_change: iterations in a row without progress before it ends; ``None``: 10, and
            100 for solvers whose values may rise.
        loss_goal: value at which it ends.
        gradient_goal: norm of the gradient at which it ends.
        max_time: seconds after which it ends, compilation included.
        callback: ``callback(iteration, parameters, numbers)`` after every iteration, ``numbers``
            as in ``Minimum.history``; a true result ends it.
        **controls: parameters that the solver reads, as ``history_size=20`` for "lbfgs"; their
            names are in ``SOLVERS[solver].uses``.

    Returns:
        The lowest place, why it ended, and the history.

    Raises:
        ParameterError: a parameter cannot be used, the function returns no real scalar, or its
            value at the start is not finite.

    Example:
        >>> from unstuck.solvers import minimize
        >>> def rosenbrock(p):
        ...     return (1.0 - p["x"]) ** 2 + 100.0 * (p["y"] - p["x"] ** 2) ** 2
        >>> found = minimize(rosenbrock, {"x": -1.2, "y": 1.0}, loss_goal=1e-12)
        >>> found.stop.name, float(found.parameters["x"].round(4))
        ('loss_goal', 1.0)
    """
    record = _record(solver)
    if record.residuals:
        raise ParameterError(
            f"minimize: solver={record.name!r} works on residuals, not on their sum of squares. "
            "Call least_squares with a function that returns the residuals, or take solver='bfgs'."
        )
    ends = _ends(record, max_iter, tol, n_iter_no_change, loss_goal, gradient_goal, max_time)
    used = _controls(record, controls)
    return descend(FunctionProblem, function, start, arguments, record, used, ends, callback)


def least_squares(
    residuals: Callable[..., Array],
    start: Any,
    *arguments: Any,
    solver: str | Batch | FirstOrder = "lm",
    max_iter: int = 1000,
    tol: float = 1e-9,
    n_iter_no_change: float | None = None,
    loss_goal: float | None = None,
    gradient_goal: float | None = None,
    max_time: float | None = None,
    callback: Callback | None = None,
    **controls: Any,
) -> Minimum:
    """Make half the sum of squares of ``residuals(parameters, *arguments)`` small.

    Arguments:
        residuals: a JAX function that returns an array of any shape.
        start, arguments, max_iter, tol, n_iter_no_change: as in ``minimize``.
        solver: any name of ``SOLVERS``; "lm" and "br" use the residuals' Jacobian.
        loss_goal, gradient_goal, max_time, callback, controls: as in ``minimize``.

    Returns:
        As ``minimize``; its value is half the sum of squares.

    Raises:
        ParameterError: as in ``minimize``.

    Example:
        >>> import numpy as np
        >>> from unstuck.solvers import least_squares
        >>> t = np.linspace(0.0, 1.0, 20)
        >>> def residuals(p, t, y):
        ...     return p[0] * t**2 + p[1] - y
        >>> least_squares(residuals, [1.0, 0.0], t, 3.0 * t**2 - 2.0).parameters[1].round(6)
        np.float64(-2.0)
    """
    record = _record(solver)
    ends = _ends(record, max_iter, tol, n_iter_no_change, loss_goal, gradient_goal, max_time)
    used = _controls(record, controls)
    return descend(ResidualProblem, residuals, start, arguments, record, used, ends, callback)


def _record(solver: Any) -> Batch:
    record = SOLVERS.resolve(solver)
    return record if isinstance(record, Batch) else whole(record)


def _ends(record: Batch, *given: Any) -> dict[str, Any]:
    """What ends a descent, checked; ``None`` replaced by what never does."""
    ends = dict(zip(LIMITS, given, strict=True))
    _check(ends, LIMITS, record.name)
    patience = PATIENCE if record.monotone else RISING_PATIENCE
    never = {
        "n_iter_no_change": patience,
        "loss_goal": -np.inf,
        "gradient_goal": -np.inf,
        "max_time": np.inf,
    }
    return {name: never[name] if value is None else value for name, value in ends.items()}


def _check(values: Mapping[str, Any], rules: Mapping[str, Any], solver: str) -> None:
    mistakes = [
        f"{name} was {value!r}; expected {rules[name].expected()}.{hint_of(rules[name], value)}"
        for name, value in values.items()
        if not rules[name].accepts(value)
    ]
    raise_together(mistakes, ParameterError, f"solver {solver!r}")


def _controls(record: Batch, given: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the parameters that a solver reads, checked."""
    for name in given:
        if name not in record.uses:
            known = ", ".join(record.uses) or "no parameter of its own"
            raise ParameterError(
                f"solver {record.name!r} reads no {name!r}; it reads {known}."
                f"{did_you_mean(name, record.uses)}"
            )
    _check(given, {name: CONTROLS[name].rule for name in record.uses}, record.name)
    return {name: given.get(name, CONTROLS[name].default) for name in record.uses}
