"""First weights that the user gives, in place of drawn ones: ``coefs_init``, ``intercepts_init``.

They are shaped as ``coefs_`` and ``intercepts_`` of the fitted network, whatever its layers, and
act, as those do, on scaled inputs: what one fit has left can be given to the next as it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from unstuck.errors import ParameterError, raise_together
from unstuck.layers.network import Parameters
from unstuck.settings import Settings
from unstuck.training.objective import Objective

ROLES = {"coefs_init": "weight", "intercepts_init": "bias"}
"""The parameters that give first weights, and the role of what they give."""


def with_given(settings: Settings, objective: Objective, drawn: Parameters) -> Parameters:
    """First parameters: the given ones, and where none are given the drawn ones.

    Arguments:
        settings: the parameters of the estimator.
        objective: what is trained.
        drawn: by layer and name, float64.

    Raises:
        ParameterError: their number or shapes are not those of the network, or they have signs
            that ``unit_signs`` does not allow; all of it in one message.

    Example:
        >>> import numpy as np
        >>> from unstuck.layers.dense import Dense
        >>> from unstuck import ACTIVATIONS, LOSSES
        >>> from unstuck.layers.network import Network
        >>> network = Network(2, (("output", Dense(1, ACTIVATIONS["identity"])),))
        >>> settings = Settings(intercepts_init=[[3.0]])
        >>> drawn = {"output": {"weights": np.ones((2, 1)), "bias": np.zeros(1)}}
        >>> with_given(settings, Objective(network, LOSSES["mse"]), drawn)["output"]["bias"]
        array([3.])
    """
    mistakes: list[str] = []
    network = objective.network
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
    if not mistakes and _other_signs(objective, found):
        mistakes.append(
            "coefs_init has weights of other signs than unit_signs asks for. Give outgoing weights "
            ">= 0 to units that excite and <= 0 to those that inhibit, or set unit_signs=None."
        )
    raise_together(mistakes, ParameterError, "first weights")
    return found


def _other_signs(objective: Objective, parameters: Parameters) -> bool:
    allowed = objective.allowed(parameters)
    return any(
        bool((allowed[name][kind] != parameters[name][kind]).any())
        for name, kind, _ in objective.network.paths()
    )


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
