"""Gauss-Newton: objectives whose curvature is made of first derivatives, and their linear systems.

Near ``p`` the objective is taken as ``f + g.d + d.(G + diag(c)) d / 2``, where
``G = J^T H J`` holds the Jacobian J of what the loss sees and the loss's own curvature H, and c is
that of the penalty. ``G`` is accumulated over blocks of rows, so no more than (P, P) is kept. Where
``G = B^T B`` comes from a B of fewer than P rows, B is kept and a system of its size is solved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from unstuck.activations import Activation, Array
from unstuck.errors import ParameterError
from unstuck.lazy import jax, jnp, lax
from unstuck.losses import LOSSES, Loss
from unstuck.solvers.problem import Problem

BLOCK = 1 << 18
"""Numbers in a block of the Jacobian (2 MiB) where the Gauss-Newton matrix is smaller than that."""

QUICKLY_COMPILED = (
    ("xla_cpu_use_fusion_emitters", False),
    ("xla_backend_optimization_level", 1),
)
"""Options of XLA for solvers whose time goes into products of matrices: compiled in 0.6 of the
time, and as fast (measured with ``lm`` and ``br``; others would be slower)."""

LOST = 1e3
"""Smallest share of a parameter's curvature that the others leave of it, in units of the rounding,
for which ``G`` is factored. Where less is left it is mostly rounding; B, whose rounding is not
squared, is factored then (QR, Moré 1978). That takes several times as long."""

OTHERS = "solver='bfgs' for a few hundred parameters, solver='lbfgs' for more"


class GaussNewtonMatrix(NamedTuple):
    """The curvature ``G + diag(c)`` at a point.

    Attributes:
        matrix: ``G`` of shape (P, P), or ``B`` of shape (M, P) with ``G = B^T B`` and M < P.
        diagonal: the penalty's part c, shape (P,).
        factor: ``B`` of shape (M, P) beside ``G``, where it is held: it knows what ``G`` has lost.
    """

    matrix: Array
    diagonal: Array
    factor: Array | None = None

    @property
    def dual(self) -> bool:
        """Whether B is kept."""
        return self.matrix.shape[0] < self.matrix.shape[1]

    def own(self) -> Array:
        """The curvature along each parameter: the diagonal, shape (P,)."""
        own = (self.matrix**2).sum(0) if self.dual else jnp.diagonal(self.matrix)
        return own + self.diagonal

    def freed(self, free: Array) -> GaussNewtonMatrix:
        """Without what couples parameters that are held to the others.

        Arguments:
            free: 1 where a parameter may move, else 0, shape (P,).
        """
        both = free if self.dual else free[:, None] * free
        diagonal = jnp.where(free > 0, self.diagonal, 1.0)
        factor = None if self.factor is None else self.factor * free
        return GaussNewtonMatrix(self.matrix * both, diagonal, factor)

    def full(self) -> Array:
        """``G + diag(c)``, shape (P, P)."""
        matrix = self.matrix.T @ self.matrix if self.dual else self.matrix
        return matrix + jnp.diag(self.diagonal)

    def solver(self, damping: Array) -> Callable[[Array], Array]:
        """Returns ``b -> (G + diag(c) + damping)^-1 b``; NaN where it is not positive definite.

        Arguments:
            damping: a scalar or shape (P,), positive where B is kept.
        """
        damped = self._replace(diagonal=self.diagonal + damping)
        if self.dual:
            return _dual(self.matrix, damped.diagonal)
        return _through(damped.triangle())

    def triangle(self) -> Array:
        """L with ``L L^T = G + diag(c)``, lower, shape (P, P)."""
        full = self.full()
        factor = lax.linalg.cholesky(full, symmetrize_input=False)
        if self.factor is None:
            return factor
        rows = jnp.concatenate([self.factor, jnp.diag(jnp.sqrt(self.diagonal))])
        left = (jnp.diagonal(factor) ** 2 / jnp.diagonal(full)).min()
        known = left > LOST * jnp.finfo(full.dtype).eps  # not where it is NaN
        return lax.cond(known, lambda: factor, lambda: jnp.linalg.qr(rows, mode="r").T)


def _dual(b: Array, diagonal: Array) -> Callable[[Array], Array]:
    """Woodbury: ``(B^T B + L)^-1 = L^-1 - L^-1 B^T (I + B L^-1 B^T)^-1 B L^-1``."""
    scaled = b / diagonal
    small = scaled @ b.T + jnp.eye(b.shape[0], dtype=b.dtype)
    inner = _through(lax.linalg.cholesky(small, symmetrize_input=False))

    def once(right: Array) -> Array:
        return right / diagonal - scaled.T @ inner(scaled @ right)

    def solve(right: Array) -> Array:
        # The difference cancels where the damping is small; one refinement makes up for it.
        found = once(right)
        return found + once(right - b.T @ (b @ found) - diagonal * found)

    return solve


def _through(factor: Array) -> Callable[[Array], Array]:
    """``b -> (L L^T)^-1 b``."""

    def solve(right: Array) -> Array:
        half = lax.linalg.triangular_solve(factor, right[:, None], left_side=True, lower=True)
        return lax.linalg.triangular_solve(
            factor, half, left_side=True, lower=True, transpose_a=True
        )[:, 0]

    return solve


class GaussNewtonProblem(Problem):
    """An objective with a Gauss-Newton matrix: what Levenberg-Marquardt asks for.

    ``f(p) = (sum of the losses) / weight + penalty / 2 sum(mask p^2)``.
    """

    @property
    def mask(self) -> Array:
        """1 where a parameter is penalized, else 0, shape (P,) or a scalar."""
        return 1.0

    @property
    def weight(self) -> Array:
        """What the sum of the losses is divided by."""
        return 1.0

    @property
    def units(self) -> Array | None:
        """The size that a parameter has, shape (P,) or a scalar; ``None`` where nobody knows."""
        return None

    def observations(self, p: Array) -> Array:
        """How many numbers were observed, by weight."""
        raise NotImplementedError

    def with_prior(self, penalty: Array) -> GaussNewtonProblem:
        """The same losses with the penalty of Bayesian regularization, of this strength."""
        raise NotImplementedError

    def gauss_newton(self, p: Array) -> GaussNewtonMatrix:
        """The curvature at ``p``."""
        raise NotImplementedError

    def bend(self, p: Array, direction: Array) -> Array:
        """``J^T H t''``: t'' is the second derivative, along a direction, of what the loss sees."""
        raise NotImplementedError


BEND_STEP = 0.1
"""Share of the direction over which a second derivative is taken as a difference: that far the
bend of the path counts, not only at its start (Transtrum and Sethna 2012, section 4.2)."""


def second_derivative(function: Callable[[Array], Array], p: Array, direction: Array) -> Array:
    """``2 / h ((f(p + h d) - f(p)) / h - J d)``, without second derivatives."""
    here, slope = jax.jvp(function, (p,), (direction,))
    ahead = function(p + BEND_STEP * direction)
    return 2.0 / BEND_STEP * ((ahead - here) / BEND_STEP - slope)


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


def matrices(parameters: int, observations: int) -> int:
    """Numbers in the matrices of an iteration: of B, where it is smaller, or of G.

    Example:
        >>> matrices(parameters=61, observations=2000) < 1e6 < matrices(10_000, 500)
        True
    """
    if observations < parameters:
        return 3 * observations * parameters + 3 * observations**2
    return square(parameters, observations)


def square(parameters: int, observations: int) -> int:
    """As ``matrices``, where G is kept whatever the number of rows."""
    del observations
    return 5 * parameters**2 + 2 * BLOCK
