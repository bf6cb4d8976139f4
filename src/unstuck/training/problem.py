"""A fit on all rows as a problem for a full-batch solver."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from unstuck.activations import Activation, Array
from unstuck.layers.jacobian import Outputs, jacobian, outputs_of
from unstuck.lazy import jax, jnp, lax
from unstuck.solvers.bayesian import prior_mask
from unstuck.solvers.gauss_newton import (
    BLOCK,
    GaussNewtonMatrix,
    GaussNewtonProblem,
    second_derivative,
    variance_of,
)
from unstuck.training.objective import Objective


@dataclass(frozen=True)
class NetworkProblem(GaussNewtonProblem):
    """The objective of a network on fixed rows as a function of its flat parameters.

    The generalized Gauss-Newton matrix is ``sum_n w_n J_n^T S_n^T S_n J_n / sum_n w_n``, with the
    Jacobian J of the output pre-activations and the loss's ``S = v^(-1/2) dz/dt``.

    Attributes:
        objective: the objective, without dropout.
        x: inputs, shape (n, inputs).
        y: targets, shape (n, outputs).
        w: weights of the rows, shape (n,); rows with weight 0 do not count.
        penalty: alpha / sum of the weights.
        prior: whether it is that of Bayesian regularization, which holds hidden biases, too.
        numbers: traced numbers that variations read.

    Reference: Schraudolph 2002; Martens 2020, section 8.
    """

    objective: Objective
    x: Array
    y: Array
    w: Array
    penalty: Any
    prior: bool = False
    numbers: Mapping[str, Any] = field(default_factory=dict)

    def value(self, p: Array) -> Array:
        """The objective at ``p``."""
        parameters = self.objective.network.unflatten(p)
        penalty = 0.0 if self.prior else self.penalty
        flow = self.objective.flow(jnp, numbers=self.numbers, keeps=("preactivation",))
        value = self.objective(parameters, self.x, self.y, self.w, penalty, jnp, flow)
        return value + 0.5 * self.penalty * (self.mask * p**2).sum() if self.prior else value

    def gauss_newton(self, p: Array) -> GaussNewtonMatrix:
        """The curvature at ``p``; of few rows the factor B is kept."""
        small = self.y.size < p.size
        matrix = self._factor(p, self.x, self.y, self.w) if small else self.matrix(p)
        return GaussNewtonMatrix(matrix, self.penalty * self.mask)

    def matrix(self, p: Array) -> Array:
        """The Gauss-Newton matrix of the losses, shape (P, P), block after block of the rows."""
        rows = self.x.shape[0]
        blocks = math.ceil(self.y.size * p.size / max(BLOCK, p.size**2))
        size = math.ceil(rows / blocks)

        def add(total: Array, first: Array) -> tuple[Array, None]:
            start = jnp.minimum(first, rows - size)  # the last block reaches back over counted rows
            x, y, w = (lax.dynamic_slice_in_dim(a, start, size) for a in (self.x, self.y, self.w))
            b = self._factor(p, x, y, jnp.where(start + jnp.arange(size) < first, 0.0, w))
            return total + b.T @ b, None

        if blocks == 1:
            b = self._factor(p, self.x, self.y, self.w)
            return b.T @ b
        firsts = np.arange(blocks) * size
        return lax.scan(add, jnp.zeros((p.size, p.size), p.dtype), firsts)[0]

    def bend(self, p: Array, direction: Array) -> Array:
        """``J^T H t''`` with the second derivative t'' of the pre-activations."""

        def preactivation(p: Array) -> Array:
            return self._last(p, self.x).preactivation

        _, pull = jax.vjp(preactivation, p)
        last, output = self._last(p, self.x), self.objective.network.output
        bent = second_derivative(preactivation, p, direction)[:, None]
        change = _through(output, bent, last) / self._variance(self.y, last)[:, None]
        return pull((self.w / self.weight)[:, None] * _through(output, change, last)[:, 0])[0]

    @property
    def box(self) -> tuple[Array, Array] | None:
        """The objective's bounds."""
        bounds, network = self.objective.bounds, self.objective.network
        if bounds is None:
            return None
        low, high = (network.flatten(network.whole(b)).astype(self.y.dtype) for b in bounds)
        return low, high

    @property
    def mask(self) -> np.ndarray:
        """1 where a parameter is penalized, else 0, shape (P,)."""
        network = self.objective.network
        if self.prior:
            return prior_mask(network).astype(self.y.dtype)
        masks = network.weight_mask()
        masks = masks if isinstance(masks, tuple) else (masks,)
        return np.concatenate([mask.ravel() for mask in masks]).astype(self.y.dtype)

    @property
    def units(self) -> float:
        """1: all weights have that size.

        A scale of each one's own lets those leap that matter little, and their units saturate: of
        ten sincs eight are reached, in 30 times the iterations.
        """
        return 1.0

    def with_prior(self, penalty: Array) -> NetworkProblem:
        """The same rows with the penalty of Bayesian regularization."""
        return replace(self, penalty=penalty, prior=True)

    @property
    def weight(self) -> Array:
        """Sum of the rows' weights."""
        return jnp.maximum(self.w.sum(), np.finfo(np.float32).tiny)

    def observations(self, p: Array) -> Array:
        """Sum of the rows' weights times the number of outputs."""
        del p
        return self.w.sum() * self.y.shape[1]

    def _last(self, p: Array, x: Array) -> Outputs:
        network = self.objective.network
        return outputs_of(network, network.unflatten(p), x, jnp)

    def _variance(self, y: Array, last: Outputs) -> Array:
        law = variance_of(self.objective.loss, self.objective.network.output)
        assert law is not None, "gauss_newton.check was called before"
        return jnp.maximum(law(y, last.output, jnp), np.finfo(np.float64).tiny)

    def _factor(self, p: Array, x: Array, y: Array, w: Array) -> Array:
        """B of these rows, shape (n outputs, P)."""
        network, k = self.objective.network, self.y.shape[1]

        def seed(last: Outputs) -> Array:
            scale = jnp.sqrt((w / self.weight)[:, None] / self._variance(y, last))
            derivative = _through(network.output, jnp.eye(k, dtype=x.dtype)[None], last)
            return scale[:, :, None] * derivative

        return jacobian(network, network.unflatten(p), x, jnp, seed).reshape(-1, p.size)


def _through(output: Activation, direction: Array, at: Outputs) -> Array:
    """``dz/dt`` of the output units times directions of shape (n, m, outputs)."""
    return output.through(direction, at.preactivation[:, None], at.output[:, None], jnp)
