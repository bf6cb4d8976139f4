"""Tables: what is read, how columns become numbers, and what a file may hold of it."""

from __future__ import annotations

import copy
import datetime
import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.data.table import TableEncoder, Target, decide_task, read_table
from unstuck.errors import DataError, DataWarning, FileError, ParameterError

MIXED = {
    "size": [1.0, None, 3.0, 10.0],
    "color": ["red", None, "blue", "red"],
    "old": [True, False, None, True],
    "day": [datetime.date(1970, 1, d) for d in (1, 2, 3, 4)],
    "kind": ["a", "a", "a", "a"],
    "void": [None, None, None, None],
    "one": [7, 7, 7, 7],
}


def written(tmp_path, text, name="table.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode())
    return path


def test_cells_are_read_as_texts_and_their_kinds_are_learned(tmp_path):
    text = "a, b,c,d\n1,NA,x,2020-01-01\n2, 2.5,?,2020-01-02\n,3, y ,2020-01-03\n"
    frame = read_table(written(tmp_path, text))
    assert frame.rows()[1] == ("2", "2.5", "?", "2020-01-02")
    encoder = TableEncoder().fit(frame)
    assert [each.reader.name for each in encoder.columns_] == ["number", "number", "text", "date"]
    assert encoder.fit_transform(frame)[:, :2].tolist() == [[1, 2.75], [2, 2.5], [1.5, 3]]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_separators_are_found(tmp_path, mark):
    frame = read_table(written(tmp_path, f"a{mark}b\n1{mark}x\n"))
    assert frame.rows() == [("1", "x")]


def test_read_parquet(tmp_path):
    pl.DataFrame({"a": [1.5]}).write_parquet(tmp_path / "a.parquet")
    assert read_table(tmp_path / "a.parquet").rows() == [(1.5,)]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "a,b\n", "no rows below its column names"),
        ("a.csv", "a,b\n1,2\n1,2,3\n", "row 2 below .* received 3 values, expected 2"),
        ("a.parquet", "not parquet", "cannot read"),
        ("a.csv", "\n\n", "nothing but blank lines"),
        ("a.csv", "a,b,a\n1,2,3\n", "several columns of the name 'a'"),
        ("a.xlsx", "x", "cannot be read as an Excel file"),
        ("a.json", "x", "not a table that can be read; expected .csv"),
    ],
)
def test_what_cannot_be_read(tmp_path, name, text, message):
    with pytest.raises(DataError, match=message):
        read_table(written(tmp_path, text, name))


def test_a_missing_file_is_told_the_near_one(tmp_path):
    written(tmp_path, "a\n1\n", "houses.csv")
    with pytest.raises(DataError, match=r"Did you mean 'houses\.csv'"):
        read_table(tmp_path / "hauses.csv")
    with pytest.raises(DataError, match="there is no folder"):
        read_table(tmp_path / "nowhere" / "a.csv")
    with pytest.raises(DataError, match="is a folder"):
        read_table(tmp_path)


@pytest.mark.parametrize("library", ["polars", "pandas", "dict"])
def test_encoding_a_table_of_every_kind(library):
    make = {"polars": pl.DataFrame, "pandas": pd.DataFrame, "dict": dict}[library]
    encoder = TableEncoder()
    encoded = encoder.fit_transform(make(MIXED))
    assert list(encoder.get_feature_names_out()) == [
        "size",
        "color=blue",
        "color=red",
        "color=(missing)",
        "old",
        "day",
        "one",
    ]
    day = 86400.0
    assert encoded.tolist() == [
        [1, 0, 1, 0, 1, 0, 7],
        [3, 0, 0, 1, 0, day, 7],
        [3, 1, 0, 0, 1, 2 * day, 7],
        [10, 0, 1, 0, 1, 3 * day, 7],
    ]
    assert encoder.summary() == [
        "1 text column became 3 one-hot columns: color",
        "times in seconds (dates since 1970): day",
        "size: 1 missing value imputed with 3",
        "old: 1 missing value imputed with 1",
        "1 constant column: one",
        "kind: left out, because it is 'a' in every row",
        "void: left out, because it has no values",
    ]


def test_unseen_levels_and_unseen_missing_are_zeros():
    encoder = TableEncoder().fit(pl.DataFrame({"c": ["x", "y"]}))
    with pytest.warns(
        DataWarning, match="c: 1 of 3 values were never seen by the fit, such as 'z'"
    ):
        encoded = encoder.transform(pl.DataFrame({"c": ["y", "z", None]}))
    assert encoded.tolist() == [[0, 1], [0, 0], [0, 0]]


def test_levels_read_as_numbers_are_still_levels():
    encoder = TableEncoder().fit(pl.DataFrame({"c": ["1", "2", "a"]}))
    assert encoder.transform(pl.DataFrame({"c": [2]})).tolist() == [[0, 1, 0]]


def test_texts_that_name_rows_are_left_out_and_rare_levels_share_zeros():
    frame = pl.DataFrame(
        {
            "id": [f"row {i}" for i in range(60)],
            "many": [f"level {i % 25}" for i in range(60)],
            "count": list(range(60)),
        }
    )
    encoder = TableEncoder(max_levels=10).fit(frame)
    # The ten levels that occur three times.
    assert encoder.columns_[0].levels == tuple(f"level {i}" for i in range(10))
    assert encoder.left_out_[0][0] == "id"
    assert "many: its 15 rarest levels share zeros" in encoder.summary()
    assert "count: looks like a row number; better left out" in encoder.summary()


def test_mistakes_in_columns_are_named_together():
    frame = pl.DataFrame({"a": [1.0, np.inf, -np.inf], "b": [[1], [2], [3]], "c": [1, 2, 3]})
    with pytest.raises(DataError) as caught:
        TableEncoder().fit(frame)
    assert "2 mistakes" in str(caught.value)
    assert "column 'a' is infinite in rows 2, 3" in str(caught.value)
    assert "column 'b' holds List" in str(caught.value)


def test_a_table_that_lacks_columns_or_holds_text_for_numbers():
    encoder = TableEncoder().fit(pl.DataFrame({"width": [1.0, 2.0], "height": [1, 2]}))
    with pytest.raises(DataError, match=r"lacks 2 columns .* 'width', 'height'\. Did you mean"):
        encoder.transform(pl.DataFrame({"widths": [1.0]}))
    with pytest.raises(DataError, match="column 'height' holds 'tall' in row 2"):
        encoder.transform(pl.DataFrame({"width": [1.0, 2.0], "height": ["1", "tall"]}))


@pytest.mark.parametrize(
    ("arguments", "table", "error", "message"),
    [
        ({}, {"a": []}, DataError, "no rows"),
        ({}, {"a": [None]}, DataError, "no column to learn from"),
        ({"target": "a"}, {"a": [1]}, DataError, "beside the target"),
        ({"target": "b"}, {"a": [1]}, DataError, "no column 'b'"),
        ({"max_levels": 0}, {"a": [1]}, ParameterError, "max_levels was 0"),
        ({}, np.ones((2, 2)), DataError, "received ndarray"),
    ],
)
def test_fits_that_are_refused(arguments, table, error, message):
    with pytest.raises(error, match=message):
        TableEncoder(**arguments).fit(table)


@pytest.mark.parametrize(
    ("values", "task", "why"),
    [
        (["a", "b"], "classification", "2 different texts"),
        ([True, False, True], "classification", "2 different truth values"),
        ([0.0, 1.0, 1.0, 0.0], "classification", "only 2 different integers"),
        ([1, 2, 3] * 10, "classification", "only 3 different integers"),
        (list(range(100)), "regression", "100 different integers"),
        ([0.5, 1.0, 2.0], "regression", "3 different numbers that are not all integers"),
        (np.array([0.5, 1.0]), "regression", "2 different numbers that are not all integers"),
    ],
)
def test_the_task_follows_from_the_target(values, task, why):
    assert decide_task(values) == (task, why)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0, float("nan"), None], "no value in rows 2, 3"),
        ([1.0, float("inf")], "infinite in row 2"),
        ([None] * 8, "no value in rows 1, 2, 3, 4, 5 and 3 more"),
        ([[1], [2]], "expected numbers, text or booleans"),
    ],
)
def test_targets_that_cannot_be_learned(values, message):
    with pytest.raises(DataError, match=message):
        decide_task(pl.Series("y", values, strict=False))


@pytest.mark.parametrize(
    ("column", "task", "expected"),
    [
        ([1, 2, 1], "regression", np.array([1.0, 2.0, 1.0])),
        ([1.0, 2.0, 1.0], "classification", np.array([1, 2, 1])),
        (["a", "b", "a"], "classification", np.array(["a", "b", "a"])),
        ([True, False, True], "classification", np.array([True, False, True])),
    ],
)
def test_target_values(column, task, expected):
    frame = pl.DataFrame({"x": [1, 2, 3], "y": column})
    encoder = TableEncoder(target=Target("y", task, "as asked")).fit(frame)
    found = encoder.targets(frame)
    assert found.dtype.kind == expected.dtype.kind
    assert found.tolist() == expected.tolist()
    assert list(encoder.get_feature_names_out()) == ["x"]


def test_a_header_survives_json_and_gives_the_same_numbers():
    frame = pl.DataFrame(MIXED)
    encoder = TableEncoder(target="one").fit(frame)
    again = TableEncoder.from_header(json.loads(json.dumps(encoder.to_header())))
    assert np.array_equal(again.transform(frame), encoder.transform(frame))
    assert again.summary() == encoder.summary()
    assert again.target_ == encoder.target_
    assert again.to_header() == encoder.to_header()


HEADER = json.dumps(TableEncoder(target="one").fit(pl.DataFrame(MIXED)).to_header())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def places(node, path=()):
    """Every path in a JSON value."""
    yield path
    inside = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, value in inside:
        yield from places(value, (*path, key))


PLACES = list(places(json.loads(HEADER)))


@settings(max_examples=400, deadline=None)
@given(place=st.sampled_from(PLACES), value=JSON, remove=st.booleans())
def test_a_damaged_header_gives_one_error_or_a_working_encoder(place, value, remove):
    holder = {"header": json.loads(HEADER)}
    node, key = holder, "header"
    for step in place:
        node, key = node[key], step
    if remove and place:
        del node[key]
    else:
        node[key] = copy.deepcopy(value)
    try:
        encoder = TableEncoder.from_header(holder["header"])
    except FileError:
        return
    json.dumps(encoder.to_header())
    assert all(isinstance(sentence, str) for sentence in encoder.summary())
