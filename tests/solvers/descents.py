"""Iterates of a full-batch solver on a JAX function, and functions with known minima."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from unstuck.solvers.hyperparameters import HYPERPARAMETERS
from unstuck.solvers.problem import FunctionProblem


def iterates(solver, function, start, count, problem=FunctionProblem, **hyper):
    """The iterate at the start and after each of ``count`` iterations, in float64."""
    used = {name: hyper.get(name, HYPERPARAMETERS[name].default) for name in solver.uses}
    with jax.enable_x64(True):
        asked = problem(function)
        step = jax.jit(lambda iterate: solver.step(asked, iterate, used))
        found = [solver.start(asked, jnp.array(start, float), used)]
        for _ in range(count):
            found.append(step(found[-1]))
        return [jax.tree.map(np.asarray, iterate) for iterate in found]


def quadratic(size, condition=30.0, seed=0):
    """``(f, H, minimum)`` of a convex quadratic that is 0 at its minimum."""
    rng = np.random.default_rng(seed)
    basis, _ = np.linalg.qr(rng.normal(size=(size, size)))
    hessian = basis * np.geomspace(1.0, condition, size) @ basis.T
    hessian = (hessian + hessian.T) / 2
    minimum = rng.normal(size=size)
    return lambda p: 0.5 * (p - minimum) @ hessian @ (p - minimum), hessian, minimum


def rosenbrock(p):
    """Minimum 0 at (1, ..., 1)."""
    return (100.0 * (p[1:] - p[:-1] ** 2) ** 2 + (1.0 - p[:-1]) ** 2).sum()


def beale(p):
    """Minimum 0 at (3, 0.5)."""
    x, y = p
    return sum((c - x * (1.0 - y**k)) ** 2 for k, c in ((1, 1.5), (2, 2.25), (3, 2.625)))


def values(found):
    return np.array([iterate.value for iterate in found])


def gradients(function, found):
    """Gradients at the iterates, shape (count + 1, P)."""
    with jax.enable_x64(True):
        gradient = jax.jit(jax.grad(function))
        return np.array([np.asarray(gradient(iterate.p)) for iterate in found])


def places(found):
    return np.array([iterate.p for iterate in found])
