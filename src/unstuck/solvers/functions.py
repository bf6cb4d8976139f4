"""The solvers as functions: make any JAX function small."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Unpack

from unstuck.activations import Array
from unstuck.errors import ParameterError, did_you_mean
from unstuck.solvers.asked import ask
from unstuck.solvers.descent import Callback, Minimum, descend
from unstuck.solvers.ends import ENDS, EndKeywords
from unstuck.solvers.first_order import FirstOrder
from unstuck.solvers.fitted import Fit, fitted
from unstuck.solvers.hyperparameters import HYPERPARAMETERS, HyperparameterKeywords
from unstuck.solvers.keywords import checked, shows
from unstuck.solvers.loop import as_full_batch
from unstuck.solvers.problem import FunctionProblem
from unstuck.solvers.residuals import ask_residuals
from unstuck.solvers.solver import FullBatch
from unstuck.solvers.table import SOLVERS


class DescentKeywords(EndKeywords, HyperparameterKeywords, total=False):
    """What ends a descent, and the parameters of its solver."""


@shows(EndKeywords, "hyperparameters")
def minimize(
    function: Callable[..., Array],
    start: Any,
    *arguments: Any,
    solver: str | FullBatch | FirstOrder = "bfgs",
    callback: Callback | None = None,
    scale: Any = None,
    **given: Unpack[DescentKeywords],
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
        callback: ``callback(iteration, parameters, measured)`` after every iteration, ``measured``
            as in ``Minimum.history``; a true result ends it.
        scale: size that each parameter has, shaped as the start, or one number: the solver works on
            parameters divided by it, and tells norms of steps and gradients of these. ``None``: 1.
            It helps where parameters have several units; "lm" finds them by itself.
        max_iter: most iterations.
        tol: a value that is lower by less than this share is no progress. 1e-9 is above the
            rounding of float64, and low enough for solvers that gain a millionth an iteration.
        n_iter_no_change: iterations in a row without progress before it ends; ``None``: the
            solver's ``patience``: 10, of "lm" 20, and 100 of solvers whose values may rise.
        loss_goal: value at which it ends.
        gradient_goal: norm of the gradient at which it ends.
        max_time: seconds after which it ends, compilation included.
        **hyperparameters: parameters that the solver reads, as ``history_size=20`` for "lbfgs";
            their names are in ``SOLVERS[solver].uses``.

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
    asked = ask(FunctionProblem, function, start, arguments, scale)
    return descend(asked, record, *_read(record, given), callback)


@shows(EndKeywords, "hyperparameters")
def least_squares(
    residuals: Callable[..., Array],
    start: Any,
    *arguments: Any,
    solver: str | FullBatch | FirstOrder = "lm",
    callback: Callback | None = None,
    bounds: tuple[Any, Any] | None = None,
    scale: Any = None,
    jacobian: Callable[..., Any] | None = None,
    **given: Unpack[DescentKeywords],
) -> Fit:
    """Make half the sum of squares of ``residuals(parameters, *arguments)`` small.

    Arguments:
        residuals: a JAX function that returns real numbers, as an array or in any structure.
        start, arguments, scale, max_iter, tol, n_iter_no_change: as in ``minimize``.
        solver: any name of ``SOLVERS``; "lm" and "br" use the residuals' Jacobian.
        bounds: ``(lower, upper)``, each shaped as the start, or one number for all parameters;
            infinite where there is none. Of "lm", "rprop" and "quickprop": steps are projected, and
            parameters at a bound that would leave are held (Kanzow, Yamashita and Fukushima 2004).
        jacobian: ``jacobian(parameters, *arguments)``, a JAX function that returns what
            ``jax.jacobian(residuals)`` does: arrays of the residuals' shape and then that of the
            parameters. ``None``: JAX differentiates, in the mode that it has for the residuals.
        loss_goal, gradient_goal, max_time, callback, hyperparameters: as in ``minimize``.

    Returns:
        A ``Fit``: as of ``minimize``, with residuals, ``covariance``, ``standard_errors`` and
        ``intervals()`` of the parameters; its value is half the sum of squares.

    Raises:
        ParameterError: as in ``minimize``, or the start is not within the bounds.

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
    if bounds is not None and not record.bounds:
        able = " or ".join(repr(each.name) for each in SOLVERS.values() if each.bounds)
        raise ParameterError(
            f"least_squares: solver={record.name!r} has no bounds. Take solver={able}, or write "
            "the parameters as functions of free ones, as exp(p) of a positive one."
        )
    asked = ask_residuals(residuals, start, arguments, scale, bounds, jacobian)
    return fitted(asked, descend(asked, record, *_read(record, given), callback), record)


def _record(solver: Any) -> FullBatch:
    record = SOLVERS.resolve(solver)
    return record if isinstance(record, FullBatch) else as_full_batch(record)


def _read(record: FullBatch, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values of the parameters that a solver reads, and what ends it: ``None`` replaced."""
    subject = f"solver {record.name!r}"
    ends = checked(given, ENDS, subject)
    for name in given:
        if name not in ENDS and name not in record.uses:
            known = ", ".join(record.uses) or "no parameter of its own"
            raise ParameterError(
                f"{subject} reads no {name!r}; it reads {known}.{did_you_mean(name, record.uses)}"
            )
    hyper = checked(given, {name: HYPERPARAMETERS[name] for name in record.uses}, subject)
    never = {
        "n_iter_no_change": record.patience,
        "loss_goal": -math.inf,
        "gradient_goal": -math.inf,
        "max_time": math.inf,
    }
    return hyper, {name: never[name] if end is None else end for name, end in ends.items()}
