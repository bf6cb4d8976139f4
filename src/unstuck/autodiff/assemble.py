"""A graph of plain arrays from a program and what was computed for it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.autodiff.graph import Graph, Node
from unstuck.autodiff.jaxprs import Operation, Program
from unstuck.autodiff.passes import Computed, is_continuous
from unstuck.lazy import jax

DERIVATIVE = {"reverse": "adjoints", "forward": "tangents", "values": "derivatives"}
"""What a mode gives."""

DETAILS: dict[str, Callable[[dict[str, Any]], str]] = {
    "argmax": lambda p: _axes(p["axes"]),
    "argmin": lambda p: _axes(p["axes"]),
    "broadcast_in_dim": lambda p: f"to {p['shape']}",
    "concatenate": lambda p: f"along axis {p['dimension']}",
    "convert_element_type": lambda p: f"to {np.dtype(p['new_dtype']).name}",
    "cumsum": lambda p: f"along axis {p['axis']}",
    "expand_dims": lambda p: _axes(p["dimensions"]),
    "reduce_max": lambda p: _axes(p["axes"]),
    "reduce_min": lambda p: _axes(p["axes"]),
    "reduce_prod": lambda p: _axes(p["axes"]),
    "reduce_sum": lambda p: _axes(p["axes"]),
    "reshape": lambda p: f"to {p['new_sizes']}",
    "scan": lambda p: f"{p['length']} iterations",
    "slice": lambda p: f"from {p['start_indices']} to {p['limit_indices']}",
    "squeeze": lambda p: _axes(p["dimensions"]),
    "transpose": lambda p: f"axes in order {p['permutation']}",
}
"""Parameters that matter to a reader, in words."""


@dataclass(frozen=True)
class Leaf:
    """An argument: its name, its role and what else to say of it."""

    name: str
    role: str
    detail: str = ""


@dataclass(frozen=True)
class Call:
    """An operation with a program inside, and what reached it from both sides.

    Attributes:
        operation: the call.
        inputs: the arrays it was given.
        leaves: how those are named outside.
        mode: ``reverse``, ``forward`` or ``values``.
        seeds: adjoints of its results; ``None`` where there are none.
        tangents: tangents of its inputs; ``None`` where there are none.
        refused: why JAX could not differentiate it, or nothing.
        lost: whether derivatives that should reach it are missing.
        wide: whether JAX used 64-bit numbers.
    """

    operation: Operation
    inputs: Sequence[Array]
    leaves: Sequence[Leaf]
    mode: str
    seeds: Sequence[Array | None]
    tangents: Sequence[Array | None]
    refused: str
    lost: bool
    wide: bool


def assemble(
    program: Program,
    computed: Computed,
    leaves: Sequence[Leaf],
    mode: str,
    opened: Callable[[Call, int], Graph],
    missing: str = "",
    notes: tuple[str, ...] = (),
) -> Graph:
    """The graph of a program.

    Arguments:
        leaves: one for each argument of the program.
        opened: makes the graph inside a call, of one iteration.
        missing: why derivatives are missing, besides the operations that JAX refused.
    """
    return _Assembly(program, computed, leaves, mode, opened).graph(missing, notes)


class _Assembly:
    """The nodes made so far."""

    def __init__(
        self,
        program: Program,
        computed: Computed,
        leaves: Sequence[Leaf],
        mode: str,
        opened: Callable[[Call, int], Graph],
    ):
        self.program, self.computed, self.mode, self.opened = program, computed, mode, opened
        self.nodes: list[Node] = []
        self.index: dict[int, int] = {}
        self.refused = {id(each.operation): each.reason for each in computed.refused}
        read = {slot for operation in program.operations for slot in operation.inputs}
        self.used = read | set(program.outputs)
        self.consumers: dict[int, set[str | None]] = {}
        for operation in program.operations:
            for slot in operation.inputs:
                self.consumers.setdefault(slot, set()).add(operation.layer)
        self.layers = {operation.layer for operation in program.operations}
        taken = {leaf.name for leaf in leaves}
        self.constant_names, self.result_names = _names("c", taken), _names("u", taken)
        for slot, leaf in zip(program.arguments, leaves, strict=True):
            self._leaf(slot, leaf)

    def graph(self, missing: str, notes: tuple[str, ...]) -> Graph:
        """The finished graph."""
        for slot in (*self.program.constants, *self.program.literals):
            if slot in self.used:
                self._leaf(slot, Leaf(next(self.constant_names), "constant"))
        for operation in self.program.operations:
            self._results(operation)
        outputs = tuple(self.index[slot] for slot in self.program.outputs)
        sentences = [missing, *self._refusals()]
        acting = sorted({o.called or o.name for o in self.program.operations if o.acts})
        if acting:
            notes += (
                f"Side effects ({', '.join(acting)}) took place when the values were computed.",
            )
        if any(node.dtype.kind == "c" for node in self.nodes) and self.mode == "reverse":
            notes += (
                "Complex arrays: the adjoint of z = x + iy is df/dx - i df/dy, as jax.grad has it.",
            )
        return Graph(
            tuple(self.nodes), outputs, self.mode, " ".join(filter(None, sentences)), notes
        )

    def _leaf(self, slot: int, leaf: Leaf) -> None:
        if slot in self.index:
            return
        self._add(slot, leaf.name, leaf.role, leaf.role, self._leaf_layer(slot, leaf), leaf.detail)

    def _leaf_layer(self, slot: int, leaf: Leaf) -> str | None:
        """The layer that a leaf's path names, or the only one that reads a constant."""
        named = [part for part in leaf.name.split("/") if part in self.layers]
        if named:
            return named[-1]
        readers = self.consumers.get(slot, set())
        return next(iter(readers)) if leaf.role != "input" and len(readers) == 1 else None

    def _results(self, operation: Operation) -> None:
        wanted = [slot for slot in operation.outputs if slot in self.used]
        several = f"result {{}} of {len(operation.outputs)}" if len(operation.outputs) > 1 else ""
        parents = tuple(self.index[slot] for slot in operation.inputs)
        opens = operation.program() is not None or bool(operation.branches())
        inside = functools.partial(self.opened, self._call(operation)) if opens else None
        detail = DETAILS.get(operation.name, lambda _: "")(operation.parameters)
        power = operation.name == "integer_pow"
        for slot in wanted:
            which = several.format(operation.outputs.index(slot) + 1)
            role = "output" if slot in self.program.outputs else "intermediate"
            details = ", ".join(filter(None, (detail, which)))
            self._add(
                slot,
                next(self.result_names),
                operation.name,
                role,
                operation.layer,
                details,
                parents,
                f"power {operation.parameters['y']}" if power else operation.called,
                inside,
            )

    def _add(
        self,
        slot: int,
        name: str,
        operation: str,
        role: str,
        layer: str | None,
        detail: str,
        parents: tuple[int, ...] = (),
        title: str | None = None,
        inside: Callable[[int], Graph] | None = None,
    ) -> None:
        value = self.computed.values[slot]
        plain, keys = _plain(value)
        derivative = self._derivative(slot)
        self.index[slot] = len(self.nodes)
        self.nodes.append(
            Node(
                index=len(self.nodes),
                name=name,
                operation=operation,
                role=role,
                shape=plain.shape,
                dtype=plain.dtype,
                parents=parents,
                value=plain,
                adjoint=derivative if self.mode == "reverse" else None,
                tangent=derivative if self.mode == "forward" else None,
                layer=layer,
                detail=", ".join(filter(None, (detail, keys))),
                title=title,
                inside=inside,
            )
        )

    def _derivative(self, slot: int) -> Array | None:
        """What is known of a slot's derivative; zeros where nothing depends on it."""
        value, known = self.computed.values[slot], self.computed.derivatives
        if self.mode == "values" or slot in self.computed.lost or not self._has_one(slot):
            return None
        return np.asarray(known[slot]) if slot in known else np.zeros(value.shape, value.dtype)

    def _has_one(self, slot: int) -> bool:
        """Whether a slot can have a derivative: numbers in the code and integers have none."""
        return slot not in self.program.literals and is_continuous(self.computed.values[slot])

    def _call(self, operation: Operation) -> Call:
        computed, lost, mode = self.computed, self.computed.lost, self.mode
        nodes = [self.nodes[self.index[slot]] for slot in operation.inputs]
        known = {
            slot: computed.derivatives[slot]
            for slot in (*operation.inputs, *operation.outputs)
            if slot in computed.derivatives and slot not in lost
        }
        adjoints, tangents = (known if mode == m else {} for m in ("reverse", "forward"))
        return Call(
            operation,
            [computed.values[slot] for slot in operation.inputs],
            [Leaf(node.name, _role_inside(node)) for node in nodes],
            mode,
            [adjoints.get(slot) for slot in operation.outputs],
            [tangents.get(slot) for slot in operation.inputs],
            self.refused.get(id(operation), ""),
            not lost.isdisjoint(operation.outputs if mode == "reverse" else operation.inputs),
            bool(jax.config.read("jax_enable_x64")),
        )

    def _refusals(self) -> Iterator[str]:
        """Which operation has no derivative, and which nodes have none because of it."""
        if not self.computed.refused:
            return
        through = "; ".join(
            f"{self._named(each.operation)}: {each.reason.rstrip('.')}"
            for each in self.computed.refused[:3]
        )
        lost = [slot for slot in self.index if slot in self.computed.lost and self._has_one(slot)]
        names = [self.nodes[self.index[slot]].name for slot in lost]
        listed = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
        yield (
            f"JAX has no {self.mode} mode through {through}. The {DERIVATIVE[self.mode]} of "
            f"{listed} are missing."
        )

    def _named(self, operation: Operation) -> str:
        slots = [slot for slot in operation.outputs if slot in self.index]
        kind = (
            operation.name if operation.called is None else f"{operation.called}, {operation.name}"
        )
        return f"{self.nodes[self.index[slots[0]]].name} ({kind})" if slots else kind


def _names(letter: str, taken: set[str]) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        if f"{letter}{number}" not in taken:
            yield f"{letter}{number}"


def _role_inside(node: Node) -> str:
    return node.role if node.role in ("parameter", "constant") else "input"


def _plain(value: Array) -> tuple[np.ndarray, str]:
    """An array of JAX as NumPy's, and a word on it; random keys as their numbers."""
    if isinstance(value, jax.Array) and jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
        return np.asarray(jax.random.key_data(value)), "random key"
    return (np.array(value) if isinstance(value, np.ndarray) else np.asarray(value)), ""


def _axes(axes: Sequence[int]) -> str:
    return f"{'axis' if len(axes) == 1 else 'axes'} {', '.join(map(str, axes))}" if axes else ""
