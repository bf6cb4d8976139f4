"""A trained classifier as layers whose units spiking neurons can stand for."""

from __future__ import annotations

from collections.abc import Callable
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

RATES = ("relu", "logistic")
"""Activation functions that a rate can stand for: none is negative."""
ONE_OUTPUT = ("logistic", "tanh")
"""Output units of two classes: the second where the sum is positive."""


@dataclass(frozen=True)
class TrainedLayers:
    """A trained network.

    Attributes:
        first: sums that the first hidden layer receives for rows, shape (n, units). Below 0 those
            of a ReLU may be 0.
        units: names of the activation functions of the hidden layers.
        weights, biases: of the layers after the first, shapes (units, units after) and (units,).
            Of two classes with one output unit, the first class has one that is its opposite.
        classes: shape (classes,).
    """

    first: Callable[[Any], np.ndarray]
    units: tuple[str, ...]
    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    classes: np.ndarray

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
    whole, estimator = estimator, end_of(estimator)
    if not hasattr(estimator, "fit") or isinstance(estimator, type):
        raise ParameterError(
            f"the estimator was {str(estimator)[:40]!r}; expected a fitted NetClassifier, or "
            "scikit-learn's MLPClassifier."
        )
    check_is_fitted(estimator)
    name = type(estimator).__name__
    classes = getattr(estimator, "classes_", None)
    if not is_network(estimator) or not isinstance(classes, np.ndarray):
        raise ParameterError(
            f"{name} has no layers (coefs_), or no classes; expected a fitted NetClassifier, or "
            "scikit-learn's MLPClassifier, of one class for each row."
        )
    if len(getattr(estimator, "members_", [0])) > 1:
        raise ParameterError(
            f"{name} is the mean of {len(estimator.members_)} networks; take one: net.members_[0]."
        )
    units, output = _units(estimator)
    if output == "logistic" and not hasattr(estimator, "features") and estimator.n_outputs_ > 1:
        raise ParameterError(
            f"{name} gives each row several labels; expected one class for each row."
        )
    if not units or not set(units) <= set(RATES):
        raise ParameterError(
            f"{name} has hidden units {', '.join(units) or 'nowhere'}; expected at least one "
            f"hidden layer, of {' or '.join(RATES)}: rates of spikes are never negative."
        )
    weights, biases = list(estimator.coefs_[1:]), list(estimator.intercepts_[1:])
    if weights[-1].shape[1] == 1 and len(classes) == 2 and output in ONE_OUTPUT:
        weights[-1], biases[-1] = (np.concatenate([-w, w], -1) for w in (weights[-1], biases[-1]))
    if weights[-1].shape[1] != len(classes):
        raise ParameterError(
            f"{name} has {weights[-1].shape[1]} {output} outputs and {len(classes)} classes; "
            "expected an output for each class, or one logistic output for two."
        )
    first = _first(estimator, units[0])
    return TrainedLayers(
        lambda X: first(unwrapped(whole, X)[1]), units, tuple(weights), tuple(biases), classes
    )


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


def _first(estimator: Any, unit: str) -> Callable[[Any], np.ndarray]:
    """Of ours it is read off the outputs of the layer, since inputs may be scaled before it."""
    if not is_ours(estimator):
        w, b = estimator.coefs_[0], estimator.intercepts_[0]
        return lambda X: np.asarray(
            validate_data(estimator, X, accept_sparse="csr", reset=False) @ w + b
        )

    def sums(X: Any) -> np.ndarray:
        outputs = hidden_output(estimator, X, 0)
        tiny = np.finfo(float).eps
        return outputs if unit == "relu" else logit(np.clip(outputs, tiny, 1 - tiny))

    return sums
