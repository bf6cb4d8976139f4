"""Gauss-Newton: objectives whose curvature is made of first derivatives, and their linear systems.

Near ``p`` the objective is taken as ``f + g.d + d.(G + diag(c)) d / 2``, where
``G = J^T H J`` holds the Jacobian J of what the loss sees and the loss's own curvature H, and c is
that of the penalty. ``G`` is accumulated over blocks of rows, so no more than (P, P) is kept. Where
``G = B^T B`` comes from a B of fewer than P rows, B is kept and a system of its size is solved.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from unstuck.activations import Activation, Array
from unstuck.errors import ParameterError
from unstuck.losses import LOSSES, Loss
from unstuck.solvers.problem import Problem

OTHERS = "solver='bfgs' for a few hundred parameters, solver='lbfgs' for more"


class Quadratic(NamedTuple):
    """The objective near a point.

    Attributes:
        gradient: shape (P,).
        matrix: ``G`` of shape (P, P), or ``B`` of shape (M, P) with ``G = B^T B`` and M < P.
        diagonal: the penalty's curvature c, shape (P,).
    """

    gradient: Array
    matrix: Array
    diagonal: Array

    def scale(self) -> Array:
        """The largest curvature along a parameter: the largest entry of diag(G + diag(c))."""
        import jax.numpy as jnp

        dual = self.matrix.shape[0] < self.matrix.shape[1]
        own = (self.matrix**2).sum(0) if dual else jnp.diagonal(self.matrix)
        return (own + self.diagonal).max()

    def solver(self, damping: Array) -> Callable[[Array], Array]:
        """Returns ``b -> (G + diag(c) + damping)^-1 b``; NaN where it is not positive definite.

        Arguments:
            damping: a scalar or shape (P,), positive where B is kept.
        """
        diagonal = self.diagonal + damping
        dual = self.matrix.shape[0] < self.matrix.shape[1]
        return (_dual if dual else _primal)(self.matrix, diagonal)


def _primal(matrix: Array, diagonal: Array) -> Callable[[Array], Array]:
    import jax.numpy as jnp

    return _cholesky(matrix + jnp.diag(diagonal))


def _dual(b: Array, diagonal: Array) -> Callable[[Array], Array]:
    """Woodbury: ``(B^T B + L)^-1 = L^-1 - L^-1 B^T (I + B L^-1 B^T)^-1 B L^-1``."""
    import jax.numpy as jnp

    scaled = b / diagonal
    inner = _cholesky(scaled @ b.T + jnp.eye(b.shape[0], dtype=b.dtype))

    def once(right: Array) -> Array:
        return right / diagonal - scaled.T @ inner(scaled @ right)

    def solve(right: Array) -> Array:
        # The difference cancels where the damping is small; one refinement makes up for it.
        found = once(right)
        return found + once(right - b.T @ (b @ found) - diagonal * found)

    return solve


def _cholesky(matrix: Array) -> Callable[[Array], Array]:
    from jax import lax

    factor = lax.linalg.cholesky(matrix, symmetrize_input=False)

    def solve(right: Array) -> Array:
        half = lax.linalg.triangular_solve(
            factor, right[:, None], left_side=True, lower=True
        )
        return lax.linalg.triangular_solve(
            factor, half, left_side=True, lower=True, transpose_a=True
        )[:, 0]

    return solve


class GaussNewtonProblem(Problem):
    """An objective with a Gauss-Newton matrix: what Levenberg-Marquardt asks for."""

    def gauss_newton(self, p: Array) -> Quadratic:
        """The objective near ``p``."""
        raise NotImplementedError

    def bend(self, p: Array, direction: Array) -> Array:
        """``J^T H t''``: t'' is the second derivative, along a direction, of what the loss sees."""
        raise NotImplementedError


BEND_STEP = 0.1
"""Share of the direction over which a second derivative is taken as a difference: that far the
bend of the path counts, not only at its start (Transtrum and Sethna 2012, section 4.2)."""


def second_derivative(function: Callable[[Array], Array], p: Array, direction: Array) -> Array:
    """``2 / h ((f(p + h d) - f(p)) / h - J d)``, without second derivatives."""
    import jax

    here, slope = jax.jvp(function, (p,), (direction,))
    ahead = function(p + BEND_STEP * direction)
    return 2.0 / BEND_STEP * ((ahead - here) / BEND_STEP - slope)


@dataclass(frozen=True)
class ResidualProblem(GaussNewtonProblem):
    """``f(p) = 1/2 ||r(p)||^2`` for a JAX function of the vector and of fixed arguments.

    Attributes:
        residuals: ``residuals(p, *arguments)``, of any shape.
        arguments: what does not change.
    """

    residuals: Callable[..., Array]
    arguments: tuple[Array, ...] = ()

    def _residuals(self, p: Array) -> Array:
        return self.residuals(p, *self.arguments).ravel()

    def value(self, p: Array) -> Array:
        """``1/2 ||r(p)||^2``."""
        r = self._residuals(p)
        return 0.5 * (r @ r)

    def gauss_newton(self, p: Array) -> Quadratic:
        """The Jacobian is had in the mode that takes fewer passes."""
        import jax
        import jax.numpy as jnp

        r = self._residuals(p)
        mode = jax.jacrev if r.size < p.size else jax.jacfwd
        jacobian = mode(self._residuals)(p)
        matrix = jacobian if r.size < p.size else jacobian.T @ jacobian
        return Quadratic(jacobian.T @ r, matrix, jnp.zeros_like(p))

    def bend(self, p: Array, direction: Array) -> Array:
        """``J^T r''``."""
        import jax

        _, pull = jax.vjp(self._residuals, p)
        return pull(second_derivative(self._residuals, p, direction))[0]


def variance_of(loss: Loss, output: Activation) -> Callable[..., Array] | None:
    """The law of ``Loss.variance`` for an output unit; ``None`` where there is none."""
    return loss.variance.get(output.name) or loss.variance.get("any")


def check(loss: Loss, output: Activation, solver: str) -> None:
    """Whether a Gauss-Newton matrix exists for a loss and an output unit.

    Raises:
        ParameterError: it does not; names losses and solvers that work.
    """
    if variance_of(loss, output) is None:
        able = " or ".join(repr(each.name) for each in LOSSES.values() if each.variance)
        raise ParameterError(
            f"solver={solver!r} needs a loss with a Gauss-Newton matrix, which loss="
            f"{loss.name!r} with output_activation={output.name!r} has not. Take loss={able}, or "
            f"{OTHERS}."
        )
