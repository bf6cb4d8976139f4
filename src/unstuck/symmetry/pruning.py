"""Hidden units that give the same for all rows, or to nobody, taken out of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from unstuck.activations import Array
from unstuck.layers.dense import Dense
from unstuck.layers.flow import Flow
from unstuck.layers.layer import Layer
from unstuck.layers.network import Network, Parameters

ROUNDING = 4 * float(np.finfo(float).eps)
"""A unit whose outputs differ by a smaller share of the largest gives the same for all rows."""


class Idle(NamedTuple):
    """What the units of a hidden layer do not do.

    Attributes:
        constant: units that give the same for all rows, which the next biases can take up,
            (units,).
        outputs: what they give, (units,).
        left: why no unit can be taken out of this layer; empty where some can.
    """

    constant: np.ndarray
    outputs: np.ndarray
    left: str


@dataclass(frozen=True)
class Cut:
    """What one network loses.

    Attributes:
        kept: numbers of the units that stay, by hidden layer.
        folded: which units go because they give the same for all rows, by hidden layer, (units,).
        constants: what these have given, by hidden layer, (units,); 0 of others.
        left: why a hidden layer is left as it is, by name, where it is.
    """

    kept: dict[str, np.ndarray]
    folded: dict[str, np.ndarray]
    constants: dict[str, np.ndarray]
    left: dict[str, str]


def cuts(network: Network, members: Sequence[Parameters], x: Array) -> list[Cut]:
    """Which units can go, so that all members compute the same on some rows with fewer.

    A unit goes that gives the same for all rows, or whose outgoing weights are all 0. Members keep
    as many units a layer as the one that needs most of them, and one at least.

    Arguments:
        network: of all members.
        members: parameters by layer and name.
        x: rows as the first layer receives them, shape (n, inputs); different ones.

    Example:
        >>> from unstuck import ACTIVATIONS
        >>> network = Network(1, (("hidden_1", Dense(3, ACTIVATIONS["relu"])),
        ...                       ("output", Dense(1, ACTIVATIONS["identity"]))))
        >>> hidden = {"weights": np.array([[1.0, -1.0, 1.0]]), "bias": np.array([0.0, 0.0, 5.0])}
        >>> output = {"weights": np.array([[1.0], [2.0], [0.0]]), "bias": np.array([0.5])}
        >>> cut, = cuts(network, [{"hidden_1": hidden, "output": output}], np.array([[1.0], [2.0]]))
        >>> cut.kept["hidden_1"].tolist()
        [0]
    """
    found = [_idle(network, parameters, x) for parameters in members]
    kept: list[dict[str, np.ndarray]] = [
        {network.names[-1]: np.arange(network.widths[-1])} for _ in members
    ]
    pairs = list(zip(network.names, network.names[1:], strict=False))
    for name, after in reversed(pairs):
        unused = [
            np.zeros_like(idle[name].constant)
            if idle[name].left
            else idle[name].constant | ~_heard(parameters, after, own[after])
            for parameters, idle, own in zip(members, found, kept, strict=True)
        ]
        width = max(1, *(int((~each).sum()) for each in unused))
        for own, each in zip(kept, unused, strict=True):
            # Of the unused ones, those that come first stay where more do not.
            own[name] = np.sort(np.argsort(each, kind="stable")[:width])
    return [_cut(network, idle, own) for idle, own in zip(found, kept, strict=True)]


def _heard(parameters: Parameters, after: str, kept: np.ndarray) -> np.ndarray:
    """Units that are passed on to a unit that stays."""
    return parameters[after]["weights"][:, kept].any(1)


def _idle(network: Network, parameters: Parameters, x: Array) -> dict[str, Idle]:
    """What units of each hidden layer do on the rows, by name."""
    flow = Flow(keeps=("output",))
    network.run(parameters, x, flow)
    layers = dict(network.layers)
    found = {}
    pairs = zip(network.names, network.names[1:], network.widths[1:], strict=False)
    for name, after, units in pairs:
        left = _left(layers[name], layers[after])
        if left:
            found[name] = Idle(np.zeros(units, bool), np.zeros(units), left)
            continue
        z = np.asarray(flow.seen[name]["output"])
        low, high = z.min(0), z.max(0)
        constant = high - low <= ROUNDING * np.maximum(np.abs(low), np.abs(high))
        outputs = low + (high - low) / 2
        if getattr(layers[after], "layer_norm", False):  # its biases come after the normalization
            constant = constant & (outputs == 0.0)
        found[name] = Idle(constant, outputs, "")
    return found


def _left(layer: Layer, after: Layer) -> str:
    """Why no unit can be taken out; nothing where some can."""
    if not isinstance(layer, Dense):
        return "a layer of your own"
    if not isinstance(after, Dense):
        return "a layer of your own comes after it"
    if layer.layer_norm:
        return "layer normalization: every unit counts in the mean of all"
    if layer.activation.product is not None:
        return "its units depend on each other"
    return ""


def _cut(network: Network, idle: dict[str, Idle], kept: dict[str, np.ndarray]) -> Cut:
    folded = {}
    for name, each in idle.items():
        folded[name] = each.constant.copy()
        folded[name][kept[name]] = False
    return Cut(
        {name: kept[name] for name in idle},
        folded,
        {name: np.where(folded[name], each.outputs, 0.0) for name, each in idle.items()},
        {name: each.left for name, each in idle.items() if each.left},
    )


def smaller(network: Network, cut: Cut) -> Network:
    """The network with the units that stay."""
    layers = tuple(
        (name, replace(layer, units=len(cut.kept[name])))
        if isinstance(layer, Dense) and name in cut.kept
        else (name, layer)
        for name, layer in network.layers
    )
    return Network(network.inputs, layers)


def carried(network: Network, parameters: Parameters, cut: Cut) -> Parameters:
    """Parameters of the smaller network; linear in those of the whole one.

    What units that go have given goes into the next biases: ``b' = b + sum_j c_j w_j``.

    Arguments:
        network: the whole one.
        parameters: by layer and name.
        cut: what goes.
    """
    found = {name: dict(own) for name, own in parameters.items()}
    for name, after in zip(network.names, network.names[1:], strict=False):
        constants, kept = cut.constants[name], cut.kept[name]
        if len(kept) == len(constants):
            continue
        weights = found[after]["weights"]
        if constants.any():
            found[after]["bias"] = found[after]["bias"] + constants @ weights
        found[after]["weights"] = weights[kept]
        found[name] = {kind: array[..., kept] for kind, array in found[name].items()}
    return found
