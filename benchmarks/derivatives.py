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
WIDTHS, QUICK_WIDTHS = (6, 16, 28, 50, 92, 130, 184, 260, 368, 520), (6, 16, 50, 92, 130, 184)
FIRST_FITTED = 8_000
"""From this number of weights on, arithmetic takes more time than calls."""
EVERY_WEIGHT_UP_TO = 10_000
SECONDS = 1.0
ROUNDS, QUICK_ROUNDS = 9, 3
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
    """Compiled: central differences of some weights, and the gradient."""
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


def seconds(call: Callable[[], Any], shortest: float = 0.05) -> float:
    """The time of a call; a short one is repeated, and the least time counts."""
    found: list[float] = []
    while sum(found) < shortest:
        start = time.perf_counter()
        call().block_until_ready()
        found.append(time.perf_counter() - start)
    return min(found)


class Subject:
    """One network, ready to be differentiated both ways.

    Arguments:
        width: units of its hidden layers.
        budget: seconds that all its differences together may take.
    """

    def __init__(self, width: int, budget: float) -> None:
        self.network, rng = network_of(width), np.random.default_rng(width)
        p = rng.normal(size=self.network.size) / np.sqrt(width)
        x, y = rng.normal(size=(ROWS, INPUTS)), rng.normal(size=(ROWS, 1))
        differences, gradient = programs(self.network)
        self.backpropagation = lambda: gradient(p, x, y)
        exact = np.asarray(self.backpropagation())
        every = self.network.size <= EVERY_WEIGHT_UP_TO
        some = max(20, int(budget / 2 / seconds(self.backpropagation)))
        self.timed = self.network.size if every else min(self.network.size, some)
        entries = rng.permutation(self.network.size)[: self.timed]
        self.differences = lambda: differences(p, entries, x, y)
        self.gap = np.abs(self.differences() - exact[entries]).max() / np.abs(exact).max()

    def cost(self, rounds: Sequence[tuple[float, float]]) -> Cost:
        """The least times of both, for all weights."""
        differences, back = np.min(rounds, axis=0).tolist()
        share = self.network.size / self.timed
        return Cost(self.network.size, differences * share, back, self.timed, float(self.gap))


def measured(quick: bool = False, rounds: int | None = None) -> list[Cost]:
    """The costs of growing networks, which take turns, so that a disturbance hits them all."""
    rounds = rounds or (QUICK_ROUNDS if quick else ROUNDS)
    with jax.enable_x64(True):
        subjects = [Subject(width, SECONDS) for width in (QUICK_WIDTHS if quick else WIDTHS)]
        times: list[list[tuple[float, float]]] = [[] for _ in subjects]
        for _ in range(rounds):
            for subject, found in zip(subjects, times, strict=True):
                found.append((seconds(subject.differences), seconds(subject.backpropagation)))
        return [subject.cost(found) for subject, found in zip(subjects, times, strict=True)]


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
