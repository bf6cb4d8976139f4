"""Fahlman's 10-5-10 encoder: how many epochs plain backpropagation and quickprop need.

Ten patterns, each with one input on, have to come out again behind five logistic units. The
error is summed over all patterns and outputs. A trial ends when every output is within 0.4 of its
target. All trials run side by side in one program, which the solvers allow: ``start`` and ``step``
of their records are JAX functions.

The method's public code counts an error of an output under 0.1 as 0. Here that is a loss of one's
own, ``DEAD_ZONE``; beside it stands the plain squared error. ``RERUN`` holds means of 100 trials of
that code, run again.

The estimators take the mean over the rows, so their rate is ten times that of the sum here.

Reference: Fahlman 1988, "An empirical study of learning speed in back-propagation networks".
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from unstuck import ACTIVATIONS, LOSSES, SOLVERS, Loss, NetRegressor
from unstuck.solvers.loop import as_full_batch
from unstuck.solvers.problem import FunctionProblem

PATTERNS = np.eye(10)
SIZES = (10, 5, 10)
MOST = 500
TOLERATED = 0.1


def without_small_errors(y, z, xp=np):
    """Half the sum of the squared errors of every row, those under 0.1 counted as 0."""
    error = z - y
    return 0.5 * xp.where(abs(error) < TOLERATED, 0.0, error**2).sum(-1)


DEAD_ZONE = Loss("dead_zone", without_small_errors, partners=("logistic",))


class Setting(NamedTuple):
    """A solver, its parameters, the slope offset, half the range of the first weights and biases,
    and the mean number of epochs of the public code."""

    solver: object
    parameters: dict
    offset: float
    half: float
    rerun: int


DESCENT = {"learning_rate_init": 1.7, "momentum": 0.0, "nesterovs_momentum": False}
QUICKPROP = {"learning_rate_init": 0.5, "largest_growth": 1.75}
GD = as_full_batch(SOLVERS["sgd"])
SETTINGS = {
    "backpropagation, rate 1.7": Setting(GD, DESCENT, 0.0, 1.0, 139),
    "and 0.1 added to the slope": Setting(GD, DESCENT, 0.1, 1.0, 73),
    "quickprop, rate 0.5, slope + 0.1": Setting(SOLVERS["quickprop"], QUICKPROP, 0.1, 2.0, 23),
}


def outputs(p: jax.Array, offset: float) -> jax.Array:
    """Outputs for all patterns; ``p`` holds the weights, biases first, layer after layer."""
    unit, z = ACTIVATIONS["logistic"].differentiable(offset), jnp.asarray(PATTERNS)
    for fan_in, units in pairwise(SIZES):
        layer, p = jnp.split(p, [(fan_in + 1) * units])
        weights = layer.reshape(fan_in + 1, units)
        z = unit(weights[0] + z @ weights[1:])
    return z


def epochs(setting: Setting, loss: Loss, starts: np.ndarray) -> np.ndarray:
    """Epochs that each trial needs; NaN where ``MOST`` are not enough."""
    solver, parameters, offset = setting[:3]

    def error(p):
        return loss.value(PATTERNS, outputs(p, offset), jnp).sum()

    def learns(p):
        problem = FunctionProblem(error)

        def epoch(at, _):
            at = solver.step(problem, at, parameters)
            return at, jnp.abs(outputs(at.p, offset) - PATTERNS).max() < 0.4

        return jax.lax.scan(epoch, solver.start(problem, p, parameters), length=MOST)[1]

    with jax.enable_x64(True):
        learned = np.asarray(jax.jit(jax.vmap(learns))(setting.half * starts))
    return np.where(learned.any(1), learned.argmax(1) + 1.0, np.nan)


def main(small: bool = False) -> None:
    """Means of the public code and of ours; then the same network as an estimator."""
    trials = 10 if small else 100
    size = sum((a + 1) * b for a, b in pairwise(SIZES))
    starts = np.random.default_rng(0).uniform(-1.0, 1.0, (trials, size))
    print(f"10-5-10 encoder: epochs until every output is within 0.4, {trials} trials\n")
    print(f"{'':<33} public code  {'small errors as 0':<26}  squared error")
    print(f"{'':<33} {'mean':>11}  {'mean   std least most':<26}  mean   std least most")
    for name, setting in SETTINGS.items():
        found = [
            f"{np.nanmean(n):5.1f} {np.nanstd(n):5.1f} {np.nanmin(n):5.0f} {np.nanmax(n):4.0f}"
            f"{'' if np.isfinite(n).all() else ' (not all learn)'}"
            for n in (
                epochs(setting, loss, starts) for loss in (DEAD_ZONE, LOSSES["squared_error"])
            )
        ]
        print(f"{name:<33} {setting.rerun:11}  {found[0]:<26}  {found[1]}")

    net = NetRegressor((5,), activation="logistic", output_activation="logistic", alpha=0)
    net.set_params(loss=DEAD_ZONE, solver="quickprop", learning_rate_init=5, slope_offset=0.1)
    net.set_params(scale_inputs=False, loss_goal=0.01, max_iter=100, random_state=0)
    net.fit(PATTERNS, PATTERNS)
    error = abs(net.predict(PATTERNS) - PATTERNS).max()
    print(f"\nquickprop as an estimator: {net.n_iter_} epochs, largest error {error:.2f}")


if __name__ == "__main__":
    main()
