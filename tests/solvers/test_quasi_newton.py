"""Quasi-Newton: the update against its formula, the two loops against explicit matrices."""

from __future__ import annotations

import importlib
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from descents import beale, gradients, iterates, places, quadratic, rosenbrock, values
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from unstuck.solvers import minimize
from unstuck.solvers.problem import FunctionProblem
from unstuck.solvers.quasi_newton import (
    BFGS,
    LBFGS,
    Limited,
    curved,
    doubt,
    growth,
    mismatch,
    product,
    update,
)

ROOT = Path(__file__).parents[2]


def formula(inverse, s, y):
    """``(I - s y^T / s.y) H (I - y s^T / s.y) + s s^T / s.y``."""
    left = np.eye(len(s)) - np.outer(s, y) / (s @ y)
    return left @ inverse @ left.T + np.outer(s, s) / (s @ y)


def pairs(size, count, seed=0):
    """Steps, and changes of the gradient of a convex function."""
    rng = np.random.default_rng(seed)
    _, hessian, _ = quadratic(size, seed=seed)
    steps = rng.normal(size=(count, size))
    return steps, steps @ hessian + 0.1 * steps**3


def learned(found, g):
    """Steps and changes as they are learned: ``y = g' - g + 6 m |g'| s / way``, step by step."""
    s, value, way, changes = np.diff(places(found), axis=0), values(found), 0.0, []
    for k in range(len(s)):
        way = way + abs(s[k])
        trapezoid = s[k] @ (g[k] + g[k + 1]) / 2.0
        m = min(1.0, 8.0 * abs(1.0 - trapezoid / (value[k + 1] - value[k])))
        changes.append(g[k + 1] - g[k] + 6.0 * m * abs(g[k + 1]) * s[k] / way)
    return s, np.array(changes)


def after(inverse, s, y):
    """``H + s u^T + u s^T`` with the numbers of ``update``."""
    own, cross = update(s @ y, y @ inverse @ y)
    u = own * s - cross * inverse @ y
    return inverse + np.outer(s, u) + np.outer(u, s)


def test_update():
    (s, t), (y, z) = pairs(6, 2)
    inverse = formula(np.eye(6), t, z)
    found = after(inverse, s, y)
    np.testing.assert_allclose(found, formula(inverse, s, y), rtol=1e-12)
    np.testing.assert_allclose(found @ y, s, rtol=1e-10)  # the secant equation


@given(st.integers(0, 10**6))
def test_growth_lies_where_the_update_does_not_make_the_matrix_worse_conditioned(seed):
    rng = np.random.default_rng(seed)
    (s,), (y,) = pairs(5, 1, seed)
    root = rng.normal(size=(5, 5))
    inverse = root @ root.T + 0.1 * np.eye(5)
    predicted, bend = s @ np.linalg.solve(inverse, s), y @ inverse @ y
    ends = sorted([(s @ y) / bend, predicted / (s @ y)])
    found = float(growth(jnp.float32(predicted), jnp.float32(bend)))
    assert found == pytest.approx(1.0) or (ends[0] <= found * 1.001 and found <= ends[1] * 1.001)
    assert found >= 1.0


def test_no_growth_where_the_matrix_is_right():
    _, hessian, _ = quadratic(6)
    s = np.arange(1.0, 7.0)
    y = hessian @ s
    np.testing.assert_allclose(growth(s @ y, y @ np.linalg.solve(hessian, y)), 1.0, rtol=1e-6)


def test_in_flat_directions_it_takes_fewer_evaluations_than_scipy():
    scales, goal = np.logspace(-5, 0, 30), 1e-12
    start, seen = np.random.default_rng(0).normal(size=30), []
    found = minimize(lambda p: 0.5 * (scales * p**2).sum(), start, loss_goal=goal, tol=0)

    def function(p):
        seen.append(0.5 * (scales * p**2).sum())
        return seen[-1], scales * p

    optimize.minimize(function, start, jac=True, method="BFGS", options={"gtol": 1e-12})
    theirs = int(np.argmax(np.array(seen) <= goal))
    assert found.stop.name == "loss_goal"
    assert 0 < found.evaluations < 0.7 * theirs  # 147 and 316


def test_with_exact_steps_on_a_quadratic_it_becomes_the_inverse_hessian():
    _, hessian, minimum = quadratic(7)
    p, inverse = np.zeros(7), np.eye(7)
    gradient = hessian @ (p - minimum)
    for _ in range(7):
        direction = -inverse @ gradient
        step = -(gradient @ direction) / (direction @ hessian @ direction) * direction
        change = hessian @ step
        inverse = after(inverse, step, change)
        p, gradient = p + step, gradient + change
    np.testing.assert_allclose(p, minimum, atol=1e-9)
    np.testing.assert_allclose(inverse, np.linalg.inv(hessian), atol=1e-8)


def test_bfgs_keeps_the_matrix_of_its_steps():
    found = iterates(BFGS, rosenbrock, [-1.2, 1.0, 0.5], 25)
    g = gradients(rosenbrock, found)
    s, y = learned(found, g)
    inverse = np.eye(3) * (s[0] @ s[0]) / (s[0] @ y[0])
    for k in range(25):
        predicted, bend = s[k] @ np.linalg.solve(inverse, s[k]), y[k] @ inverse @ y[k]
        factor = max(1.0, np.sqrt(predicted / bend)) if k else 1.0
        inverse = formula(factor * inverse, s[k], y[k])
        memory = found[k + 1].memory
        held = memory.spread + memory.level * np.eye(3)
        np.testing.assert_allclose(held, inverse, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(memory.image, inverse @ g[k + 1], rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(held, held.T, rtol=1e-12, atol=1e-15)
        if k < 24:
            _parallel(s[k + 1], -inverse @ g[k + 1])


def _parallel(one, other):
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    np.testing.assert_allclose(cosine, 1.0, rtol=1e-9)


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 11])
def test_two_loops(count, float64):
    """Against the matrix of the last four pairs, updated one by one from ``|s| / |y|``."""
    size, kept = 6, 4
    steps, changes = pairs(size, max(count, 1))
    s, y = np.zeros((kept, size)), np.zeros((kept, size))
    inverses, scale, inverse = np.zeros(kept), 1.0, np.eye(size)
    for k in range(count):
        s[k % kept], y[k % kept] = steps[k], changes[k]
        inverses[k % kept] = 1.0 / (steps[k] @ changes[k])
        scale = np.linalg.norm(steps[k]) / np.linalg.norm(changes[k])
    inverse = inverse * scale
    for k in range(max(0, count - kept), count):
        inverse = formula(inverse, steps[k], changes[k])
    vector = np.random.default_rng(1).normal(size=size)
    none = jnp.zeros(size)
    memory = Limited(*map(jnp.array, (s, y, inverses, scale)), jnp.int32(count), none, none)
    np.testing.assert_allclose(product(memory, jnp.array(vector)), inverse @ vector, rtol=1e-10)


@pytest.mark.parametrize("history", [1, 3, 20])
def test_lbfgs_goes_along_the_product_with_its_last_pairs(history):
    found = iterates(LBFGS, rosenbrock, [-1.2, 1.0, 0.5, 2.0], 15, history_size=history)
    g = gradients(rosenbrock, found)
    s, y = learned(found, g)
    assert found[-1].memory.steps.shape == (history, 4)
    for k in range(1, 15):
        inverse = np.eye(4) * np.linalg.norm(s[k - 1]) / np.linalg.norm(y[k - 1])
        for j in range(max(0, k - history), k):
            inverse = formula(inverse, s[j], y[j])
        _parallel(s[k], -inverse @ g[k])


@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e12])
def test_on_a_parabola_nothing_is_in_doubt(unit, float64):
    _, hessian, _ = quadratic(5)
    p, s = jnp.arange(1.0, 6.0), jnp.array([1.0, -2.0, 0.5, 0.0, 3.0])
    change = (p + s) @ hessian @ (p + s) / 2.0 - p @ hessian @ p / 2.0
    before, after = hessian @ p, hessian @ (p + s)
    assert mismatch(unit * s, before / unit, after / unit, change) < 1e-12
    halved = mismatch(unit * s, before / unit, after / unit, change / 1.05)
    np.testing.assert_allclose(halved, 0.4, rtol=1e-9)  # 8 * 0.05
    assert mismatch(unit * s, before / unit, after / unit, -change) == 1.0
    assert mismatch(0.0 * s, before, before, 0.0 * change) == 1.0  # no step: 0 / 0


def test_doubt_is_in_the_units_of_each_parameter(float64):
    s, g, way = jnp.array([[1.0, -2.0, 0.0], [-3.0, 4.0, 5.0], [2.0, 2.0, 0.0]])
    found = doubt(s, g, way)
    np.testing.assert_allclose(found, [9.0, -24.0, 0.0])
    units = jnp.array([2.0**-40, 2.0**9, 2.0**30])
    np.testing.assert_array_equal(doubt(units * s, g / units, units * way), found / units)


@pytest.mark.parametrize(
    ("solver", "name"),
    [
        ("bfgs", "encoder 10-5-10"),
        ("lbfgs", "encoder 10-5-10"),
        ("bfgs", "parity of four bits, 4-8-1"),
    ],
)
def test_units_do_not_stay_saturated(solver, name, monkeypatch):
    """Without the doubt ``bfgs`` learns the encoder from 3 of these 8 starts, parity from none."""
    monkeypatch.syspath_prepend(str(ROOT))
    saturation = importlib.import_module("benchmarks.saturation")
    monkeypatch.setattr(saturation, "MOST", 100)
    setting = saturation.SETTINGS[name]
    needed = saturation.ours(solver, setting, setting.starts(8, first=0))
    assert np.isfinite(needed).sum() >= 7


def test_curvature_that_is_not_positive_is_not_learned(float64):
    one = jnp.float64(1.0)
    assert curved(jnp.float64(1e-3), one, one)
    assert not curved(jnp.float64(-1.0), one, one)
    assert not curved(jnp.float64(1e-20), one, one)


@pytest.mark.parametrize("solver", [BFGS, LBFGS], ids=lambda solver: solver.name)
def test_falling_without_end(solver):
    """Nowhere convex: nothing is learned, and the value falls in every iteration."""
    found = iterates(solver, lambda p: -(p**2).sum() - p[0], [0.5, 0.1], 12)
    assert (np.diff(values(found)) < 0).all()


@pytest.mark.parametrize("solver", [BFGS, LBFGS], ids=lambda solver: solver.name)
def test_few_evaluations(solver):
    found = iterates(solver, beale, [1.0, 1.0], 25)
    reached = np.argmax(values(found) < 1e-10)
    assert 0 < reached <= 20
    assert sum(iterate.measured[1] for iterate in found[: reached + 1]) <= 1.3 * reached + 2


@pytest.mark.parametrize("solver", [BFGS, LBFGS], ids=lambda solver: solver.name)
def test_after_a_failure_it_begins_again_and_then_is_stuck(solver):
    found = iterates(solver, lambda p: jnp.abs(p - 0.3).sum() + 0.5 * p[0], [1.0, 1.0], 60)
    stuck = [bool(iterate.stuck) for iterate in found]
    assert stuck[-1]
    before = found[stuck.index(True) - 1].memory  # forgotten, so the next is the gradient
    if solver is BFGS:
        assert not before.spread.any()
        assert before.level == 1.0
        assert before.fresh
    else:
        assert before.count == 0
    assert (np.diff(values(found)) <= 0).all()


@pytest.mark.parametrize("solver", [BFGS, LBFGS], ids=lambda solver: solver.name)
def test_types(solver, strict_dtypes):
    """float32 stays float32, and every iterate has the types of the first."""
    problem, hyper = FunctionProblem(rosenbrock), {"history_size": 3}
    first = solver.start(problem, jnp.array([-1.2, 1.0], jnp.float32), hyper)
    second = jax.eval_shape(lambda at: solver.step(problem, at, hyper), first)
    assert [leaf.dtype for leaf in jax.tree.leaves(first)] == [
        leaf.dtype for leaf in jax.tree.leaves(second)
    ]
    assert "float64" not in str(second)
