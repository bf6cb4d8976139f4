"""Tables of other libraries, and habits that must not come through as their errors."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

from unstuck.data.frames import as_frame
from unstuck.data.table import TableEncoder
from unstuck.errors import DataError

DAY = datetime.date(1970, 1, 2)
RIGHT = {
    "Int64": pd.array([1, None, 3], dtype="Int64"),
    "boolean": pd.array([True, None, False], dtype="boolean"),
    "dates": pd.Series([DAY, None, DAY], dtype=object),
    "timestamps": pd.Series([pd.Timestamp(DAY), pd.NaT, pd.Timestamp("1970-01-03")], dtype=object),
    "dates and timestamps": pd.Series([DAY, pd.Timestamp(DAY), None], dtype=object),
    "time zone": pd.to_datetime(["1970-01-02", None, "1970-01-04"]).tz_localize("UTC"),
    "durations": pd.to_timedelta(["1h", None, "3h"]),
    "decimals": pd.Series([decimal.Decimal("1.5"), None, decimal.Decimal(2)], dtype=object),
    "truths": pd.Series([True, None, False], dtype=object),
    "categories": pd.Categorical(["x", None, "y"]),
    "float32": np.array([1, np.nan, 3], dtype=np.float32),
    "numbers": pd.Series([1, 2.5, None], dtype=object),
}


@pytest.mark.parametrize("name", RIGHT)
def test_columns_of_pandas(name):
    encoded = TableEncoder().fit_transform(pd.DataFrame({"a": RIGHT[name]}))
    assert np.isfinite(encoded).all()
    if name == "dates and timestamps":
        assert encoded.ravel().tolist() == [86400, 86400, 86400]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({"a": [1, "1"]}), "mixes numbers and texts: 1 in row 1 and '1' in row 2"),
        (pd.DataFrame({"a": [True, 2]}, dtype=object), "mixes booleans and numbers"),
        (pd.DataFrame({"a": [DAY, "x"]}), "mixes dates and texts"),
        (pd.DataFrame(np.eye(2), columns=["a", "a"]), "several columns of the name 'a'"),
        (pd.DataFrame(np.eye(2), columns=[1, "1"]), "several columns of the name '1'"),
        (pd.DataFrame({"a": [1j, 2]}), "column 'a' "),
        (pd.DataFrame({"a": [b"x", b"y"]}), "column 'a' holds Binary"),
        (pd.DataFrame({"a": pd.period_range("2020", "2021", freq="Y")}), "column 'a' holds Object"),
        ({"a": [1, 2], "b": [1]}, "different numbers of rows: 'a' has 2, 'b' has 1"),
        ({"a": 1}, "column 'a' cannot be read"),
        ({"a": "text"}, "it is one text"),
        ({"a": [10**400, 1]}, "too large"),
        ({"a": np.ones((2, 2))}, "column 'a' holds Array"),
        (pl.LazyFrame({"a": [1]}).select("b"), "LazyFrame cannot be collected"),
        (pl.DataFrame({"a": pl.Series([object()], dtype=pl.Object)}), "holds Object"),
    ],
)
def test_tables_that_are_refused(table, message):
    with pytest.raises(DataError, match=message):
        TableEncoder().fit(table)


def test_a_lazy_frame_is_collected():
    assert TableEncoder().fit_transform(pl.LazyFrame({"a": [1, 2]})).tolist() == [[1], [2]]


@pytest.mark.parametrize("most", [np.int64(5), 5])
def test_whole_numbers_of_numpy_are_taken(most):
    encoder = TableEncoder(max_levels=most).fit(pl.DataFrame({"a": ["x", "y"]}))
    assert encoder.to_header()["max_levels"] == 5
    assert type(encoder.to_header()["max_levels"]) is int


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, pd.NA, 3], [1, None, 3]),
        ([pd.NA, "x"], [None, "x"]),
        ([pd.NaT, DAY], [None, DAY]),
        ([pd.NA, pd.NaT, None], [None, None, None]),
        (np.array([np.datetime64(DAY), DAY, np.datetime64("NaT")], object), [DAY, DAY, None]),
        (np.array(["1970", "NaT"], "M8[Y]"), [datetime.datetime(1970, 1, 1), None]),
        (np.array(["1970-01-02T00"], "M8[h]"), [datetime.datetime(1970, 1, 2)]),
        ([np.timedelta64(2, "h")], [datetime.timedelta(hours=2)]),
        (np.array([1.5, 2], np.longdouble), [1.5, 2]),
        ([np.longdouble(1.5), 2], [1.5, 2]),
        ([2**53, 0.5], [2**53, 0.5]),
    ],
)
def test_values_of_numpy_and_pandas(values, expected):
    assert as_frame({"a": values})["a"].to_list() == expected


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([2**53 + 1, 0.5], "holds 9007199254740993 in row 1 beside other numbers"),
        (np.array([1], "m8[Y]"), "no certain length"),
        (np.array([10**9], "M8[Y]"), "too far away"),
    ],
)
def test_values_of_numpy_that_are_refused(values, message):
    with pytest.raises(DataError, match=message):
        as_frame({"a": values})
