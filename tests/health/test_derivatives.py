"""The check of gradients and the test for linear maps, on networks written by hand."""

import numpy as np
import pytest

from unstuck.health.derivatives import bend, slopes
from unstuck.health.subject import Sample


class Net:
    """``t = f(x W + b) V`` with a mean of squares, its gradient by hand."""

    def __init__(self, f=np.tanh, slope=lambda z: 1 - z**2, cut=False):
        self.f, self.slope, self.cut = f, slope, cut
        rng = np.random.default_rng(0)
        x = rng.normal(size=(40, 3))
        self.y = x[:, :1] * x[:, 1:2]
        self.sample = Sample(x, x, self.y, self.y, np.ones(40))

    def parameters(self, when):
        del when
        return {
            "hidden": {"w": np.ones((3, 4)), "bias": np.zeros(4)},
            "out": {"w": np.ones((4, 1))},
        }

    def record(self, when):
        del when

    def forward(self, p, x):
        return self.f(x @ p["hidden"]["w"] + p["hidden"]["bias"]) @ p["out"]["w"]

    def objective(self, p, x=None):
        x = self.sample.x if x is None else x
        return float(((self.forward(p, x) - self.y[: len(x)]) ** 2).mean())

    def gradient(self, p, x=None):
        x = self.sample.x if x is None else x
        z = self.f(x @ p["hidden"]["w"] + p["hidden"]["bias"])
        error = 2 * (z @ p["out"]["w"] - self.y[: len(x)]) / len(x)
        back = (error @ p["out"]["w"].T) * self.slope(z) * (not self.cut)
        return {"hidden": {"w": x.T @ back, "bias": back.sum(0)}, "out": {"w": z.T @ error}}


def test_a_right_gradient_agrees_to_eight_digits():
    found = slopes(Net())
    assert [(each.layer, each.name) for each in found] == [
        ("hidden", "w"),
        ("hidden", "bias"),
        ("out", "w"),
    ]
    assert max(each.error for each in found) < 1e-7


@pytest.mark.parametrize("slope", [lambda z: -(1 - z**2), lambda z: 0.9 * (1 - z**2), lambda z: z])
def test_a_wrong_slope_shows_in_front_of_it_and_not_behind(slope):
    hidden, bias, out = slopes(Net(slope=slope))
    assert min(hidden.error, bias.error) > 0.05
    assert out.error < 1e-7


def test_kinks_are_no_mistake():
    found = slopes(Net(lambda a: np.maximum(a, 0), lambda z: 1.0 * (z > 0)))
    assert max(each.error for each in found) < 1e-3


def test_a_cut_derivative_is_zero_although_differences_are_not():
    hidden, _, out = slopes(Net(cut=True))
    assert hidden.gradient == 0
    assert hidden.difference > 1e-3
    assert out.gradient > 0


def test_only_a_linear_network_is_linear():
    assert bend(Net(lambda a: 3.0 * a)) < 1e-12
    assert bend(Net()) > 0.1
    # Linear around the mean, bent far from it.
    assert bend(Net(lambda a: np.where(abs(a) < 9, a, np.sign(a) * 9))) > 1e-3
