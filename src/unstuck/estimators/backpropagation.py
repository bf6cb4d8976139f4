"""Backpropagation layer by layer, for a fitted estimator or for a network and its parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from unstuck.derivatives.backpropagation import Backpropagation, backpropagate
from unstuck.errors import ParameterError
from unstuck.estimators.inspection import objective_of
from unstuck.layers.network import Parameters
from unstuck.training.objective import Objective


def backpropagation(
    model: Any, X: Any, y: Any, sample_weight: Any = None, *, parameters: Parameters | None = None
) -> Backpropagation:
    """The five steps of backpropagation with every number: a, z, h'(a), delta, derivatives.

    ``delta_j = h'(a_j) sum_k w_jk delta_k``, and the derivative of a weight is the delta of the
    unit that it leads to times its input. Computed in NumPy, apart from JAX.

    Arguments:
        model: a fitted estimator; or an ``Objective``, with ``parameters``.
        X: rows as ``fit`` takes them, shape (n, inputs); for an ``Objective`` as its network
            receives them.
        y: their targets, shape (n,) or (n, outputs); for an ``Objective`` as its loss receives
            them, (n, outputs).
        sample_weight: weights of the rows, shape (n,).
        parameters: by layer and name; for an ``Objective`` only.

    Returns:
        The arrays of every layer; ``print`` shows them (every unit for one example, a line a
        layer for several), ``draw(path)`` makes a picture, ``updated(rate)`` does the fifth step.
        The penalty is that of the estimator's ``alpha`` for these rows.

    Raises:
        ParameterError: ``parameters`` with an estimator, or an ``Objective`` without them.
        DataError: rows or targets that the network cannot take.

    Example:
        >>> import numpy as np
        >>> from unstuck import NetRegressor
        >>> X = np.linspace(0, 1, 50)[:, None]
        >>> net = NetRegressor((2,), max_iter=300, tol=1e-2, random_state=0).fit(X, X[:, 0])
        >>> passed = backpropagation(net, X[:1], X[:1, 0])
        >>> [each.delta.shape for each in passed.layers]
        [(1, 2), (1, 1)]

    Reference: Rumelhart, Hinton and Williams 1986; Bishop 2006, section 5.3.
    """
    if isinstance(model, Objective) != (parameters is not None):
        raise ParameterError(
            f"backpropagation: received {type(model).__name__} "
            f"{'without' if parameters is None else 'with'} parameters; expected a fitted "
            "estimator, which has its own, or an Objective together with parameters."
        )
    if parameters is not None:
        return backpropagate(model, parameters, X, y, sample_weight)
    inspected = objective_of(model, X, y, sample_weight)
    x, targets, w = inspected.arguments
    objective = Objective(model._model.network, model._model.loss)
    passed = backpropagate(objective, inspected.parameters, x, targets, w, model.alpha / w.sum())
    inputs, outputs = _names(model, x.shape[1], targets.shape[1])
    return replace(passed, inputs=inputs, outputs=outputs)


def _names(model: Any, inputs: int, outputs: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns by their names, and the classes that outputs stand for; nothing where they have
    none."""
    columns = getattr(model, "feature_names_in_", ())
    if model.table_ is not None:
        columns = model.table_.get_feature_names_out()
    labels = getattr(model, "classes_", ())
    known = labels[-1:] if outputs == 1 and len(labels) == 2 else labels
    return (
        tuple(map(str, columns)) if len(columns) == inputs else (),
        tuple(map(str, known)) if len(known) == outputs else (),
    )
