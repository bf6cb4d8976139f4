"""Whether a hyperplane separates rows, with the proof."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from unstuck.neuro import separation


def rows(seed, apart, n=60, inputs=3):
    rng = np.random.default_rng(seed)
    x, w = rng.normal(size=(n, inputs)), rng.normal(size=inputs)
    positive = x @ w > 0.3
    if not apart:  # a row of the other class inside the hull of a class
        place = np.flatnonzero(positive)[0]
        x = np.vstack([x, x[positive].mean(0)])
        positive = np.append(positive, False)
        assert positive[place]
    return x, positive


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("seed", range(4))
def test_separable_rows_are_told_from_others(seed, form):
    x, positive = rows(seed, True)
    found = separation(form(x), positive)
    assert found.separable
    assert ((x @ found.weights + found.bias > 0) == positive).all()
    x, positive = rows(seed, False)
    found = separation(form(x), positive)
    assert not found.separable
    counted = found.multipliers * np.where(positive, 1, -1)
    np.testing.assert_allclose(counted @ np.column_stack([x, np.ones(len(x))]), 0, atol=1e-9)
    assert found.multipliers.min() >= 0
    assert found.multipliers.sum() == pytest.approx(1)
    assert found.reach < 1e-9
    assert len(found.proof) <= x.shape[1] + 2  # Caratheodory: a vertex of the program
    assert f"{len(found.proof)} rows contradict every unit" in str(found)


def test_units_of_the_inputs_do_not_matter():
    x, positive = rows(1, True)
    for scale, shift in ((1e-8, 0.0), (1e8, 0.0), (1.0, 1e6)):
        assert separation(x * scale + shift, positive).separable
        moved = separation(rows(1, False)[0] * scale + shift, rows(1, False)[1])
        assert not moved.separable


def test_a_single_class_is_separable_and_equal_rows_are_not():
    assert separation([[1.0], [2.0]], [True, True]).separable
    assert separation([[1.0], [2.0]], [False, False]).bias < 0
    found = separation([[1.0], [1.0], [3.0]], [True, False, True])
    assert found.proof.tolist() == [0, 1]
