"""Layers whose softmax goes into a loss that applies one of its own."""

from __future__ import annotations

import numpy as np

from unstuck.autodiff.flatten import MATMULS
from unstuck.autodiff.flow import Flow, compiled
from unstuck.autodiff.layers_of import Place, targets_of
from unstuck.autodiff.propagate import Arrays
from unstuck.autodiff.recording import Recorded
from unstuck.autodiff.units import by_units, close, softmax
from unstuck.record import Array


def softmaxes_of(found: Recorded) -> tuple[str, ...]:
    """Names of layers whose softmax is followed by another, before the targets come in.

    The steps after a softmax are asked for their values, as those of a unit are. A logarithm, and a
    log-softmax of log-probabilities, are none.
    """
    return tuple(place.name for place in found.places if _is_twice(found, place))


def _is_twice(found: Recorded, place: Place) -> bool:
    if place.unit is None or place.unit.activation.name != "softmax":
        return False
    flow, z = found.flow, place.unit.end
    targets = targets_of(flow, [each.matmul for each in found.places])
    steps = flow.after(z, lambda slot: not targets.isdisjoint(flow.of(slot)))
    if any(flow.operations[i].name in MATMULS for i in steps):
        return False
    return _applies_one(flow, found.values, z, steps)


def _applies_one(flow: Flow, values: Arrays, z: int, steps: list[int]) -> bool:
    made = [s for i in steps for s in flow.operations[i].outputs if s in flow.row_axes]
    read = {s for i in steps for s in flow.operations[i].inputs} - set(made) - {z}
    known = {s: values[s] for s in read if s in values}

    def run(put: Array) -> list[Array]:
        reached = flow.run({**known, z: put}, steps)
        return [reached[s] for s in made]

    put = np.random.default_rng(0).uniform(0.05, 1.0, flow.shapes[z])
    results = compiled(run, flow.batched)(put.astype(values[z].dtype))
    return any(
        any(close(flow.matrix(slot, value), each) for each in _kinds(part))
        for part in by_units(flow, z, put)
        for slot, value in zip(made, results, strict=True)
    )


def _kinds(z: np.ndarray) -> tuple[np.ndarray, ...]:
    """What a softmax in a loss makes: softmax, log-softmax, log of a sum of exponentials."""
    total = np.log(np.exp(z).sum(-1)).reshape(len(z), -1)
    p = softmax(z)
    return p, np.log(p), total
