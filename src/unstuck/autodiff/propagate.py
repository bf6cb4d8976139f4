"""Values, adjoints and tangents of a program, one pass each way.

A zero is added to the result of every operation. The derivative of the output with respect to
that zero is the adjoint of the result, so one reverse pass over all zeros gives all adjoints.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.autodiff.jaxprs import Operation, Program
from unstuck.lazy import jax, jnp

Arrays = dict[int, Array]


@dataclass(frozen=True)
class Refusal:
    """An operation that JAX does not differentiate: in which of its inputs, and why not."""

    operation: Operation
    inputs: list[int]
    reason: str


@dataclass
class Computed:
    """What a pass found, by slot.

    Attributes:
        values: the arrays.
        derivatives: adjoints or tangents; none of a slot where it is zero or lost.
        lost: slots whose derivative is missing.
        refused: operations that could not be differentiated.
    """

    values: Arrays
    derivatives: Arrays = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)
    refused: list[Refusal] = field(default_factory=list)


def is_continuous(value: Any) -> bool:
    """Whether an array (or its type) holds real or complex numbers: what has derivatives."""
    return jnp.issubdtype(value.dtype, jnp.inexact)


def is_complex(value: Any) -> bool:
    """Whether an array (or its type) holds complex numbers."""
    return jnp.issubdtype(value.dtype, jnp.complexfloating)


def plain(program: Program, arguments: Sequence[Array]) -> Computed:
    """Values alone."""
    return Computed(_run(program, _acted(program, arguments), {})[1])


def reverse(
    program: Program, arguments: Sequence[Array], seeds: Sequence[Array | None]
) -> Computed:
    """Values, and adjoints from those of the outputs (``None`` where there is none)."""
    given = _acted(program, arguments)
    seeded = [i for i, seed in enumerate(seeds) if seed is not None]

    moving = {slot: value for slot, value in given.items() if is_continuous(value)}
    probes = dict(_probes(program))

    def attempt(refused: Sequence[Refusal] = ()) -> Computed:
        def run(moved: Arrays, probes: Arrays) -> tuple[list[Array], Arrays]:
            reached, values = _run(program, given | moved, probes, refused)
            return [reached[program.outputs[i]] for i in seeded], values

        _, back, values = jax.vjp(run, moving, probes, has_aux=True)
        leaves, results = back([seeds[i] for i in seeded])
        return Computed(values, leaves | results)

    try:
        return attempt()
    except Exception:
        refused = _refused(program, given, {*moving, *probes}, _pulled)
        if not refused:
            raise
    found = attempt(refused)
    found.refused, found.lost = refused, _upstream(program, refused, seeded)
    return found


def forward(
    program: Program, arguments: Sequence[Array], tangents: Sequence[Array | None]
) -> Computed:
    """Values, and tangents along a direction (``None`` for arguments that stay as they are)."""
    given = _acted(program, arguments)
    pairs = zip(program.arguments, tangents, strict=True)
    direction = {slot: tangent for slot, tangent in pairs if tangent is not None}
    moving = {slot: given[slot] for slot in direction}

    def attempt(refused: Sequence[Refusal] = ()) -> Computed:
        def run(moved: Arrays) -> tuple[Arrays, Arrays]:
            _, values = _run(program, given | moved, {}, refused)
            return {s: value for s, value in values.items() if is_continuous(value)}, values

        _, derivatives, values = jax.jvp(run, (moving,), (direction,), has_aux=True)
        return Computed(values, derivatives)

    try:
        return attempt()
    except Exception:
        refused = _refused(program, given, _varying(program, direction), _pushed)
        if not refused:
            raise
    found = attempt(refused)
    found.refused = refused
    found.lost = _varying(program, [s for each in refused for s in each.operation.outputs])
    return found


def _acted(program: Program, arguments: Sequence[Array]) -> Arrays:
    """What a pass starts from, after all that is done for its effect alone has been done."""
    given = dict(zip(program.arguments, arguments, strict=True)) | program.constants
    if any(map(_only_acts, program.operations)):
        _run(program, given, {}, acting=True)
    return given


def _only_acts(operation: Operation) -> bool:
    return operation.acts and not operation.outputs


def _run(
    program: Program,
    given: Arrays,
    probes: Arrays,
    refused: Sequence[Refusal] = (),
    acting: bool = False,
) -> tuple[Arrays, Arrays]:
    """All arrays with the probes added, and before that.

    Arguments:
        refused: operations some of whose inputs count as constants.
        acting: whether to carry out what has no result but an effect.
    """
    values = given | program.literals
    probed = dict(values)
    held = {id(each.operation): each.inputs for each in refused}
    for operation in program.operations:
        if _only_acts(operation) and not acting:
            continue
        inputs = [probed[slot] for slot in operation.inputs]
        for i in held.get(id(operation), ()):
            inputs[i] = jax.lax.stop_gradient(inputs[i])
        for slot, value in zip(operation.outputs, operation(*inputs), strict=True):
            values[slot] = value
            probed[slot] = value + probes[slot] if slot in probes else value
    return probed, values


def _probes(program: Program) -> Iterator[tuple[int, Array]]:
    """Zeros for all results; negative ones, which leave even the sign of a zero as it is.

    Of a complex number, too: both of its parts have a sign.
    """
    for operation in program.operations:
        for slot, kind in zip(operation.outputs, operation.types, strict=True):
            if is_continuous(kind):
                zero = complex(-0.0, -0.0) if is_complex(kind) else -0.0
                yield slot, np.full(kind.shape, zero, kind.dtype)


def _continuous_results(operation: Operation) -> list[int]:
    pairs = zip(operation.outputs, operation.types, strict=True)
    return [slot for slot, kind in pairs if is_continuous(kind)]


def _varying(program: Program, sources: Collection[int]) -> set[int]:
    """The slots that depend on others, and those."""
    varying = set(sources)
    for operation in program.operations:
        if operation.name != "stop_gradient" and not varying.isdisjoint(operation.inputs):
            varying.update(_continuous_results(operation))
    return varying


def _upstream(program: Program, refused: Sequence[Refusal], seeded: Sequence[int]) -> set[int]:
    """The slots whose adjoints would have to come through a refused operation."""
    stops = {id(each.operation): each.inputs for each in refused}
    reached, lost = {program.outputs[i] for i in seeded}, set[int]()
    for operation in reversed(program.operations):
        results = _continuous_results(operation)
        if operation.name == "stop_gradient" or reached.isdisjoint(results):
            continue
        reached.update(operation.inputs)
        lost.update(operation.inputs[i] for i in stops.get(id(operation), ()))
        if not lost.isdisjoint(results):
            lost.update(operation.inputs)
    return lost


def _refused(
    program: Program,
    given: Arrays,
    moving: Collection[int],
    derive: Callable[[Operation, list[Array], list[int]], object],
) -> list[Refusal]:
    """The operations that cannot be differentiated, found one by one."""
    values, found = _run(program, given, {})[1], []

    def problem(operation: Operation, at: list[int]) -> str:
        try:
            derive(operation, [values[slot] for slot in operation.inputs], at)
        except Exception as reason:
            return str(reason).strip().partition("\n")[0] or type(reason).__name__
        return ""

    for operation in program.operations:
        at = [i for i, slot in enumerate(operation.inputs) if slot in moving]
        if at and operation.outputs and (reason := problem(operation, at)):
            alone = [i for i in at if problem(operation, [i])]
            found.append(Refusal(operation, alone or at, reason))
    return found


def _pulled(operation: Operation, inputs: list[Array], at: list[int]) -> object:
    return pull(operation, inputs, [None] * len(operation.outputs), at)


def _pushed(operation: Operation, inputs: list[Array], at: list[int]) -> object:
    return push(operation, inputs, [v if i in at else None for i, v in enumerate(inputs)])


class _Partial:
    """A function of arrays in some of its inputs: the results that have derivatives, and all."""

    def __init__(
        self,
        function: Callable[..., list[Array]],
        inputs: Sequence[Array],
        moving: Sequence[int],
    ):
        self.function, self.inputs, self.moving = function, inputs, moving
        self.at = [inputs[i] for i in moving]

    def __call__(self, *moved: Array) -> tuple[list[Array], list[Array]]:
        inputs = list(self.inputs)
        for i, value in zip(self.moving, moved, strict=True):
            inputs[i] = value
        outputs = self.function(*inputs)
        return [value for value in outputs if is_continuous(value)], outputs


def pull(
    function: Callable[..., list[Array]],
    inputs: Sequence[Array],
    seeds: Sequence[Array | None],
    at: Sequence[int] | None = None,
) -> list[Array | None]:
    """The adjoints of a function's inputs from those of its results.

    Arguments:
        at: which inputs; all that are no integers. The others get ``None``.
    """
    moving = [i for i, v in enumerate(inputs) if is_continuous(v)] if at is None else at
    partial = _Partial(function, inputs, moving)
    _, back, outputs = jax.vjp(partial, *partial.at, has_aux=True)
    pairs = zip(outputs, seeds, strict=True)
    parts = back(
        [jnp.zeros_like(v) if seed is None else seed for v, seed in pairs if is_continuous(v)]
    )
    placed = dict(zip(moving, parts, strict=True))
    return [placed.get(i) for i in range(len(inputs))]


def push(
    function: Callable[..., list[Array]], inputs: Sequence[Array], tangents: Sequence[Array | None]
) -> tuple[list[Array], list[Array | None]]:
    """A function's results and their tangents, ``None`` where nothing moves."""
    moving = [i for i, tangent in enumerate(tangents) if tangent is not None]
    if not moving:
        outputs = function(*inputs)
        return outputs, [None] * len(outputs)
    partial = _Partial(function, inputs, moving)
    along = [tangents[i] for i in moving]
    _, moved, outputs = jax.jvp(partial, partial.at, along, has_aux=True)
    rest = iter(moved)
    return outputs, [next(rest) if is_continuous(value) else None for value in outputs]
