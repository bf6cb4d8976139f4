"""Arrays in a few characters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from unstuck.summary import number, summary


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (3, "3"),
        (0.1234567, "0.1235"),
        (-1.23456e-12, "-1.235e-12"),
        (-0.0006603, "-0.0006603"),
        (-123456.0, "-1.235e+05"),
        ([-0.0, 1.0], "[0 1]"),
        (np.float32(0.1), "0.1"),
        (True, "True"),
        (10**12, "1e+12"),
        ([1, 2, 3], "[1 2 3]"),
        ([[1.0, 2.0], [3.0, 4.5]], "[[1 2] [3 4.5]]"),
        (np.arange(7), "0 to 6"),
        (np.zeros(50), "0 ± 0"),
        (np.array([True, False] * 5), "5 True of 10"),
        (np.array([np.inf, 1.0] * 5), "5 inf of 10"),
        (np.array([np.inf, np.nan] * 5), "5 nan of 10"),
        (np.full(9, 1e300), "1e+300 ± 0"),
        (np.full(9, 3 + 4j), "|z| 5 ± 0"),
        (np.zeros((2, 0)), "empty"),
        (None, ""),
    ],
)
def test_summaries(array, text):
    assert summary(array) == text


@given(
    arrays.arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.bool_, np.complex128]),
        arrays.array_shapes(min_dims=0, max_dims=3, max_side=5),
    )
)
def test_summaries_are_short(array):
    assert len(summary(array)) <= 24


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_negative_number_keeps_the_digits_of_the_positive_one(x):
    assert number(-abs(x)).lstrip("-") == number(abs(x))


def test_numbers_are_read_back_to_their_digits():
    for x in (1.0, -0.12345, 1e-9, 123456.0, -9.87e20, 0.0):
        assert float(number(x)) == pytest.approx(x, rel=0.05)
