"""What depends on how JAX stores a program: reading its equations and carrying them out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.errors import ParameterError
from unstuck.lazy import jax, lazy

core = lazy("jax.extend.core")

CALLS = {
    "jit": "jaxpr",
    "pjit": "jaxpr",
    "closed_call": "call_jaxpr",
    "core_call": "call_jaxpr",
    "remat2": "jaxpr",
    "checkpoint": "jaxpr",
    "custom_jvp_call": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr",
    "custom_vjp_call_jaxpr": "fun_jaxpr",
    "scan": "jaxpr",
    "while": "body_jaxpr",
}
"""Operations that run a program once or in a loop, and the parameter that holds it."""

TRANSPARENT = ("jit", "pjit", "closed_call")
"""Calls that change nothing about what is computed."""


@dataclass(frozen=True)
class Operation:
    """One equation of a program, whose arrays are numbered slots.

    Attributes:
        equation: the equation as JAX stores it.
        inputs: slots it reads.
        outputs: slots it writes.
        layer: names of the scopes around it.
    """

    equation: Any
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    layer: str | None

    @property
    def name(self) -> str:
        """JAX's name of the operation."""
        return self.equation.primitive.name

    @property
    def parameters(self) -> dict[str, Any]:
        """What else determines the result."""
        return self.equation.params

    @property
    def called(self) -> str | None:
        """Name of the function it calls; ``None`` where that has no name of its own."""
        if self.name not in CALLS or self.name in ("scan", "while"):
            return None
        name = str(self.parameters.get("name") or _function_name(self.program()) or "").strip("_")
        return name if name.isidentifier() else None

    @property
    def types(self) -> list[Any]:
        """Shape and dtype of every result."""
        return [variable.aval for variable in self.equation.outvars]

    @property
    def acts(self) -> bool:
        """Whether it does something besides computing its results."""
        return bool(self.equation.effects)

    def program(self) -> Any:
        """The closed program inside; ``None`` where there is none."""
        inside = self.parameters.get(CALLS.get(self.name, ""))
        return None if inside is None else _closed(inside)

    def loop(self) -> tuple[int, int, int, bool]:
        """Of a ``scan``: iterations, arrays that stay, arrays it carries, whether from the end."""
        given = self.parameters
        return given["length"], given["num_consts"], given["num_carry"], given["reverse"]

    def condition(self) -> tuple[Any, int, int]:
        """Of a ``while``: the program that ends it; arrays which that and the body are given."""
        given = self.parameters
        return given["cond_jaxpr"], given["cond_nconsts"], given["body_nconsts"]

    def branches(self) -> tuple[Any, ...]:
        """The closed programs that a ``cond`` chooses from."""
        return self.parameters.get("branches", ()) if self.name == "cond" else ()

    def __call__(self, *inputs: Array) -> list[Array]:
        """The results for given inputs."""
        return _bind(self.equation, inputs)


@dataclass
class Program:
    """A program as operations on numbered slots.

    Attributes:
        arguments: slots of the arguments.
        types: shape and dtype of the arguments.
        constants: values of the slots that hold arrays from outside of the function.
        literals: values of the slots that hold numbers written in the function.
        operations: in the order of computation; those that nothing depends on are left out.
        outputs: slots of the results.
        size: number of slots.
    """

    arguments: list[int] = field(default_factory=list)
    types: list[Any] = field(default_factory=list)
    constants: dict[int, Array] = field(default_factory=dict)
    literals: dict[int, Array] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    size: int = 0

    def slot(self) -> int:
        """A new slot."""
        self.size += 1
        return self.size - 1


def staged(function: Callable[..., Any], leaves: Sequence[Array]) -> tuple[Any, Any]:
    """The closed program of a function of flat arguments, and the tree of its result's shapes."""
    return jax.make_jaxpr(function, return_shape=True)(*leaves)


def program(closed: Any) -> Program:
    """A closed program in slots; one that does nothing but call another is that other one."""
    made = Program()
    made.types = [variable.aval for variable in closed.jaxpr.invars]
    made.arguments = [made.slot() for _ in closed.jaxpr.invars]
    made.outputs = list(_read(made, closed, made.arguments, None))
    made.operations = list(_needed(made))[::-1]
    return made


def _read(made: Program, closed: Any, arguments: Sequence[int], scope: str | None) -> Iterator[int]:
    jaxpr, constants = closed.jaxpr, {}
    for variable, value in zip(jaxpr.constvars, closed.consts, strict=True):
        constants[variable] = made.slot()
        made.constants[constants[variable]] = value
    slots = dict(zip(jaxpr.invars, arguments, strict=True)) | constants

    def slot(atom: Any) -> int:
        if not isinstance(atom, core.Literal):
            return slots[atom]
        new = made.slot()
        (made.constants if np.shape(atom.val) else made.literals)[new] = atom.val
        return new

    alone = len(jaxpr.eqns) == 1 and jaxpr.eqns[0].primitive.name in TRANSPARENT
    for equation in jaxpr.eqns:
        _check_values(equation)
        inputs = tuple(slot(atom) for atom in equation.invars)
        layer = "/".join(filter(None, (scope, *_scopes(equation)))) or None
        if _renames(equation):
            outputs = inputs
        elif alone:
            inside = _closed(equation.params[CALLS[equation.primitive.name]])
            outputs = tuple(_read(made, inside, inputs, layer))
        else:
            outputs = tuple(made.slot() for _ in equation.outvars)
            made.operations.append(Operation(equation, inputs, outputs, layer))
        slots.update(zip(equation.outvars, outputs, strict=True))
    yield from map(slot, jaxpr.outvars)


def _needed(made: Program) -> Iterator[Operation]:
    """The operations that the outputs depend on, or that act, from last to first."""
    wanted = set(made.outputs)
    for operation in reversed(made.operations):
        if operation.acts or not wanted.isdisjoint(operation.outputs):
            wanted.update(operation.inputs)
            yield operation


def as_function(closed: Any) -> Callable[..., list[Array]]:
    """A closed program as a function of flat arguments."""
    return lambda *inputs: jax.core.eval_jaxpr(closed.jaxpr, closed.consts, *inputs)


def argument_names(closed: Any) -> list[str]:
    """What the function inside a call names its arguments, ``x1``, ``x2``, ... where unknown."""
    count = len(closed.jaxpr.invars)
    known = getattr(getattr(closed.jaxpr, "debug_info", None), "arg_names", None) or ()
    paths = ["/".join(re.findall(r"\w+", name or "")) for name in known]
    if count == len(set(paths)) == len(paths) and all(paths):
        return paths
    return [f"x{i + 1}" for i in range(count)]


def _bind(equation: Any, inputs: Sequence[Array]) -> list[Array]:
    """Carry out one equation. Up to JAX 0.9 functions inside came apart from the parameters."""
    primitive = equation.primitive
    parameters = primitive.get_bind_params(equation.params)
    functions: Any = ()
    if isinstance(parameters, tuple):
        functions, parameters = parameters
    with equation.ctx.manager:
        results = primitive.bind(*functions, *inputs, **parameters)
    return list(results) if primitive.multiple_results else [results]


def _closed(inside: Any) -> Any:
    return inside if isinstance(inside, core.ClosedJaxpr) else core.ClosedJaxpr(inside, ())


def _function_name(closed: Any) -> str | None:
    return getattr(getattr(closed.jaxpr, "debug_info", None), "func_name", None)


def _check_values(equation: Any) -> None:
    """References are places, and a graph shows values."""
    if any(hasattr(atom.aval, "inner_aval") for atom in (*equation.invars, *equation.outvars)):
        raise ParameterError(
            "trace: the function changes an array in place (a reference of JAX); expected arrays "
            "that keep their values. Let it compute a new array, such as x.at[0].set(1.0)."
        )


def _renames(equation: Any) -> bool:
    """Whether a conversion changes nothing but how later types are found."""
    if equation.primitive.name != "convert_element_type":
        return False
    (given,), (made,) = equation.invars, equation.outvars
    return given.aval.dtype == made.aval.dtype


def _scopes(equation: Any) -> Iterator[str]:
    """Names given by ``jax.named_scope``; what transformations add to them is left out."""
    for entry in equation.source_info.name_stack.stack:
        if type(entry).__name__ == "Scope":
            yield entry.name
