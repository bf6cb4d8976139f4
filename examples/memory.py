"""What an associative memory holds: random patterns and digits, and how long recalls take.

Capacity as in the published simulations: each recall begins at a stored pattern, one unit after the
other, and the overlap is that of its end with the pattern.
"""

from __future__ import annotations

import time

import numpy as np
from sklearn.datasets import load_digits

from unstuck.neuro import HopfieldMemory, largest_load, memory_capacity


def digits_held(rule: str, many: int, share: float, seeds: int) -> float:
    """The share of recalls that end at the digit, of which so many pixels were wrong."""
    x, y = load_digits(return_X_y=True)
    stored = np.array([x[y == digit].mean(0) > 8 for digit in range(many)])
    memory = HopfieldMemory(rule=rule, random_state=0).fit(stored)
    wrong = np.random.default_rng(0).random((seeds, *stored.shape)) < share
    cues = (stored ^ wrong).reshape(-1, stored.shape[1])
    return float((memory.recall(cues).nearest == np.tile(np.arange(many), seeds)).mean())


def main(small: bool = False) -> None:
    """The tables of docs/memory.md."""
    units, seeds = (200, 2) if small else (1000, 20)
    start = time.perf_counter()
    print(memory_capacity(units, seeds=seeds))
    print(f"the theory ends at {largest_load():.4f}; {time.perf_counter() - start:.1f} s\n")
    if not small:
        for size in (250, 500, 2000):
            print(memory_capacity(size, seeds=8), end="\n\n")
    print(memory_capacity(units, (0.138, 0.5, 0.8), seeds=2, rule="projection"))

    print("\ndigits: share of recalls that end nearest to theirs")
    shares = (0.0, 0.1, 0.2, 0.3)
    print(f"{'digits':>6}  {'rule':<10}" + "".join(f"{share:>8.0%} wrong" for share in shares))
    for many in (2, 3, 10):
        for rule in ("hebb", "projection"):
            found = [digits_held(rule, many, share, 5 if small else 100) for share in shares]
            print(f"{many:>6}  {rule:<10}" + "".join(f"{each:>14.3f}" for each in found))

    rng = np.random.default_rng(0)
    stored = rng.choice([-1, 1], (units // 10, units))
    cues = np.where(rng.random((200, units)) < 0.5, stored[rng.integers(len(stored), size=200)], 0)
    memory = HopfieldMemory(random_state=0).fit(stored)
    start = time.perf_counter()
    found = memory.recall(cues)
    print(f"\n200 recalls from half a pattern, {units} units: {time.perf_counter() - start:.2f} s")
    print(f"at rest: {int((found.ended == 'at rest').sum())}, overlap {found.overlap.mean():.4f}")


if __name__ == "__main__":
    main()
