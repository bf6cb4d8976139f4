"""The 27 nonlinear regressions of NIST's Statistical Reference Datasets, beside SciPy.

Run as ``python -m benchmarks.nist --data FOLDER``, where the folder holds their ``.dat`` files
(https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml). ``benchmarks/README.md`` explains every
column.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy import optimize

from unstuck.activations import Array
from unstuck.solvers import least_squares

Curve = Callable[..., Array]


def _cubic(b: Array, x: Array) -> Array:
    over = b[0] + b[1] * x + b[2] * x**2 + b[3] * x**3
    return over / (1.0 + b[4] * x + b[5] * x**2 + b[6] * x**3)


def _gauss(b: Array, x: Array) -> Array:
    first = b[2] * jnp.exp(-((x - b[3]) ** 2) / b[4] ** 2)
    return b[0] * jnp.exp(-b[1] * x) + first + b[5] * jnp.exp(-((x - b[6]) ** 2) / b[7] ** 2)


def _waves(b: Array, x: Array) -> Array:
    def wave(period: Array | float, cosine: Array, sine: Array) -> Array:
        turn = 2.0 * jnp.pi * x / period
        return cosine * jnp.cos(turn) + sine * jnp.sin(turn)

    return b[0] + wave(12.0, b[1], b[2]) + wave(b[3], b[4], b[5]) + wave(b[6], b[7], b[8])


def _decays(b: Array, x: Array) -> Array:
    return b[0] * jnp.exp(-b[1] * x) + b[2] * jnp.exp(-b[3] * x) + b[4] * jnp.exp(-b[5] * x)


def _saturation(b: Array, x: Array) -> Array:
    return b[0] * (1.0 - jnp.exp(-b[1] * x))


def _chwirut(b: Array, x: Array) -> Array:
    return jnp.exp(-b[0] * x) / (b[1] + b[2] * x)


CURVES: dict[str, Curve] = {
    "Bennett5": lambda b, x: b[0] * (b[1] + x) ** (-1.0 / b[2]),
    "BoxBOD": _saturation,
    "Chwirut1": _chwirut,
    "Chwirut2": _chwirut,
    "DanWood": lambda b, x: b[0] * x ** b[1],
    "ENSO": _waves,
    "Eckerle4": lambda b, x: b[0] / b[1] * jnp.exp(-0.5 * ((x - b[2]) / b[1]) ** 2),
    "Gauss1": _gauss,
    "Gauss2": _gauss,
    "Gauss3": _gauss,
    "Hahn1": _cubic,
    "Kirby2": lambda b, x: (b[0] + b[1] * x + b[2] * x**2) / (1.0 + b[3] * x + b[4] * x**2),
    "Lanczos1": _decays,
    "Lanczos2": _decays,
    "Lanczos3": _decays,
    "MGH09": lambda b, x: b[0] * (x**2 + x * b[1]) / (x**2 + x * b[2] + b[3]),
    "MGH10": lambda b, x: b[0] * jnp.exp(b[1] / (x + b[2])),
    "MGH17": lambda b, x: b[0] + b[1] * jnp.exp(-x * b[3]) + b[2] * jnp.exp(-x * b[4]),
    "Misra1a": _saturation,
    "Misra1b": lambda b, x: b[0] * (1.0 - (1.0 + b[1] * x / 2.0) ** -2.0),
    "Misra1c": lambda b, x: b[0] * (1.0 - (1.0 + 2.0 * b[1] * x) ** -0.5),
    "Misra1d": lambda b, x: b[0] * b[1] * x / (1.0 + b[1] * x),
    "Nelson": lambda b, x: b[0] - b[1] * x[0] * jnp.exp(-b[2] * x[1]),  # of the logarithm
    "Rat42": lambda b, x: b[0] / (1.0 + jnp.exp(b[1] - b[2] * x)),
    "Rat43": lambda b, x: b[0] / (1.0 + jnp.exp(b[1] - b[2] * x)) ** (1.0 / b[3]),
    "Roszman1": lambda b, x: b[0] - b[1] * x - jnp.arctan(b[2] / (x - b[3])) / jnp.pi,
    "Thurber": _cubic,
}
"""The curve of each problem: of the parameters and of the predictor, (n,), or of two, (2, n)."""


@dataclass(frozen=True)
class Regression:
    """What a file holds.

    Attributes:
        name: as NIST names it.
        starts: both starts, each of shape (P,).
        certified: the parameters, shape (P,).
        deviations: their standard deviations, shape (P,).
        squares: residual sum of squares.
        x: the predictor, (n,), or two, (2, n).
        y: the response, shape (n,).
    """

    name: str
    starts: tuple[np.ndarray, np.ndarray]
    certified: np.ndarray
    deviations: np.ndarray
    squares: float
    x: np.ndarray
    y: np.ndarray

    def residuals(self, b: Array, x: Array, y: Array) -> Array:
        """What the curve has too much, shape (n,)."""
        return CURVES[self.name](b, x) - y


def read(path: Path) -> Regression:
    """One of NIST's files."""
    text = path.read_text()
    number = r"[-+.\dEe]+"
    rows = re.findall(rf"^\s*b\d+\s*=((?:\s+{number}){{4}})\s*$", text, re.MULTILINE)
    first, second, certified, deviations = np.array([row.split() for row in rows], float).T
    squares = re.search(rf"Residual Sum of Squares:\s+({number})", text)
    assert squares is not None, f"{path} holds no certified sum of squares"
    _, _, table = text.rpartition("Data:")
    y, *x = np.array([line.split() for line in table.splitlines()[1:] if line.strip()], float).T
    return Regression(
        path.stem,
        (first, second),
        certified,
        deviations,
        float(squares[1]),
        np.array(x) if len(x) > 1 else x[0],
        np.log(y) if path.stem == "Nelson" else y,
    )


def digits(found: np.ndarray | float, certified: np.ndarray | float) -> float:
    """Decimal digits that agree in the worst of the numbers, 11 at most: so many are certified.

    Example:
        >>> round(digits(3.1416, 3.14159), 1)
        5.5
    """
    off = np.max(np.abs(np.asarray(found) - certified) / np.abs(certified))
    return 0.0 if not off < 1.0 else min(11.0, -math.log10(max(off, 1e-11)))


class Result(NamedTuple):
    """What a solver found.

    Attributes:
        parameters: shape (P,).
        deviations: standard errors of the parameters, shape (P,).
        squares: residual sum of squares.
        iterations: iterations, or evaluations of the Jacobian.
        evaluations: evaluations of the residuals.
    """

    parameters: np.ndarray
    deviations: np.ndarray
    squares: float
    iterations: int
    evaluations: int


def unstuck(problem: Regression, start: np.ndarray) -> Result:
    """``least_squares`` as it is called without any setting."""
    found = least_squares(problem.residuals, start, problem.x, problem.y)
    squares = 2.0 * found.value
    return Result(
        found.parameters, found.standard_errors, squares, found.iterations, found.evaluations
    )


def scipy(problem: Regression, start: np.ndarray, method: str) -> Result:
    """SciPy's with the same Jacobian, its columns as scale, and the smallest tolerances."""
    residuals, jacobian = (
        jax.jit(each(problem.residuals)) for each in (lambda function: function, jax.jacfwd)
    )
    asked = 0

    def slopes(b: np.ndarray) -> np.ndarray:
        nonlocal asked
        asked += 1
        return np.asarray(jacobian(b, problem.x, problem.y))

    found = optimize.least_squares(
        lambda b: np.asarray(residuals(b, problem.x, problem.y)),
        start,
        slopes,
        method=method,
        x_scale="jac",
        max_nfev=5000,
        **dict.fromkeys(("xtol", "ftol", "gtol"), 1e-15),
    )
    # As SciPy's curve_fit has them.
    _, values, turned = np.linalg.svd(found.jac, full_matrices=False)
    seen = values > np.finfo(float).eps * max(found.jac.shape) * values[0]
    rows = turned[seen].T / values[seen]
    noise = 2.0 * found.cost / (len(problem.y) - len(start))
    deviations = np.sqrt(noise * (rows**2).sum(1))
    return Result(found.x, deviations, 2.0 * found.cost, asked, found.nfev)


SOLVERS: dict[str, Callable[[Regression, np.ndarray], Result]] = {
    "unstuck lm": unstuck,
    "SciPy lm": lambda problem, start: scipy(problem, start, "lm"),
    "SciPy trf": lambda problem, start: scipy(problem, start, "trf"),
}
ENOUGH = 6
"""Digits of the worst parameter from which on a problem counts as solved."""


def main() -> None:
    """Solve the problems of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of NIST's .dat files")
    chosen = parser.parse_args()
    files = sorted(chosen.data.glob("*.dat"))
    problems = [read(path) for path in files if path.stem in CURVES]
    if not problems:
        parser.error(f"{chosen.data} holds none of NIST's .dat files")
    print("digits of the worst parameter, of the worst standard error; iterations, evaluations")
    print(f"{'problem':9} start  " + "  ".join(f"{name:^22}" for name in SOLVERS))
    solved: dict[tuple[str, int], int] = dict.fromkeys(
        ((name, start) for name in SOLVERS for start in (0, 1)), 0
    )
    jax.config.update("jax_enable_x64", True)
    for problem in problems:
        for number, start in enumerate(problem.starts):
            found = {name: solver(problem, start) for name, solver in SOLVERS.items()}
            for name, result in found.items():
                solved[name, number] += digits(result.parameters, problem.certified) >= ENOUGH
            cells = "  ".join(_cell(problem, result) for result in found.values())
            print(f"{problem.name:9} {number + 1:5}  {cells}", flush=True)
    for number in (0, 1):
        told = ", ".join(f"{name} {solved[name, number]}" for name in SOLVERS)
        print(f"solved to {ENOUGH} digits from start {number + 1}, of {len(problems)}: {told}")


def _cell(problem: Regression, found: Result) -> str:
    right = (
        digits(found.parameters, problem.certified),
        digits(found.deviations, problem.deviations),
    )
    return f"{right[0]:5.1f} {right[1]:5.1f} {found.iterations:5} {found.evaluations:4}"


if __name__ == "__main__":
    main()
