"""What a solver may ask of an objective."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from unstuck.activations import Array
from unstuck.lazy import jnp
from unstuck.solvers import modes


class Problem:
    """An objective ``f(p)`` of one vector of parameters, smooth where it is asked.

    Its methods are called inside a compiled program. ``value`` is all that a subclass must have;
    the others follow from it and are overridden where there is a quicker way.
    """

    @property
    def box(self) -> tuple[Array, Array] | None:
        """The least and the greatest parameters, each of shape (P,); ``None``: all are allowed."""
        return None

    def inside(self, p: Array) -> Array:
        """The nearest parameters that are allowed."""
        return p if self.box is None else jnp.clip(p, *self.box)

    def reach(self, p: Array, move: Array) -> tuple[Array, Array]:
        """Where a move ends that stays within what is allowed, and what is left of it."""
        if self.box is None:
            return p + move, move
        there = self.inside(p + move)
        return there, there - p

    def free(self, p: Array, gradient: Array) -> Array:
        """1 where a parameter may move against the gradient, 0 where a bound holds it."""
        if self.box is None:
            return jnp.ones_like(p)
        lower, upper = self.box
        held = ((p <= lower) & (gradient > 0)) | ((p >= upper) & (gradient < 0))
        return jnp.where(held, 0.0, 1.0).astype(p.dtype)

    def value(self, p: Array) -> Array:
        """The objective at ``p`` of shape (P,), a scalar."""
        raise NotImplementedError

    def value_and_gradient(self, p: Array) -> tuple[Array, Array]:
        """The objective and its gradient, of shape (P,)."""
        return modes.value_and_gradient(self.value, p)

    def value_and_free_gradient(self, p: Array) -> tuple[Array, Array]:
        """The same, with 0 for the parameters that a bound holds."""
        value, gradient = self.value_and_gradient(p)
        return value, self.free(p, gradient) * gradient

    def gradient(self, p: Array) -> Array:
        """The gradient, of shape (P,)."""
        return self.value_and_gradient(p)[1]

    def hessian_product(self, p: Array, direction: Array) -> Array:
        """Hessian times a direction, of shape (P,), for the price of two gradients."""
        return modes.hessian_product(self.gradient, p, direction)


@dataclass(frozen=True)
class FunctionProblem(Problem):
    """The objective is a JAX function of the vector, and of arguments that do not change."""

    function: Callable[..., Array]
    arguments: tuple[Any, ...] = ()

    def value(self, p: Array) -> Array:
        """``function(p, *arguments)``, in the parameters' type if it is a real number."""
        found = self.function(p, *self.arguments)
        if jnp.issubdtype(getattr(found, "dtype", bool), jnp.floating):
            return found.astype(p.dtype)
        return found
