"""What a report measures of layers, on records written by hand: quantiles, histograms, states of
units, and what becomes of adjoints."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from unstuck import ACTIVATIONS
from unstuck.record import LayerRecord, Record
from unstuck.report.document.contents import END, START
from unstuck.report.document.depth_figures import depth_figures
from unstuck.report.document.drawn import plain, power, selected
from unstuck.report.document.layers import back, layers_of
from unstuck.report.document.quantities import LAWS, LEVELS, quantity
from unstuck.report.document.unit_figures import cells
from unstuck.report.document.units import (
    BROKEN,
    DEAD,
    IDLE_UNIT,
    SATURATED,
    WORKING,
    active_share,
    states,
)

ROWS = 40
RNG = np.random.default_rng(0)


def layer(name="hidden_1", unit="relu", outputs=None, slopes=None, weights=None, adjoints=None):
    """A layer of a record; what is not given is drawn."""
    outputs = RNG.normal(size=(ROWS, 3)) if outputs is None else np.asarray(outputs, float)
    width = outputs.shape[1]
    slopes = np.ones((ROWS, width)) if slopes is None else slopes
    weights = RNG.normal(size=(4, width)) if weights is None else weights
    adjoints = RNG.normal(size=(ROWS, width)) if adjoints is None else adjoints
    return LayerRecord(
        name, "Dense", ACTIVATIONS[unit], {"preactivation": 2 * outputs, "output": outputs},
        {"preactivation": adjoints * slopes, "output": adjoints}, slopes, {"weights": weights},
        {"weights": 0.1 * weights}, np.ones(ROWS) / ROWS,
    )  # fmt: skip


def record(*layers):
    ones = np.ones(ROWS)
    return Record(7, ones, ones[:, None], ones, layers)


def test_quantiles_and_histograms_are_those_of_the_numbers():
    one, two = layer(outputs=RNG.normal(size=(ROWS, 3))), layer(outputs=RNG.random((ROWS, 5)))
    found = quantity(LAWS["output"], {END: record(one, two)})
    for place, each in enumerate((one, two)):
        numbers = each.values["output"]
        np.testing.assert_allclose(found.quantiles[END][place], np.quantile(numbers, LEVELS))
        edges = found.bins.edges
        inside = np.clip(numbers, edges[0], edges[-1])
        counts = [((inside >= a) & (inside < b)).sum() for a, b in itertools.pairwise(edges)]
        counts[-1] += (inside == edges[-1]).sum()
        np.testing.assert_allclose(found.bins.shares[END][place], np.array(counts) / numbers.size)


def test_sizes_are_powers_of_ten_and_zeros_are_counted():
    adjoints = np.array([1e-3, -1e-3, 0.0, 10.0])[:, None] * np.ones((1, 2))
    adjoints = np.tile(adjoints, (ROWS // 4, 1))
    found = quantity(
        LAWS["adjoint"], {END: record(layer(outputs=np.ones((ROWS, 2)), adjoints=adjoints))}
    )
    np.testing.assert_allclose(found.quantiles[END][0], [-3, -3, -3, 1, 1])
    assert found.zeros[END][0] == 0.25


def test_numbers_that_are_not_finite_are_left_out():
    outputs = np.where(np.arange(ROWS)[:, None] < 5, np.nan, RNG.normal(size=(ROWS, 2)))
    found = quantity(LAWS["output"], {END: record(layer(outputs=outputs))})
    np.testing.assert_allclose(found.quantiles[END][0], np.quantile(outputs[5:], LEVELS))
    nothing = quantity(LAWS["output"], {END: record(layer(outputs=np.full((ROWS, 2), np.nan)))})
    assert np.isnan(nothing.quantiles[END]).all()
    assert not nothing.bins.shares[END].any()


def test_units_are_at_work_idle_saturated_dead_or_broken():
    slopes = np.ones((ROWS, 4))
    slopes[1:, 1] = 0.0  # flat on 39 of 40 rows
    weights = np.ones((4, 2))
    weights[2] = 1e-6
    outputs = RNG.normal(size=(ROWS, 4))
    outputs[3, 3] = np.inf
    after = layer("output", "identity", RNG.normal(size=(ROWS, 2)), weights=weights)
    expected = {"relu": DEAD, "tanh": SATURATED, "identity": WORKING}
    for unit, state in expected.items():
        found = states(layer(unit=unit, outputs=outputs, slopes=slopes), after)
        assert found.tolist() == [WORKING, state, IDLE_UNIT, BROKEN], unit
    last = states(layer("output", "softmax", outputs[:, :3], slopes[:, :3]), None)
    assert last.tolist() == [WORKING] * 3, "decided outputs are no disease"


def test_a_constant_unit_is_idle():
    outputs = RNG.normal(size=(ROWS, 2))
    outputs[:, 1] = 0.7
    after = layer("output", "identity", RNG.normal(size=(ROWS, 1)), weights=np.ones((2, 1)))
    assert states(layer(outputs=outputs), after).tolist() == [WORKING, IDLE_UNIT]


def test_the_active_share_is_that_of_the_pairs():
    slopes = (np.arange(ROWS * 3).reshape(ROWS, 3) % 3 == 0).astype(float)
    assert active_share(layer(slopes=slopes)) == pytest.approx(1 / 3)


def test_adjoints_are_split_into_slopes_and_weights():
    """By hand: a chain of one unit each, slopes 1/4 and weights 2 and 3."""
    chain, passed = [], np.ones((ROWS, 1))
    for name, weight in (("output", 3.0), ("hidden_2", 2.0), ("hidden_1", 1.0)):
        slope = np.full((ROWS, 1), 1.0 if name == "output" else 0.25)
        one = layer(name, "logistic", np.ones((ROWS, 1)), slope, np.full((1, 1), weight), passed)
        passed = one.adjoints["preactivation"] * weight
        chain.insert(0, one)
    found = back(record(*chain))
    np.testing.assert_allclose(found.slopes, [0.25, 0.25])
    np.testing.assert_allclose(found.weights, [2.0, 3.0])
    np.testing.assert_allclose(found.sizes, [0.25 * 2 * 0.25 * 3, 0.25 * 3, 1.0])


class Subject:
    """Two layers of known weights; the start is twice the end."""

    def __init__(self, broken=None):
        self.broken = broken

    def parameters(self, when):
        scale = 2.0 if when == START else 1.0
        return {
            name: {"weights": scale * np.ones((2, 2)), "bias": np.full(2, 9.0)}
            for name in ("hidden_1", "output")
        }

    def step(self, parameters):
        return {name: {k: 0.01 * v for k, v in own.items()} for name, own in parameters.items()}

    def record(self, when):
        if when == self.broken:
            raise ValueError("no first weights are known")
        return record(
            layer(outputs=np.ones((ROWS, 2))), layer("output", outputs=np.ones((ROWS, 2)))
        )


def test_steps_are_shares_of_the_weights_without_biases():
    found = layers_of(Subject(), pytest.fail)
    np.testing.assert_allclose(found.first_step, [0.01, 0.01])
    np.testing.assert_allclose(found.moved, [0.5, 0.5])
    assert found.epochs == 7
    assert found.bounds.tolist() == [1.0, 1.0]


def test_what_is_not_known_of_the_start_is_told():
    missing = []
    found = layers_of(Subject(broken=START), missing.append)
    assert missing == ["the layers at the start: no first weights are known"]
    assert list(found.back) == [END]
    assert found.moved is None


def test_cells_keep_what_is_rare_and_the_proportions():
    many = np.repeat([WORKING, DEAD, IDLE_UNIT], [900, 99, 1])
    found = np.bincount(cells(RNG.permutation(many), 48), minlength=5)
    assert found.sum() == 48
    assert found[IDLE_UNIT] == 1
    assert found[DEAD] == pytest.approx(4.75, abs=1)


def test_words_of_axes():
    assert selected(3, 8) == [0, 1, 2]
    assert selected(51, 6) == [0, 10, 20, 30, 40, 50]
    assert [power(e) for e in (-5, -2, 0, 1, 3, 6)] == ["10⁻⁵", "0.01", "1", "10", "1000", "10⁶"]
    assert plain("cost in $ and $") == r"cost in \$ and \$"


def test_layers_whose_adjoints_are_zero_say_so():
    """They have no power of ten, so nobody sees them in a histogram of sizes."""

    class Dead(Subject):
        def record(self, when):
            dead = layer(outputs=np.ones((ROWS, 2)), adjoints=np.zeros((ROWS, 2)))
            return record(dead, layer("output", outputs=np.ones((ROWS, 2))))

    found = {each.name: each.reads for each in depth_figures(layers_of(Dead(), pytest.fail))}
    assert (
        "Exactly 0, and so not drawn, at the end: 100 % of hidden_1." in found["histogram-adjoint"]
    )
    assert "Exactly 0" not in found["histogram-output"]
