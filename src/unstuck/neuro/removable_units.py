"""Units and weights that can be removed of a network: of ours, one or averaged, or scikit-learn's
MLP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from unstuck.errors import ParameterError, did_you_mean
from unstuck.layers.dense import Dense
from unstuck.layers.winners import Winners
from unstuck.neuro.networks import is_ours, with_weights, without_first
from unstuck.neuro.removable import Removable

SILENT = -1e30
"""The sum of a removed unit among winners: below all others, so that it takes nobody's place."""


def layer_names(network: Any) -> list[str]:
    """Of a fitted network: ``hidden_1``, ..., ``output``.

    Raises:
        ParameterError: a network whose units cannot be told from its weights alone.
    """
    if not is_ours(network):
        return [*(f"hidden_{i + 1}" for i in range(len(network.coefs_) - 1)), "output"]
    for name, layer in network.network_.layers:
        if not isinstance(layer, (Dense, Winners)):
            raise ParameterError(
                f"{name} is a layer {type(layer).__name__}; expected dense layers, whose units "
                "pass on what their weights say."
            )
        if isinstance(layer, Winners) and layer.layer_norm:
            raise ParameterError(
                f"{name} has winners of sums that are normalized over all units; expected "
                "active_share=1 or layer_norm=False: a removed unit would still take part."
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
    given = list(given) if isinstance(given, (list, tuple, np.ndarray)) else [given]
    for name in given:
        if name not in open_to:
            raise ParameterError(
                f"lesion: layers was {layers!r}; expected some of {open_to} for what={what!r}."
                f"{did_you_mean(name, open_to)}"
            )
    if not given:
        raise ParameterError(f"lesion: layers was empty; expected some of {open_to}.")
    return [place for place, name in enumerate(names) if name in given]


def units(network: Any, X: Any, layers: Any, cut: bool = True) -> Removable:
    """Hidden units. A removed unit passes on 0: its outgoing weights are 0. Where only the largest
    sums win, others win in its place.

    Arguments:
        network: fitted.
        X: rows.
        layers: as of ``lesion``.
        cut: whether what comes before the first damage, the same in every copy, is computed once.
    """
    chosen = chosen_layers(network, "units", layers)
    names, winners = layer_names(network), competing(network)
    begin = chosen[0] + (chosen[0] not in winners) if cut else 0
    tail, rows = without_first(network, X, begin)
    places = [place - begin for place in chosen]
    coefs, intercepts = tail.coefs_, tail.intercepts_
    counts = [len(coefs[place + 1]) for place in places]
    sizes = [np.linalg.norm(coefs[place + 1], axis=1) for place in places]
    ends = np.cumsum(counts)[:-1]

    def without(gone: np.ndarray) -> Any:
        left, biases = list(coefs), list(intercepts)
        for place, lost in zip(places, np.split(gone, ends), strict=True):
            left[place + 1] = np.where(lost[:, None], 0.0, left[place + 1])
            if place + begin in winners:
                left[place] = np.where(lost, 0.0, left[place])
                biases[place] = np.where(lost, SILENT, biases[place])
        return with_weights(tail, left, biases)

    groups = tuple((names[place], count) for place, count in zip(chosen, counts, strict=True))
    norm = "the norm of its outgoing weights"
    return Removable("units", groups, np.concatenate(sizes), norm, rows, without)


def competing(network: Any) -> set[int]:
    """The numbers of the layers in which only the largest sums win."""
    layers = network.network_.layers if is_ours(network) else ()
    return {place for place, (_, layer) in enumerate(layers) if isinstance(layer, Winners)}


def weights(network: Any, X: Any, layers: Any, cut: bool = True) -> Removable:
    """Weights, not biases. A removed weight is 0. Arguments are those of ``units``."""
    chosen = chosen_layers(network, "weights", layers)
    names, begin = layer_names(network), chosen[0] if cut else 0
    tail, rows = without_first(network, X, begin)
    places = [place - begin for place in chosen]
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


def of_all(read: Callable[..., Removable], network: Any, X: Any, layers: Any) -> Removable:
    """Parts of networks that are averaged, those of one network after those of the other.

    Arguments:
        read: ``units`` or ``weights``.
        network, X, layers: as of these.
    """
    members = [read(member, X, layers, cut=False) for member in network.members_]
    ends = np.cumsum([each.count for each in members])[:-1]

    def without(gone: np.ndarray) -> Any:
        parts = zip(members, np.split(gone, ends), strict=True)
        return network._averaging([each.without(lost) for each, lost in parts])

    groups = tuple(
        (f"{name} of network {place}", count)
        for place, each in enumerate(members, 1)
        for name, count in each.groups
    )
    sizes = np.concatenate([each.sizes for each in members])
    return Removable(members[0].what, groups, sizes, members[0].size, X, without)
