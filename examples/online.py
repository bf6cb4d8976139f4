"""Online learning: examples that are used once, against a few that are used again and again.

Both take the same steps of Adam on batches of 20 rows. The risk of each new part, before it is
used, is what online learning makes small, and an honest test.
"""

from __future__ import annotations

import warnings

import numpy as np

from unstuck import NetRegressor
from unstuck.selection import once_or_again


def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows, and a function with noise 0.3: no risk is below 0.09."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (count, 2))
    return x, np.sin(3 * x[:, 0]) * x[:, 1] + 0.3 * rng.standard_normal(count)


def online(seed: int) -> NetRegressor:
    """A network that learns from parts."""
    return NetRegressor(
        (16,),
        activation="tanh",
        solver="adam",
        learning_rate_init=0.02,
        batch_size=20,
        random_state=seed,
        watch=False,
        alpha=0.0,
    )


def main(small: bool = False) -> None:
    """A table for each number of rows that are used again."""
    warnings.simplefilter("ignore")
    used = (200, 400) if small else (1000, 4000, 16_000)
    for rows in (60,) if small else (60, 300, 2000):
        found = once_or_again(online, draw, rows=rows, used=used, part=200, seeds=1 if small else 3)
        print(f"{found}\n", flush=True)


if __name__ == "__main__":
    main()
