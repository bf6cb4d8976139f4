"""Cost of derivatives against the number of weights: by central differences, by backpropagation.

Run as ``python -m benchmarks.derivatives [--quick] [--rounds N]``. A forward pass costs O(|W|), so
two for each of |W| weights cost O(|W|^2); backpropagation gets all derivatives from one pass back,
O(|W|). Both run as compiled programs, in float64, on the same rows. Where differences would take
too long, they are taken for some of the weights and the time is multiplied; the table says so.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.table import duration
from unstuck import ACTIVATIONS, LOSSES
from unstuck.layers.dense import Dense
from unstuck.layers.network import Network
from unstuck.training.objective import Objective

ROWS, INPUTS = 64, 8
WIDTHS, QUICK_WIDTHS = (6, 16, 28, 50, 92, 166, 300, 540), (6, 16, 28, 50, 92, 166)
FIRST_FITTED = 2_000
"""From this number of weights on, arithmetic takes more time than calls."""
EVERY_WEIGHT_UP_TO = 10_000
SECONDS = 4.0
ROUNDS, QUICK_ROUNDS = 5, 2
STEP = 6e-6


class Cost(NamedTuple):
    """Seconds for all derivatives of one network.

    Attributes:
        weights: number of weights.
        differences, backpropagation: seconds, the least of the rounds.
        timed: number of weights whose differences were timed.
        gap: largest difference between the two, relative to the largest derivative.
    """

    weights: int
    differences: float
    backpropagation: float
    timed: int
    gap: float


def network_of(width: int) -> Network:
    """8-width-width-1 with tanh."""
    tanh, line = ACTIVATIONS["tanh"], ACTIVATIONS["identity"]
    hidden = (("hidden_1", Dense(width, tanh)), ("hidden_2", Dense(width, tanh)))
    return Network(INPUTS, (*hidden, ("output", Dense(1, line))))


def programs(network: Network) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Compiled: some central differences, and the gradient."""
    objective = Objective(network, LOSSES["squared_error"])

    def value(p: Any, x: Any, y: Any) -> Any:
        return objective(network.unflatten(p), x, y, jnp.ones(ROWS), 0.0, jnp)

    @jax.jit
    def differences(p: Any, entries: Any, x: Any, y: Any) -> Any:
        def one(i: Any) -> Any:
            up, down = p.at[i].add(STEP), p.at[i].add(-STEP)
            return (value(up, x, y) - value(down, x, y)) / (2 * STEP)

        return jax.lax.map(one, entries)

    return differences, jax.jit(jax.grad(value))


def seconds(call: Callable[[], Any], rounds: int, shortest: float = 0.02) -> float:
    """The least time of a call; short calls are repeated within a round."""
    call().block_until_ready()
    start = time.perf_counter()
    call().block_until_ready()
    repeats = max(1, int(shortest / (time.perf_counter() - start)))
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(repeats):
            call().block_until_ready()
        found.append((time.perf_counter() - start) / repeats)
    return min(found)


def cost(width: int, rounds: int) -> Cost:
    """Time both for one network, and compare what they find."""
    with jax.enable_x64(True):
        network, rng = network_of(width), np.random.default_rng(width)
        p = rng.normal(size=network.size) / np.sqrt(width)
        x, y = rng.normal(size=(ROWS, INPUTS)), rng.normal(size=(ROWS, 1))
        differences, gradient = programs(network)
        back = seconds(lambda: gradient(p, x, y), rounds)
        every = network.size <= EVERY_WEIGHT_UP_TO
        timed = network.size if every else max(20, min(network.size, int(SECONDS / rounds / back)))
        entries = rng.permutation(network.size)[:timed]
        took = seconds(lambda: differences(p, entries, x, y), rounds)
        exact = np.asarray(gradient(p, x, y))
        gap = np.abs(np.asarray(differences(p, entries, x, y)) - exact[entries]).max()
        share = network.size / timed
        return Cost(network.size, took * share, back, timed, float(gap / np.abs(exact).max()))


def exponent(weights: Sequence[float], times: Sequence[float]) -> float:
    """Slope of the line through the logarithms.

    >>> round(exponent([1e2, 1e3, 1e4], [1e-6, 1e-4, 1e-2]), 6)
    2.0
    """
    return float(np.polyfit(np.log(weights), np.log(times), 1)[0])


def exponents(costs: Sequence[Cost]) -> tuple[float, float]:
    """Of differences and of backpropagation, where arithmetic dominates."""
    fitted = [each for each in costs if each.weights >= FIRST_FITTED]
    weights = [each.weights for each in fitted]
    return (
        exponent(weights, [each.differences for each in fitted]),
        exponent(weights, [each.backpropagation for each in fitted]),
    )


def measured(quick: bool = False, rounds: int | None = None) -> list[Cost]:
    """The costs of growing networks."""
    rounds = rounds or (QUICK_ROUNDS if quick else ROUNDS)
    return [cost(width, rounds) for width in (QUICK_WIDTHS if quick else WIDTHS)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.derivatives", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small networks, fewer rounds")
    parser.add_argument("--rounds", type=int, help=f"rounds (default {ROUNDS})")
    chosen = parser.parse_args()
    print(f"{'weights':>9}  {'differences':>11}  {'backprop':>9}  {'ratio':>9}  largest gap  timed")
    costs = measured(chosen.quick, chosen.rounds)
    for each in costs:
        print(
            f"{each.weights:>9,}  {duration(each.differences):>11}  "
            f"{duration(each.backpropagation):>9}  "
            f"{each.differences / each.backpropagation:>9,.0f}  {each.gap:>11.1e}  "
            f"{'all' if each.timed == each.weights else f'{each.timed:,}'}"
        )
    numeric, back = exponents(costs)
    print(f"exponents from {FIRST_FITTED:,} weights on: {numeric:.2f} and {back:.2f} (2 and 1)")


if __name__ == "__main__":
    main()
