"""A program without calls: compiled functions are written out, and loops over stacked weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unstuck.activations import Array
from unstuck.autodiff.jaxprs import Operation
from unstuck.lazy import jax, lazy

core = lazy("jax.extend.core")

WRITTEN_OUT = ("jit", "pjit", "closed_call", "core_call", "remat2", "checkpoint", "remat")
OWN_RULE = ("custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr")
MATMULS = ("dot_general", "conv_general_dilated")
MOST_ITERATIONS = 64

Flagged = tuple[Array, bool]
"""An array, and whether it comes from parameters and constants alone."""


def flattened(closed: Any, parameters: Sequence[bool], deep: bool = False) -> Any:
    """A closed program with the same results and derivatives, and fewer calls.

    A function with a derivative rule of its own stays one operation, unless a matmul is inside.
    A ``scan`` over stacked weights becomes its iterations.

    Arguments:
        closed: the closed program.
        parameters: of every argument, whether it is one of the parameters.
        deep: whether functions with their own rules and all short loops are written out, too.

    Returns:
        A closed program of the same arguments.
    """

    def run(*inputs: Array) -> list[Array]:
        pairs = list(zip(inputs, parameters, strict=True))
        return [value for value, _ in _evaluated(closed, pairs, deep)]

    kinds = [jax.ShapeDtypeStruct(kind.shape, kind.dtype) for kind in closed.in_avals]
    return jax.make_jaxpr(run)(*kinds)


def has_matmul(closed: Any) -> bool:
    """Whether a closed program multiplies matrices anywhere."""
    return any(
        operation.name in MATMULS or any(map(has_matmul, _inside(operation)))
        for operation in (_operation(equation) for equation in closed.jaxpr.eqns)
    )


def _inside(operation: Operation) -> list[Any]:
    own = operation.program()
    return [*operation.branches(), *([] if own is None else [own])]


def _operation(equation: Any) -> Operation:
    return Operation(equation, (), (), None)


def _evaluated(closed: Any, inputs: Sequence[Flagged], deep: bool) -> list[Flagged]:
    """The results of a program, with calls replaced by what is inside."""
    jaxpr = closed.jaxpr
    known = dict(zip(jaxpr.constvars, ((value, True) for value in closed.consts), strict=True))
    known |= zip(jaxpr.invars, inputs, strict=True)

    def read(atom: Any) -> Flagged:
        return (atom.val, True) if isinstance(atom, core.Literal) else known[atom]

    for equation in jaxpr.eqns:
        results = _applied(_operation(equation), [read(atom) for atom in equation.invars], deep)
        known.update(zip(equation.outvars, results, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _applied(operation: Operation, inputs: list[Flagged], deep: bool) -> list[Flagged]:
    if _opens(operation, deep):
        return _evaluated(operation.program(), inputs, deep)
    if operation.name == "scan" and _unrolls(operation, inputs, deep):
        return _unrolled(operation, inputs, deep)
    pure = all(flag for _, flag in inputs)
    return [(value, pure) for value in operation(*(value for value, _ in inputs))]


def _opens(operation: Operation, deep: bool) -> bool:
    if operation.name in OWN_RULE:
        return deep or has_matmul(operation.program())
    return operation.name in WRITTEN_OUT and operation.program() is not None


def _unrolls(operation: Operation, inputs: Sequence[Flagged], deep: bool) -> bool:
    length, constants, carries, _ = operation.loop()
    if not 0 < length <= MOST_ITERATIONS:
        return False
    stacked = any(pure and value.ndim > 2 for value, pure in inputs[constants + carries :])
    return deep or (stacked and has_matmul(operation.program()))


def _unrolled(operation: Operation, inputs: list[Flagged], deep: bool) -> list[Flagged]:
    length, constants, carries, backwards = operation.loop()
    fixed, carry = inputs[:constants], inputs[constants : constants + carries]
    stacks, made = inputs[constants + carries :], []
    for k in range(length)[:: -1 if backwards else 1]:
        parts = [(jax.lax.index_in_dim(a, k, 0, keepdims=False), pure) for a, pure in stacks]
        results = _evaluated(operation.program(), [*fixed, *carry, *parts], deep)
        carry = results[:carries]
        made.append(results[carries:])
    ordered = made[:: -1 if backwards else 1]
    return [*carry, *map(_stacked, zip(*ordered, strict=True))]


def _stacked(parts: Sequence[Flagged]) -> Flagged:
    arrays = [jax.lax.expand_dims(value, (0,)) for value, _ in parts]
    return jax.lax.concatenate(arrays, 0), all(flag for _, flag in parts)
