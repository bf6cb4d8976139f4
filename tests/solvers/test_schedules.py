"""Learning-rate schedules: factors at known times."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck import SCHEDULES
from unstuck.settings import Settings, parameters_of


def factor(name, epochs, horizon=10, power_t=0.5):
    epochs = np.asarray(epochs, float)
    return SCHEDULES[name].factor(epochs, np.minimum(epochs / horizon, 1.0), power_t)


@pytest.mark.parametrize(
    ("name", "epochs", "expected"),
    [
        ("constant", [0, 3.7, 100], [1, 1, 1]),
        ("invscaling", [0, 0.9, 1, 3, 8.5], [1, 1, 2**-0.5, 0.5, 1 / 3]),
        ("adaptive", [0, 5], [1, 1]),
        ("plateau", [0, 5], [1, 1]),
        ("linear", [0, 2.5, 10, 20], [1, 0.75, 0, 0]),
        ("cosine", [0, 5, 10, 20], [1, 0.5, 0, 0]),
        ("one_cycle", [0, 1.5, 3, 6.5, 10], [0.04, 0.52, 1, 0.50005, 1e-4]),
    ],
)
def test_factor(name, epochs, expected):
    np.testing.assert_allclose(factor(name, epochs), expected, atol=1e-12)


def test_power_t_is_the_exponent():
    np.testing.assert_allclose(factor("invscaling", [3, 8], power_t=2.0), [1 / 16, 1 / 81])


@pytest.mark.parametrize("name", list(SCHEDULES))
def test_factors_are_between_0_and_1_for_every_step(name):
    found = factor(name, np.linspace(0, 12, 500))
    assert found.shape == (500,)
    assert (found >= 0).all()
    assert (found <= 1).all()


@pytest.mark.parametrize("name", list(SCHEDULES))
def test_what_a_schedule_uses_and_reacts_to(name):
    schedule = SCHEDULES[name]
    assert set(schedule.uses) <= {field.name for field in parameters_of(Settings)}
    expected = {"adaptive": "no_change", "plateau": "plateau"}.get(name, "")
    assert schedule.reacts == expected
    reads_power = bool((factor(name, [1.0], power_t=1.0) != factor(name, [1.0], power_t=2.0)).any())
    assert reads_power == ("power_t" in schedule.uses)


def test_the_other_name_of_plateau():
    assert SCHEDULES["reduce_on_plateau"] is SCHEDULES["plateau"]
