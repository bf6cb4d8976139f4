"""The course of a fit as arrays, and back."""

from __future__ import annotations

import numpy as np

from unstuck.training.history import EPOCH_COLUMNS, History


def test_columns_have_one_order_whatever_that_of_the_arrays():
    """Also where they come from a set, whose order differs from process to process."""
    history = History()
    history.open(("damping", "evaluations", "step_length"))
    history.epoch({"loss": 1.0, "damping": 2.0})
    history.look(1, np.zeros((2, 7)))
    arrays = history.arrays()
    order = [*EPOCH_COLUMNS, "damping", "evaluations", "step_length"]
    for seed in range(5):
        names = np.random.default_rng(seed).permutation(list(arrays)).tolist()
        again = History.from_arrays({name: arrays[name] for name in names})
        assert list(again.columns) == order
        np.testing.assert_equal(again.arrays(), arrays)
