"""Quickprop against Fahlman's program weight by weight, and his encoder."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from descents import iterates, places
from hypothesis import given
from hypothesis import strategies as st

from unstuck.solvers.problem import FunctionProblem
from unstuck.solvers.quickprop import QUICKPROP, jump

SLOPES = st.lists(st.sampled_from([-2.0, -1.0, -0.3, 0.0, 0.2, 1.0, 1.5]), min_size=3, max_size=3)


def fahlman(slope, last, move, rate, growth):
    """The next step of one weight."""
    shrink, step = growth / (1.0 + growth), 0.0
    if move < 0:
        if slope > 0:
            step -= rate * slope
        if slope >= shrink * last:
            step += growth * move
        else:
            step += move * slope / (last - slope)
    elif move > 0:
        if slope < 0:
            step -= rate * slope
        if slope <= shrink * last:
            step += growth * move
        else:
            step += move * slope / (last - slope)
    else:
        step -= rate * slope
    return step


@given(SLOPES, SLOPES, SLOPES)
def test_rule(slopes, lasts, moves):
    """Where his program divides by zero or leaps, the step is bounded as his text says."""
    with jax.enable_x64(True):
        found = jump(*map(jnp.array, (slopes, lasts, moves)), 0.3, 1.75)
    for got, slope, last, move in zip(np.asarray(found), slopes, lasts, moves, strict=True):
        uphill = move * last > 0 and move * slope > 0  # the last step went up already
        if uphill:
            assert abs(got) <= 1.75 * abs(move) + 1e-12
        else:
            np.testing.assert_allclose(got, fahlman(slope, last, move, 0.3, 1.75), atol=1e-12)


def bowl(p):
    return jnp.log(jnp.cosh(p)).sum() + 0.1 * (p[0] - p[1]) ** 2


def test_trajectory():
    numbers = {"learning_rate_init": 0.3, "largest_growth": 1.6}
    found = iterates(QUICKPROP, bowl, [2.0, -1.0, 0.4], 25, **numbers)
    with jax.enable_x64(True):
        gradient = jax.jit(jax.grad(bowl))
        p, last, move = np.array([2.0, -1.0, 0.4]), np.zeros(3), np.zeros(3)
        for k in range(25):
            g = np.asarray(gradient(p))
            both = zip(g, last, move, strict=True)
            move = np.array([fahlman(*each, 0.3, 1.6) for each in both])
            p, last = p + move, g
            np.testing.assert_allclose(found[k + 1].p, p, rtol=1e-9, atol=1e-12)


def test_a_parabola_takes_three_steps():
    numbers = {"learning_rate_init": 0.1, "largest_growth": 100.0}
    found = places(iterates(QUICKPROP, lambda p: ((p - 1.0) ** 2).sum(), [0.0], 2, **numbers))
    np.testing.assert_allclose(found[1], 0.2)  # gradient descent
    np.testing.assert_allclose(found[2], 1.0 + 0.1 * 1.6)  # the minimum, and the gradient's share


@jax.custom_jvp
def lifted(a):
    """Sigmoid with 0.1 added to its slope."""
    return jax.nn.sigmoid(a)


@lifted.defjvp
def _lifted_slope(primals, tangents):
    y = lifted(primals[0])
    return y, (y * (1.0 - y) + 0.1) * tangents[0]


def encoder(p):
    """Outputs of a 10-5-10 network on the ten unit vectors."""
    w, b, v, c = jnp.split(p, [50, 55, 105])
    return lifted(lifted(w.reshape(10, 5) + b) @ v.reshape(5, 10) + c)


def error(p):
    return 0.5 * ((encoder(p) - jnp.eye(10)) ** 2).sum(1).mean()


def test_fahlmans_encoder(float64):
    """About 22 epochs in his report, with rate 1.5 on the sum over the ten rows."""
    problem, hyper = FunctionProblem(error), {"learning_rate_init": 15.0, "largest_growth": 1.75}

    def epochs(p):
        def learning(carry):
            k, at = carry
            return (k < 300) & (jnp.abs(encoder(at.p) - jnp.eye(10)).max() >= 0.4)

        def epoch(carry):
            return carry[0] + 1, QUICKPROP.step(problem, carry[1], hyper)

        return jax.lax.while_loop(learning, epoch, (0, QUICKPROP.start(problem, p, hyper)))[0]

    starts = np.random.default_rng(0).uniform(-1.0, 1.0, (50, 115))
    found = np.asarray(jax.jit(jax.vmap(epochs))(starts))
    assert (found < 300).all()
    assert 12 < found.mean() < 30
