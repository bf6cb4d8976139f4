"""From a traced function to a record: every layer's values, adjoints, slopes and gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from unstuck.activations import ACTIVATIONS
from unstuck.autodiff.flow import Flow, compiled
from unstuck.autodiff.layers_of import Place, places
from unstuck.autodiff.propagate import Arrays, plain, reverse
from unstuck.lazy import jax, jnp
from unstuck.record import Array, LayerRecord, Record


class Recorded(NamedTuple):
    """A function on some rows.

    Attributes:
        flow: its program.
        values: of every slot.
        adjoints: of every slot that has one.
        places: the layers.
        missing: why there are no layers, or no adjoints; nothing if there are.
    """

    flow: Flow
    values: Arrays
    adjoints: Arrays
    places: tuple[Place, ...]
    missing: str = ""


def recorded(flow: Flow) -> Recorded:
    """Values and adjoints of a program, and where its layers are."""
    leaves, program, missing = flow.batched.leaves, flow.program, ""

    def there_and_back(*arrays: Array) -> tuple[Arrays, Arrays]:
        found = reverse(program, arrays, [jnp.ones((), program_kind(flow))])
        return _arrays(found.values), _arrays(found.derivatives)

    def there(*arrays: Array) -> tuple[Arrays, Arrays]:
        return _arrays(plain(program, arrays).values), {}

    with flow.batched.numbers():
        try:
            values, adjoints = compiled(there_and_back, flow.batched)(*leaves)
        except Exception as problem:
            missing = f"no adjoints: {str(problem).strip().partition(chr(10))[0]}"
            values, adjoints = compiled(there, flow.batched)(*leaves)
    values = flow.given() | values
    found = tuple(places(flow, values))
    return Recorded(flow, values, adjoints, found, missing or ("" if found else _none(flow)))


def program_kind(flow: Flow) -> np.dtype:
    """The dtype of the loss."""
    made = flow.program.outputs[0]
    return (
        flow.operations[flow.made[made]].types[0].dtype
        if made in flow.made
        else np.dtype(np.float64)
    )


def _arrays(found: Arrays) -> Arrays:
    return {s: v for s, v in found.items() if jnp.issubdtype(jnp.result_type(v), jnp.number)}


def _none(flow: Flow) -> str:
    loops = sorted({"scan", "while", "cond"} & set(flow.names))
    inside = f" (there may be some inside of {', '.join(loops)})" if loops else ""
    return f"no layers: nothing of the batch is multiplied by a matrix of parameters{inside}"


def record(
    found: Recorded, scale: float, share: float, count: int, losses: Array, targets: Array
) -> Record:
    """The record of a function.

    Arguments:
        found: its values and layers.
        scale: what makes an adjoint one of the row's own loss: the rows of the program where the
            loss is a mean, 1 where it is a sum.
        share: of the program's gradient that is the objective's.
        count: rows; the program may have more, which are copies.
        losses: (n,).
        targets: (n, outputs).
    """
    slopes = _slopes(found)
    layers = [
        _layer(found, place, scale, share, count, slope)
        for place, slope in zip(found.places, slopes, strict=True)
    ]
    return Record(0, losses, targets, np.ones(count), tuple(layers))


def _layer(
    found: Recorded, place: Place, scale: float, share: float, count: int, slopes: Array
) -> LayerRecord:
    flow, name = found.flow, _leaf_name(found, place)
    slots = {"preactivation": place.preactivation, "output": place.output}
    root = place.matmul.weights
    gradient = found.adjoints.get(root, np.zeros(flow.shapes[root]))
    return LayerRecord(
        name=place.name,
        kind=place.kind,
        unit=place.unit.activation if place.unit else ACTIVATIONS["identity"],
        values={key: flow.matrix(s, found.values[s])[:count] for key, s in slots.items()},
        adjoints={
            key: scale * flow.matrix(s, found.adjoints.get(s, np.zeros(flow.shapes[s])))[:count]
            for key, s in slots.items()
        },
        slopes=slopes[:count],
        weights={name: np.asarray(found.values[root]).astype(np.float64)},
        gradients={name: share * np.asarray(gradient).astype(np.float64)},
        shares=np.full(count, 1.0 / count),
    )


def _leaf_name(found: Recorded, place: Place) -> str:
    return found.flow.batched.names[place.matmul.leaf].rpartition("/")[2] or "weights"


def _slopes(found: Recorded) -> list[np.ndarray]:
    """Slopes of every layer's units: what the function itself passes back through them."""
    flow = found.flow
    starts = [found.values[place.preactivation] for place in found.places]

    def run(starts: Sequence[Array]) -> list[Array]:
        return [_slope(found, p, a) for p, a in zip(found.places, starts, strict=True)]

    results = compiled(run, flow.batched)(starts)
    return [
        flow.matrix(place.preactivation, v) for place, v in zip(found.places, results, strict=True)
    ]


def _slope(found: Recorded, place: Place, a: Array) -> Array:
    if place.unit is None:
        return jnp.ones_like(a)
    flow, unit = found.flow, place.unit
    made = {s for i in unit.operations for s in flow.operations[i].outputs}
    read = {s for i in unit.operations for s in flow.operations[i].inputs} - made
    known = {s: found.values[s] for s in read if s != place.preactivation}

    def outputs(a: Array) -> Array:
        return flow.run({**known, place.preactivation: a}, unit.operations)[unit.end]

    if unit.activation.product is not None:
        z = outputs(a)
        return z * (1.0 - z)
    z, back = jax.vjp(outputs, a)
    return back(jnp.ones_like(z))[0]
