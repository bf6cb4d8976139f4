"""Fahlman's 10-5-10 encoder: how many epochs plain backpropagation and quickprop need.

Ten patterns, each with one input on, have to come out again behind five logistic units. The
error is summed over all patterns and outputs. A trial ends when every output is within 0.4 of its
target; weights and biases start uniform in [-1, 1]. All trials run side by side in one program,
which the solvers allow: ``start`` and ``step`` of their records are JAX functions.

The estimators take the mean over the rows, so their rate is ten times that of the sum here, and
they warn that squared error behind logistic units gets stuck. Here that is the point.

Reference: Fahlman 1988, "An empirical study of learning speed in back-propagation networks".
"""

from __future__ import annotations

import warnings
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np

from unstuck import ACTIVATIONS, SOLVERS, NetRegressor, StuckWarning
from unstuck.solvers.loop import as_full_batch
from unstuck.solvers.problem import FunctionProblem

PATTERNS = np.eye(10)
SIZES = (10, 5, 10)
MOST = 500
DESCENT = {"learning_rate_init": 1.7, "momentum": 0.0, "nesterovs_momentum": False}
QUICKPROP = {"learning_rate_init": 1.5, "largest_growth": 1.75}
SETTINGS = {
    "backpropagation, rate 1.7": (as_full_batch(SOLVERS["sgd"]), 0.0, DESCENT, 139),
    "and 0.1 added to the slope": (as_full_batch(SOLVERS["sgd"]), 0.1, DESCENT, 73),
    "quickprop, rate 1.5, slope + 0.1": (SOLVERS["quickprop"], 0.1, QUICKPROP, 23),
}
"""Solver, slope offset, the solver's parameters, and the published mean number of epochs."""


def outputs(p: jax.Array, offset: float) -> jax.Array:
    """Outputs for all patterns; ``p`` holds the weights, biases first, layer after layer."""
    unit, z = ACTIVATIONS["logistic"].differentiable(offset), jnp.asarray(PATTERNS)
    for fan_in, units in pairwise(SIZES):
        layer, p = jnp.split(p, [(fan_in + 1) * units])
        weights = layer.reshape(fan_in + 1, units)
        z = unit(weights[0] + z @ weights[1:])
    return z


def epochs(solver, offset: float, hyperparameters: dict, starts: np.ndarray) -> np.ndarray:
    """Epochs that each trial needs; NaN where ``MOST`` are not enough."""

    def error(p):
        return 0.5 * ((outputs(p, offset) - PATTERNS) ** 2).sum()

    def learns(p):
        problem = FunctionProblem(error)

        def epoch(at, _):
            at = solver.step(problem, at, hyperparameters)
            return at, jnp.abs(outputs(at.p, offset) - PATTERNS).max() < 0.4

        return jax.lax.scan(epoch, solver.start(problem, p, hyperparameters), length=MOST)[1]

    with jax.enable_x64(True):
        learned = np.asarray(jax.jit(jax.vmap(learns))(starts))
    return np.where(learned.any(1), learned.argmax(1) + 1.0, np.nan)


def main(small: bool = False) -> None:
    """Published and measured means; then the same network as an estimator."""
    trials = 10 if small else 100
    size = sum((a + 1) * b for a, b in pairwise(SIZES))
    starts = np.random.default_rng(0).uniform(-1.0, 1.0, (trials, size))
    print(f"10-5-10 encoder: epochs until every output is within 0.4, {trials} trials\n")
    print(f"{'':<33} published   mean   std  least  most  learned")
    for name, (solver, offset, hyperparameters, published) in SETTINGS.items():
        n = epochs(solver, offset, hyperparameters, starts)
        numbers = (
            f"{np.nanmean(n):6.1f} {np.nanstd(n):5.1f} {np.nanmin(n):6.0f} {np.nanmax(n):5.0f}"
        )
        print(f"{name:<33} {published:9} {numbers} {np.isfinite(n).mean():8.0%}")

    net = NetRegressor((5,), activation="logistic", output_activation="logistic", alpha=0)
    net.set_params(solver="quickprop", learning_rate_init=15, slope_offset=0.1, max_iter=40)
    net.set_params(scale_inputs=False, loss_goal=0.05, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StuckWarning)
        net.fit(PATTERNS, PATTERNS)
    error = abs(net.predict(PATTERNS) - PATTERNS).max()
    print(f"\nquickprop as an estimator: {net.n_iter_} epochs, largest error {error:.2f}")


if __name__ == "__main__":
    main()
