"""Layers of one's own that do not keep to the contract are refused before the fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from gate import Gate

from unstuck import ACTIVATIONS, NetRegressor, ParameterError
from unstuck.layers.layer import Spec, Weight

X = np.random.default_rng(0).normal(size=(40, 3))


@dataclass(frozen=True)
class Blind(Gate):
    def __call__(self, own, x, flow):
        return flow.activate(self.activation, x @ own["weights"] + own["bias"])


@dataclass(frozen=True)
class Narrow(Gate):
    def __call__(self, own, x, flow):
        return super().__call__(own, x, flow)[:, :2]


@dataclass(frozen=True)
class Summed(Gate):
    def __call__(self, own, x, flow):
        return super().__call__(own, x, flow).sum(0)


@dataclass(frozen=True)
class Boastful(Gate):
    def outputs(self, inputs):
        return Spec((self.units + 1,))


@dataclass(frozen=True)
class Empty(Gate):
    def outputs(self, inputs):
        return Spec((0,))


@dataclass(frozen=True)
class Actor(Gate):
    def weights(self, inputs):
        return {**super().weights(inputs), "gate_bias": Weight((self.units,), "hero")}


class OwnError(Exception):
    """Of a layer."""


@dataclass(frozen=True)
class Raising(Gate):
    def __call__(self, own, x, flow):
        raise OwnError


REFUSED = {
    Blind: r'keeps no pre-activations; call a = flow\.see\("preactivation", a\)',
    Narrow: r"makes an array of shape \(2, 2\) of 2 rows; its outputs\(\) promises \(4,\)",
    Summed: r"makes an array of shape \(4,\) of 2 rows; its outputs\(\) promises \(4,\)",
    Boastful: r"makes an array of shape \(2, 4\) of 2 rows; its outputs\(\) promises \(5,\)",
    Empty: r"promises outputs of shape \(0,\); expected at least one unit",
    Actor: r"gives 'gate_bias' the role 'hero'; expected one of \('weight', 'bias', 'gain'\)",
}


def net(kind):
    return NetRegressor((4, kind(4, ACTIVATIONS["tanh"])), max_iter=2, random_state=0)


@pytest.mark.parametrize("kind", REFUSED, ids=lambda kind: kind.__name__)
def test_the_message_names_the_layer_and_what_is_wrong(kind):
    with pytest.raises(
        ParameterError, match=rf"the layer 'hidden_2' \({kind.__name__}\) {REFUSED[kind]}"
    ):
        net(kind).fit(X, X[:, 0])


def test_what_a_layer_raises_is_not_hidden():
    with pytest.raises(OwnError):
        net(Raising).fit(X, X[:, 0])
