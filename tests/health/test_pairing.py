"""What a loss can reach through output units, beside closed forms."""

import numpy as np
import pytest

from unstuck import NetClassifier, NetRegressor
from unstuck.estimators.judgment import subject_of
from unstuck.health.pairing import pair

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::unstuck.errors.StuckWarning"),
]


def paired(net, X, y):
    net.set_params(max_iter=1).fit(X, y)
    return pair(subject_of(net, net._watched))


X = np.random.default_rng(0).normal(size=(60, 2))


def test_cross_entropy_reaches_the_entropy_of_the_targets():
    y = np.arange(60) % 3
    found = paired(NetClassifier((2,), class_targets=(0.0, 0.8), random_state=0), X, y)
    entropy = -(0.8 * np.log(0.8) + 0.2 * np.log(0.1))
    assert found.through == pytest.approx(entropy, rel=1e-3)
    assert found.constant == pytest.approx(np.log(3), rel=1e-3)
    assert found.lost < 1e-3


def test_a_sigmoid_keeps_targets_outside_its_range_out_of_reach():
    y = np.where(np.arange(60) % 2, 3.0, 0.5)
    found = paired(NetRegressor((2,), output_activation="logistic", random_state=0), X, y)
    assert found.free == pytest.approx(0.0, abs=1e-6)
    assert found.through == pytest.approx(
        0.5 * 2.0**2 / 2, rel=1e-2
    )  # 1 is as near as it gets to 3
    assert found.lost > 0.5


def test_a_softmax_of_one_unit_puts_out_1_and_nothing_else():
    y = np.arange(60) / 60.0
    found = paired(NetRegressor((2,), output_activation="softmax", random_state=0), X, y)
    assert found.lost == pytest.approx(1.0) or found.lost > 1


def test_outputs_that_fit_lose_nothing():
    y = np.exp(X[:, 0])
    for output in ("identity", "softplus", "exponential"):
        found = paired(NetRegressor((2,), output_activation=output, random_state=0), X, y)
        assert found.lost < 5e-3, output
