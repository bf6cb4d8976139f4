"""Derivatives in the mode that JAX has for a function.

Functions with a ``custom_vjp`` (an ODE solver) have no forward mode, those with a ``while_loop`` no
reverse mode. Which there is shows while a program is traced.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from unstuck.activations import Array
from unstuck.errors import ParameterError, first_sentence
from unstuck.lazy import jax, jnp

Result = TypeVar("Result")


def forward_mode(function: Callable[[Array], Any], p: Array) -> bool:
    """Whether a function has a forward mode: JAX says so only when a program is compiled.

    Arguments:
        function: of a vector.
        p: the vector, or its shape and type.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> forward_mode(jnp.tanh, jnp.ones(2))
        True
        >>> own = jax.custom_vjp(jnp.tanh)
        >>> own.defvjp(lambda x: (jnp.tanh(x), x), lambda x, ct: (ct / jnp.cosh(x) ** 2,))
        >>> forward_mode(own, jnp.ones(2))
        False
    """
    return not any(map(_own_rule, jax.make_jaxpr(function)(p).eqns))


def _own_rule(equation: Any) -> bool:
    """Whether an operation, or one inside it, has a ``custom_vjp``."""
    inside = [getattr(leaf, "jaxpr", leaf) for leaf in jax.tree.leaves(equation.params)]
    steps = [step for each in inside for step in getattr(each, "eqns", ())]
    return equation.primitive.name.startswith("custom_vjp") or any(map(_own_rule, steps))


def either(*ways: Callable[[], Result]) -> Result:
    """The result of the first way that JAX can go.

    Arguments:
        ways: to the same derivative, the one to prefer first.

    Raises:
        ParameterError: it can go none; says why not the first.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> f = lambda x: jax.lax.while_loop(lambda y: y < 5.0, lambda y: 2.0 * y, x)
        >>> float(either(lambda: jax.grad(f)(3.0), lambda: jax.jacfwd(f)(3.0)))
        2.0
    """
    problems = []
    for way in ways:
        try:
            return way()
        except (TypeError, ValueError, NotImplementedError) as problem:
            problems.append(problem)
    raise ParameterError(
        f"JAX cannot differentiate the function: {first_sentence(problems[0])} Write it with "
        "operations that JAX differentiates, or, of residuals, give least_squares their Jacobian: "
        "jacobian=."
    ) from problems[0]


@contextlib.contextmanager
def compiled_or_told() -> Iterator[None]:
    """Errors of JAX for functions that it cannot trace as one that says what to write.

    Raises:
        ParameterError: the function asks for the values of its parameters.
    """
    try:
        yield
    except (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError) as problem:
        raise ParameterError(
            "the function asks for the values of its parameters, which a compiled program does not "
            "have: by NumPy, by float() or by an if. Write it with jax.numpy, with jnp.where in "
            "place of an if."
        ) from problem


def value_and_gradient(function: Callable[[Array], Array], p: Array) -> tuple[Array, Array]:
    """A scalar function and its gradient, of shape (P,)."""

    def forward() -> tuple[Array, Array]:
        return function(p), jax.jacfwd(function)(p)

    return either(lambda: jax.value_and_grad(function)(p), forward)


def hessian_product(gradient: Callable[[Array], Array], p: Array, direction: Array) -> Array:
    """The Hessian times a direction, of shape (P,)."""

    def forward() -> Array:
        return jax.jvp(gradient, (p,), (direction,))[1]

    def reverse() -> Array:
        return jax.grad(lambda q: gradient(q) @ direction)(p)

    return either(forward, reverse) if forward_mode(gradient, p) else either(reverse)


def jacobian(function: Callable[[Array], Array], p: Array, reverse: bool) -> Array:
    """The Jacobian of N numbers, of shape (N, P).

    Arguments:
        function: returns shape (N,).
        p: where, shape (P,).
        reverse: whether reverse mode takes fewer passes.
    """
    if not forward_mode(function, p):
        return either(lambda: jax.jacrev(function)(p))
    first, second = (jax.jacrev, jax.jacfwd) if reverse else (jax.jacfwd, jax.jacrev)
    return either(lambda: first(function)(p), lambda: second(function)(p))


def pullback(
    function: Callable[[Array], Array], p: Array
) -> tuple[Array, Callable[[Array], Array]]:
    """N numbers and ``v -> J^T v``, J their Jacobian."""

    def reverse() -> tuple[Array, Callable[[Array], Array]]:
        values, pull = jax.vjp(function, p)
        pull(jnp.zeros_like(values))  # some functions have a vjp that cannot be called
        return values, lambda v: pull(v)[0]

    def forward() -> tuple[Array, Callable[[Array], Array]]:
        slopes = jax.jacfwd(function)(p)
        return function(p), lambda v: slopes.T @ v

    return either(reverse, forward)
