"""First weights that the user gives, in place of drawn ones: ``coefs_init``, ``intercepts_init``.

They are shaped as ``coefs_`` and ``intercepts_`` of the fitted network, whatever its layers, and
act, as those do, on scaled inputs: what one fit has left can be given to the next as it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from unstuck.errors import ParameterError, raise_together
from unstuck.layers.network import Network, Parameters
from unstuck.settings import Settings

ROLES = {"coefs_init": "weight", "intercepts_init": "bias"}
"""The parameters that give first weights, and the role of what they give."""


def with_given(settings: Settings, network: Network, drawn: Parameters) -> Parameters:
    """First parameters: the given ones, and where none are given the drawn ones.

    Arguments:
        settings: the parameters of the estimator.
        network: the layers.
        drawn: by layer and name, float64.

    Raises:
        ParameterError: their number or shapes are not those of the network; all of it in one
            message.

    Example:
        >>> import numpy as np
        >>> from unstuck.layers.dense import Dense
        >>> from unstuck.activations import ACTIVATIONS
        >>> network = Network(2, (("output", Dense(1, ACTIVATIONS["identity"])),))
        >>> drawn = {"output": {"weights": np.ones((2, 1)), "bias": np.zeros(1)}}
        >>> with_given(Settings(intercepts_init=[[3.0]]), network, drawn)["output"]["bias"]
        array([3.])
    """
    mistakes: list[str] = []
    found = {layer: dict(own) for layer, own in drawn.items()}
    for name, role in ROLES.items():
        given = getattr(settings, name)
        if given is None:
            continue
        places = [(layer, kind, w.shape) for layer, kind, w in network.paths() if w.role == role]
        arrays = [np.array(each, np.float64) for each in given]
        shapes = [shape for *_, shape in places]
        if [each.shape for each in arrays] != shapes:
            mistakes.append(_expected(name, role, arrays, shapes))
            continue
        for (layer, kind, _), array in zip(places, arrays, strict=True):
            found[layer][kind] = array
    raise_together(mistakes, ParameterError, "first weights")
    return found


def _expected(name: str, role: str, arrays: list[np.ndarray], shapes: list[Any]) -> str:
    received = ", ".join(str(each.shape) for each in arrays) or "no arrays"
    wanted = ", ".join(map(str, shapes))
    pieces = " n_pieces adds rows to the first." if role == "weight" else ""
    return (
        f"{name} has the shapes {received}; expected {wanted}, as {name.removesuffix('init')} of "
        f"the fitted network.{pieces}"
    )


def from_given(estimator: Any, seed: int) -> bool:
    """Whether the start with this seed began with the given weights: the first of several does."""
    starts = getattr(estimator, "restarts_", [])
    return not starts or starts[0].seed == seed


NONE_GIVEN = dict.fromkeys(ROLES)
"""Parameters of an estimator whose first weights are drawn."""
