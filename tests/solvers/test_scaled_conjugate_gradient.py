"""Scaled conjugate gradient against Moller's algorithm, line by line."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from descents import iterates, places, quadratic, rosenbrock, values

from unstuck.solvers.scaled_conjugate_gradient import SCG


def moller(function, p, count, share=1e-7):
    """Moller 1993, page 530, with an exact Hessian product; places and damping.

    The first damping is a share of the curvature along the gradient, and the ratio has a bound.
    """
    with jax.enable_x64(True):
        gradient, hessian = jax.jit(jax.grad(function)), jax.jit(jax.hessian(function))
        n, k, success, bar, refused = len(p), 0, True, 0.0, 0
        r = -np.asarray(gradient(p))
        d, found = r, []
        damping = share * abs(d @ np.asarray(hessian(p)) @ d) / (d @ d)
        for _ in range(count):
            k += 1
            square = d @ d
            if success:
                delta = d @ np.asarray(hessian(p)) @ d
            delta += (damping - bar) * square
            if delta <= 0:
                bar = 2 * (damping - delta / square)
                delta = -delta + damping * square
                damping = bar
            mu = d @ r
            alpha = mu / delta
            there = p + alpha * d
            comparison = 2 * delta * float(function(p) - function(there)) / mu**2
            if comparison >= 0:
                after = -np.asarray(gradient(there))
                bar, success = 0.0, True
                d = after if k % n == 0 else after + (after @ after - after @ r) / mu * d
                p, r = there, after
                damping = damping / 4 if comparison >= 0.75 else damping
            else:
                bar, success = damping, False
                k -= 1
            if comparison < 0.25:
                least = (-1.0, -10.0, -1000.0)[min(refused, 2)]
                damping += delta * (1 - max(comparison, least)) / square
            refused = 0 if success else refused + 1
            found.append((p, damping))
        return found


def wavy(p):
    """Indefinite at the start."""
    return jnp.cos(p).sum() + 0.05 * (p**4).sum() + 0.1 * p[0] * p[1]


@pytest.mark.parametrize(
    ("function", "start", "count"),
    [(rosenbrock, [-1.2, 1.0, 0.5], 30), (wavy, [0.3, 0.2, -0.1], 12)],
    ids=["rosenbrock", "indefinite"],
)
def test_trajectory(function, start, count):
    found = iterates(SCG, function, start, count)
    expected = moller(function, np.array(start), count)
    np.testing.assert_allclose(places(found)[1:], [p for p, _ in expected], rtol=1e-6, atol=1e-8)
    dampings = [iterate.measured[2] for iterate in found[1:]]
    np.testing.assert_allclose(dampings, [damping for _, damping in expected], rtol=1e-4)


def test_refused_steps_stay_and_keep_the_curvature():
    found = iterates(SCG, rosenbrock, [-1.2, 1.0, 0.5], 30)
    refused = [k for k in range(1, 31) if found[k].measured[0] == 0]
    assert refused
    for k in refused:
        np.testing.assert_array_equal(found[k].p, found[k - 1].p)
        assert found[k].measured[2] > found[k - 1].measured[2]
        assert found[k + 1].measured[1] == 1  # no Hessian product


def test_n_steps_on_a_quadratic():
    """The damping is all that keeps it from the minimum."""
    function, _, _ = quadratic(8)
    found = values(iterates(SCG, function, np.zeros(8), 8))
    assert found[8] < 1e-5 * found[0]


def test_walls():
    found = iterates(SCG, lambda p: (p - jnp.log(p)).sum(), [30.0, 1e-3], 60)
    assert (np.diff(values(found)) <= 0).all()
    np.testing.assert_allclose(found[-1].p, 1.0, atol=1e-6)


def test_at_a_minimum_it_is_stuck():
    found = iterates(SCG, lambda p: (p**2).sum(), np.zeros(2), 1)
    assert found[-1].stuck


def test_at_a_kink_it_is_stuck_in_the_end():
    found = iterates(SCG, lambda p: jnp.abs(p - 1.0).sum() + p[0], [0.4, 0.3], 200)
    first = [bool(iterate.stuck) for iterate in found].index(True)
    np.testing.assert_allclose(found[first].p[1], 1.0, atol=1e-15)
    assert (np.diff(values(found)) <= 0).all()
