"""Draws docs/figures/activations.svg from the records of ``ACTIVATIONS``, and times each function.

python docs/figures/activations.py           draw
python docs/figures/activations.py --cost    print the time of each relative to ReLU
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import numpy as np

from unstuck import ACTIVATIONS, Activation
from unstuck.report import figures

SPELLED = {"leaky_relu": "leaky_relu(0.1)"}  # the default of 0.01 cannot be seen
SHORT = {
    "tanh": "tanh(a)",
    "elu": "a if a > 0 else exp(a) − 1",
    "leaky_relu": "a if a > 0 else 0.1 a",
    "softmax": "one of three units, the others at a = 0",
}
FLAT = 0.02
RANGES = {"exponential": (-6.0, 2.0)}


def one_unit(record: Activation, a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Value and slope over ``a``; of softmax, the first of three units, the others at 0."""
    if record.name != "softmax":
        return record(a), record.slope_at(a)
    rows = np.stack([a, np.zeros_like(a), np.zeros_like(a)], axis=-1)
    return record(rows)[:, 0], record.slope_at(rows)[:, 0]


def curve(name: str) -> figures.Curve:
    """What the record says, as plain arrays."""
    record = ACTIVATIONS[SPELLED.get(name, name)]
    low, high = RANGES.get(name, (-6.0, 6.0))
    a = np.linspace(low, high, 1201)
    value, slope = one_unit(record, a)
    steepest = record.largest_slope if np.isfinite(record.largest_slope) else 1.0
    linear = min(record.linear_within, high)
    kinked = record.kink != "none" and not (name == "elu" and record.constant == 1.0)
    at_zero = float(record(np.zeros(1))[0]) if kinked else 0.0
    return figures.Curve(
        name=SPELLED.get(name, name),
        a=a,
        value=value,
        slope=slope,
        formula=SHORT.get(name, record.formula.replace("-", "−").replace(">=", "≥")),
        flat=intervals(a, slope < FLAT * steepest) if steepest else [(low, high)],
        linear=(-linear, linear) if linear else None,
        curved=[(float(np.interp(z, value, a)), z) for z in record.most_curved],
        kink=(0.0, at_zero) if kinked else None,
        jumps=name == "step",
    )


def intervals(a: np.ndarray, where: np.ndarray) -> list[tuple[float, float]]:
    """The intervals of ``a`` over which a mask holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], where, [False]]).astype(int)))
    return [(float(a[i]), float(a[j - 1])) for i, j in edges.reshape(-1, 2)]


def costs(elements: int = 1_000_000, rounds: int = 41) -> dict[str, float]:
    """Time of each compiled function on float32 numbers, relative to ReLU: medians of pairs."""
    import jax
    import jax.numpy as jnp

    rng = np.random.default_rng(0)
    a = jax.device_put(rng.normal(0.0, 2.0, (elements // 10, 10)).astype(np.float32))
    programs = {
        name: jax.jit(lambda a, record=record: record(a, jnp))
        for name, record in zip(ACTIVATIONS, ACTIVATIONS.values(), strict=True)
    }
    for program in programs.values():
        program(a).block_until_ready()

    def seconds(name: str) -> float:
        start = time.perf_counter()
        programs[name](a).block_until_ready()
        return time.perf_counter() - start

    ratios: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, seen in ratios.items():
            seen.append(seconds(name) / seconds("relu"))
    return {name: statistics.median(seen) for name, seen in ratios.items()}


def main() -> None:
    """Draw, or print the costs."""
    if "--cost" in sys.argv:
        for name, cost in costs().items():
            print(f"{name:<18} {cost:5.2f}")
        return
    figure = figures.activations([curve(name) for name in ACTIVATIONS])
    figures.save(figure, Path(__file__).with_suffix(".svg"))


if __name__ == "__main__":
    main()
