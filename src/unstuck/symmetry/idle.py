"""Hidden units whose parameters do not matter: that give the same whatever comes, or to nobody."""

from __future__ import annotations

import itertools

import numpy as np

from unstuck.activations import Activation
from unstuck.layers.dense import Dense
from unstuck.layers.network import Network, Parameters
from unstuck.symmetry.symmetry import POINTS, dense_layers


def without_idle(network: Network, parameters: Parameters) -> Parameters:
    """The parameters with those of idle units set to 0; the network computes what it did.

    A unit that receives nothing, or a ReLU unit that receives nothing positive whatever the input,
    gives the same number for all rows, which goes into the biases of the next layer. What enters a
    unit that is passed on to nobody does not matter.

    Arguments:
        network: dense layers.
        parameters: by layer and name.

    Example:
        >>> from unstuck import ACTIVATIONS
        >>> network = Network(1, (("hidden_1", Dense(1, ACTIVATIONS["relu"])),
        ...                       ("output", Dense(1, ACTIVATIONS["identity"]))))
        >>> hidden = {"weights": np.array([[0.0]]), "bias": np.array([3.0])}
        >>> output = {"weights": np.array([[2.0]]), "bias": np.array([1.0])}
        >>> without_idle(network, {"hidden_1": hidden, "output": output})["output"]
        {'weights': array([[0.]]), 'bias': array([7.])}
    """
    found = {name: dict(layer) for name, layer in parameters.items()}
    layers = dict(zip(network.names, dense_layers(network), strict=True))
    bounds = (-np.inf, np.inf)
    for name, after in itertools.pairwise(network.names):
        _fold_constants(found, layers[name], name, after, layers[after], bounds)
        bounds = layers[name].activation.bounds
    for name, after in reversed(list(itertools.pairwise(network.names))):
        if layers[name].activation.product is None:
            _forget(found, name, ~found[after]["weights"].any(1))
    return found


def _fold_constants(
    found: Parameters,
    layer: Dense,
    name: str,
    after: str,
    next_layer: Dense,
    bounds: tuple[float, float],
) -> None:
    """What units of a layer give to all rows alike goes into the next biases."""
    if layer.activation.product is not None:
        return
    own = found[name]
    dead = ~own["gain" if layer.layer_norm else "weights"].reshape(-1, layer.units).any(0)
    constants = layer.activation(own["bias"])
    if not layer.layer_norm and _zero_below(layer.activation):
        below = _largest(own["weights"], bounds) + own["bias"] <= 0.0
        dead, constants = dead | below, np.where(below, 0.0, constants)
    if next_layer.layer_norm:  # its bias comes after the normalization
        dead = dead & (constants == 0.0)
    weights = found[after]["weights"]
    passed = constants[dead] @ weights[dead]
    if passed.any():
        found[after]["bias"] = found[after]["bias"] + passed
    found[after]["weights"] = np.where(dead[:, None], 0.0, weights)


def _largest(weights: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    """The supremum of ``x W`` for inputs within bounds, shape (units,)."""
    low, high = bounds
    with np.errstate(invalid="ignore"):
        ends = np.where(weights > 0, weights * high, weights * low)
    return np.where(weights == 0.0, 0.0, ends).sum(0)


def _zero_below(activation: Activation) -> bool:
    """Whether a unit gives 0 for everything that is not positive."""
    return not activation(-np.abs(POINTS)).any()


def _forget(found: Parameters, name: str, unused: np.ndarray) -> None:
    """What enters units that nobody listens to. Weights of a normalized layer concern all units."""
    kinds = ("gain", "bias") if "gain" in found[name] else ("weights", "bias")
    for kind in kinds:
        found[name][kind] = np.where(unused, 0.0, found[name][kind])
