"""Changes of the weights that change nothing of what a network computes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.activations import Activation
from unstuck.errors import ParameterError
from unstuck.kept import kept
from unstuck.layers.dense import Dense
from unstuck.layers.network import Network, Parameters

POINTS = np.concatenate([[0.0], np.random.default_rng(0).normal(size=63) * 3.0])


@dataclass(frozen=True)
class Symmetry:
    """What may be done to the units of a hidden layer, beside reordering them.

    Attributes:
        flips: whether a unit may be turned around, ``f(-a) = center - f(a)``.
        center: twice the output at 0; what a flip adds goes into the biases of the next layer.
        scales: whether a unit may be scaled, ``f(c a) = c f(a)`` for c > 0.
        carriers: the parameters into a unit that a flip or scale acts on.
    """

    flips: bool
    center: float
    scales: bool
    carriers: tuple[str, str]


@kept(most=128)
def symmetries(network: Network) -> dict[str, Symmetry]:
    """The symmetry of every hidden layer, by name.

    Example:
        >>> from unstuck import ACTIVATIONS
        >>> from unstuck.layers.dense import Dense
        >>> network = Network(2, (("hidden_1", Dense(3, ACTIVATIONS["relu"])),
        ...                       ("output", Dense(1, ACTIVATIONS["identity"]))))
        >>> symmetries(network)["hidden_1"].scales
        True
    """
    found, layers = {}, dense_layers(network)
    for name, layer, after in zip(network.names, layers, layers[1:], strict=False):
        center = _center(layer.activation)
        # Layer normalization of the next layer would not let the biases take up the center.
        flips = center == 0.0 or (center is not None and not after.layer_norm)
        carriers = ("gain" if layer.layer_norm else "weights", "bias")
        found[name] = Symmetry(flips, center or 0.0, _scales(layer.activation), carriers)
    return found


def dense_layers(network: Network) -> list[Dense]:
    """The layers, where the symmetries of all are known."""
    found = [layer for _, layer in network.layers if isinstance(layer, Dense)]
    if len(found) < len(network.layers):
        other = next(layer for _, layer in network.layers if not isinstance(layer, Dense))
        raise ParameterError(
            f"the symmetries of a layer {type(other).__name__} are not known; expected dense "
            "layers alone. Compare such networks by their outputs."
        )
    return found


def _center(activation: Activation) -> float | None:
    """``f(a) + f(-a)`` where that is the same for all a."""
    sums = activation(POINTS) + activation(-POINTS)
    return round(float(sums[0]), 12) if np.ptp(sums) < 1e-12 else None


def _scales(activation: Activation) -> bool:
    z = activation(POINTS)
    return all(np.allclose(activation(c * POINTS), c * z, rtol=1e-12, atol=0) for c in (0.3, 2.0))


def equivalent_minima(network: Any) -> int:
    """How many copies every minimum of a network has: weights that compute the same function.

    ``M!`` orders of the units of each hidden layer, times ``2^M`` where units can be turned around
    (odd activations, and the logistic sigmoid, whose ``f(-a) = 1 - f(a)``). Scalings of ReLU and
    other units make a continuum of further copies, which are not counted. Fewer where units are
    alike.

    Arguments:
        network: a ``Network`` or a fitted estimator.

    Returns:
        The number, exactly.

    Example:
        >>> from unstuck import ACTIVATIONS, equivalent_minima
        >>> from unstuck.layers.dense import Dense
        >>> from unstuck.layers.network import Network
        >>> equivalent_minima(Network(2, (("hidden_1", Dense(3, ACTIVATIONS["tanh"])),
        ...                               ("output", Dense(1, ACTIVATIONS["identity"])))))
        48

    Reference: Bishop 2006, section 5.1.1; Chen, Lu and Hecht-Nielsen 1993.
    """
    network = getattr(network, "network_", network)
    if not isinstance(network, Network):
        raise ParameterError(
            f"equivalent_minima received {type(network).__name__}; expected a Network or a fitted "
            "NetClassifier or NetRegressor."
        )
    count = 1
    found = symmetries(network)
    for name, layer in zip(network.names[:-1], dense_layers(network), strict=False):
        count *= math.factorial(layer.units) * (2**layer.units if found[name].flips else 1)
    return count


@dataclass(frozen=True, eq=False)
class Move:
    """What is done to the units of one hidden layer.

    Attributes:
        order: unit i becomes what unit ``order[i]`` was.
        factors: what its pre-activation is then multiplied with; negative for a flip.
    """

    order: np.ndarray
    factors: np.ndarray

    def then(self, other: Move) -> Move:
        """This one and another after it."""
        return Move(self.order[other.order], other.factors * self.factors[other.order])


def moved(network: Network, parameters: Parameters, moves: dict[str, Move]) -> Parameters:
    """The parameters after the moves; the network computes what it did.

    Arguments:
        network: the layers.
        parameters: by layer and name.
        moves: by name of the hidden layer.
    """
    found = {name: dict(layer) for name, layer in parameters.items()}
    every = symmetries(network)
    for name, after in zip(network.names, network.names[1:], strict=False):
        if name not in moves:
            continue
        order, factors, symmetry = moves[name].order, moves[name].factors, every[name]
        for kind, array in found[name].items():
            scale = factors if kind in symmetry.carriers else 1.0
            found[name][kind] = array[..., order] * scale
        rows = found[after]["weights"][order] / factors[:, None]
        shift = symmetry.center * -rows[factors < 0].sum(0)
        found[after]["weights"] = rows
        if symmetry.center:
            found[after]["bias"] = found[after]["bias"] + shift
    return found


def scaled_to_one(network: Network, parameters: Parameters) -> dict[str, Move]:
    """Moves after which what enters a unit has norm 1, in layers whose units may be scaled."""
    moves: dict[str, Move] = {}
    for name, symmetry in symmetries(network).items():
        layer = moved(network, parameters, moves)[name]
        units = layer["bias"].shape[0]
        stacked = np.vstack([np.atleast_2d(layer[kind]) for kind in symmetry.carriers])
        norms = np.sqrt((stacked**2).sum(0)) if symmetry.scales else np.ones(units)
        moves[name] = Move(np.arange(units), 1.0 / np.where(norms > 0, norms, 1.0))
    return moves
