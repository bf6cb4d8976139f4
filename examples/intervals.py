"""An interval instead of a number: two networks with the quantile loss, and how often it holds."""

from __future__ import annotations

import warnings

import numpy as np

from unstuck import NetRegressor


def data(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A wave whose noise grows from left to right."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 6, (rows, 1))
    return x, np.sin(x[:, 0]) + (0.05 + 0.1 * x[:, 0]) * rng.standard_normal(rows)


def main(small: bool = False) -> None:
    """Fit the 5 % and the 95 % quantile, and count the test points in between."""
    rows = 500 if small else 4000
    x, y = data(rows, seed=0)
    ends = [
        NetRegressor(
            (32, 32),
            activation="tanh",
            loss=f"quantile({q})",
            learning_rate="cosine",
            learning_rate_init=0.01,
            max_iter=150,
            tol=0,
            n_iter_no_change=float("inf"),
            random_state=0,
        )
        for q in (0.05, 0.95)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a cosine schedule uses all its epochs
        low, high = (net.fit(x, y) for net in ends)

    x, y = data(4000, seed=1)
    below, above = low.predict(x), high.predict(x)
    print("part of the inputs   width of the interval   test points inside (90 % wanted)")
    for left in range(6):
        here = (x[:, 0] >= left) & (x[:, 0] < left + 1)
        inside = ((y >= below) & (y <= above))[here].mean()
        print(f"  {left} to {left + 1} {(above - below)[here].mean():24.2f} {inside:25.1%}")
    print(f"  all    {(above - below).mean():24.2f} {((y >= below) & (y <= above)).mean():25.1%}")


if __name__ == "__main__":
    main()
