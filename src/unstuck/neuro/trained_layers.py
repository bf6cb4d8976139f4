"""A trained classifier as layers whose units spiking neurons can stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logit
from sklearn.utils.validation import check_is_fitted, validate_data

from unstuck.activations import ACTIVATIONS
from unstuck.errors import ParameterError
from unstuck.layers.dense import Dense
from unstuck.neuro.networks import hidden_output, hidden_units, is_network, is_ours
from unstuck.piped import end_of, unwrapped

Arrays = tuple[np.ndarray, ...]
RATES = ("relu", "logistic")
"""Activation functions that a rate can stand for: none is negative."""
ONE_OUTPUT = ("logistic", "tanh")
"""Output units of two classes: the second where the sum is positive."""


@dataclass(frozen=True)
class TrainedLayers:
    """A trained network.

    Attributes:
        estimator: what was trained, with a pipeline or search around it.
        units: names of the activation functions of the hidden layers.
        weights, biases: of the layers after the first, shapes (units, units after) and (units,).
            Of two classes with one output unit, the first class has one that is its opposite.
        classes: shape (classes,).
    """

    estimator: Any
    units: tuple[str, ...]
    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    classes: np.ndarray

    def first(self, X: Any) -> np.ndarray:
        """Sums that the first hidden layer receives for rows, shape (n, units). Of ours they are
        read off its outputs, since inputs may be scaled before it; below 0 those of a ReLU are 0.
        """
        network, rows = unwrapped(self.estimator, X)
        if not is_ours(network):
            rows = validate_data(network, rows, accept_sparse="csr", reset=False)
            return np.asarray(rows @ network.coefs_[0] + network.intercepts_[0])
        outputs = hidden_output(network, rows, 0)
        tiny = np.finfo(float).eps
        return outputs if self.units[0] == "relu" else logit(np.clip(outputs, tiny, 1 - tiny))

    def sums(self, X: Any) -> list[np.ndarray]:
        """What every layer receives for rows, from the first hidden one to the output."""
        found = [self.first(X)]
        for unit, w, b in zip(self.units, self.weights, self.biases, strict=True):
            found.append(np.asarray(ACTIVATIONS[unit](found[-1])) @ w + b)
        return found


def trained_layers(estimator: Any) -> TrainedLayers:
    """The layers of a trained classifier of ours or scikit-learn's, or at the end of a pipeline
    or search.

    Raises:
        ParameterError: it has no hidden layer, units that no rate can stand for, layers of another
            kind, several networks, or it is no classifier of classes that exclude each other.
    """
    network = end_of(estimator)
    _check(network)
    units, output = _units(network)
    name = type(network).__name__
    if output == "logistic" and not is_ours(network) and network.n_outputs_ > 1:
        raise ParameterError(
            f"{name} gives each row several labels; expected one class for each row."
        )
    if not units or not set(units) <= set(RATES):
        raise ParameterError(
            f"{name} has hidden units {', '.join(units) or 'nowhere'}; expected at least one "
            f"hidden layer, of {' or '.join(RATES)}: rates of spikes are never negative."
        )
    weights, biases = _after_the_first(network, output)
    return TrainedLayers(estimator, units, weights, biases, network.classes_)


def _check(network: Any) -> None:
    """Raise a ``ParameterError`` for what is no fitted network of one class for each row."""
    if not hasattr(network, "fit") or isinstance(network, type):
        raise ParameterError(
            f"the estimator was {str(network)[:40]!r}; expected a fitted NetClassifier, or "
            "scikit-learn's MLPClassifier."
        )
    check_is_fitted(network)
    name = type(network).__name__
    if not is_network(network) or not isinstance(getattr(network, "classes_", None), np.ndarray):
        raise ParameterError(
            f"{name} has no layers (coefs_), or no classes; expected a fitted NetClassifier, or "
            "scikit-learn's MLPClassifier, of one class for each row."
        )
    if len(getattr(network, "members_", [0])) > 1:
        raise ParameterError(
            f"{name} is the mean of {len(network.members_)} networks; take one: net.members_[0]."
        )


def _after_the_first(network: Any, output: str) -> tuple[Arrays, Arrays]:
    """Weights and biases of the layers after the first, with an output for each class."""
    weights, biases = list(network.coefs_[1:]), list(network.intercepts_[1:])
    classes = len(network.classes_)
    if weights[-1].shape[1] == 1 and classes == 2 and output in ONE_OUTPUT:
        weights[-1], biases[-1] = (np.concatenate([-w, w], -1) for w in (weights[-1], biases[-1]))
    if weights[-1].shape[1] != classes:
        raise ParameterError(
            f"{type(network).__name__} has {weights[-1].shape[1]} {output} outputs and {classes} "
            "classes; expected an output for each class, or one logistic output for two."
        )
    return tuple(weights), tuple(biases)


def _units(estimator: Any) -> tuple[tuple[str, ...], str]:
    """Names of the hidden layers' activation functions, and that of the output's."""
    units = tuple(unit.name for unit in hidden_units(estimator))
    if not is_ours(estimator):
        return units, estimator.out_activation_
    network = estimator.network_
    others = [
        name for name, layer in network.layers if not isinstance(layer, Dense) or layer.layer_norm
    ]
    if others:
        raise ParameterError(
            f"the layers {', '.join(others)} are not plain dense ones; expected sums of weighted "
            "inputs and nothing else."
        )
    return units, network.output.name
