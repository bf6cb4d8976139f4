"""Rows to train on and to judge by."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from sklearn.linear_model import LinearRegression, LogisticRegression

from unstuck.remedies.divisions import Rows, divided, folds


@given(st.integers(40, 200), st.integers(0, 50))
def test_rows_are_on_one_side_and_a_quarter_is_held_out(count, seed):
    rows = Rows.of(LinearRegression(), np.zeros((count, 2)), np.arange(float(count)))
    found = divided(rows, seed)
    assert sorted([*found.train, *found.test]) == list(range(count))
    assert len(found.test) == pytest.approx(count / 4, abs=1)


@given(st.integers(40, 200), st.integers(0, 50))
def test_every_row_is_judged_by_once(count, seed):
    rows = Rows.of(LogisticRegression(), np.zeros((count, 1)), np.arange(count) % 2)
    found = folds(rows, 6, seed)
    assert sorted(row for each in found for row in each.test) == list(range(count))
    assert all(not set(each.train) & set(each.test) for each in found)


def test_every_class_keeps_its_share():
    y = np.repeat(["a", "b"], [180, 20])
    rows = Rows.of(LogisticRegression(), np.zeros((200, 1)), y)
    found = divided(rows, 3)
    assert (y[found.test] == "b").mean() == pytest.approx(0.1)


def test_whole_numbers_are_no_classes_of_a_regressor():
    y = np.arange(100) % 7
    assert Rows.of(LinearRegression(), np.zeros((100, 1)), y).classes is None


def test_rows_of_a_rare_class_are_trained_on_and_judged_by():
    y = np.repeat([0, 1, 2], [90, 6, 2])
    rows = Rows.of(LogisticRegression(), np.zeros((98, 1)), y)
    for found in (divided(rows, 0), *folds(rows, 6, 0)):
        assert set(found.train) & set(found.test) == {96, 97}
        assert set(y[found.train]) == set(y[found.test]) == {0, 1, 2}
    assert sorted(row for each in folds(rows, 6, 0) for row in each.test)[:96] == list(range(96))


def test_rows_without_weight_do_not_count():
    y, w = np.arange(100) % 2, np.repeat([0.0, 2.0], 50)
    rows = Rows.of(LogisticRegression(), np.arange(100.0)[:, None], y, w)
    assert rows.count == 50
    np.testing.assert_array_equal(rows.x[:, 0], np.arange(50, 100))
    np.testing.assert_array_equal(rows.w, np.full(50, 2.0))


@pytest.mark.parametrize("y", [np.arange(39) % 2, np.repeat(np.arange(20), 5)])
def test_few_rows_are_not_held_out(y):
    found = divided(Rows.of(LogisticRegression(), np.zeros((len(y), 1)), y), 0)
    assert list(found.train) == list(found.test) == list(range(len(y)))


def test_rows_of_sparse_inputs_and_of_frames_can_be_taken():
    import pandas as pd
    import polars as pl

    values = np.arange(12.0).reshape(6, 2)
    for x in (sparse.csr_array(values), pd.DataFrame(values), pl.DataFrame(values)):
        taken, y, w = Rows(x, values[:, 0], np.arange(6.0)).take(np.array([4, 1]))
        dense = taken.toarray() if sparse.issparse(taken) else np.asarray(taken)
        np.testing.assert_array_equal(dense, values[[4, 1]])
        np.testing.assert_array_equal(y, values[[4, 1], 0])
        np.testing.assert_array_equal(w, [4.0, 1.0])
