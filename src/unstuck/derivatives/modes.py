"""A function's scalar and its derivative along a direction, in every mode that JAX has for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.derivatives.differences import EPSILON, Line
from unstuck.derivatives.vector import VectorFunction, called, compiled
from unstuck.errors import DataError, ParameterError, first_sentence
from unstuck.lazy import jax, jnp

TOGETHER = 64
"""Values that are computed by one call."""

Along = Callable[[np.ndarray, np.ndarray], float]


class Modes:
    """A function as one scalar, with its derivatives.

    A function of one number is that scalar. Several outputs are added up with random weights, each
    array divided by its largest entry, so that small ones count too.

    Arguments:
        flat: the function, of one vector.
        rng: draws the weights.

    Attributes:
        along: mode -> ``along(point, direction)``, the derivative of the scalar.
        missing: mode -> why JAX does not have it.

    Raises:
        DataError: the function returns no floating number, or one that is not finite.
        ParameterError: JAX has neither mode.
    """

    def __init__(self, flat: VectorFunction, rng: np.random.Generator) -> None:
        self._flat = flat
        self._weights = _weights(self._first_outputs(), called(flat.function), rng)
        self._digits = EPSILON
        self._program = self._compiled()
        self._at: tuple[np.ndarray | None, np.ndarray] = (None, flat.vector)
        self.along: dict[str, Along] = {}
        self.missing: dict[str, str] = {}
        for mode, build in (("reverse", self._reverse), ("forward", self._forward)):
            try:
                along = build()
                along(flat.vector, flat.vector)
            except (TypeError, ValueError, NotImplementedError) as problem:
                self.missing[mode] = first_sentence(problem)
            else:
                self.along[mode] = along
        if not self.along:
            listed = "; ".join(f"{mode} mode: {why}" for mode, why in self.missing.items())
            raise ParameterError(f"JAX cannot differentiate {called(flat.function)}. {listed}")

    def line(self, direction: np.ndarray) -> Line:
        """The scalar along a line through the point."""
        return Line(self._values, self._flat.vector, direction, self._digits)

    def _values(self, point: np.ndarray, direction: np.ndarray, t: np.ndarray) -> np.ndarray:
        """The scalar at every ``point + t * direction``."""
        padded = np.zeros(-(-len(t) // TOGETHER) * TOGETHER)
        padded[: len(t)] = t
        parts = padded.reshape(-1, TOGETHER)
        counts = [min(TOGETHER, len(t) - TOGETHER * i) for i in range(len(parts))]
        found = [
            self._program(point, direction, each, count, self._flat.held)
            for each, count in zip(parts, counts, strict=True)
        ]
        return np.concatenate(found)[: len(t)]

    def _many(self, point: Array, direction: Array, t: Array, count: int, held: Any) -> Array:
        """The scalar at the first ``count`` of some steps, one after the other: all round alike."""

        def one(i: Array, values: Array) -> Array:
            return values.at[i].set(self._scalar(point + t[i] * direction, held))

        return jax.lax.fori_loop(0, count, one, jnp.zeros(len(t)))

    def _one_by_one(
        self, point: np.ndarray, direction: np.ndarray, t: np.ndarray, count: int, held: Any
    ) -> np.ndarray:
        """The same where Python must see the numbers."""
        return np.array([float(self._scalar(point + s * direction, held)) for s in t[:count]])

    def _floats(self, vector: Array, held: Any) -> list[Array]:
        """The floating arrays that the function returns."""
        arrays = [jnp.asarray(leaf) for leaf in jax.tree.leaves(self._flat(vector, held))]
        return [array for array in arrays if jnp.issubdtype(array.dtype, jnp.inexact)]

    def _compiled(self) -> Callable[..., Any]:
        point, program = self._flat.vector, jax.jit(self._many)
        example = (point, point, np.zeros(TOGETHER), 1, self._flat.held)
        try:
            self._digits = max(_roundings(program.trace(*example).jaxpr))
            program(*example)
        except (jax.errors.JAXTypeError, jax.errors.JAXIndexError):
            return self._one_by_one
        return program

    def _first_outputs(self) -> list[Array]:
        flat = self._flat
        try:
            return compiled(self._floats, flat.vector, flat.held)(flat.vector, flat.held)
        except TypeError as problem:
            problem.add_note(
                "Derivatives are checked in float64, to which arguments are converted."
            )
            raise

    def _scalar(self, vector: Array, held: Any) -> Array:
        outputs = self._floats(vector, held)
        return sum((w * z).sum() for w, z in zip(self._weights, outputs, strict=True))

    def _reverse(self) -> Along:
        held = self._flat.held
        gradient = compiled(jax.grad(self._scalar), self._flat.vector, held)

        def along(point: np.ndarray, direction: np.ndarray) -> float:
            if self._at[0] is not point:
                self._at = (point, np.asarray(gradient(point, held)))
            moved = direction != 0
            return float(self._at[1][moved] @ direction[moved])

        return along

    def _forward(self) -> Along:
        held = self._flat.held

        def tangent(point: Array, direction: Array) -> Array:
            return jax.jvp(lambda p: self._scalar(p, held), (point,), (direction,))[1]

        program = compiled(tangent, self._flat.vector, self._flat.vector)
        return lambda point, direction: float(program(point, direction))


def _weights(outputs: list[Array], name: str, rng: np.random.Generator) -> list[Any]:
    """What the outputs are multiplied with, to be added up to one scalar."""
    if not sum(z.size for z in outputs):
        raise DataError(f"{name} returns no floating-point number; there is no derivative.")
    for z in outputs:
        if np.iscomplexobj(z):
            raise DataError(f"{name} returns complex numbers; return real and imaginary part.")
        if not np.isfinite(z).all():
            raise DataError(
                f"{name} returns NaN or infinity at these arguments; derivatives exist only "
                "where it is finite. Check the arguments."
            )
    if sum(z.size for z in outputs) == 1:
        return [np.ones(z.shape) for z in outputs]
    return [
        rng.choice([-1.0, 1.0], z.shape)
        * rng.uniform(0.5, 1.5, z.shape)
        / (float(np.abs(z).max(initial=0.0)) or 1.0)
        for z in outputs
    ]


def _roundings(program: Any) -> Iterator[float]:
    """The relative rounding of every number that a program computes, of those inside it too."""
    yield EPSILON
    inner = getattr(program, "jaxpr", program)
    for equation in getattr(inner, "eqns", ()):
        types = (getattr(each.aval, "dtype", None) for each in equation.outvars)
        yield from (float(jnp.finfo(t).eps) for t in types if t and jnp.issubdtype(t, jnp.floating))
        for parameter in jax.tree.leaves(list(equation.params.values())):
            yield from _roundings(parameter)
