"""The problems of Moré, Garbow and Hillstrom: who solves them, and from how far.

Run as ``python -m benchmarks.mgh [--quick] [--peers none|scipy|all]``; ``benchmarks/README.md``
explains the table. ``--peers all`` needs Optimistix beside the package's own dependencies.

A problem is solved where the sum of squares comes within a millionth of a known minimum, or within
1e-10 of it. Everyone has the same residuals and exact derivatives; iterations end at 2,000 of
``lm`` and 10,000 of the others.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy import optimize

from benchmarks.mgh_problems import PROBLEMS, Problem
from unstuck.solvers import least_squares

SOLVERS = ("lm", "bfgs", "lbfgs", "cg", "scg")
FACTORS = (1.0, 10.0)
MOST, MANY = 2_000, 10_000


class Result(NamedTuple):
    """What one solver made of one problem: sum of squares, evaluations, and what it says."""

    squares: float
    evaluations: int
    said: str


Solve = Callable[[Problem, np.ndarray], Result]


def ours(solver: str) -> Solve:
    """One of unstuck's solvers, with its defaults but for the limits."""

    def solve(problem: Problem, start: np.ndarray) -> Result:
        limit = MOST if solver == "lm" else MANY
        found = least_squares(
            problem.residuals, start, solver=solver, max_iter=limit, tol=0.0, n_iter_no_change=50
        )
        return Result(2.0 * found.value, found.evaluations, str(found.stop))

    return solve


def scipy_lm(problem: Problem, start: np.ndarray) -> Result:
    """MINPACK's, with the exact Jacobian."""
    return _scipy_least_squares(problem, start, "lm")


def scipy_trf(problem: Problem, start: np.ndarray) -> Result:
    """SciPy's trust-region reflective method, with the exact Jacobian."""
    return _scipy_least_squares(problem, start, "trf")


def _scipy_least_squares(problem: Problem, start: np.ndarray, method: Any) -> Result:
    residuals, jacobian = jax.jit(problem.residuals), jax.jit(jax.jacfwd(problem.residuals))
    found = optimize.least_squares(
        lambda p: np.asarray(residuals(p)),
        start,
        jac=lambda p: np.asarray(jacobian(p)),
        method=method,
        ftol=1e-15,
        xtol=1e-15,
        gtol=1e-15,
        max_nfev=MOST,
    )
    return Result(2.0 * float(found.cost), int(found.nfev), str(found.message))


def scipy_minimize(method: str) -> Solve:
    """SciPy's ``minimize``, with the exact gradient."""

    def solve(problem: Problem, start: np.ndarray) -> Result:
        both = jax.jit(jax.value_and_grad(lambda p: 0.5 * (problem.residuals(p) ** 2).sum()))
        limits = {"maxiter": MANY, "gtol": 0.0}
        if method == "L-BFGS-B":
            limits |= {"maxfun": 10 * MANY, "ftol": 0.0}

        def asked(p: np.ndarray) -> tuple[float, np.ndarray]:
            value, gradient = both(p)
            return float(value), np.asarray(gradient)

        found = optimize.minimize(asked, start, jac=True, method=method, options=limits)
        return Result(2.0 * float(found.fun), int(found.nfev), str(found.message))

    return solve


def optimistix(kind: str) -> Solve:
    """Optimistix's, with tolerances of 1e-12."""

    def solve(problem: Problem, start: np.ndarray) -> Result:
        import optimistix as package

        solver = getattr(package, kind)(rtol=1e-12, atol=1e-12)
        residuals = lambda p, _: problem.residuals(p)  # noqa: E731
        if kind == "LevenbergMarquardt":
            found = package.least_squares(
                residuals, solver, jnp.array(start), max_steps=MOST, throw=False
            )
        else:
            found = package.minimise(
                lambda p, _: 0.5 * (problem.residuals(p) ** 2).sum(),
                solver,
                jnp.array(start),
                max_steps=MANY,
                throw=False,
            )
        squares = float((problem.residuals(found.value) ** 2).sum())
        return Result(squares, int(found.stats["num_steps"]), str(found.result))

    return solve


PEERS: dict[str, dict[str, Solve]] = {
    "none": {},
    "scipy": {
        "SciPy lm": scipy_lm,
        "SciPy trf": scipy_trf,
        "SciPy BFGS": scipy_minimize("BFGS"),
        "SciPy L-BFGS-B": scipy_minimize("L-BFGS-B"),
        "SciPy CG": scipy_minimize("CG"),
    },
}
PEERS["all"] = PEERS["scipy"] | {
    "Optimistix LM": optimistix("LevenbergMarquardt"),
    "Optimistix BFGS": optimistix("BFGS"),
    "Optimistix CG": optimistix("NonlinearCG"),
}


def solved(problem: Problem, squares: float, first: float) -> int | None:
    """Which of the known minima was reached, by its number; ``None``: none of them."""
    for which, least in enumerate(problem.minima):
        if abs(squares - least) <= 1e-6 * least + 1e-10 * min(1.0, max(first, 1e-10)):
            return which
    return None


def main() -> None:
    """Every problem, by every solver, from each start."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the first ten problems")
    parser.add_argument("--peers", choices=tuple(PEERS), default="all")
    parser.add_argument("--only", help="one solver of ours")
    chosen = parser.parse_args()
    names = [chosen.only] if chosen.only else list(SOLVERS)
    solvers = {name: ours(name) for name in names} | PEERS[chosen.peers]
    problems = PROBLEMS[:10] if chosen.quick else PROBLEMS
    warnings.simplefilter("ignore")
    began = time.perf_counter()
    with jax.enable_x64(True):
        for factor in FACTORS:
            _table(problems, solvers, factor)
    print(f"\n{time.perf_counter() - began:.0f} s")


def _table(problems: tuple[Problem, ...], solvers: dict[str, Solve], factor: float) -> None:
    print(f"\nstart x {factor:g}; evaluations, * at a local minimum, - not solved")
    print(" ".join(["| " + f"{'':<31}", *(f"| {name:>14}" for name in solvers), "|"]))
    counts, failures = dict.fromkeys(solvers, 0), []
    for problem in problems:
        start, cells = factor * problem.start, []
        with np.errstate(all="ignore"):
            first = float((problem.residuals(jnp.array(start)) ** 2).sum())
        for name, solve in solvers.items():
            if not np.isfinite(first):
                cells.append("inf")
                continue
            found = solve(problem, start)
            which = solved(problem, found.squares, first)
            counts[name] += which is not None
            cells.append("-" if which is None else f"{found.evaluations}{'*' * (which > 0)}")
            if which is None and name in SOLVERS:
                failures.append(f"{name}, {problem.name}: {found.squares:.9g} {found.said}")
        print(" ".join([f"| {problem.name:<31}", *(f"| {c:>14}" for c in cells), "|"]), flush=True)
    totals = (f"| {count:>14}" for count in counts.values())
    print(" ".join([f"| {f'solved, of {len(problems)}':<31}", *totals, "|"]))
    print(*failures, sep="\n")


if __name__ == "__main__":
    main()
