"""What a diagnosis sees of the rows: columns as they came, and as the first layer receives them."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck import NetClassifier
from unstuck.health.subject import Sample


def test_pieces_of_columns_are_not_constant():
    raw = np.array([[1.0, 5.0], [2.0, 5.0]])
    received = np.array([[-1.0, 0.0, 0.2], [1.0, 0.0, 0.9]])
    sample = Sample(raw, received, raw, raw, np.ones(2))
    assert sample.constant.tolist() == [False, True]
    assert sample.constant_received.tolist() == [False, True, False]


@pytest.mark.parametrize("scale_inputs", [True, False])
def test_a_constant_column_beside_pieces_is_looked_at(scale_inputs):
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=(60, 2)), np.full(60, 3.0)])
    net = NetClassifier(
        (8,), n_pieces=4, scale_inputs=scale_inputs, solver="lbfgs", tol=1e-3, random_state=0
    )
    found = net.fit(X, (X[:, 0] > 0).astype(int)).diagnosis_
    assert not found.missing
    assert {"constant_inputs", "unscaled_inputs"} <= set(found.looked)
