"""Treatments whose values are of any kind."""

from __future__ import annotations

import json

import numpy as np
import pytest

from unstuck.remedies.treatment import Treatment, plain, same


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (np.zeros((2, 2)), np.zeros((2, 2)), True),
        (np.zeros(2000), np.r_[np.zeros(999), 1, np.zeros(1000)], False),
        ([np.zeros(2), np.ones(3)], [np.zeros(2), np.ones(3)], True),
        ([np.zeros(2), np.ones(3)], np.zeros(2), False),
        ((5, 5), [5, 5], True),
        ("relu", ("relu",), False),
        (None, np.zeros(1), False),
    ],
)
def test_same(one, other, expected):
    assert same(one, other) is expected
    assert same(other, one) is expected


def test_more_than_either_alone_with_values_that_have_no_hash():
    wide, deep = Treatment("wide", {"sizes": [9]}), Treatment("deep", {"sizes": [9, 9]})
    bent = Treatment("bent", {"activation": "relu"})
    assert wide.adds(bent)
    assert wide.agrees(bent)
    assert not wide.agrees(deep)
    assert (wide + bent).covers(wide)
    assert not wide.covers(wide + bent)
    assert not (wide + bent).adds(wide)


def test_parameters_are_plain_data():
    values = {"a": np.float32(0.5), "b": np.arange(2), "c": (1, None), "d": json.dumps}
    assert json.loads(json.dumps(Treatment("", values).plain()))["b"] == [0, 1]
    assert plain(np.bool_(True)) is True
