"""Nonlinear regressions of NIST's Statistical Reference Datasets that many solvers do not get to.

All 27 are in ``benchmarks/nist.py``. From https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
import pytest

from unstuck.solvers import least_squares


class Regression(NamedTuple):
    """The curve, both starts, the certified parameters and sum of squares, and the rows."""

    curve: Callable[..., Any]
    starts: tuple[list[float], list[float]]
    certified: list[float]
    squares: float
    x: list[float]
    y: list[float]


PROBLEMS = {
    "BoxBOD": Regression(
        lambda b, x: b[0] * (1 - jnp.exp(-b[1] * x)),
        ([1, 1], [100, 0.75]),
        [213.80940889, 0.54723748542],
        1168.0088766,
        [1, 2, 3, 5, 7, 10],
        [109, 149, 149, 191, 213, 224],
    ),
    "MGH09": Regression(
        lambda b, x: b[0] * (x**2 + x * b[1]) / (x**2 + x * b[2] + b[3]),
        ([25, 39, 41.5, 39], [0.25, 0.39, 0.415, 0.39]),
        [0.19280693458, 0.19128232873, 0.12305650693, 0.13606233068],
        0.00030750560385,
        [4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625],
        [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235,
         0.0246],
    ),
    "MGH10": Regression(
        lambda b, x: b[0] * jnp.exp(b[1] / (x + b[2])),
        ([2, 400000, 25000], [0.02, 4000, 250]),
        [0.005609636471, 6181.3463463, 345.22363462],
        87.945855171,
        [50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100, 105, 110, 115, 120, 125],
        [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147,
         4427, 3820, 3307, 2872],
    ),
    "MGH17": Regression(
        lambda b, x: b[0] + b[1] * jnp.exp(-x * b[3]) + b[2] * jnp.exp(-x * b[4]),
        ([50, 150, -100, 1, 2], [0.5, 1.5, -1, 0.01, 0.02]),
        [0.37541005211, 1.9358469127, -1.4646871366, 0.01286753464, 0.022122699662],
        5.4648946975e-05,
        [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170,
         180, 190, 200, 210, 220, 230, 240, 250, 260, 270, 280, 290, 300, 310, 320],
        [0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751,
         0.718, 0.685, 0.658, 0.628, 0.603, 0.58, 0.558, 0.538, 0.522, 0.506, 0.49, 0.478,
         0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.42, 0.414, 0.411, 0.406],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROBLEMS)
def test_certified_parameters_from_both_starts(name):
    problem = PROBLEMS[name]

    def residuals(b, x, y):
        return problem.curve(b, x) - y

    for start in problem.starts:
        found = least_squares(residuals, start, np.array(problem.x), np.array(problem.y))
        np.testing.assert_allclose(found.parameters, problem.certified, rtol=1e-6)
        assert 2 * found.value == pytest.approx(problem.squares, rel=1e-9)
