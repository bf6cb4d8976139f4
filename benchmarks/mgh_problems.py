"""The problems of Moré, Garbow and Hillstrom: residuals, standard starts, smallest sums of squares.

Reference: Moré, Garbow and Hillstrom 1981, "Testing unconstrained optimization software".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np


@dataclass(frozen=True)
class Problem:
    """One problem.

    Attributes:
        name: the authors'.
        residuals: of the parameters, a JAX function.
        start: the standard start.
        minima: sums of squares of the known minima, the smallest first; others are local, or are
            approached at infinity.
    """

    name: str
    residuals: Callable[[Any], Any]
    start: np.ndarray
    minima: tuple[float, ...]


def _rows(*values: Any) -> Any:
    return jnp.stack(values)


def rosenbrock(x):
    return jnp.stack([10.0 * (x[1::2] - x[::2] ** 2), 1.0 - x[::2]]).ravel()


def freudenstein_roth(x):
    a, b = x
    return _rows(a - 13.0 + ((5.0 - b) * b - 2.0) * b, a - 29.0 + ((b + 1.0) * b - 14.0) * b)


def powell_badly_scaled(x):
    return _rows(1e4 * x[0] * x[1] - 1.0, jnp.exp(-x[0]) + jnp.exp(-x[1]) - 1.0001)


def brown_badly_scaled(x):
    return _rows(x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2.0)


def beale(x):
    return _rows(*(c - x[0] * (1.0 - x[1] ** k) for k, c in ((1, 1.5), (2, 2.25), (3, 2.625))))


def jennrich_sampson(x):
    i = np.arange(1.0, 11.0)
    return 2.0 + 2.0 * i - (jnp.exp(i * x[0]) + jnp.exp(i * x[1]))


def helical_valley(x):
    turn = jnp.arctan2(x[1], x[0]) / (2.0 * np.pi)
    turn = jnp.where((x[0] < 0) & (x[1] < 0), turn + 1.0, turn)
    return _rows(10.0 * (x[2] - 10.0 * turn), 10.0 * (jnp.hypot(x[0], x[1]) - 1.0), x[2])


BARD = np.array(
    [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39]
)


def bard(x):
    u = np.arange(1.0, 16.0)
    v = 16.0 - u
    return BARD - (x[0] + u / (v * x[1] + np.minimum(u, v) * x[2]))


GAUSSIAN = np.array([0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989])


def gaussian(x):
    y = np.concatenate([GAUSSIAN, GAUSSIAN[-2::-1]])
    t = (8.0 - np.arange(1.0, 16.0)) / 2.0
    return x[0] * jnp.exp(-x[1] * (t - x[2]) ** 2 / 2.0) - y


MEYER = np.array(
    [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820,
     3307, 2872.0]
)  # fmt: skip


def meyer(x):
    return x[0] * jnp.exp(x[1] / (45.0 + 5.0 * np.arange(1.0, 17.0) + x[2])) - MEYER


def gulf(x):
    t = np.arange(1.0, 100.0) / 100.0
    y = 25.0 + (-50.0 * np.log(t)) ** (2.0 / 3.0)
    return jnp.exp(-(jnp.abs(y - x[1]) ** x[2]) / x[0]) - t


def box(x):
    t = 0.1 * np.arange(1.0, 11.0)
    return jnp.exp(-t * x[0]) - jnp.exp(-t * x[1]) - x[2] * (np.exp(-t) - np.exp(-10.0 * t))


def powell_singular(x):
    a, b, c, d = x.reshape(-1, 4).T
    return jnp.stack(
        [a + 10.0 * b, 5.0**0.5 * (c - d), (b - 2.0 * c) ** 2, 10.0**0.5 * (a - d) ** 2]
    ).ravel()


def wood(x):
    a, b, c, d = x
    return _rows(
        10.0 * (b - a**2), 1.0 - a, 90.0**0.5 * (d - c**2), 1.0 - c,
        10.0**0.5 * (b + d - 2.0), 10.0**-0.5 * (b - d),
    )  # fmt: skip


KOWALIK = np.array(
    [0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246]
)
KOWALIK_U = np.array([4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])


def kowalik_osborne(x):
    u = KOWALIK_U
    return KOWALIK - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3])


def brown_dennis(x):
    t = np.arange(1.0, 21.0) / 5.0
    return (x[0] + t * x[1] - np.exp(t)) ** 2 + (x[2] + x[3] * np.sin(t) - np.cos(t)) ** 2


OSBORNE_1 = np.array(
    [844, 908, 932, 936, 925, 908, 881, 850, 818, 784, 751, 718, 685, 658, 628, 603, 580, 558, 538,
     522, 506, 490, 478, 467, 457, 448, 438, 431, 424, 420, 414, 411, 406]
) / 1000.0  # fmt: skip
OSBORNE_2 = np.array(
    [1366, 1191, 1112, 1013, 991, 885, 831, 847, 786, 725, 746, 679, 608, 655, 616, 606, 602, 626,
     651, 724, 649, 649, 694, 644, 624, 661, 612, 558, 533, 495, 500, 423, 395, 375, 372, 391, 396,
     405, 428, 429, 523, 562, 607, 653, 672, 708, 633, 668, 645, 632, 591, 559, 597, 625, 739, 710,
     729, 720, 636, 581, 428, 292, 162, 98, 54]
) / 1000.0  # fmt: skip


def osborne_1(x):
    t = 10.0 * np.arange(33.0)
    return OSBORNE_1 - (x[0] + x[1] * jnp.exp(-t * x[3]) + x[2] * jnp.exp(-t * x[4]))


def osborne_2(x):
    t = np.arange(65.0) / 10.0
    bumps = x[1:4] * jnp.exp(-((t[:, None] - x[8:11]) ** 2) * x[5:8])
    return OSBORNE_2 - (x[0] * jnp.exp(-t * x[4]) + bumps.sum(1))


def biggs(x):
    t = 0.1 * np.arange(1.0, 14.0)
    y = np.exp(-t) - 5.0 * np.exp(-10.0 * t) + 3.0 * np.exp(-4.0 * t)
    falls = x[2] * jnp.exp(-t * x[0]) - x[3] * jnp.exp(-t * x[1]) + x[5] * jnp.exp(-t * x[4])
    return falls - y


def watson(x):
    t = np.arange(1.0, 30.0)[:, None] / 29.0
    k = np.arange(len(x))
    slope = (k[1:] * x[1:] * t ** (k[1:] - 1.0)).sum(1)
    value = (x * t**k).sum(1)
    return jnp.concatenate([slope - value**2 - 1.0, _rows(x[0], x[1] - x[0] ** 2 - 1.0)])


def penalty_1(x):
    return jnp.append(1e-5**0.5 * (x - 1.0), x @ x - 0.25)


def penalty_2(x):
    n, small = len(x), 1e-5**0.5
    y = np.exp(np.arange(2, n + 1) / 10.0) + np.exp(np.arange(1, n) / 10.0)
    grown = jnp.exp(x / 10.0)
    first = small * (grown[1:] + grown[:-1] - y)
    second = small * (grown[1:] - np.exp(-0.1))
    whole = (np.arange(n, 0, -1.0) * x**2).sum() - 1.0
    return jnp.concatenate([(x[0] - 0.2)[None], first, second, whole[None]])


def variably_dimensioned(x):
    whole = (np.arange(1.0, len(x) + 1.0) * (x - 1.0)).sum()
    return jnp.concatenate([x - 1.0, _rows(whole, whole**2)])


def trigonometric(x):
    n, i = len(x), np.arange(1.0, len(x) + 1.0)
    return n - jnp.cos(x).sum() + i * (1.0 - jnp.cos(x)) - jnp.sin(x)


def brown_almost_linear(x):
    return jnp.append(x[:-1] + x.sum() - (len(x) + 1.0), jnp.prod(x) - 1.0)


def discrete_boundary(x):
    n, h = len(x), 1.0 / (len(x) + 1)
    t = h * np.arange(1.0, n + 1.0)
    wide = jnp.pad(x, 1)
    return 2.0 * x - wide[:-2] - wide[2:] + h**2 * (x + t + 1.0) ** 3 / 2.0


def discrete_integral(x):
    n, h = len(x), 1.0 / (len(x) + 1)
    t = h * np.arange(1.0, n + 1.0)
    cubes = (x + t + 1.0) ** 3
    kernel = np.where(t[:, None] >= t, (1.0 - t[:, None]) * t, t[:, None] * (1.0 - t))
    return x + h * (kernel @ cubes) / 2.0


def broyden_tridiagonal(x):
    wide = jnp.pad(x, 1)
    return (3.0 - 2.0 * x) * x - wide[:-2] - 2.0 * wide[2:] + 1.0


def broyden_banded(x):
    i = np.arange(len(x))
    gap = i[:, None] - i
    near = ((gap <= 5) & (gap >= -1) & (gap != 0)).astype(float)
    return x * (2.0 + 5.0 * x**2) + 1.0 - near @ (x * (1.0 + x))


def linear_full_rank(x):
    mean = 2.0 * x.sum() / 20.0
    return jnp.concatenate([x - mean - 1.0, jnp.full(10, -1.0) - mean])


def linear_rank_1(x):
    return np.arange(1.0, 21.0) * (np.arange(1.0, len(x) + 1.0) * x).sum() - 1.0


def chebyquad(x):
    n, y = len(x), 2.0 * x - 1.0
    before, here, rows = jnp.ones_like(x), y, []
    for k in range(1, n + 1):
        rows.append(here.mean() - (-1.0 / (k**2 - 1.0) if k % 2 == 0 else 0.0))
        before, here = here, 2.0 * y * here - before
    return jnp.stack(rows)


def _unit(n: int) -> np.ndarray:
    return np.arange(1.0, n + 1.0) / (n + 1.0)


_BOUNDARY = _unit(10) * (_unit(10) - 1.0)

PROBLEMS = (
    Problem("Rosenbrock", rosenbrock, np.array([-1.2, 1.0]), (0.0,)),
    Problem("Freudenstein and Roth", freudenstein_roth, np.array([0.5, -2.0]), (0.0, 48.98425368)),
    Problem("Powell badly scaled", powell_badly_scaled, np.array([0.0, 1.0]), (0.0,)),
    Problem("Brown badly scaled", brown_badly_scaled, np.array([1.0, 1.0]), (0.0,)),
    Problem("Beale", beale, np.array([1.0, 1.0]), (0.0,)),
    Problem("Jennrich and Sampson", jennrich_sampson, np.array([0.3, 0.4]), (124.3621824,)),
    Problem("Helical valley", helical_valley, np.array([-1.0, 0.0, 0.0]), (0.0,)),
    Problem("Bard", bard, np.ones(3), (8.214877307e-3, 17.42869333)),
    Problem("Gaussian", gaussian, np.array([0.4, 1.0, 0.0]), (1.127932770e-8,)),
    Problem("Meyer", meyer, np.array([0.02, 4000.0, 250.0]), (87.94585517,)),
    Problem("Gulf", gulf, np.array([5.0, 2.5, 0.15]), (0.0,)),
    Problem("Box", box, np.array([0.0, 10.0, 20.0]), (0.0,)),
    Problem("Powell singular", powell_singular, np.array([3.0, -1.0, 0.0, 1.0]), (0.0,)),
    Problem("Wood", wood, np.array([-3.0, -1.0, -3.0, -1.0]), (0.0,)),
    Problem(
        "Kowalik and Osborne",
        kowalik_osborne,
        np.array([0.25, 0.39, 0.415, 0.39]),
        (3.075056039e-4, 1.027340e-3),
    ),
    Problem("Brown and Dennis", brown_dennis, np.array([25.0, 5.0, -5.0, -1.0]), (85822.20163,)),
    Problem("Osborne 1", osborne_1, np.array([0.5, 1.5, -1.0, 0.01, 0.02]), (5.464894697e-5,)),
    Problem("Biggs", biggs, np.array([1.0, 2.0, 1.0, 1.0, 1.0, 1.0]), (0.0, 5.655649926e-3)),
    Problem(
        "Osborne 2",
        osborne_2,
        np.array([1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5]),
        (4.013773629e-2,),
    ),
    Problem("Watson, 6", watson, np.zeros(6), (2.287670054e-3,)),
    Problem("Watson, 9", watson, np.zeros(9), (1.399760138e-6,)),
    Problem("Watson, 12", watson, np.zeros(12), (4.722381e-10,)),
    Problem("Rosenbrock, 10", rosenbrock, np.tile([-1.2, 1.0], 5), (0.0,)),
    Problem("Powell singular, 12", powell_singular, np.tile([3.0, -1.0, 0.0, 1.0], 3), (0.0,)),
    Problem("Penalty I, 10", penalty_1, np.arange(1.0, 11.0), (7.087651467e-5,)),
    Problem("Penalty II, 10", penalty_2, np.full(10, 0.5), (2.936605375e-4,)),
    Problem(
        "Variably dimensioned, 10", variably_dimensioned, 1.0 - np.arange(1.0, 11.0) / 10.0, (0.0,)
    ),
    Problem("Trigonometric, 10", trigonometric, np.full(10, 0.1), (0.0, 2.795056e-5)),
    Problem("Brown almost linear, 10", brown_almost_linear, np.full(10, 0.5), (0.0, 1.0)),
    Problem("Discrete boundary value, 10", discrete_boundary, _BOUNDARY, (0.0,)),
    Problem("Discrete integral equation, 10", discrete_integral, _BOUNDARY, (0.0,)),
    Problem("Broyden tridiagonal, 10", broyden_tridiagonal, -np.ones(10), (0.0,)),
    Problem("Broyden banded, 10", broyden_banded, -np.ones(10), (0.0,)),
    Problem("Linear, full rank", linear_full_rank, np.ones(10), (10.0,)),
    Problem("Linear, rank 1", linear_rank_1, np.ones(10), (20.0 * 19.0 / (2.0 * 41.0),)),
    Problem("Chebyquad, 8", chebyquad, np.arange(1.0, 9.0) / 9.0, (3.516873726e-3,)),
    Problem("Chebyquad, 9", chebyquad, np.arange(1.0, 10.0) / 10.0, (0.0,)),
)
"""All but the second and third linear one, with the sizes of the authors' tables."""
