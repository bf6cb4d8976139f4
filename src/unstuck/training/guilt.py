"""Where numbers stopped being finite: which layer is to blame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.health.signals import NAMES
from unstuck.layers.flow import Flow
from unstuck.layers.network import Packed
from unstuck.training import snapshot
from unstuck.training.chunks import Chunked
from unstuck.training.plan import State

if TYPE_CHECKING:
    from unstuck.training.task import Task


def of(task: Task, state: State, ran: Chunked, at: int, following: Packed) -> tuple[str, str]:
    """What is not finite in a step, and the layer that it comes from.

    Arguments:
        task: of the fit.
        state: before the step.
        ran: the chunk of the step.
        at: the step in it.
        following: the parameters after the step.
    """
    measured = ran.measured[at]
    if np.isfinite(measured[:2]).all():
        return "A weight", _updated(task, following)
    what = "The loss" if not np.isfinite(measured[0]) else "The gradient"
    return what, _computed(task, state, ran, at)


def _updated(task: Task, following: Packed) -> str:
    """The first layer whose parameters are no longer finite."""
    network = task.stepper.plan.objective.network
    for name, own in network.unpack(_on_host(following)).items():
        if not all(np.isfinite(array).all() for array in own.values()):
            return name
    return network.names[-1]


def _computed(task: Task, state: State, ran: Chunked, at: int) -> str:
    """The first layer whose values are not finite, else the last whose gradient is not."""
    objective, chunk = task.stepper.plan.objective, ran.flight.chunk
    network = objective.network
    x, y, w = (np.asarray(part[chunk.which[at]]) for part in (chunk.x, chunk.y, chunk.w))
    flow = Flow(keeps=("preactivation",))
    with np.errstate(all="ignore"):
        network.run(network.unpack(_on_host(state.vector)), x, flow)
    for name in network.names:
        if not all(np.isfinite(value).all() for value in flow.seen[name].values()):
            return name
    measure = snapshot.signals(objective)
    found: Any = np.asarray(measure(state.vector, x, y, w, task.dtype.type(0)))
    broken = np.flatnonzero(~np.isfinite(found[:, NAMES.index("layer_gradient_norm")]))
    return network.names[broken[-1]] if len(broken) else network.names[-1]


def _on_host(vector: Packed) -> Packed:
    return tuple(map(np.asarray, vector)) if isinstance(vector, tuple) else np.asarray(vector)
