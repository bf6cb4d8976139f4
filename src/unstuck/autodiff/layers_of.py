"""Where the layers of a function are: its matmuls with parameters."""

from __future__ import annotations

import collections
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from unstuck.autodiff.flatten import MATMULS
from unstuck.autodiff.flow import Flow
from unstuck.autodiff.propagate import Arrays
from unstuck.autodiff.units import Unit, alone, unit_of

MOVES = (
    "reshape", "transpose", "convert_element_type", "squeeze", "expand_dims", "broadcast_in_dim",
    "copy", "copy_p", "reduce_precision", "name", "optimization_barrier", "sharding_constraint",
)  # fmt: skip
"""Operations that leave the numbers as they are."""
NO_NORM = ("exp", "exp2", "log", "log1p", "logistic", "tanh", "reduce_max", "sort", *MATMULS)


class Matmul(NamedTuple):
    """A product of rows and parameters.

    Attributes:
        operation: its number.
        data: slot of the rows.
        weights: slot of the parameters as they were given, or cut out of a stack.
        leaf: position of the leaf that these come from.
    """

    operation: int
    data: int
    weights: int
    leaf: int


class Place(NamedTuple):
    """A layer of a function.

    Attributes:
        name: of the layer.
        kind: ``"Dense"`` or ``"Conv"``.
        matmul: where it starts.
        preactivation: slot of what its units receive.
        unit: the activation function; ``None`` for the identity.
        output: slot of what the next layer receives.
    """

    name: str
    kind: str
    matmul: Matmul
    preactivation: int
    unit: Unit | None
    output: int


def matmuls(flow: Flow) -> list[Matmul]:
    """Every product of something that depends on the batch and something that only parameters
    make."""
    return list(_matmuls(flow))


def _matmuls(flow: Flow) -> Iterator[Matmul]:
    for i, each in enumerate(flow.operations):
        if each.name not in MATMULS or each.outputs[0] not in flow.row_axes:
            continue
        batch = [slot for slot in each.inputs[:2] if flow.on_batch(slot)]
        own = [s for s in each.inputs[:2] if not flow.on_batch(s) and flow.on_parameters(s)]
        if len(batch) == len(own) == 1:
            root = _root(flow, own[0])
            leaves = sorted(flow.of(root), key=lambda i: -np.size(flow.batched.leaves[i]))
            yield Matmul(i, batch[0], root, leaves[0])


def _root(flow: Flow, slot: int) -> int:
    """Where an array comes from that was only moved."""
    while slot in flow.made and flow.operations[flow.made[slot]].name in MOVES:
        before = flow.operations[flow.made[slot]].inputs[0]
        cut = before in flow.made and flow.operations[flow.made[before]].name == "slice"
        if cut or np.prod(flow.shapes.get(before, ())) != np.prod(flow.shapes[slot]):
            break
        slot = before
    return slot


def targets_of(flow: Flow, found: list[Matmul]) -> frozenset[int]:
    """Positions of the leaves of the batch that go into no layer."""
    entering = frozenset[int]().union(*(flow.of(each.data) for each in found))
    batch = [i for i, own in enumerate(flow.batched.parameters) if not own]
    return frozenset(batch) - entering


def places(flow: Flow, values: Arrays) -> list[Place]:
    """The layers, in the order of computation."""
    found = matmuls(flow)
    targets = targets_of(flow, found)
    names = layer_names(flow, found)
    return [
        _place(flow, values, each, name, found, targets)
        for each, name in zip(found, names, strict=True)
    ]


def _place(
    flow: Flow,
    values: Arrays,
    each: Matmul,
    name: str,
    found: list[Matmul],
    targets: frozenset[int],
) -> Place:
    product = flow.operations[each.operation]
    starts = {other.operation for other in found}
    last = starts.isdisjoint(flow.after(product.outputs[0]))
    plain, normed = preactivations(flow, product.outputs[0], targets, last)
    unit = unit_of(flow, values, normed, targets, last)
    start = normed if unit else plain
    output = _entering(flow, unit.end if unit else start, {other.data for other in found})
    kind = "Dense" if product.name == "dot_general" else "Conv"
    return Place(name, kind, each, start, unit, output)


def preactivations(
    flow: Flow, product: int, targets: frozenset[int], last: bool
) -> tuple[int, int]:
    """Slots after scale and bias, and after what else comes before an activation function."""
    plain = slot = product
    while (stretch := flow.ahead(slot)) and targets.isdisjoint(flow.of(stretch.end)):
        kind = _kind(flow, slot, stretch.end, stretch.operations)
        if not kind or (kind == "merge" and last):
            break
        plain = stretch.end if kind == "linear" and plain == slot else plain
        slot = stretch.end
    return plain, slot


def _kind(flow: Flow, slot: int, end: int, operations: tuple[int, ...]) -> str:
    """``"linear"`` (bias, scale, moves), ``"norm"``, ``"merge"`` (with another branch), or none."""
    if end not in flow.row_axes or np.prod(flow.shapes[end]) != np.prod(flow.shapes[slot]):
        return ""
    names = [flow.operations[i].name for i in operations]
    if len(names) > 1:
        normed = "reduce_sum" in names and not set(names) & set(NO_NORM)
        return "norm" if normed and alone(flow, slot, operations) else ""
    each, name = flow.operations[operations[0]], names[0]
    if name in MOVES:
        return "linear"
    first = each.inputs[0] == slot
    if len(each.inputs) != 2 or each.inputs[0] == each.inputs[1]:
        return ""
    if name in ("add", "add_any", "mul") or (name in ("sub", "div") and first):
        if not flow.on_batch(each.inputs[1 if first else 0]):
            return "linear"
        return "merge" if name in ("add", "add_any") else ""
    return ""


def _entering(flow: Flow, slot: int, data: set[int]) -> int:
    """What the next layer receives of a slot: after normalization, dropout and moves."""
    output = start = slot
    while slot not in data and (stretch := flow.ahead(slot)):
        names = {flow.operations[i].name for i in stretch.operations}
        masks = len(names) == 1 and names <= {"mul", "select_n", "div"}
        fits = stretch.end in flow.row_axes and not names & set(MATMULS)
        same = np.prod(flow.shapes.get(stretch.end, ())) == np.prod(flow.shapes[start])
        if not (fits and same and (masks or alone(flow, slot, stretch.operations))):
            break
        slot = stretch.end
        output = slot if slot in data else output
    return output


def layer_names(flow: Flow, found: list[Matmul]) -> list[str]:
    """A name for every layer: the path of its weights' parent, or of the weights themselves.

    Numbers become ``layer_1``, ``layer_2``, ...; the second use of the same weights ends in ``_2``.
    """
    paths = [flow.batched.names[each.leaf] for each in found]
    shared = collections.Counter(path.rpartition("/")[0] for path in dict.fromkeys(paths))
    used = collections.Counter[str]()
    names = []
    for k, path in enumerate(paths):
        parent = path.rpartition("/")[0]
        name = numbered(parent) if parent and shared[parent] == 1 else _leaf_name(path, k)
        used[name] += 1
        names.append(f"{name}_{used[name]}" if used[name] > 1 else name)
    return names


def numbered(path: str) -> str:
    """A path; a number becomes a name that counts from 1.

    >>> numbered("0"), numbered("hidden_1")
    ('layer_1', 'hidden_1')
    """
    return f"layer_{int(path) + 1}" if path.isdigit() else path


def _leaf_name(path: str, k: int) -> str:
    return path if path and not path.isdigit() else f"layer_{k + 1}"
