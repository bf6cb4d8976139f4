"""Networks whose units saturate in the first steps: from how many first weights solvers learn.

Run as ``python -m benchmarks.saturation [--starts N] [--first SEED]``; ``benchmarks/README.md``
explains the table. Networks are logistic in all layers, weights and biases drawn from U[-1, 1]; the
objective is half the squared error, its mean over the rows. A start has learned where every output
is within 0.4 of its target. All starts of one of unstuck's solvers run side by side in one program.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy import optimize

from unstuck import SOLVERS
from unstuck.solvers.hyperparameters import HYPERPARAMETERS
from unstuck.solvers.problem import FunctionProblem
from unstuck.solvers.residuals import ResidualProblem

BITS = np.array([[int(bit) for bit in f"{i:04b}"] for i in range(16)], float)
OURS = ("bfgs", "lbfgs", "cg", "scg", "gd", "lm")
THEIRS = ("BFGS", "L-BFGS-B")
WITHIN, MOST = 0.4, 400


class Setting(NamedTuple):
    """A network's sizes, and the rows that it has to learn."""

    sizes: tuple[int, ...]
    x: np.ndarray
    y: np.ndarray

    def outputs(self, p: jax.Array) -> jax.Array:
        """Outputs for all rows; ``p`` holds the weights, biases first, layer after layer."""
        z = jnp.asarray(self.x)
        for fan_in, units in pairwise(self.sizes):
            layer, p = jnp.split(p, [(fan_in + 1) * units])
            weights = layer.reshape(fan_in + 1, units)
            z = jax.nn.sigmoid(weights[0] + z @ weights[1:])
        return z

    def residuals(self, p: jax.Array) -> jax.Array:
        """Half of their squares' sum is the objective."""
        return ((self.outputs(p) - self.y) / np.sqrt(len(self.x))).ravel()

    def value(self, p: jax.Array) -> jax.Array:
        """The objective."""
        return 0.5 * (self.residuals(p) ** 2).sum()

    def learned(self, p: jax.Array) -> jax.Array:
        """Whether every output is near its target."""
        return (jnp.abs(self.outputs(p) - self.y) < WITHIN).all()

    def starts(self, count: int, first: int) -> np.ndarray:
        """First weights, shape (count, P), those of start k from seed ``first + k``."""
        size = sum((a + 1) * b for a, b in pairwise(self.sizes))
        seeds = range(first, first + count)
        return np.array([np.random.default_rng(seed).uniform(-1.0, 1.0, size) for seed in seeds])


SETTINGS = {
    "encoder 10-5-10": Setting((10, 5, 10), np.eye(10), np.eye(10)),
    "parity of four bits, 4-8-1": Setting((4, 8, 1), BITS, BITS.sum(1, keepdims=True) % 2),
    "xor, 2-2-1": Setting((2, 2, 1), BITS[:4, 2:], BITS[:4, 2:].sum(1, keepdims=True) % 2),
}


def ours(solver: str, setting: Setting, starts: np.ndarray) -> np.ndarray:
    """Iterations that each start needs, by one of unstuck's solvers; NaN where it never learns."""
    record: Any = SOLVERS[solver]
    hyper = {name: HYPERPARAMETERS[name].default for name in record.uses}
    residuals = record.residuals
    problem: Any = (
        ResidualProblem(setting.residuals) if residuals else FunctionProblem(setting.value)
    )

    def goes_on(carry: tuple[Any, Any]) -> jax.Array:
        count, at = carry
        return (count < MOST) & ~at.stuck & ~setting.learned(at.p)

    def iteration(carry: tuple[Any, Any]) -> tuple[Any, Any]:
        count, at = carry
        return count + 1, record.step(problem, at, hyper)

    def descent(p: jax.Array) -> tuple[jax.Array, jax.Array]:
        start = jnp.zeros((), int), record.start(problem, p, hyper)
        count, at = jax.lax.while_loop(goes_on, iteration, start)
        return count, setting.learned(at.p)

    with jax.enable_x64(True):
        count, learned = map(np.asarray, jax.jit(jax.vmap(descent))(starts))
    return np.where(learned, count, np.nan)


class _LearnedError(Exception):
    """The goal is reached."""


def scipys(method: str, setting: Setting, starts: np.ndarray) -> np.ndarray:
    """Iterations that each start needs, by SciPy's solver with the exact gradient."""
    with jax.enable_x64(True):
        both = jax.jit(jax.value_and_grad(setting.value))
        learned = jax.jit(setting.learned)
        return np.array([_scipys(method, both, learned, start) for start in starts])


def _scipys(method: str, both: Any, learned: Any, start: np.ndarray) -> float:
    count = 0

    def asked(p: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = both(p)
        return float(value), np.asarray(gradient)

    def look(p: np.ndarray) -> None:
        nonlocal count
        count += 1
        if learned(p):
            raise _LearnedError

    options = {"maxiter": MOST, "gtol": 1e-9} | ({"ftol": 0.0} if method == "L-BFGS-B" else {})
    try:
        optimize.minimize(asked, start, jac=True, method=method, callback=look, options=options)
    except _LearnedError:
        return float(count)
    return float("nan")


def main() -> None:
    """Every network, by every solver."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=100)
    parser.add_argument("--first", type=int, default=1_000, help="seed of the first start")
    chosen = parser.parse_args()
    print("| solver |", " | ".join(SETTINGS), "|\n|---" + "|---" * len(SETTINGS) + "|")
    drawn = {
        name: setting.starts(chosen.starts, chosen.first) for name, setting in SETTINGS.items()
    }
    for solver in (*OURS, *THEIRS):
        solve = ours if solver in OURS else scipys
        cells = [_cell(solve(solver, SETTINGS[name], starts)) for name, starts in drawn.items()]
        print(f"| {solver if solver in OURS else 'SciPy ' + solver} |", *cells, flush=True)


def _cell(needed: np.ndarray) -> str:
    learned = np.isfinite(needed)
    usual = f"{np.median(needed[learned]):.0f}" if learned.any() else "-"
    return f"{learned.mean():.0%} ({usual}) |"


if __name__ == "__main__":
    main()
