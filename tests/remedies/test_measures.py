"""How stuck a network is, on records written by hand."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck import ACTIVATIONS
from unstuck.record import LayerRecord, Record
from unstuck.remedies.measures import (
    flat_pairs,
    growth,
    hidden_stuck,
    mostly_stuck,
    outputs_stuck,
)


def layer(unit, preactivation, adjoint=None, name="hidden_1"):
    """A layer that received these numbers, (n, units)."""
    record = ACTIVATIONS[unit]
    a = np.asarray(preactivation, float)
    values = {"preactivation": a, "output": record(a)}
    back = {"preactivation": np.zeros_like(a) if adjoint is None else np.asarray(adjoint, float)}
    shares = np.full(len(a), 1 / len(a))
    return LayerRecord(name, "Dense", record, values, back, record.slope_at(a), {}, {}, shares)


def record_of_layers(*layers, targets=None):
    rows = len(layers[0].slopes)
    return Record(0, np.zeros(rows), targets, np.ones(rows), layers)


OUT = layer("identity", np.zeros((10, 1)), name="output")


def test_units_that_are_flat_on_nearly_all_rows_are_stuck():
    received = np.column_stack([np.full(10, 9.0), np.full(10, -9.0), np.r_[np.full(8, 9.0), 0, 0]])
    found = record_of_layers(layer("logistic", received), OUT)
    assert hidden_stuck(found) == pytest.approx(2 / 3)
    assert mostly_stuck(found) == 1.0  # the third one, too, on 8 of 10 rows
    assert flat_pairs(found) == pytest.approx(28 / 30)


def test_a_relu_is_stuck_where_it_is_silent_on_all_rows():
    received = np.column_stack([np.full(10, -1.0), np.r_[np.full(9, -1.0), 1.0]])
    found = record_of_layers(layer("relu", received), OUT)
    assert mostly_stuck(found) == 0.5
    assert flat_pairs(found) == pytest.approx(0.95)


def test_what_never_saturates_is_never_stuck():
    found = record_of_layers(layer("leaky_relu", np.full((10, 2), -1.0)), OUT)
    assert hidden_stuck(found) == mostly_stuck(found) == flat_pairs(found) == 0.0


def test_outputs_are_stuck_that_are_wrong_and_pass_nothing_back():
    """Squared error of sigmoids: dL/da = (z - y) z (1 - z); of cross-entropy: z - y."""
    received = np.array([[-9.0], [-9.0], [-1.0], [9.0]])
    targets = np.array([[1.0], [0.0], [1.0], [1.0]])
    z = ACTIVATIONS["logistic"](received)
    squared = layer("logistic", received, (z - targets) * z * (1 - z), "output")
    entropy = layer("logistic", received, z - targets, "output")
    hidden = layer("relu", np.ones((4, 2)))
    assert outputs_stuck(record_of_layers(hidden, squared, targets=targets)) == 0.25
    assert outputs_stuck(record_of_layers(hidden, entropy, targets=targets)) == 0.0
    linear = layer("identity", received, received - targets, "output")
    assert outputs_stuck(record_of_layers(hidden, linear, targets=targets)) == 0.0


def test_growth_is_in_powers_of_ten():
    first, last = layer("relu", np.full((10, 3), 2.0)), layer("relu", np.full((10, 5), 200.0))
    assert growth(record_of_layers(first, last, OUT)) == pytest.approx(2.0)
    assert growth(record_of_layers(first, OUT)) == 0.0
    dead = layer("relu", np.full((10, 5), -1.0))
    assert growth(record_of_layers(first, dead, OUT)) == 0.0


def test_a_network_without_hidden_layers_has_none_that_are_stuck():
    found = record_of_layers(OUT, targets=np.zeros((10, 1)))
    assert hidden_stuck(found) == mostly_stuck(found) == flat_pairs(found) == 0.0
