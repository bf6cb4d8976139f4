"""Parameters by layer and name, and back to the leaves of a function."""

from __future__ import annotations

import numpy as np

from unstuck.autodiff.batches import Batched
from unstuck.autodiff.flow import Flow
from unstuck.autodiff.layers_of import Place, numbered
from unstuck.health.subject import Parameters
from unstuck.lazy import jnp
from unstuck.record import Array

Keys = dict[int, tuple[str, str]]
"""Layer and name, by the position of a leaf."""


def keys_of(flow: Flow, places: tuple[Place, ...]) -> Keys:
    """Layer and name of every parameter that is a real number.

    Parameters of the same parent belong together; where several layers have one parent, and where
    there is none, to the layer that uses them.
    """
    batched, used = flow.batched, _used(flow, places)
    parents: dict[str, set[str]] = {}
    for place in places:
        parents.setdefault(_parent(batched.names[place.matmul.leaf]), set()).add(place.name)
    found: Keys = {}
    for i, path in enumerate(batched.names):
        if not batched.parameters[i] or not jnp.issubdtype(batched.leaves[i].dtype, jnp.floating):
            continue
        parent, name = _parent(path), path.rpartition("/")[2] or "weights"
        alone = sorted(parents.get(parent, ()))
        if parent and len(alone) == 1:
            layer = alone[0]
        elif parent and not alone and i not in used:
            layer = numbered(parent)
        else:
            layer = used.get(i, path or "parameters")
        found[i] = (layer, path if (layer, name) in found.values() else name)
    return found


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _used(flow: Flow, places: tuple[Place, ...]) -> dict[int, str]:
    """The first layer that uses a leaf from its matmul to its output."""
    found: dict[int, str] = {}
    for place in places:
        product = flow.operations[place.matmul.operation].outputs[0]
        for i in [place.matmul.operation, *flow.needed(place.output, [product])]:
            for slot in flow.operations[i].inputs:
                if not flow.on_batch(slot):
                    for leaf in flow.of(slot):
                        found.setdefault(leaf, place.name)
    return found


def parameters_of(batched: Batched, keys: Keys) -> Parameters:
    """The parameters, in float64."""
    found: Parameters = {}
    for i, (layer, name) in keys.items():
        found.setdefault(layer, {})[name] = np.asarray(batched.leaves[i]).astype(np.float64)
    return found


def leaves_of(parameters: Parameters, keys: Keys) -> dict[int, Array]:
    """Leaves, by position, of the parameters that are there."""
    return {
        i: parameters[layer][name]
        for i, (layer, name) in keys.items()
        if name in parameters.get(layer, {})
    }
