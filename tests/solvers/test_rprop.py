"""Rprop against the rule weight by weight, and against PyTorch."""

from __future__ import annotations

import jax
import numpy as np
from descents import iterates, places, rosenbrock

from unstuck.solvers.rprop import RPROP

START = [-1.2, 1.0, 0.5]
NUMBERS = {
    "first_step": 0.03,
    "step_increase": 1.3,
    "step_decrease": 0.4,
    "smallest_step": 1e-3,
    "largest_step": 0.2,
}


def test_trajectory():
    found = iterates(RPROP, rosenbrock, START, 60, **NUMBERS)
    with jax.enable_x64(True):
        gradient = jax.jit(jax.grad(rosenbrock))
        p, last, steps = np.array(START), np.zeros(3), np.full(3, 0.03)
        for k in range(60):
            g = np.array(gradient(p))
            for i in range(3):
                if g[i] * last[i] > 0:
                    steps[i] = min(steps[i] * 1.3, 0.2)
                elif g[i] * last[i] < 0:
                    steps[i], g[i] = max(steps[i] * 0.4, 1e-3), 0.0
                p[i] -= np.sign(g[i]) * steps[i]
            last = g
            np.testing.assert_allclose(found[k + 1].p, p, rtol=1e-12, atol=1e-14)


def test_pytorch(torch):
    found = iterates(RPROP, rosenbrock, START, 60, **NUMBERS)
    p = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    peer = torch.optim.Rprop([p], lr=0.03, etas=(0.4, 1.3), step_sizes=(1e-3, 0.2))
    for k in range(60):
        peer.zero_grad()
        rosenbrock(p).backward()
        peer.step()
        np.testing.assert_allclose(found[k + 1].p, p.detach().numpy(), rtol=1e-12, atol=1e-14)


def test_only_signs_count():
    small = iterates(RPROP, lambda p: 1e-6 * rosenbrock(p), START, 40)
    np.testing.assert_array_equal(places(small), places(iterates(RPROP, rosenbrock, START, 40)))


def test_what_is_measured():
    found = iterates(RPROP, rosenbrock, START, 30)
    lengths = np.linalg.norm(np.diff(places(found), axis=0), axis=1)
    np.testing.assert_allclose([each.measured[0] for each in found[1:]], lengths, atol=1e-14)
    assert all(each.measured[1] == 1 for each in found)
    assert not any(each.stuck for each in found)
