"""What a fit makes small, as a plain function: to be traced, verified, or measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.validation import check_is_fitted

from unstuck.activations import Array
from unstuck.layers.network import Parameters
from unstuck.training.objective import Objective


class Inspected(NamedTuple):
    """A function of parameters, and what to call it with.

    Attributes:
        function: ``function(parameters, *arguments)``, a scalar, in ``jax.numpy``.
        parameters: the trained ones, by layer and name, float64.
        arguments: standardized inputs (n, inputs), targets (n, outputs) as the loss receives
            them, and weights (n,), float64.
    """

    function: Callable[..., Array]
    parameters: Parameters
    arguments: tuple[np.ndarray, np.ndarray, np.ndarray]


def objective_of(estimator: Any, X: Any, y: Any, sample_weight: Any = None) -> Inspected:
    """The objective of a fitted estimator on rows, as a function of its parameters.

    It is the one that ``loss_curve_`` reports: without dropout, and with the true slopes whatever
    ``slope_offset`` was.

    Arguments:
        estimator: a fitted ``NetClassifier`` or ``NetRegressor``.
        X, y, sample_weight: rows as ``fit`` takes them; sparse rows become dense.

    Returns:
        Function, parameters and arguments.

    Raises:
        DataError: rows or targets that the estimator would not learn from.

    Example:
        >>> import numpy as np
        >>> from unstuck import NetRegressor
        >>> X = np.linspace(0, 1, 50)[:, None]
        >>> net = NetRegressor((4,), max_iter=300, tol=1e-2, random_state=0).fit(X, X[:, 0])
        >>> function, parameters, arguments = objective_of(net, X, X[:, 0])
        >>> bool(np.isclose(function(parameters, *arguments), net.loss_curve_[-1], rtol=0.1))
        True
    """
    import jax.numpy as jnp

    check_is_fitted(estimator)
    model = estimator._model
    rows = estimator._read(X, y, sample_weight, None, None, reset=False)
    x = rows.x.toarray() if hasattr(rows.x, "toarray") else rows.x
    minimized = Objective(model.network, model.loss)
    penalty = estimator.alpha / rows.w.sum()

    def objective(parameters: Parameters, x: Array, y: Array, w: Array) -> Array:
        return minimized(parameters, x, y, w, penalty, jnp)

    y = model.targets(rows.y)
    return Inspected(objective, model.parameters, (model.inputs(x), y, rows.w))
