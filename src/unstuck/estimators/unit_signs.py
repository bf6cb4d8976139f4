"""``unit_signs``: which hidden units excite and which inhibit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from unstuck.errors import ParameterError
from unstuck.layers.dense import Dense
from unstuck.layers.network import Network
from unstuck.variations import UnitSigns


def signs_of(given: Any, network: Network) -> UnitSigns:
    """The signs of all hidden units.

    Arguments:
        given: a share of units that inhibit, the last ones of each hidden layer; or for every
            hidden layer an array of 1, -1 and 0.
        network: with hidden layers.

    Raises:
        ParameterError: their number is not that of the layers or units; or a layer that receives
            is none of plain dense units, whose weights alone have the sign of what they do.

    Example:
        >>> from unstuck import ACTIVATIONS
        >>> network = Network(2, (("hidden_1", Dense(5, ACTIVATIONS["relu"])),
        ...                       ("output", Dense(1, ACTIVATIONS["identity"]))))
        >>> signs_of(0.2, network).signs
        (('output', (1, 1, 1, 1, -1)),)
    """
    widths = network.widths[1:-1]
    shared = not isinstance(given, (list, tuple, np.ndarray))
    signs = [_shared(given, units) for units in widths] if shared else list(given)
    counts = tuple(len(each) for each in signs)
    if counts != widths:
        raise ParameterError(
            f"unit_signs has the signs of {_told(counts)} units; the hidden layers have "
            f"{_told(widths)}. Give an array of 1, -1 and 0 for every hidden layer, or a share."
        )
    for name, layer in network.layers[1:]:
        _check(name, layer)
    return UnitSigns(
        tuple(
            (name, tuple(int(sign) for sign in each))
            for name, each in zip(network.names[1:], signs, strict=True)
        )
    )


def kept_signs(given: Any, network: Network, kept: Sequence[Mapping[str, np.ndarray]]) -> Any:
    """The parameter of networks that have lost units.

    Arguments:
        given: the parameter before.
        network: before.
        kept: for every network the numbers of the units that stay, by hidden layer.

    Returns:
        An array for each hidden layer; ``None`` where there were no signs, or where networks that
        are averaged have lost units of different signs.
    """
    if given is None or not network.hidden:
        return given
    signs = [np.array(each) for _, each in signs_of(given, network).signs]
    found = [
        [each[own[name]].tolist() for (name, _), each in zip(network.hidden, signs, strict=True)]
        for own in kept
    ]
    return found[0] if all(each == found[0] for each in found) else None


def wider_signs(given: Any, factor: int) -> Any:
    """The parameter of a network whose hidden layers have ``factor`` times the units."""
    if not isinstance(given, (list, tuple, np.ndarray)):
        return given
    return [np.repeat(each, factor).tolist() for each in given]


def _shared(share: float, units: int) -> np.ndarray:
    """The last units of a layer inhibit."""
    inhibitory = round(share * units)
    return np.repeat((1, -1), (units - inhibitory, inhibitory))


def _told(counts: tuple[int, ...]) -> str:
    return " and ".join(map(str, counts)) or "no"


def _check(name: str, layer: Any) -> None:
    """Refuse a layer where a weight's sign is not the sign of what it does."""
    if not isinstance(layer, Dense):
        raise ParameterError(
            f"unit_signs needs dense layers after hidden units; {name} is a "
            f"{type(layer).__name__}. "
            "Set unit_signs=None, or take dense layers."
        )
    if layer.layer_norm:
        raise ParameterError(
            f"unit_signs means nothing where {name} has layer normalization: what one unit sends, "
            "it takes off what all others send. Set layer_norm=False, or unit_signs=None."
        )
