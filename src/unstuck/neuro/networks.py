"""A fitted network of either kind, ours or scikit-learn's MLP: read and changed in one way."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils.validation import validate_data

from unstuck.activations import ACTIVATIONS, Activation

Arrays = Sequence[np.ndarray]


def is_network(estimator: Any) -> bool:
    """Whether it is a network of either kind, fitted or not."""
    theirs = hasattr(estimator, "_forward_pass_fast")
    return not isinstance(estimator, type) and (is_ours(estimator) or theirs)


def is_ours(network: Any) -> bool:
    """Whether a network is a ``NetClassifier`` or ``NetRegressor``."""
    return hasattr(network, "_with_weights")


def hidden_units(network: Any) -> tuple[Activation, ...]:
    """The activation functions of the hidden layers of a fitted network."""
    if is_ours(network):
        return tuple(layer.unit for _, layer in network.network_.hidden)
    return (ACTIVATIONS.resolve(network.activation),) * (len(network.coefs_) - 1)


def hidden_output(network: Any, X: Any, layer: int) -> np.ndarray:
    """The outputs of a hidden layer for rows, shape (n, units); of averaged networks the first's.

    Arguments:
        network: fitted.
        X: rows, shape (n, inputs).
        layer: which hidden layer; 0 is the first.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.neural_network import MLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> net = MLPClassifier((9, 5), max_iter=500, tol=1e-2, random_state=0).fit(X, y)
        >>> hidden_output(net, X, 1).shape
        (150, 5)
    """
    if is_ours(network):
        return np.asarray(network.features(X, layer))
    z = validate_data(network, X, accept_sparse=("csr", "csc"), dtype=np.float64, reset=False)
    unit = ACTIVATIONS.resolve(network.activation)
    for w, b in list(zip(network.coefs_, network.intercepts_, strict=True))[: layer + 1]:
        z = np.asarray(unit(z @ w + b))
    return z


def with_weights(network: Any, coefs: Arrays, intercepts: Arrays) -> Any:
    """A copy of a network with other weights, which goes on training from these."""
    if is_ours(network):
        return network._with_weights(coefs, intercepts)
    found = copy.copy(network)
    found.coefs_, found.intercepts_ = [
        [np.array(each) for each in kind] for kind in (coefs, intercepts)
    ]
    found.__dict__.pop("_optimizer", None)  # it holds the other arrays, and their moments
    # What training changes in place would be changed in the other network too.
    for name in ("loss_curve_", "validation_scores_", "_random_state"):
        if hasattr(network, name):
            setattr(found, name, copy.deepcopy(getattr(network, name)))
    return found


def without_first(network: Any, X: Any, layers: int) -> tuple[Any, Any]:
    """A network without its first layers, and what these give for rows."""
    if layers == 0:
        return network, X
    rows = hidden_output(network, X, layers - 1)
    if is_ours(network):
        return network._without_first(layers), rows
    tail = with_weights(network, network.coefs_[layers:], network.intercepts_[layers:])
    tail.__dict__.pop("feature_names_in_", None)
    tail.n_layers_, tail.n_features_in_ = len(tail.coefs_) + 1, len(tail.coefs_[0])
    return tail, rows
