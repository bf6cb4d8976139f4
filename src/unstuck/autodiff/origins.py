"""Where the numbers of a function first stop being finite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from unstuck.autodiff.batches import Batched
from unstuck.autodiff.flow import Flow, compiled
from unstuck.autodiff.layers_of import layer_names, matmuls, targets_of
from unstuck.autodiff.propagate import Arrays, plain, reverse
from unstuck.graph import LABELS
from unstuck.health.subject import Origin
from unstuck.lazy import jax, jnp


def is_finite(value: Any) -> bool:
    """Whether an array has numbers alone; integers and random keys count as such."""
    if not hasattr(value, "dtype") or not jnp.issubdtype(value.dtype, jnp.inexact):
        return True
    return bool(np.isfinite(np.asarray(value).astype(np.complex128)).all())


def origin_of(batched: Batched) -> Origin | None:
    """Where a value, or else a derivative, first is infinite or no number; ``None`` if none is.

    Arguments:
        batched: the function with the numbers that it is trained with.
    """
    moving = [i for i, leaf in enumerate(batched.leaves) if batched.parameters[i] and _real(leaf)]
    there_and_back = compiled(_value_and_gradients(batched, moving), batched)
    loss, gradients = there_and_back(*batched.leaves)
    if not is_finite(loss):
        return _of_values(batched)
    if not all(map(is_finite, gradients)):
        return _of_gradients(batched)
    return None


def _real(leaf: Any) -> bool:
    return bool(jnp.issubdtype(leaf.dtype, jnp.floating))


def _value_and_gradients(batched: Batched, moving: list[int]) -> Any:
    return jax.value_and_grad(batched.function, tuple(moving)) if moving else _alone(batched)


def _alone(batched: Batched) -> Any:
    return lambda *leaves: (batched.function(*leaves), ())


def _of_values(batched: Batched) -> Origin:
    """The first value on the way to the loss that is not finite and was made of finite ones."""
    flow = Flow(batched, deep=True)
    values = compiled(lambda *leaves: _numbers(plain(flow.program, leaves).values), batched)(
        *batched.leaves
    )
    values = flow.given() | values
    bad = {slot for slot, value in values.items() if not is_finite(value)}
    bad -= {*flow.program.constants, *flow.program.literals}
    seen = _way(flow, bad)
    leaves = [slot for slot in flow.program.arguments if slot in seen]
    if leaves:
        return _of_leaf(flow, values, leaves[0])
    for i, each in enumerate(flow.operations):
        found = [slot for slot in each.outputs if slot in seen]
        if found and bad.isdisjoint(each.inputs):
            return _told(flow, i, "", values[found[0]], found[0])
    return Origin("the loss")


def _way(flow: Flow, bad: set[int]) -> set[int]:
    """The slots among some from which the loss is reached through these alone."""
    seen = set(flow.program.outputs) & bad
    for each in reversed(flow.operations):
        if not seen.isdisjoint(each.outputs):
            seen.update(bad.intersection(each.inputs))
    return seen


def _of_gradients(batched: Batched) -> Origin:
    """Going back, the first operation that makes a derivative infinite of a finite one."""
    flow = Flow(batched)

    def run(*leaves: Any) -> Arrays:
        loss = flow.program.outputs[0]
        kind = flow.operations[flow.made[loss]].types[0].dtype
        return _numbers(reverse(flow.program, leaves, [jnp.ones((), kind)]).derivatives)

    adjoints = compiled(run, batched)(*batched.leaves)
    bad = {slot for slot, value in adjoints.items() if not is_finite(value)}
    for i in range(len(flow.operations) - 1, -1, -1):
        each = flow.operations[i]
        found = bad.intersection(each.inputs)
        if found and bad.isdisjoint(each.outputs):
            slot = next(s for s in each.inputs if s in found)
            return _told(flow, i, "a gradient", adjoints[slot], slot)
    return Origin("a gradient")


def _numbers(arrays: Arrays) -> Arrays:
    return {s: v for s, v in arrays.items() if jnp.issubdtype(jnp.result_type(v), jnp.inexact)}


def _told(flow: Flow, i: int, what: str, value: Any, slot: int) -> Origin:
    """An origin in an operation; what it is follows from where that stands if it is not given."""
    each = flow.operations[i]
    layer = dict(_layers(flow)).get(i) or _owner(flow, slot)
    label = each.called or LABELS.get(each.name, each.name)
    what = what or ("a value" if layer else "the loss")
    return Origin(what, layer, label, example=_example(flow, value, slot))


def _owner(flow: Flow, slot: int) -> str | None:
    """The layer whose parameters alone a slot is made of."""
    names = [flow.batched.names[i] for i in flow.of(slot)]
    parents = {name.rpartition("/")[0] for name in names}
    own = all(flow.batched.parameters[i] for i in flow.of(slot))
    return parents.pop() or None if own and len(parents) == 1 else None


def _layers(flow: Flow) -> Iterator[tuple[int, str]]:
    """Which operation belongs to which layer: those from its matmul to the next, and before the
    targets come in."""
    found = matmuls(flow)
    targets = targets_of(flow, found)
    names = layer_names(flow, found)
    for k, (each, name) in enumerate(zip(found, names, strict=True)):
        end = found[k + 1].operation if k + 1 < len(found) else len(flow.operations)
        for i in range(each.operation, end):
            slot = flow.operations[i].outputs[0]
            if targets.isdisjoint(flow.of(slot)) and slot in flow.row_axes:
                yield i, name


def _of_leaf(flow: Flow, values: Arrays, slot: int) -> Origin:
    i = flow.leaf[slot]
    name = flow.batched.names[i]
    found = matmuls(flow)
    if flow.batched.parameters[i]:
        pairs = zip(found, layer_names(flow, found), strict=True)
        owned = [layer for each, layer in pairs if each.leaf == i]
        layer = owned[0] if owned else name.rpartition("/")[0] or None
        return Origin("a parameter", layer, name)
    what = "a target" if found and i in targets_of(flow, found) else "an input"
    return Origin(what, None, name, example=_example(flow, values[slot], slot))


def _example(flow: Flow, value: Any, slot: int) -> int | None:
    """The first row that is not finite, where others are."""
    if slot not in flow.row_axes:
        return None
    rows = np.moveaxis(np.asarray(value).astype(np.float64), flow.row_axes[slot], 0)
    good = np.isfinite(rows.reshape(len(rows), -1)).all(1)
    return int(np.argmin(good)) if good.any() and not good.all() else None
