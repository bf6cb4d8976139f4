"""What a fit makes small, as a plain function: to be traced, verified, or measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.validation import check_is_fitted

from unstuck.activations import Array
from unstuck.layers.network import Parameters
from unstuck.lazy import jax, jnp
from unstuck.record import Record
from unstuck.rows.rows import Part
from unstuck.training.objective import Objective
from unstuck.training.snapshot import record


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
    ``slope_offset`` was. In a traced graph the loss is one node, which opens.

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
    found, rows, penalty = minimized(estimator, X, y, sample_weight)
    found = _LossInOneCall(found.network, found.loss)

    def objective(parameters: Parameters, x: Array, y: Array, w: Array) -> Array:
        return found(parameters, x, y, w, penalty, jnp)

    return Inspected(objective, estimator._model.parameters, (rows.x, rows.y, rows.w))


def record_of(estimator: Any, X: Any, y: Any, sample_weight: Any = None) -> Record:
    """What every layer of a fitted estimator computes on rows, and receives back, as plain arrays.

    Arguments:
        estimator: a fitted ``NetClassifier`` or ``NetRegressor``.
        X, y, sample_weight: rows as ``fit`` takes them; sparse rows become dense.

    Returns:
        Values and adjoints of every layer; adjoints are of each row's own loss.

    Raises:
        DataError: rows or targets that the estimator would not learn from.

    Example:
        >>> import numpy as np
        >>> from unstuck import NetRegressor
        >>> X = np.linspace(0, 1, 50)[:, None]
        >>> net = NetRegressor((4,), max_iter=300, tol=1e-2, random_state=0).fit(X, X[:, 0])
        >>> found = record_of(net, X, X[:, 0])
        >>> [(layer.name, layer.adjoints["preactivation"].shape) for layer in found.layers]
        [('hidden_1', (50, 4)), ('output', (50, 1))]
    """
    objective, rows, penalty = minimized(estimator, X, y, sample_weight)
    model = estimator._model
    return record(objective, model.parameters, rows, penalty, model.course.history.epochs)


class _LossInOneCall(Objective):
    """An objective whose loss is one node of a traced graph, which opens."""

    def mean_loss(self, received: Array, outputs: Array, y: Array, w: Array, xp: Any) -> Array:
        """The weighted mean of the rows' losses, as a call by the name of the loss."""
        reads = received if self.loss.on_preactivations(self.network.output) else outputs
        whole = super().mean_loss

        def loss(reads: Array, y: Array, w: Array) -> Array:
            return whole(reads, reads, y, w, xp)

        loss.__name__ = self.loss.name
        return jax.jit(loss)(reads, y, w)


def minimized(estimator: Any, X: Any, y: Any, sample_weight: Any) -> tuple[Objective, Part, float]:
    """The objective, rows as it takes them, and its penalty."""
    check_is_fitted(estimator)
    model = estimator._model
    examples = estimator._read(X, y, sample_weight, None, None, reset=False)
    x = examples.x.toarray() if hasattr(examples.x, "toarray") else examples.x
    rows = Part(model.inputs(x), model.targets(examples.y), examples.w)
    return Objective(model.network, model.loss), rows, estimator.alpha / examples.w.sum()
