"""Dense and sparse rows hold the same numbers, and nothing is held twice."""

from __future__ import annotations

import tracemalloc

import numpy as np
import polars as pl
import pytest
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from unstuck.data import blocks
from unstuck.data.table import TableEncoder


def wide(rows, columns, levels=100):
    rng = np.random.default_rng(0)
    names = np.array([f"level {i}" for i in range(levels)])
    texts = {f"c{i}": names[rng.integers(0, levels, rows)] for i in range(columns)}
    return pl.DataFrame({**texts, "x": rng.normal(size=rows), "y": rng.integers(0, 2, rows)})


def test_wide_rows_are_sparse_and_the_same(monkeypatch):
    frame = wide(500, 4).with_columns(c0=pl.when(pl.col("x") > 0).then("c0"))
    encoder = TableEncoder(target="y").fit(frame)
    assert encoder.is_sparse
    found = encoder.transform(frame)
    assert isinstance(found, sparse.csr_matrix)
    assert found.dtype == np.float64
    monkeypatch.setattr(blocks, "NARROW", 10_000)
    assert np.array_equal(found.toarray(), encoder.transform(frame))


def test_one_row_and_a_level_never_seen(recwarn):
    encoder = TableEncoder(target="y").fit(wide(500, 4))
    single = encoder.transform(wide(1, 4).with_columns(c0=pl.lit("new")))
    assert single.shape == (1, len(encoder.get_feature_names_out()))
    assert single.nnz == 4
    assert "such as 'new'" in str(recwarn[0].message)


def test_an_estimator_learns_from_them():
    from unstuck import NetClassifier

    frame = wide(300, 3)
    encoder = TableEncoder(target="y").fit(frame)
    net = NetClassifier((4,), max_iter=2, random_state=0)
    with pytest.warns(ConvergenceWarning):
        net.fit(encoder.transform(frame), encoder.targets(frame))
    assert net.predict(encoder.transform(frame)).shape == (300,)


def test_memory_stays_below_the_dense_table():
    frame = wide(20_000, 10)
    encoder = TableEncoder().fit(frame)
    tracemalloc.start()
    encoder.transform(frame)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000 * 1000 * 8 / 5
