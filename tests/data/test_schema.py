"""Any table, written to CSV in any form, is encoded as the frame it came from, to the bit."""

from __future__ import annotations

import datetime
import json
import string
import warnings

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.data.reading import read_table
from unstuck.data.table import TableEncoder
from unstuck.errors import DataWarning

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
WORDS = ("", "NA", "n.a.", "#N/A", "-", "NaN", "null", "?")
TEXTS = st.one_of(
    st.sampled_from(["red", "Größe, cm", 'say "x"', "a;b", "007", "01234", "SW1A", "True", "x\ny"]),
    st.text(string.ascii_letters + "äöé €,;|.0123456789", min_size=1, max_size=6),
)
NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(-9999, 9999, places=3).map(float),
    st.integers(-100, 100).map(float),
)
VALUES = {
    "number": NUMBERS,
    "whole": st.integers(-(2**40), 2**40),
    "text": TEXTS,
    "code": st.integers(0, 999).map(lambda i: f"{i:05d}"),
    "truth": st.booleans(),
    "day": st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)),
    "moment": st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1)),
    "clock": st.times(),
}


@st.composite
def tables(draw):
    """A frame with one to five columns of any kind and one to eight rows."""
    kinds = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=5))
    rows = draw(st.integers(2, 8))
    columns = {}
    for i, kind in enumerate(kinds):
        values = draw(st.lists(VALUES[kind] | st.none(), min_size=rows, max_size=rows))
        columns[f"{kind} {i}"] = values
    columns["full, always"] = [float(i) for i in range(rows)]
    return pl.DataFrame(columns, strict=False, infer_schema_length=None)


@st.composite
def forms(draw):
    """A way to write a table."""
    comma = draw(st.booleans())
    return {
        "decimal_comma": comma,
        "separator": draw(st.sampled_from(";\t|" if comma else ",;\t|")),
        "quote_style": draw(st.sampled_from(["necessary", "non_numeric", "always"])),
        "null_value": draw(st.sampled_from(WORDS)),
        "encoding": draw(st.sampled_from(ENCODINGS)),
        "ending": draw(st.sampled_from(["", "\n", "\n\n  \n"])),
    }


def written(path, frame, form):
    options = {key: form[key] for key in ("decimal_comma", "separator", "quote_style")}
    text = frame.write_csv(null_value=form["null_value"], **options) + form["ending"]
    path.write_bytes(text.encode(form["encoding"]))
    return path


def encoded(encoder, table):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return encoder.transform(table)


def is_doubtful(form, frame):
    """Whether some number may be taken for another: 1,234 is 1234 or 1.234, unless the separator
    tells. What happens then is tested below."""
    numbers = frame.select(pl.selectors.float()).unpivot()["value"].cast(str)
    doubtful = numbers.str.contains(r"^-?[1-9]\d{0,2}\.\d{3}$").any()
    return form["decimal_comma"] and form["separator"] != ";" and bool(doubtful)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), frame=tables(), form=forms())
def test_a_table_is_encoded_as_the_frame_it_came_from(tmp_path_factory, data, frame, form):
    path = tmp_path_factory.mktemp("any") / "any.csv"
    encoder = TableEncoder().fit(frame)
    encoder = TableEncoder.from_header(json.loads(json.dumps(encoder.to_header())))
    shuffled = frame.select(data.draw(st.permutations(frame.columns)))
    extra = shuffled.with_columns(pl.lit("more").alias("beside"))
    expected = encoded(encoder, frame)
    row = data.draw(st.integers(0, frame.height - 1))
    for some, rows in ((extra, expected), (extra[row : row + 1], expected[row : row + 1])):
        table = read_table(written(path, some, form))
        if not is_doubtful(form, frame):
            assert np.array_equal(encoded(encoder, table), rows)


@settings(max_examples=30, deadline=None)
@given(frame=tables(), form=forms(), other=forms())
def test_a_file_is_encoded_alike_by_what_was_learned_from_another(
    tmp_path_factory, frame, form, other
):
    folder = tmp_path_factory.mktemp("any")
    other = {**other, "decimal_comma": form["decimal_comma"], "separator": form["separator"]}
    first = read_table(written(folder / "first.csv", frame, form))
    encoder = TableEncoder().fit(first)
    expected = encoded(encoder, first)
    assert np.array_equal(
        encoded(encoder, read_table(written(folder / "2.csv", frame, other))), expected
    )
    for row in range(frame.height):
        assert np.array_equal(encoded(encoder, first[row : row + 1]), expected[row : row + 1])
