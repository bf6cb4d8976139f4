"""Whether layers of one's own keep to what ``Layer`` asks for: seen before the fit, not in it."""

from __future__ import annotations

from typing import Any

import numpy as np

from unstuck.errors import ParameterError
from unstuck.layers.flow import Flow
from unstuck.layers.layer import Spec
from unstuck.layers.network import Network
from unstuck.layers.table import LAYERS

ROWS = 2
ROLES = ("weight", "bias", "gain")


def check_own_layers(network: Network) -> None:
    """Compute every layer for two rows, unless all are of the package.

    Raises:
        ParameterError: a layer makes another shape than it says, keeps no pre-activations, or has
            a parameter with an unknown role.
    """
    if all(type(layer) in LAYERS.values() for _, layer in network.layers):
        return
    flow = Flow(keeps=("preactivation",))
    for (name, layer), inputs in zip(network.layers, network.specs(), strict=False):
        problem = _problem(name, layer, inputs, flow)
        if problem:
            raise ParameterError(
                f"the layer {name!r} ({type(layer).__name__}) {problem} See "
                "unstuck.layers.layer.Layer."
            )


def _problem(name: str, layer: Any, inputs: Spec, flow: Flow) -> str:
    """What is wrong with a layer, as the end of a sentence; empty if nothing is."""
    weights, promised = layer.weights(inputs), layer.outputs(inputs).shape
    for kind, weight in weights.items():
        if weight.role not in ROLES:
            return f"gives {kind!r} the role {weight.role!r}; expected one of {ROLES}."
    if not all(promised):
        return f"promises outputs of shape {promised}; expected at least one unit."
    own = {kind: np.ones(weight.shape) for kind, weight in weights.items()}
    with flow.within(name, 0, False), np.errstate(all="ignore"):
        made = np.shape(layer(own, np.zeros((ROWS, *inputs.shape)), flow))
    if made != (ROWS, *promised):
        return f"makes an array of shape {made} of {ROWS} rows; its outputs() promises {promised}."
    if "preactivation" not in flow.seen[name]:
        return 'keeps no pre-activations; call a = flow.see("preactivation", a) on what unit takes.'
    return ""
