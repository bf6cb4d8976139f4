"""What a treatment gains, beside the formula and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t

from unstuck.remedies.gains import gain


def test_the_error_is_that_of_the_formula():
    before, after = np.array([0.1, 0.3, 0.2, 0.4]), np.array([0.5, 0.6, 0.9, 0.7])
    found = gain(before, after)
    d = after - before
    assert found.mean == pytest.approx(d.mean())
    assert found.error == pytest.approx(d.std(ddof=1) / 2)
    assert found.least(0.025) == pytest.approx(d.mean() - t.ppf(0.975, 3) * found.error)


def test_one_pair_says_nothing():
    found = gain([0.1], [0.9])
    assert found.mean == pytest.approx(0.8)
    assert found.least(0.025) == -math.inf
    assert found.spread == ""


def test_a_bound_holds_as_often_as_it_says():
    random = np.random.default_rng(0)
    draws = random.normal(0.2, 1.0, (2000, 6))
    below = [gain(np.zeros(6), each).least(0.025) > 0.2 for each in draws]
    assert 0.015 < np.mean(below) < 0.035
