"""Is leave-one-out almost unbiased? Linear fits of many data sets, beside the exact expectation.

For Gaussian inputs the expected squared error of a least-squares fit is known in closed form, so
that every estimate can be held against what it estimates. Then leave-one-out of a network.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression

from unstuck import NetClassifier
from unstuck.selection import choose

ROWS, INPUTS = 20, 5
WAYS = {
    "leave-one-out": ROWS,
    "5 folds": 5,
    "hold-out, a quarter": 1,
}


def expected(n: int) -> float:
    """Of a fit to n rows, on a new row: s^2 (n + 1) (n - 2) / (n (n - p - 2)), s = 1."""
    return (n + 1) * (n - 2) / (n * (n - INPUTS - 2))


def splits_of(folds: int) -> list[np.ndarray]:
    """Masks of the rows held out."""
    rows = np.arange(ROWS)
    return [rows % 4 == 0] if folds == 1 else [rows % folds == fold for fold in range(folds)]


def fits(X: np.ndarray, y: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Least squares of every data set at once, on the rows kept; errors on all rows squared."""
    A, b = X[:, kept], y[:, kept, None]
    moved = np.swapaxes(A, 1, 2)
    return (X @ np.linalg.solve(moved @ A, moved @ b) - y[..., None])[..., 0] ** 2


def estimates(X: np.ndarray, y: np.ndarray, folds: int) -> tuple[np.ndarray, int]:
    """The validation error of each data set, and how many rows its fits had."""
    held = splits_of(folds)
    each = [fits(X, y, ~mask)[:, mask].mean(1) for mask in held]
    return np.mean(each, axis=0), int((~held[0]).sum())


def simulated(sets: int) -> None:
    """A table of means over data sets beside what they estimate."""
    rng = np.random.default_rng(0)
    ones = np.ones((sets, ROWS, 1))
    X = np.concatenate([ones, rng.normal(size=(sets, ROWS, INPUTS))], 2)
    y = X @ np.ones(INPUTS + 1) + rng.normal(size=(sets, ROWS))
    print(f"{sets:,} data sets of {ROWS} rows; a fit to all of them errs by {expected(ROWS):.3f}")
    print("estimate             rows   mean  ± s.e.  expected   bias  deviation")
    train = fits(X, y, np.full(ROWS, True)).mean(1)
    line("training error", ROWS, train, (ROWS - INPUTS - 1) / ROWS)
    for name, folds in WAYS.items():
        found, kept = estimates(X, y, folds)
        line(name, kept, found, expected(kept))
    beside(X[0, :, 1:], y[0], estimates(X[:1], y[:1], ROWS)[0][0])


def line(name: str, rows: int, found: np.ndarray, exact: float) -> None:
    """Mean, its standard error, what it estimates; how far that is from a fit to all rows."""
    error, bias = found.std() / len(found) ** 0.5, exact / expected(ROWS) - 1
    told = f"{found.mean():.3f}  {error:.4f}     {exact:.3f}  {bias:+5.0%}      {found.std():.2f}"
    print(f"{name:<20}  {rows:3}  {told}")
    assert abs(found.mean() - exact) < 5 * error


def beside(X: np.ndarray, y: np.ndarray, error: float) -> None:
    """``choose`` measures the same."""
    grid = {"fit_intercept": [True, False]}
    found = choose(LinearRegression(), X, y, grid, cv="loo").candidates[0].validation_error
    assert abs(found - error) < 1e-10


def main(small: bool = False) -> None:
    """The simulation, then a network on iris."""
    simulated(2_000 if small else 50_000)
    X, y = load_iris(return_X_y=True)
    every, alphas = (10, [1.0, 10.0]) if small else (1, [0.01, 1.0, 10.0])
    X, y = X[::every], y[::every]
    net = NetClassifier((8,), solver="lbfgs", random_state=0)
    print("\niris, NetClassifier with 8 units, lbfgs:")
    found = choose(net, X, y, {"alpha": alphas}, cv="loo")
    print(found)
    each = found.seconds / len(alphas)
    print(f"{each:.1f} s for each leave-one-out of {len(y)} fits, compiling shared by all")


if __name__ == "__main__":
    main()
