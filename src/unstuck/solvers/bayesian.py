"""Bayesian regularization: the data choose the penalty, and say how sure the outputs are.

Targets are outputs plus Gaussian noise of precision beta. Parameters come from a Gaussian of
precision alpha, but for those that are free (a flat prior): the biases of the outputs, and gains.
With ``E_D`` half the sum of squared errors, ``E_W`` half the sum of squares of the W parameters
that have a prior, and ``A = beta J^T J + alpha M``, where M marks these among all P, the log
evidence of N observed numbers is

``W/2 ln alpha + N/2 ln beta - beta E_D - alpha E_W - 1/2 ln det A - (N - P + W)/2 ln 2 pi``.

It is largest where ``2 alpha E_W = gamma - (P - W)`` and ``2 beta E_D = N - gamma``, with the
effective number of parameters ``gamma = P - alpha tr(M A^-1)``: free parameters count in full.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from unstuck.activations import Activation, Array
from unstuck.errors import ParameterError
from unstuck.layers.network import Network
from unstuck.lazy import jnp, lax
from unstuck.losses import Loss
from unstuck.solvers.gauss_newton import (
    QUICKLY_COMPILED,
    GaussNewtonMatrix,
    GaussNewtonProblem,
    square,
)
from unstuck.solvers.levenberg_marquardt import Memory, damped_step
from unstuck.solvers.solver import FullBatch, Hyperparameters, Iterate

NEAR = 0.01
"""The precisions are estimated anew after an iteration that lowered the objective by less than this
share, and at the start. The formulas hold at a minimum: estimated in every iteration, or not at the
start, some fits of few rows shrink to a constant (5 and 29 of 200 on noisy sines; else none)."""

SETTLED = 1e-6
"""Relative change of the precisions under which they count as settled."""


class Belief(NamedTuple):
    """What is carried from one iteration to the next.

    Attributes:
        damping: what the next iteration tries first, in units of ``scale``.
        scale: as in ``levenberg_marquardt.Memory``.
        prior_precision: alpha.
        noise_precision: beta.
        near: whether they are due to be estimated anew.
    """

    damping: Array
    scale: Array
    prior_precision: Array
    noise_precision: Array
    near: Array


class Estimate(NamedTuple):
    """What the curvature at the parameters says about both precisions.

    Attributes:
        effective_parameters: gamma.
        log_evidence: of the precisions that were used.
        prior_precision: the next alpha.
        noise_precision: the next beta.
    """

    effective_parameters: Array
    log_evidence: Array
    prior_precision: Array
    noise_precision: Array


def estimate(problem: GaussNewtonProblem, p: Array, matrix: Array, belief: Belief) -> Estimate:
    """Effective number of parameters, log evidence, and both precisions anew.

    Arguments:
        problem: the losses, with a penalty of 0.
        p: parameters, shape (P,).
        matrix: Gauss-Newton matrix of the losses at ``p``, shape (P, P).
        belief: the precisions that were used.
    """
    alpha, beta = belief.prior_precision, belief.noise_precision
    mask = problem.mask * jnp.ones_like(p)
    weights, observed = mask.sum(), problem.observations(p)
    errors, squares = _sums(problem, p)
    scale = beta * problem.weight  # A = scale K
    k = matrix + jnp.diag(alpha / scale * mask)
    k += p.size * jnp.finfo(p.dtype).eps * jnp.diag(jnp.diagonal(k))
    factor = lax.linalg.cholesky(k, symmetrize_input=False)
    inverse = lax.linalg.triangular_solve(
        factor, jnp.eye(p.size, dtype=p.dtype), left_side=True, lower=True
    )
    gamma = p.size - alpha / scale * (inverse**2 * mask).sum()
    log_determinant = p.size * jnp.log(scale) + 2.0 * jnp.log(jnp.diagonal(factor)).sum()
    evidence = 0.5 * (weights * jnp.log(alpha) + observed * jnp.log(beta) - log_determinant)
    evidence -= beta * errors + alpha * squares
    evidence -= 0.5 * (observed - p.size + weights) * jnp.log(2.0 * jnp.pi)
    return Estimate(
        gamma,
        evidence,
        _precision(gamma - (p.size - weights), squares, alpha),
        _precision(observed - gamma, errors, beta),
    )


def _sums(problem: GaussNewtonProblem, p: Array) -> tuple[Array, Array]:
    """``E_D`` and ``E_W``."""
    errors = problem.weight * problem.value(p)
    return errors, 0.5 * (problem.mask * p**2).sum()


def _precision(count: Array, half_squares: Array, before: Array) -> Array:
    """``count / (2 half_squares)`` within bounds; what it was before where nothing tells.

    Errors of exactly 0 are as precise as numbers get, in whatever units.
    """
    most = jnp.sqrt(jnp.finfo(before.dtype).max)
    found = count / (2.0 * half_squares)
    kept = jnp.isnan(found) | (count <= 0.0)
    return jnp.where(kept, before, jnp.clip(found, 1.0 / most, most))


def _start(problem: GaussNewtonProblem, p: Array, hyper: Hyperparameters) -> Iterate:
    """Every parameter counts in full at first, as in Foresee and Hagan."""
    losses = problem.with_prior(0.0)
    errors, squares = _sums(losses, p)
    damping, observed = jnp.asarray(hyper["damping"], p.dtype), losses.observations(p)
    one, yes = jnp.ones_like(damping), jnp.array(True)
    alpha = _precision((losses.mask * jnp.ones_like(p)).sum(), squares, one)
    beta = _precision(jnp.maximum(observed - p.size, 0.5 * observed), errors, one)
    penalized = problem.with_prior(_penalty(problem, alpha, beta))
    value, gradient = penalized.value_and_gradient(p)
    measured = (0.0 * one, damping, p.size * one, 0.0 * one, alpha, beta)
    norm = jnp.linalg.norm(gradient)
    return Iterate(
        p, value, norm, Belief(damping, jnp.zeros_like(p), alpha, beta, yes), ~yes, measured
    )


def _penalty(problem: GaussNewtonProblem, alpha: Array, beta: Array) -> Array:
    """That of the objective ``(beta E_D + alpha E_W) / (beta weight)``."""
    return alpha / (beta * problem.weight)


def _iterate(problem: GaussNewtonProblem, iterate: Iterate, hyper: Hyperparameters) -> Iterate:
    p, before = iterate.p, iterate.memory
    losses = problem.with_prior(0.0)
    curvature = losses.gauss_newton(p)
    matrix = curvature.full()
    found = estimate(losses, p, matrix, before)
    alpha = jnp.where(before.near, found.prior_precision, before.prior_precision)
    beta = jnp.where(before.near, found.noise_precision, before.noise_precision)

    penalty = _penalty(problem, alpha, beta)
    problem = problem.with_prior(penalty)
    value, gradient = problem.value_and_gradient(p)
    held = penalty * problem.mask * jnp.ones_like(p)
    curvature = GaussNewtonMatrix(matrix, held, curvature.factor)
    memory = Memory(before.damping, gradient, before.scale)
    trial = damped_step(problem, curvature, iterate._replace(value=value), memory, hyper)
    # With other precisions there may be a way down again, so failing does not last.
    damping = jnp.where(trial.lower, trial.damping, hyper["damping"])
    near = value - trial.value <= NEAR * value
    moved = jnp.abs(jnp.log(alpha / before.prior_precision))
    moved = jnp.maximum(moved, jnp.abs(jnp.log(beta / before.noise_precision)))
    return Iterate(
        trial.p,
        trial.value,
        jnp.linalg.norm(problem.gradient(trial.p)),
        Belief(damping, trial.scale, alpha, beta, near),
        before.near & ~trial.lower & (moved < SETTLED),
        (trial.evaluations, damping, found.effective_parameters, found.log_evidence, alpha, beta),
    )


BAYESIAN = FullBatch(
    name="br",
    start=_start,
    step=_iterate,
    uses=("damping", "damping_decrease", "damping_increase", "geodesic_acceleration"),
    static=("geodesic_acceleration",),
    columns=(
        "evaluations",
        "damping",
        "effective_parameters",
        "log_evidence",
        "prior_precision",
        "noise_precision",
    ),
    monotone=False,
    patience=100,
    tells_noise=True,
    residuals=True,
    matrices=square,
    xla=QUICKLY_COMPILED,
    formula="as lm for beta E_D + alpha E_W; alpha <- (gamma - free) / (2 E_W), "
    "beta <- (N - gamma) / (2 E_D), gamma the effective number of parameters",
    aliases=("bayesian_regularization", "trainbr"),
    when="Noisy regressions with few rows: the data choose the penalty, no validation set is "
    "needed, and predictions come with a standard deviation.",
    reference="MacKay 1992; Foresee and Hagan 1997",
)


def check(loss: Loss, output: Activation) -> None:
    """Whether Bayesian regularization is defined for a loss and an output unit.

    Raises:
        ParameterError: it is not; says what to take.
    """
    if (loss.name, output.name) != ("squared_error", "identity"):
        raise ParameterError(
            f"solver='br' is for regression with noise of constant size: loss='squared_error' and "
            f"output_activation='identity'; received {loss.name!r} and {output.name!r}. Take "
            f"these, or solver='lm' with a penalty alpha."
        )


def prior_mask(network: Network) -> np.ndarray:
    """1 where a parameter has a prior, else 0, shape (P,): not the gains, nor the output biases.

    Hidden biases need one, too: with a flat prior each counts as a parameter in full, even where
    the data say nothing about it, and the noise is overestimated (30 rows, 20 units: twofold).
    """
    mask = network.marked("weight", "bias")
    last, weights = network.names[-1], network.marked("weight")
    return network.flatten({**mask, last: weights[last]}).astype(float)
