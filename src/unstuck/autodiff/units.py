"""Which activation function a stretch of a program is: it is asked for its values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from unstuck.activations import ACTIVATIONS, Activation, Array
from unstuck.autodiff.flatten import MATMULS
from unstuck.autodiff.flow import Flow
from unstuck.autodiff.propagate import Arrays
from unstuck.lazy import jax, jnp

GRID = np.array([0.0, -0.3, 0.7, -1.0, 1.0, -2.2, 2.5, -4.0, 5.0, 0.05, -0.01, 3.3, -30.0])
"""Pre-activations at which functions are compared: near zero, far out, of both signs."""

MIXING = (
    "cumsum", "cumprod", "cummax", "cumlogsumexp", "sort", "gather", "concatenate", "scan", "while",
    "cond", "rev", "pad", "dynamic_slice", "dynamic_update_slice", "scatter", "slice",
    *MATMULS,
)  # fmt: skip
"""Operations after which an entry depends on others, beside those that reduce."""
MOST_STRETCHES = 10


class Unit(NamedTuple):
    """What a layer ends in.

    Attributes:
        activation: the record.
        end: slot of the outputs.
        operations: from the pre-activations to the outputs.
    """

    activation: Activation
    end: int
    operations: tuple[int, ...]


class Candidate(NamedTuple):
    """Outputs that may be those of a unit."""

    end: int
    operations: tuple[int, ...]
    separate: bool


def is_separate(flow: Flow, operations: tuple[int, ...]) -> bool:
    """Whether operations treat every entry by itself."""
    return all(_is_separate(flow.operations[i].name) for i in operations)


def _is_separate(name: str) -> bool:
    return name not in MIXING and not name.startswith(("reduce_", "arg"))


def candidates(flow: Flow, start: int, targets: frozenset[int]) -> list[Candidate]:
    """What follows a slot and depends on nothing else of the batch, to ever later ends."""
    found: list[Candidate] = []
    slot, passed = start, tuple[int, ...]()
    for _ in range(MOST_STRETCHES):
        stretch = flow.ahead(slot)
        if stretch is None or not _stays(flow, start, slot, stretch.end, stretch.operations):
            break
        slot, passed = stretch.end, passed + stretch.operations
        if not targets.isdisjoint(flow.of(slot)):
            break
        found.append(Candidate(slot, passed, is_separate(flow, passed)))
    return found


def _stays(flow: Flow, start: int, slot: int, end: int, operations: tuple[int, ...]) -> bool:
    """Whether a stretch keeps rows and units, multiplies no matrices and reads no other rows."""
    if any(flow.operations[i].name in MATMULS for i in operations) or end not in flow.row_axes:
        return False
    if np.prod(flow.shapes[end]) != np.prod(flow.shapes[start]):
        return False
    return alone(flow, slot, operations)


def alone(flow: Flow, slot: int, operations: tuple[int, ...]) -> bool:
    """Whether operations read nothing of the batch but through a slot."""
    made = {slot} | {s for i in operations for s in flow.operations[i].outputs}
    read = {s for i in operations for s in flow.operations[i].inputs}
    return not any(map(flow.on_batch, read - made))


class Asked:
    """Values of candidates for pre-activations that are put in.

    Arguments:
        flow: the program.
        values: of all slots.
        start: slot of the pre-activations.
        found: the candidates.
    """

    def __init__(self, flow: Flow, values: Arrays, start: int, found: list[Candidate]):
        self.flow, self.start, self.found = flow, start, found
        operations = found[-1].operations if found else ()
        read = {s for i in operations for s in flow.operations[i].inputs}
        known = {s: values[s] for s in read if s in values and s not in _made(flow, operations)}

        def run(a: Array) -> list[Array]:
            reached = flow.run({**known, start: a}, operations)
            return [reached[each.end] for each in found]

        self._run = jax.jit(run)
        self.kind = values[start].dtype

    def put(self, a: np.ndarray) -> list[np.ndarray]:
        """Matrices of the candidates for pre-activations in the slot's own shape."""
        with self.flow.batched.numbers():
            results = self._run(jnp.asarray(a, self.kind))
        ends = [each.end for each in self.found]
        return [self.flow.matrix(end, v) for end, v in zip(ends, results, strict=True)]

    def on(self, points: np.ndarray) -> list[np.ndarray]:
        """Values of every candidate at some points, entry by entry: (units' worth, points)."""
        shape = self.flow.shapes[self.start]
        size = int(np.prod(shape))
        columns = []
        for first in range(0, len(points), size):
            part = np.resize(points[first : first + size], size).reshape(shape)
            order = self.flow.matrix(self.start, np.arange(size).reshape(shape)).ravel()
            back = np.argsort(order, kind="stable")
            columns.append([v.ravel()[back] for v in self.put(part)])
        return [np.concatenate(each)[: len(points)] for each in zip(*columns, strict=True)]

    def every(self) -> Iterator[tuple[Array, list[np.ndarray]]]:
        """The same point in all entries, point by point."""
        for point in (0.7, -1.3):
            yield point, self.put(np.full(self.flow.shapes[self.start], point))


def _made(flow: Flow, operations: tuple[int, ...]) -> set[int]:
    return {s for i in operations for s in flow.operations[i].outputs}


def unit_of(
    flow: Flow, values: Arrays, start: int, targets: frozenset[int], last: bool
) -> Unit | None:
    """The unit that starts at a slot; ``None`` where it is the identity.

    Arguments:
        targets: positions of leaves that only the loss reads.
        last: whether no other layer follows: a function that is not known belongs to the loss then.
    """
    found = candidates(flow, start, targets)
    if not found:
        return None
    asked = Asked(flow, values, start, found)
    known = list(_known(asked, found))
    if known:
        return known[-1]
    separate = [each for each in found if each.separate]
    if last or not separate or _is_linear(asked, found.index(separate[-1])):
        return None
    end, operations, _ = separate[-1]
    return Unit(_own(asked, found.index(separate[-1])), end, operations)


def _known(asked: Asked, found: list[Candidate]) -> Iterator[Unit]:
    """The candidates that are known functions."""
    values = asked.on(GRID)
    same = [np.array([np.ptp(v[k]) < 1e-6 for _, v in asked.every()]).all() for k in _range(found)]
    a = np.random.default_rng(0).normal(0.0, 2.0, asked.flow.shapes[asked.start])
    mixed = None
    for k, each in enumerate(found):
        if each.separate:
            if same[k] and (activation := named(values[k])):
                yield Unit(activation, each.end, each.operations)
        else:
            mixed = mixed or asked.put(a)
            if _is_softmax(asked.flow, asked.start, a, mixed[k]):
                yield Unit(ACTIVATIONS["softmax"], each.end, each.operations)


def _range(found: list[Candidate]) -> range:
    return range(len(found))


def _is_softmax(flow: Flow, start: int, a: np.ndarray, z: np.ndarray) -> bool:
    return any(close(softmax(part), z) for part in by_units(flow, start, a))


def by_units(flow: Flow, start: int, a: np.ndarray) -> Iterator[np.ndarray]:
    """Pre-activations as (rows, ...), with one of the other axes last."""
    array = np.moveaxis(np.asarray(a, np.float64), flow.row_axes[start], 0)
    if array.ndim > 1 and array.shape[-1] > 1:
        yield array


def softmax(a: np.ndarray) -> np.ndarray:
    """On the last axis; as (rows, units)."""
    e = np.exp(a - a.max(-1, keepdims=True))
    return (e / e.sum(-1, keepdims=True)).reshape(len(a), -1)


def close(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether arrays are alike up to single precision."""
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=1e-5, atol=1e-6))


def named(z: np.ndarray) -> Activation | None:
    """The known function with these values on the grid.

    >>> named(np.tanh(GRID)).name
    'tanh'
    """
    plain = ("tanh", "logistic", "relu", "softplus", "exponential", "symmetric_sigmoid", "step")
    for name in plain:
        if close(ACTIVATIONS[name](GRID), z):
            return ACTIVATIONS[name]
    at_one, far = float(-z[GRID == -1.0][0]), float(-z[GRID == -30.0][0])
    for text, k in (("leaky_relu", at_one), ("elu", far)):
        low, high = ACTIVATIONS[text].parameter_range
        if (low <= k <= high and k != 1.0) or (text == "elu" and k == 1.0):
            activation = ACTIVATIONS[f"{text}({round(k, 6)!r})"]
            if close(activation(GRID), z):
                return activation
    return None


def _is_linear(asked: Asked, k: int) -> bool:
    """Whether a candidate is a multiple of its pre-activations, plus a constant."""
    zero, one, three = (
        asked.put(np.full(asked.flow.shapes[asked.start], p))[k] for p in (0.0, 1.0, -3.0)
    )
    return close(three - zero, -3.0 * (one - zero))


FAMILIAR: dict[str, Callable[[Array], Array]] = {
    "silu": lambda a: jax.nn.silu(a),
    "gelu": lambda a: jax.nn.gelu(a, approximate=False),
    "gelu_tanh": lambda a: jax.nn.gelu(a, approximate=True),
    "selu": lambda a: jax.nn.selu(a),
    "mish": lambda a: jax.nn.mish(a),
    "relu6": lambda a: jax.nn.relu6(a),
    "hard_tanh": lambda a: jax.nn.hard_tanh(a),
    "softsign": lambda a: jax.nn.soft_sign(a),
    "log_sigmoid": lambda a: jax.nn.log_sigmoid(a),
    "sine": lambda a: jnp.sin(a),
    "square": lambda a: a * a,
    "absolute": lambda a: jnp.abs(a),
}
"""Functions that have a name and no record."""


def _own(asked: Asked, k: int) -> Activation:
    """The record of a function that is not in the table."""
    values = asked.on(GRID)[k]
    name = "own"
    with jax.enable_x64(True):
        for text, function in FAMILIAR.items():
            if close(np.asarray(function(jnp.asarray(GRID))), values):
                name = text

    def value(a: Any, xp: Any) -> Any:
        array = np.asarray(a, np.float64)
        return xp.asarray(asked.on(array.ravel())[k].reshape(array.shape))

    return Activation(name=name, value=value, slope=_differences(value))


def _differences(value: Callable[..., Any]) -> Callable[..., Any]:
    """The slope by central differences: for drawing, and where no other is at hand."""

    def slope(a: Any, z: Any, xp: Any) -> Any:
        del z
        return (value(a + 1e-6, xp) - value(a - 1e-6, xp)) / 2e-6

    return slope
