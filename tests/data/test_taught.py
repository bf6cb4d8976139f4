"""A table encoded as some rows teach it, beside ``TableEncoder`` fitted to these rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from unstuck.data.table import TableEncoder
from unstuck.data.taught import Taught


def table(wide):
    """Numbers with gaps, texts with a level and a gap that few rows have, and many levels."""
    rng = np.random.default_rng(0)
    n = 300
    columns = {
        "size": [None if i % 7 == 0 else float(v) for i, v in enumerate(rng.normal(size=n))],
        "whole": rng.integers(0, 9, n).tolist(),
        "color": [None if i in (3, 4) else "rare" if i < 3 else "red" if i % 2 else "blue"
                  for i in range(n)],
        "few": [1.0 if i < 5 else None for i in range(n)],
    }  # fmt: skip
    if wide:
        columns |= {f"k{j}": [f"l{v}" for v in rng.integers(0, 90, n)] for j in range(3)}
    return pl.DataFrame(columns)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("rows", [range(5, 300), range(40, 290), range(300)])
def test_columns_are_those_of_an_encoder_of_the_rows(wide, rows):
    frame, rows = table(wide), np.array(rows)
    whole = TableEncoder()
    taught = Taught(whole, frame)
    found = taught(rows)
    assert sparse.issparse(found) == wide
    alone = TableEncoder().fit(frame, rows=rows)
    expected = alone._encoded(frame)[0]
    dense = [x.toarray() if sparse.issparse(x) else x for x in (found, expected)]
    names, own = list(whole.get_feature_names_out()), list(alone.get_feature_names_out())
    np.testing.assert_allclose(dense[0][:, [names.index(name) for name in own]], dense[1])
    others = [i for i, name in enumerate(names) if name not in own]
    assert len(others) == len(names) - len(own)
    assert not dense[0][:, others].any()


def test_rows_held_out_teach_nothing():
    """Whatever they hold, the rows of the fit are encoded as they were."""
    frame, rows = table(False), np.arange(150)
    other = frame.with_columns(
        size=pl.when(pl.int_range(pl.len()) < 150).then("size").otherwise(100.0),
        color=pl.when(pl.int_range(pl.len()) < 150).then("color").otherwise(pl.lit("red")),
    )
    one, two = (Taught(TableEncoder(), each)(rows)[rows] for each in (frame, other))
    np.testing.assert_array_equal(one, two)


def test_a_table_of_whole_numbers_is_encoded_once():
    taught = Taught(TableEncoder(), pl.DataFrame({"a": [1.0, 2.0, 4.0]}))
    assert taught(np.array([0])) is taught.X
