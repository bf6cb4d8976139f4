"""Units and weights that can be removed of a network: one of ours, or scikit-learn's MLP."""

from __future__ import annotations

from typing import Any

import numpy as np

from unstuck.errors import ParameterError, did_you_mean
from unstuck.layers.dense import Dense
from unstuck.neuro.networks import is_ours, with_weights, without_first
from unstuck.neuro.removable import Removable


def layer_names(network: Any) -> list[str]:
    """Of a fitted network: ``hidden_1``, ..., ``output``.

    Raises:
        ParameterError: a network whose units cannot be told from its weights alone.
    """
    if not is_ours(network):
        return [*(f"hidden_{i + 1}" for i in range(len(network.coefs_) - 1)), "output"]
    others = [layer for _, layer in network.network_.layers if not isinstance(layer, Dense)]
    if others:
        raise ParameterError(
            f"the network has a layer {type(others[0]).__name__}; expected dense layers, "
            "whose units pass on what their weights say."
        )
    if network._others:
        raise ParameterError(
            f"{len(network._models)} networks are averaged; expected one. Pass one of net.members_."
        )
    return list(network.network_.names)


def chosen_layers(network: Any, what: str, layers: Any) -> list[int]:
    """The numbers of the layers whose parts are removed, in order.

    Raises:
        ParameterError: there are no such layers.
    """
    names = layer_names(network)
    open_to = names[:-1] if what == "units" else names
    if not open_to:
        raise ParameterError(
            "the network has no hidden layer, and so no units to remove; what='weights' "
            "removes weights."
        )
    given = open_to if layers is None else layers
    given = list(given) if isinstance(given, (list, tuple)) else [given]
    for name in given:
        if name not in open_to:
            raise ParameterError(
                f"lesion: layers was {layers!r}; expected some of {open_to} for what={what!r}."
                f"{did_you_mean(name, open_to)}"
            )
    if not given:
        raise ParameterError(f"lesion: layers was empty; expected some of {open_to}.")
    return [place for place, name in enumerate(names) if name in given]


def units(network: Any, X: Any, layers: Any) -> Removable:
    """Hidden units. A removed unit passes on 0: its outgoing weights are 0."""
    chosen = chosen_layers(network, "units", layers)
    names = layer_names(network)
    # What comes before the first damaged layer's units gives the same in every copy.
    tail, rows = without_first(network, X, chosen[0] + 1)
    entering = [place - chosen[0] for place in chosen]
    coefs, intercepts = tail.coefs_, tail.intercepts_
    counts = [len(coefs[place]) for place in entering]
    sizes = [np.linalg.norm(coefs[place], axis=1) for place in entering]
    ends = np.cumsum(counts)[:-1]

    def without(gone: np.ndarray) -> Any:
        left = list(coefs)
        for place, lost in zip(entering, np.split(gone, ends), strict=True):
            left[place] = np.where(lost[:, None], 0.0, left[place])
        return with_weights(tail, left, intercepts)

    groups = tuple((names[place], count) for place, count in zip(chosen, counts, strict=True))
    norm = "the norm of its outgoing weights"
    return Removable("units", groups, np.concatenate(sizes), norm, rows, without)


def weights(network: Any, X: Any, layers: Any) -> Removable:
    """Weights, not biases. A removed weight is 0."""
    chosen = chosen_layers(network, "weights", layers)
    names = layer_names(network)
    tail, rows = without_first(network, X, chosen[0])
    places = [place - chosen[0] for place in chosen]
    coefs, intercepts = tail.coefs_, tail.intercepts_
    counts = [coefs[place].size for place in places]
    ends = np.cumsum(counts)[:-1]

    def without(gone: np.ndarray) -> Any:
        left = list(coefs)
        for place, lost in zip(places, np.split(gone, ends), strict=True):
            left[place] = np.where(lost.reshape(left[place].shape), 0.0, left[place])
        return with_weights(tail, left, intercepts)

    groups = tuple((names[place], count) for place, count in zip(chosen, counts, strict=True))
    sizes = np.concatenate([np.abs(coefs[place]).ravel() for place in places])
    return Removable("weights", groups, sizes, "|w|", rows, without)
