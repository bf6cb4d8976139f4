"""Which layers errors can come back through with other weights than their own."""

from __future__ import annotations

from unstuck.errors import ParameterError
from unstuck.layers.dense import Dense
from unstuck.layers.network import Network


def check_feedback(network: Network) -> None:
    """Refuse what random feedback is not defined for.

    Raises:
        ParameterError: a layer after the first is not plain dense.
    """
    for name, layer in network.layers[1:]:
        if not isinstance(layer, Dense) or layer.layer_norm:
            what = "has layer normalization" if isinstance(layer, Dense) else f"is a {_kind(layer)}"
            raise ParameterError(
                f"feedback='random' needs plain dense layers after the first; {name} {what}. Set "
                "feedback='transposed', or take dense layers with layer_norm=False."
            )


def _kind(layer: object) -> str:
    return type(layer).__name__
