"""Gradient descent: along the gradient, with Barzilai and Borwein's step as first trial."""

from __future__ import annotations

import numpy as np
from descents import gradients, iterates, places, quadratic, rosenbrock, values

from unstuck.solvers.gradient_descent import GD


def test_every_step_is_along_the_gradient():
    found = iterates(GD, rosenbrock, [-1.2, 1.0, 0.5], 40)
    steps, g = np.diff(places(found), axis=0), gradients(rosenbrock, found)[:-1]
    lengths = np.linalg.norm(steps, axis=1)
    cosines = -(steps * g).sum(1) / (lengths * np.linalg.norm(g, axis=1))
    np.testing.assert_allclose(cosines, 1.0, rtol=1e-12)
    np.testing.assert_allclose([iterate.measured[0] for iterate in found[1:]], lengths, rtol=1e-12)


def test_the_first_trial_is_barzilai_and_borweins():
    """Where it was accepted at once, the step is ``s.y / y.y`` of the last step."""
    found = iterates(GD, rosenbrock, [-1.2, 1.0, 0.5], 40)
    p, g = places(found), gradients(rosenbrock, found)
    at_once = [k for k in range(2, 41) if found[k].measured[1] == 1]
    assert len(at_once) > 15
    for k in at_once:
        s, y = p[k - 1] - p[k - 2], g[k - 1] - g[k - 2]
        expected = (s @ y) / (y @ y) if s @ y > 0 else 10.0 * np.linalg.norm(s) / _norm(g[k - 2])
        expected = min(expected, 10.0 * np.linalg.norm(s) / _norm(g[k - 2]))
        np.testing.assert_allclose(p[k] - p[k - 1], -expected * g[k - 1], rtol=1e-6)


def _norm(vector):
    return np.linalg.norm(vector)


def test_never_rises_and_arrives():
    function, _, minimum = quadratic(10)
    found = iterates(GD, function, np.zeros(10), 300)
    assert (np.diff(values(found)) <= 0).all()
    np.testing.assert_allclose(found[-1].p, minimum, atol=1e-6)


def test_at_a_minimum_it_is_stuck():
    found = iterates(GD, lambda p: (p**2).sum(), np.zeros(2), 1)
    assert found[-1].stuck
    assert not found[0].stuck
