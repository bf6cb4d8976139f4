"""Dates and times of day as people write them."""

from __future__ import annotations

import datetime

import polars as pl
import pytest

from unstuck.data import times

MOMENT = datetime.datetime(2020, 12, 31, 13, 5, 9, 250_000)


def microseconds(moment):
    return (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)


@pytest.mark.parametrize("form", times.FORMS)
def test_every_form_with_and_without_a_time(form):
    day = datetime.datetime(2020, 12, 31)
    texts = pl.Series([day.strftime(form), MOMENT.strftime(form + " %H:%M:%S.%f")])
    assert times.dates(texts, form).to_list() == [microseconds(day), microseconds(MOMENT)]
    assert times.form_of(texts) is not None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-12-31T13:05", datetime.datetime(2020, 12, 31, 13, 5)),
        ("2020-12-31 13:05:09.25", MOMENT),
        ("2020-12-31T13:05:09.250000999Z", MOMENT),
        ("2020-12-31T14:05:09.25+01:00", MOMENT),
        ("2020-12-31 1:05:09.25 PM", MOMENT),
        ("1900-01-01", datetime.datetime(1900, 1, 1)),
    ],
)
def test_iso(text, moment):
    assert times.dates(pl.Series([text]), times.ISO).to_list() == [microseconds(moment)]


@pytest.mark.parametrize("text", ["2020-13-01", "2020-02-30", "20-01-01", "2020-01-01 25:00", "x"])
def test_what_is_no_date(text):
    assert times.dates(pl.Series([text]), times.ISO).to_list() == [None]


def test_days_come_before_months_unless_a_value_says_otherwise():
    assert times.form_of(pl.Series(["01/02/2020", "03/04/2020"])) == "%d/%m/%Y"
    assert times.form_of(pl.Series(["01/02/2020", "01/31/2020"])) == "%m/%d/%Y"
