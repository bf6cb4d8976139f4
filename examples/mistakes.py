"""The perceptron's mistakes beside the bound (R / gamma)^2: it holds, and is far from tight.

Rows of two inputs, uniform on a square, whose classes a line through the middle divides; those that
are nearer to it than a gap are left out. The narrower the gap, the smaller the margin gamma and the
larger the bound on mistakes, which grows like 1 / gap^2. The mistakes grow more slowly.
"""

from __future__ import annotations

import numpy as np

from unstuck.neuro import Perceptron

ROWS = 200
GAPS = 0.5, 0.2, 0.1, 0.05, 0.02
NORMAL = np.array([0.6, 0.8])


def rows(gap: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows on both sides of a line, at least ``gap`` away from it."""
    drawn = np.random.default_rng(seed).uniform(-1, 1, size=(20 * ROWS, 2))
    kept = drawn[np.abs(drawn @ NORMAL) > gap][:ROWS]
    return kept, kept @ NORMAL > 0


def main(small: bool = False) -> None:
    """The table."""
    seeds = 2 if small else 50
    print(f"{'gap':<6}{'mistakes':>9}{'most':>6}{'bound':>11}{'mistakes / bound':>18}")
    for gap in GAPS[: 2 if small else None]:
        fits = [Perceptron(max_iter=100_000).fit(*rows(gap, seed)) for seed in range(seeds)]
        made = np.array([fit.mistakes_[0] for fit in fits])
        bound = np.array([fit.bound_[0] for fit in fits])
        assert (made <= bound).all()
        line = f"{gap:<6}{np.median(made):>9.0f}{made.max():>6}{np.median(bound):>11,.0f}"
        print(f"{line}{np.median(made / bound):>18.3f}", flush=True)
    print(f"\nmedians over {seeds} seeds, {ROWS} rows each")


if __name__ == "__main__":
    main()
