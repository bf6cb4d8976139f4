"""Where an end is called stationary, neither SciPy nor a step along the gradient finds lower."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax import lax
from scipy import optimize

from unstuck.solvers import least_squares, minimize

X = np.linspace(-2.0, 2.0, 20)
Y = np.tanh(2.0 * X + 0.3) + 0.1 * np.sin(9.0 * X)

FAMILY = {
    "quartic": lambda x, z: (z**4).sum() - 2.0 * (z**2).sum() + 0.3 * z.sum(),
    "logs": lambda x, z: jnp.log1p(z**2).sum() + 0.01 * (x**2).sum(),
    "exps": lambda x, z: jnp.exp(z).sum() + jnp.exp(-z).sum(),
    "falls for ever": lambda x, z: jnp.exp(-z).sum(),
    "ratio": lambda x, z: ((z - 1.0) ** 2 / (1.0 + z**2)).sum(),
    "waves": lambda x, z: jnp.sin(3.0 * z).sum() + 0.05 * (x**2).sum(),
    "network": lambda x, z: ((jnp.tanh(1e5 * X * (1e-5 * x[0]) + x[1]) * x[2] - Y) ** 2).mean(),
    "saturated": lambda x, z: ((jnp.tanh(1e5 * (X * x[0] - 1e-3 * x[1])) * x[2] - Y) ** 2).mean(),
    "saddle": lambda x, z: x[0] ** 2 - x[1] ** 2 + x[1] ** 4 + x[2] ** 2,
    "ridge": lambda x, z: z[0] ** 2 - x[1] ** 4 + x[1] ** 6 + z[2] ** 2,
    "bell": lambda x, z: 1.0 - jnp.exp(-(z**2).sum()),
    "one-sided": lambda x, z: (x - jnp.log(x)).sum(),
    "edge": lambda x, z: jnp.sqrt(x[0]) + (x[1:] ** 2).sum(),
    "valley": lambda x, z: (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum(),
    "gorge": lambda x, z: (jnp.array([1.0, 1e5, 1e10]) * z**2).sum(),
    "kinks": lambda x, z: jnp.abs(z).sum() + 0.1 * (x**2).sum(),
    "flat": lambda x, z: (z**6).sum(),
}
CONVEX = ["exps", "one-sided"]


def function(p, which, a, b, unit, worth, offset):
    """One of the family, in units of the parameters and of the value: compiled once for all."""
    x = p / unit
    return worth * (offset + lax.switch(which, list(FAMILY.values()), x, a @ x - b))


def residuals(p, a, b, unit, worth):
    x = p / unit
    z = a @ x - b
    fitted = x[0] * jnp.exp(-x[1] * X) + x[2]
    return worth * jnp.concatenate([fitted - Y, z[:1] ** 2, x[:1] * x[1:2] - 1.0])


def drawn(name, seed, largest):
    """``which, a, b`` and a start."""
    rng = np.random.default_rng(seed)
    start = rng.normal(size=3) * largest
    if name in ("one-sided", "edge"):
        start = np.abs(start)
    if name in ("saddle", "ridge"):
        start[1] = 0.0
    a, b = rng.normal(size=(3, 3)), rng.normal(size=3)
    return (np.int32(list(FAMILY).index(name)), a, b), start


@jax.jit
def steps(x, *arguments):
    """Values at steps along the negative gradient, and along that in units of the parameters."""
    gradient = jax.grad(function)(x, *arguments)
    lengths = 10.0 ** jnp.arange(-16.0, 6.0, 0.5)
    ways = -jnp.stack([gradient, gradient * x**2])
    places = x + lengths[:, None, None] * ways
    return jax.vmap(jax.vmap(lambda p: function(p, *arguments)))(places)


derived = jax.jit(jax.value_and_grad(function))


def lowest(x, *arguments):
    """The lowest value that SciPy and steps along the gradient find from a place."""

    def both(x):
        value, gradient = derived(x, *arguments)
        return (float(value) if np.isfinite(value) else 1e300), np.nan_to_num(gradient)

    found = [float(np.nanmin(np.nan_to_num(steps(x, *arguments), nan=np.inf)))]
    with np.errstate(all="ignore"):
        found.append(optimize.minimize(both, x, jac=True, method="L-BFGS-B").fun)
    return min(found)


@pytest.mark.parametrize("solver", ["gd", "cg", "scg", "bfgs", "lbfgs"])
@settings(max_examples=15)
@given(
    name=st.sampled_from(list(FAMILY)),
    seed=st.integers(0, 10**6),
    largest=st.sampled_from([0.1, 1.0, 10.0]),
    powers=st.lists(st.integers(-12, 12), min_size=3, max_size=3),
    alike=st.booleans(),
    worth=st.integers(-12, 12),
    offset=st.sampled_from([0.0, 0.0, 1.0, -1e3, 1e6]),
)
def test_nothing_is_lower_than_a_stationary_end(
    solver, name, seed, largest, powers, alike, worth, offset
):
    arguments, start = drawn(name, seed, largest)
    unit = 10.0 ** np.array(powers[:1] * 3 if alike else powers)
    with jax.enable_x64(True):
        value = function(start, *arguments, 1.0, 1.0, offset)
        if not np.isfinite(value):
            return
        found = minimize(
            function,
            start * unit,
            *arguments,
            unit,
            10.0**worth,
            offset,
            solver=solver,
            max_iter=500,
        )
        if "stationary" not in str(found.stop):
            return
        x = found.parameters / unit
        here = float(function(x, *arguments, 1.0, 1.0, offset))
        lower = lowest(x, *arguments, np.ones(3), 1.0, offset)
    assert here - lower <= 1e-9 * abs(here) + 1e-15, str(found)


@pytest.mark.parametrize("solver", ["cg", "scg", "bfgs", "lbfgs"])
@settings(max_examples=10)
@given(
    name=st.sampled_from(CONVEX),
    seed=st.integers(0, 10**6),
    unit=st.integers(-12, 12),
    worth=st.integers(-12, 12),
)
def test_the_same_answer_in_all_units(solver, name, seed, unit, worth):
    arguments, start = drawn(name, seed, 1.0)

    def end(unit, worth):
        return minimize(
            function, start * unit, *arguments, np.full(3, unit), worth, 1.0, solver=solver
        ).value / worth  # fmt: skip

    assert end(10.0**unit, 10.0**worth) == pytest.approx(end(1.0, 1.0), rel=1e-7)


@settings(max_examples=15)
@given(
    seed=st.integers(0, 10**6),
    powers=st.lists(st.integers(-12, 12), min_size=3, max_size=3),
    worth=st.integers(-12, 12),
)
def test_nothing_is_lower_than_a_stationary_end_of_least_squares(seed, powers, worth):
    (_, a, b), start = drawn("quartic", seed, 1.0)
    unit = 10.0 ** np.array(powers, float)
    found = least_squares(residuals, start * unit, a, b, unit, 10.0**worth, max_iter=300)
    if "stationary" not in str(found.stop):
        return
    with jax.enable_x64(True):
        at = jax.jit(lambda x: residuals(x, a, b, 1.0, 1.0))
        x = np.asarray(found.parameters / unit)
        here = 0.5 * float((at(x) ** 2).sum())
        other = optimize.least_squares(lambda x: np.nan_to_num(at(x)), x, jax.jacfwd(at))
    assert here - other.cost <= 1e-9 * here + 1e-20, str(found)
