"""Residuals of a function as a problem: half their sum of squares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.errors import ParameterError
from unstuck.lazy import jax, jnp
from unstuck.solvers import modes
from unstuck.solvers.asked import Asked, ask
from unstuck.solvers.gauss_newton import (
    BEND_STEP,
    GaussNewtonMatrix,
    GaussNewtonProblem,
    second_derivative,
)
from unstuck.solvers.own_jacobian import JacobianOfVector


@dataclass(frozen=True)
class ResidualProblem(GaussNewtonProblem):
    """``f(p) = 1/2 ||r(p)||^2 + penalty / 2 ||p||^2`` for residuals r.

    Attributes:
        residuals: ``residuals(p, *arguments)``, real numbers in any structure.
        arguments: what does not change.
        penalty: strength of the penalty on all parameters.
        own: ``own(p, *arguments)``, the Jacobian (N, P); ``None``: JAX differentiates.
        bounds: of the parameters, each of shape (P,); ``None``: there are none.
    """

    residuals: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    penalty: Any = 0.0
    own: Callable[..., Array] | None = None
    bounds: tuple[Array, Array] | None = None

    @property
    def box(self) -> tuple[Array, Array] | None:
        """The bounds."""
        return self.bounds

    def numbers(self, p: Array) -> Array:
        """All residuals, shape (N,), of the parameters' type."""
        leaves = [jnp.asarray(each) for each in jax.tree.leaves(self.residuals(p, *self.arguments))]
        if not sum(each.size for each in leaves) or any(
            not jnp.issubdtype(each.dtype, jnp.floating) for each in leaves
        ):
            found = ", ".join(f"{each.dtype}{list(each.shape)}" for each in leaves) or "nothing"
            raise ParameterError(
                f"the residuals are {found}; expected real floating-point numbers. Return real and "
                "imaginary parts of complex ones as two residuals."
            )
        return jnp.concatenate([each.astype(p.dtype).ravel() for each in leaves])

    def value(self, p: Array) -> Array:
        """Half the sum of squares, penalties included."""
        return self._half_squares(self.numbers(p), p)

    def value_and_gradient(self, p: Array) -> tuple[Array, Array]:
        """With ``J^T r``."""
        r, pull = self._pullback(p)
        return self._half_squares(r, p), pull(r) + self.penalty * p

    def observations(self, p: Array) -> float:
        """The number of residuals."""
        return float(jax.eval_shape(self.numbers, p).size)

    def with_prior(self, penalty: Array) -> ResidualProblem:
        """The same residuals with another penalty."""
        return replace(self, penalty=penalty)

    def jacobian(self, p: Array) -> Array:
        """Of the residuals, shape (N, P), in the mode that takes fewer passes."""
        if self.own is not None:
            return self._of_all(self.own(p, *self.arguments), p)
        return modes.jacobian(self.numbers, p, reverse=self._few(p))

    def _of_all(self, slopes: Array, p: Array) -> Array:
        """The user's Jacobian, if it has a row for each residual."""
        count = int(self.observations(p))
        if slopes.shape[0] != count:
            raise ParameterError(
                f"jacobian returns {slopes.shape[0]} rows for {count} residuals; expected the "
                "residuals' shape and then that of the parameters."
            )
        return slopes

    def gauss_newton(self, p: Array) -> GaussNewtonMatrix:
        """``J^T J`` and J, or J alone."""
        jacobian = self.jacobian(p)
        diagonal = self.penalty * jnp.ones_like(p)
        if self._few(p):
            return GaussNewtonMatrix(jacobian, diagonal)
        return GaussNewtonMatrix(jacobian.T @ jacobian, diagonal, jacobian)

    def bend(self, p: Array, direction: Array) -> Array:
        """``J^T r''``."""
        r, pull = self._pullback(p)
        if self.own is None and modes.forward_mode(self.numbers, p):
            return pull(second_derivative(self.numbers, p, direction))
        ahead, behind = (self.numbers(p + s * BEND_STEP * direction) for s in (1.0, -1.0))
        return pull((ahead - 2.0 * r + behind) / BEND_STEP**2)

    def _few(self, p: Array) -> bool:
        return self.observations(p) < p.size

    def _half_squares(self, r: Array, p: Array) -> Array:
        return 0.5 * (r @ r) + 0.5 * self.penalty * (p @ p)

    def _pullback(self, p: Array) -> tuple[Array, Callable[[Array], Array]]:
        """The residuals and ``v -> J^T v``."""
        if self.own is not None:
            slopes = self.jacobian(p)
            return self.numbers(p), lambda v: slopes.T @ v
        return modes.pullback(self.numbers, p)


@dataclass(frozen=True)
class Residuals:
    """The kind of problem that ``least_squares`` makes of a function and its arguments.

    Attributes:
        own: as in ``ResidualProblem``.
        bounded: whether the first of the arguments are the bounds, as in ``ResidualProblem``.
    """

    own: Callable[..., Array] | None = None
    bounded: bool = False

    def __call__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> ResidualProblem:
        bounds, rest = (arguments[0], arguments[1:]) if self.bounded else (None, arguments)
        return ResidualProblem(function, rest, own=self.own, bounds=bounds)


def ask_residuals(
    residuals: Callable[..., Any],
    start: Any,
    arguments: tuple[Any, ...],
    scale: Any = None,
    bounds: tuple[Any, Any] | None = None,
    jacobian: Callable[..., Any] | None = None,
) -> Asked:
    """What a user asks of residuals; arguments as in ``least_squares``."""
    asked = ask(Residuals(), residuals, start, arguments, scale)
    if not (jacobian is None or callable(jacobian)):
        raise ParameterError(f"jacobian was {jacobian!r}; expected a function, or None.")
    own = None if jacobian is None else JacobianOfVector(jacobian, asked.function)
    if bounds is None:
        return replace(asked, kind=Residuals(own))
    box = _box(asked, bounds)
    return replace(asked, kind=Residuals(own, bounded=True), arguments=(box, *asked.arguments))


def _box(asked: Asked, bounds: tuple[Any, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Both bounds as vectors, in the solver's units.

    Raises:
        ParameterError: the start is not between them.
    """
    try:
        low, high = bounds
    except (TypeError, ValueError):
        raise ParameterError(
            f"bounds was {bounds!r}; expected (lower, upper), each a number or shaped as the start."
        ) from None
    lower, upper = (
        (asked.function.flat(bound, f"the {name} bound") / asked.scale).astype(asked.start.dtype)
        for name, bound in (("lower", low), ("upper", high))
    )
    outside = np.flatnonzero(~((lower <= asked.start) & (asked.start <= upper) & (lower < upper)))
    if outside.size:
        first = outside[0]
        at, least, most = (
            v[first] * np.broadcast_to(asked.scale, v.shape)[first]
            for v in (asked.start, lower, upper)
        )
        raise ParameterError(
            f"{asked.function.names[first]} starts at {at:g}, its bounds are {least:g} and "
            f"{most:g}; expected a start between a lower bound and a larger upper one. To hold a "
            "parameter, leave it out of the start."
        )
    return lower, upper
