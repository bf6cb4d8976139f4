"""Numbers as people write them."""

from __future__ import annotations

import math

import polars as pl
import pytest

from unstuck.data import numerals


@pytest.mark.parametrize(
    ("text", "point", "comma", "unit"),
    [
        ("5", 5, 5, ""),
        ("-1.5e3", -1500, None, ""),
        ("-1,5e-3", None, -0.0015, ""),
        ("1,234", 1234, 1.234, ""),
        ("1.234", 1.234, 1234, ""),
        ("0,125", None, 0.125, ""),
        ("1,234,567.5", 1234567.5, None, ""),
        ("1.234.567", None, 1234567, ""),
        ("12,34,567", 1234567, None, ""),
        ("1 234 567,5", None, 1234567.5, ""),
        ("1\u202f234", 1234, 1234, ""),
        ("1'234.5", 1234.5, None, ""),
        ("$4,964", 4964, 4.964, "$"),
        ("-$4.5", -4.5, None, "$"),
        ("1.234,56 €", None, 1234.56, "€"),
        ("EUR 12", 12, 12, "€"),
        ("CHF 1'000.50", 1000.5, None, "CHF"),
        ("12 %", 12, 12, "%"),
        ("\u221212", -12, -12, ""),
        ("(1,234.50)", -1234.5, None, ""),
        ("12,5-", None, -12.5, ""),
        (".5", 0.5, None, ""),
        ("1.", 1, None, ""),
        ("inf", math.inf, math.inf, ""),
        ("-Infinity", -math.inf, -math.inf, ""),
    ],
)
def test_both_readings(text, point, comma, unit):
    found = numerals.read(pl.Series([text]))
    assert (found.point[0], found.comma[0], found.unit[0]) == (point, comma, unit)


@pytest.mark.parametrize(
    "text",
    [
        "01234",
        "007",
        "1,23,45",
        "1,2345.6",
        "1..2",
        "1-2",
        "abc",
        "12 kg",
        "1e",
        "€",
        "$5€",
        "(5",
        "0x10",
        "1_000",
        "1 2",
        "+",
        "12:30",
        "ABC 1",
    ],
)
def test_what_is_no_number(text):
    found = numerals.read(pl.Series([text]))
    assert (found.point[0], found.comma[0]) == (None, None)
    assert not numerals.is_plain(pl.Series([text]))


def test_the_quick_way_and_the_other_agree():
    texts = pl.Series(["-1.5", "+2", "3,25", "1,234", "1e-5", None, "x1"])
    slow = numerals.read(pl.concat([texts, pl.Series(["5 €"])]))
    quick = numerals.read(texts[:-1])
    assert quick.point.to_list() == slow.point.to_list()[:6]
    assert quick.comma.to_list() == slow.comma.to_list()[:6]
