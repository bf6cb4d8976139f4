"""Fahlman's 10-5-10 encoder: how many epochs plain backpropagation and quickprop need.

Ten patterns, each with one input on, have to come out again behind five logistic units. The
error is summed over all patterns and outputs. A trial ends when every output is within 0.4 of its
target. All trials run side by side in one program: ``start`` and ``step`` of solvers are functions.

The method's public code counts errors under 0.1 as 0: here a loss of one's own, beside the plain
squared error. ``SETTINGS`` holds means of 100 trials of that code, run again. The estimators take
the mean over the rows, so their rate is ten times that of the sum here.

Reference: Fahlman 1988, "An empirical study of learning speed in back-propagation networks".
"""

from __future__ import annotations

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np

from unstuck import ACTIVATIONS, LOSSES, SOLVERS, Loss, NetRegressor
from unstuck.solvers.loop import as_full_batch
from unstuck.solvers.problem import FunctionProblem

PATTERNS, SIZES, MOST = np.eye(10), (10, 5, 10), 500
GD, QUICKPROP = as_full_batch(SOLVERS["sgd"]), SOLVERS["quickprop"]
DESCENT = {"learning_rate_init": 1.7, "momentum": 0.0, "nesterovs_momentum": False}
LEAPS = {"learning_rate_init": 0.5, "largest_growth": 1.75}
SETTINGS = {
    "backpropagation, rate 1.7": (GD, DESCENT, 0.0, 1.0, 139),
    "and 0.1 added to the slope": (GD, DESCENT, 0.1, 1.0, 73),
    "quickprop, rate 0.5, slope + 0.1": (QUICKPROP, LEAPS, 0.1, 2.0, 23),
}
"""Solver, its parameters, slope offset, half the range of first weights, the public code's mean."""


def without_small_errors(y, z, xp=np):
    """Half the sum of a row's squared errors, those under 0.1 counted as 0."""
    return 0.5 * xp.where(abs(z - y) < 0.1, 0.0, (z - y) ** 2).sum(-1)


DEAD_ZONE = Loss("dead_zone", without_small_errors, partners=("logistic",))


def outputs(p: jax.Array, offset: float) -> jax.Array:
    """Outputs for all patterns; ``p`` holds the weights, biases first, layer after layer."""
    unit, z = ACTIVATIONS["logistic"].differentiable(offset), jnp.asarray(PATTERNS)
    for fan_in, units in pairwise(SIZES):
        layer, p = jnp.split(p, [(fan_in + 1) * units])
        weights = layer.reshape(fan_in + 1, units)
        z = unit(weights[0] + z @ weights[1:])
    return z


def epochs(solver, parameters: dict, offset: float, loss: Loss, starts: np.ndarray) -> np.ndarray:
    """Epochs that each trial needs; NaN where ``MOST`` are not enough."""
    problem = FunctionProblem(lambda p: loss.value(PATTERNS, outputs(p, offset), jnp).sum())

    def learns(p):
        def epoch(at, _):
            at = solver.step(problem, at, parameters)
            return at, jnp.abs(outputs(at.p, offset) - PATTERNS).max() < 0.4

        return jax.lax.scan(epoch, solver.start(problem, p, parameters), length=MOST)[1]

    with jax.enable_x64(True):
        learned = np.asarray(jax.jit(jax.vmap(learns))(starts))
    return np.where(learned.any(1), learned.argmax(1) + 1.0, np.nan)


def main(small: bool = False) -> None:
    """Means of the public code and of ours; then the same network as an estimator."""
    trials = 10 if small else 100
    size = sum((a + 1) * b for a, b in pairwise(SIZES))
    starts = np.random.default_rng(0).uniform(-1.0, 1.0, (trials, size))
    print(f"10-5-10 encoder: epochs until every output is within 0.4, {trials} trials\n")
    print(f"{'':<33} public code  {'small errors as 0':<20}  squared error")
    for name, (solver, parameters, offset, half, rerun) in SETTINGS.items():
        print(f"{name:<33} {rerun:11}", end="")
        for loss in (DEAD_ZONE, LOSSES["squared_error"]):
            n = epochs(solver, parameters, offset, loss, half * starts)
            learned = np.isfinite(n).mean()
            print(f"{np.nanmean(n):7.1f} +- {np.nanstd(n):4.1f}, {learned:4.0%}", end="")
        print()
    net = NetRegressor((5,), activation="logistic", output_activation="logistic", alpha=0)
    net.set_params(loss=DEAD_ZONE, solver="quickprop", learning_rate_init=5, slope_offset=0.1)
    net.set_params(scale_inputs=False, loss_goal=0.01, max_iter=100, random_state=0)
    error = abs(net.fit(PATTERNS, PATTERNS).predict(PATTERNS) - PATTERNS).max()
    print(f"\nquickprop as an estimator: {net.n_iter_} epochs, largest error {error:.2f}")


if __name__ == "__main__":
    main()
