"""What depends on what in a flat program, and which axis of every array goes over the rows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from unstuck.activations import Array
from unstuck.autodiff.batches import Batched
from unstuck.autodiff.flatten import flattened
from unstuck.autodiff.jaxprs import Program, program
from unstuck.autodiff.propagate import Arrays
from unstuck.lazy import jax, jnp


class Stretch(NamedTuple):
    """A part of a program with one way in and one way out.

    Attributes:
        end: the slot through which all that depends on its start goes on.
        operations: their numbers.
    """

    end: int
    operations: tuple[int, ...]


class Flow:
    """A function on some rows, as a flat program.

    Arguments:
        batched: the function and its leaves.
        deep: whether functions with derivative rules of their own are written out.
    """

    def __init__(self, batched: Batched, deep: bool = False):
        self.batched = batched
        with batched.numbers():
            self.program: Program = program(flattened(batched.staged(), batched.parameters, deep))
        self.operations = self.program.operations
        self.made = {s: i for i, each in enumerate(self.operations) for s in each.outputs}
        self.readers: dict[int, list[int]] = {}
        for i, each in enumerate(self.operations):
            for slot in dict.fromkeys(each.inputs):
                self.readers.setdefault(slot, []).append(i)
        self.leaf = {slot: i for i, slot in enumerate(self.program.arguments)}
        self.sources: dict[int, frozenset[int]] = {s: frozenset([i]) for s, i in self.leaf.items()}
        for each in self.operations:
            merged = frozenset().union(*(self.of(slot) for slot in each.inputs))
            self.sources.update(dict.fromkeys(each.outputs, merged))

    def of(self, slot: int) -> frozenset[int]:
        """Positions of the leaves that a slot depends on."""
        return self.sources.get(slot, frozenset())

    def on_batch(self, slot: int) -> bool:
        """Whether a slot depends on the batch."""
        return any(not self.batched.parameters[i] for i in self.of(slot))

    def on_parameters(self, slot: int) -> bool:
        """Whether a slot depends on parameters."""
        return any(self.batched.parameters[i] for i in self.of(slot))

    @functools.cached_property
    def shapes(self) -> dict[int, tuple[int, ...]]:
        """Shapes of arguments and results."""
        found = {
            slot: kind.shape
            for slot, kind in zip(self.program.arguments, self.program.types, strict=True)
        }
        for each in self.operations:
            found.update((s, kind.shape) for s, kind in zip(each.outputs, each.types, strict=True))
        return found

    @functools.cached_property
    def kinds(self) -> dict[int, Any]:
        """Dtypes of results."""
        return {
            slot: kind.dtype
            for each in self.operations
            for slot, kind in zip(each.outputs, each.types, strict=True)
        }

    @property
    def names(self) -> list[str]:
        """The operations' names."""
        return [each.name for each in self.operations]

    def ahead(self, start: int) -> Stretch | None:
        """What comes after a slot, up to where all paths from it meet again."""
        inside, passed = {start}, []
        last = max(self.readers.get(start, [-1]))
        for i in range(self.made.get(start, -1) + 1, len(self.operations)):
            each = self.operations[i]
            if inside.isdisjoint(each.inputs):
                continue
            passed.append(i)
            if last <= i and len(each.outputs) == 1:
                return Stretch(each.outputs[0], tuple(passed))
            inside.update(each.outputs)
            last = max([last, *(max(self.readers.get(s, [-1])) for s in each.outputs)])
        return None

    def after(self, start: int, stop: Callable[[int], bool] = lambda slot: False) -> list[int]:
        """Numbers of all operations that depend on a slot; not beyond slots that stop it."""
        reached, found = {start}, []
        for i, each in enumerate(self.operations):
            if not reached.isdisjoint(each.inputs) and not any(map(stop, each.outputs)):
                reached.update(each.outputs)
                found.append(i)
        return found

    def run(self, known: Arrays, which: Iterable[int]) -> Arrays:
        """Slots after some operations were carried out."""
        values = dict(known)
        for i in which:
            each = self.operations[i]
            results = each(*(values[slot] for slot in each.inputs))
            for slot, value in zip(each.outputs, results, strict=True):
                values.setdefault(slot, value)
        return values

    def given(self, leaves: Sequence[Array] | None = None) -> Arrays:
        """Slots before anything is computed."""
        leaves = self.batched.leaves if leaves is None else leaves
        known = dict(zip(self.program.arguments, leaves, strict=True))
        return {**known, **self.program.constants, **self.program.literals}

    def needed(self, slot: int, known: Iterable[int] = ()) -> list[int]:
        """Numbers of the operations that a slot is made by, from known slots."""
        wanted, known, found = {slot}, set(known), []
        for i in range(len(self.operations) - 1, -1, -1):
            each = self.operations[i]
            if not (wanted - known).isdisjoint(each.outputs):
                wanted.update(each.inputs)
                found.append(i)
        return found[::-1]

    @functools.cached_property
    def row_axes(self) -> dict[int, int]:
        """The axis that goes over the rows; of those slots that have one.

        Found by what grows with one row more; where the program is another then, by its length.
        """
        count = self.batched.count
        other = self._with(count + 1)
        if other is None:
            return {s: shape.index(count) for s, shape in self.shapes.items() if count in shape}
        found = {}
        for slot, shape in self.shapes.items():
            grown = np.flatnonzero(np.subtract(other.shapes[slot], shape))
            if len(grown) == 1 and shape[grown[0]] == count:
                found[slot] = int(grown[0])
        return found

    def _with(self, count: int) -> Flow | None:
        """The same on other rows; nothing where that is another program."""
        batched = self.batched.resized(count)
        if not any(batched.rowed) or not batched.works():
            return None
        other = Flow(batched)
        return other if self.like(other) else None

    def like(self, other: Flow) -> bool:
        """Whether slots of another program mean the same."""
        return [(e.name, e.inputs) for e in self.operations] == [
            (e.name, e.inputs) for e in other.operations
        ]

    def matrix(self, slot: int, value: Any) -> np.ndarray:
        """A value as (rows, units)."""
        array = np.moveaxis(np.asarray(value).astype(np.float64), self.row_axes[slot], 0)
        return array.reshape(len(array), -1)

    def unmatrix(self, slot: int, matrix: Array, xp: Any) -> Array:
        """The value whose matrix this is, with as many rows as that has."""
        shape, axis = list(self.shapes[slot]), self.row_axes[slot]
        rest = shape[:axis] + shape[axis + 1 :]
        return xp.moveaxis(matrix.reshape(matrix.shape[0], *rest), 0, axis)


def compiled(function: Callable[..., Any], batched: Batched) -> Callable[..., Any]:
    """A function that is compiled, and run with the numbers of another."""
    program = jax.jit(function)

    def run(*inputs: Any) -> Any:
        with batched.numbers():
            return jax.tree.map(np.asarray, program(*jax.tree.map(_placed, inputs)))

    return run


def _placed(array: Any) -> Any:
    """An array with the numbers that JAX is set to; a program that is handed 64 bits where it
    takes 32 may fail."""
    return jnp.asarray(array) if isinstance(array, np.ndarray) else array
