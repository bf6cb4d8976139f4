"""How near hidden units come, and how many are needed: in one, two and three dimensions.

Units are placed one after another. A largest error is the largest of some thousand points and of
climbs from the worst of them.
"""

from __future__ import annotations

import time

import numpy as np

from unstuck.selection.approximation import (
    class_boundary,
    polynomial_floor,
    unit_by_unit,
    units_needed,
)


def wave(x: np.ndarray) -> np.ndarray:
    """Smooth."""
    return np.sin(4 * x) + 0.3 * np.cos(11 * x)


def kinked(x: np.ndarray) -> np.ndarray:
    """With kinks that a sigmoid has not."""
    return abs(np.sin(5 * x))


def hill(x: np.ndarray) -> np.ndarray:
    """A Gaussian."""
    return np.exp(-(x.reshape(len(x), -1) ** 2).sum(1))


def disk(x: np.ndarray) -> np.ndarray:
    """Inside of a ball."""
    return (x**2).sum(1) < 0.5


def ring(x: np.ndarray) -> np.ndarray:
    """Between two balls."""
    return abs((x**2).sum(1) - 0.45) < 0.25


def main(small: bool = False) -> None:
    """The tables."""
    units = 16 if small else 64
    print("Largest error of units one after another\nfunction  activation   slope", end="")
    shown = [q for q in (4, 8, 16, 32, 64) if q <= units]
    print("".join(f"{q:>10}" for q in shown))
    for function in (np.square, wave, kinked):
        for activation in ("relu", "logistic", "tanh"):
            fit = unit_by_unit(function, units, activation=activation)
            errors = (fit.largest[q - 1] if q <= len(fit.stages) else 0 for q in shown)
            line = "".join(f"{error:>10.1e}" for error in errors)
            print(f"{function.__name__:<9} {activation:<10} {fit.slopes[0]:>7.1f}{line}")

    print("\nPolynomials: the mean squared error of the last network, and of the best polynomial")
    for degree in (2, 3, 5):
        fit = unit_by_unit(wave, units, activation=lambda a, n=degree: a**n)
        floor = polynomial_floor(wave, degree)
        ends = f"{fit.mean_squared[-1]:.4f}, best {floor.mean_squared:.4f}"
        print(f"a^{degree}: ends after {len(fit.stages)} units at {ends}")

    print("\nUnits for exp(-|x|^2) on the cube, by its largest error")
    bounds = (0.2, 0.1) if small else (0.2, 0.1, 0.05)
    print("inputs  activation" + "".join(f"{bound:>8g}" for bound in bounds) + "   seconds")
    for inputs in (1, 2) if small else (1, 2, 3):
        for activation in ("relu", "logistic"):
            start = time.perf_counter()
            found = units_needed(hill, bounds, inputs=inputs, activation=activation, most=96)
            took = time.perf_counter() - start
            line = "".join(f"{q or 'none':>8}" for q in found.units)
            print(f"{inputs:>6}  {activation:<10}{line}{took:>10.1f}", flush=True)

    print("\nUnits for a boundary, by the share of the cube on its wrong side")
    shares = (0.1, 0.05) if small else (0.1, 0.05, 0.02, 0.01)
    print("class         inputs" + "".join(f"{share:>8.0%}" for share in shares))
    for inputs in (2,) if small else (2, 3):
        for inside in (disk, ring):
            drawn = class_boundary(inside, 16 if small else 96, inputs=inputs)
            line = "".join(f"{drawn.needed(share) or 'none':>8}" for share in shares)
            print(f"{inside.__name__:<14}{inputs:>6}{line}", flush=True)


if __name__ == "__main__":
    main()
