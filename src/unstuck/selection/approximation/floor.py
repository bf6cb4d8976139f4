"""How near polynomials come: the floor of every network whose activation is a polynomial."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.polynomial import chebyshev
from scipy.optimize import linprog

from unstuck.rules import check_whole
from unstuck.selection.approximation.sampled import (
    Function,
    ends_of,
    fitted_values,
    values_of,
)

POINTS, EVEN = 801, 4001
"""Of the linear program, and of the mean: those at which networks are measured."""


class Floor(NamedTuple):
    """What no polynomial of a degree goes below, and so no network of units of that degree.

    Attributes:
        degree: of the polynomials.
        largest: the smallest possible largest error.
        mean_squared: the smallest possible mean squared error.
        coefficients: of the polynomial with the smallest largest error, in Chebyshev polynomials of
            the interval taken to [-1, 1], shape (degree + 1,).
    """

    degree: int
    largest: float
    mean_squared: float
    coefficients: np.ndarray


def polynomial_floor(
    function: Function, degree: int, *, interval: tuple[float, float] = (-1.0, 1.0)
) -> Floor:
    """The best polynomials: by a linear program for the largest error, by least squares else.

    A network of one hidden layer with a polynomial as activation is a polynomial of that degree
    whatever the number of its units (Leshno et al. 1993: this is the only kind of continuous
    activation with which networks cannot approximate everything).

    Arguments:
        function: of an array of numbers, or of a number.
        degree: of the polynomials.
        interval: where.

    Raises:
        ParameterError: degree or interval cannot be used.
        DataError: the function has no finite numbers there.

    Example:
        >>> round(polynomial_floor(np.square, 1).largest, 6)  # x² by a line: 1/2 (Chebyshev)
        0.5

    Reference: Leshno, Lin, Pinkus and Schocken 1993, Neural Networks 6:861.
    """
    check_whole("polynomial_floor", 0, degree=degree)
    low, high = ends_of(interval, "polynomial_floor")
    t = -np.cos(np.pi * np.arange(POINTS) / (POINTS - 1))  # dense where extremes crowd
    basis = chebyshev.chebvander(t, degree)
    y = fitted_values(function, ((low + high) / 2 + (high - low) / 2 * t)[:, None])
    size = float(abs(y).max()) or 1.0  # tolerances of the program are absolute
    one = np.ones((POINTS, 1))
    found = linprog(
        np.r_[np.zeros(degree + 1), 1.0],
        A_ub=np.block([[basis, -one], [-basis, -one]]),
        b_ub=np.r_[y, -y] / size,
        bounds=[(None, None)] * (degree + 1) + [(0, None)],
        method="highs",
    )
    even = np.linspace(-1, 1, EVEN)
    there = values_of(function, ((low + high) / 2 + (high - low) / 2 * even)[:, None])
    columns = chebyshev.chebvander(even, degree)
    rest = there - columns @ np.linalg.lstsq(columns, there, rcond=None)[0]
    largest, coefficients = size * float(found.x[-1]), size * found.x[:-1]
    return Floor(degree, largest, float((rest**2).mean()), coefficients)
