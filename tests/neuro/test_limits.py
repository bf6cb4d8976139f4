"""Flipped bits as the standard lays numbers out, and products judged against whole numbers."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from unstuck import DataError, ParameterError
from unstuck.neuro import answers, factors, flipped


@pytest.mark.parametrize("value", [1.0, -3.7, 1e-300, 0.0, 6.02e23])
def test_a_bit_of_a_float_is_flipped_as_struct_packs_it(value):
    for bit in range(64):
        (whole,) = struct.unpack("<Q", struct.pack("<d", value))
        (expected,) = struct.unpack("<d", struct.pack("<Q", whole ^ (1 << bit)))
        np.testing.assert_equal(flipped(value, bit), expected)
        assert flipped(flipped(value, bit), bit) == value


def test_a_bit_of_a_whole_number_counts_its_power_of_two():
    a = np.array([6, 1234567890, -5])
    for bit in range(63):
        np.testing.assert_array_equal(flipped(a, bit), [int(each) ^ (1 << bit) for each in a])
    assert flipped(5, 63) == 5 - 2**63
    assert flipped(np.uint8([255, 0]), 7).tolist() == [127, 128]


def test_shapes_and_types_stay():
    a = np.ones((3, 2), np.float32)
    wrong = flipped(a.T, [[31], [23]])
    assert (wrong.dtype, wrong.shape) == (np.float32, (2, 3))
    assert wrong[:, 0].tolist() == [-1.0, 0.5]
    assert a.all()
    assert isinstance(flipped(2.0, 63), float)
    assert isinstance(flipped(2, 1), int)


def test_errors_of_floats_are_those_of_the_standard():
    x = np.random.default_rng(0).uniform(1, 2, 50)
    for bit in (0, 20, 51):
        np.testing.assert_allclose(np.abs(flipped(x, bit) - x), 2.0 ** (bit - 52))
    np.testing.assert_allclose(flipped(x, 52), x / 2)  # the exponent's lowest bit of 1023 is 1


@pytest.mark.parametrize("values", ["7", [1, 2**64], [1, None], 1 + 2j, [[1], [2, 3]]])
def test_what_has_no_bits_is_told(values):
    with pytest.raises(DataError, match="at most 64 bits"):
        flipped(values, 0)


@pytest.mark.parametrize(("values", "bits"), [(1.0, 64), (1, -1), (np.float32(1), 32), (1, 0.5)])
def test_a_bit_that_is_not_there_is_told(values, bits):
    with pytest.raises(ParameterError, match="whole numbers from 0 to"):
        flipped(values, bits)


def test_factors_have_so_many_digits():
    for digits in (1, 2, 10, 18):
        pairs = factors(digits, 200, seed=1)
        assert {len(str(each)) for each in pairs.ravel().tolist()} == {digits}
    np.testing.assert_array_equal(factors(3, 5, seed=2), factors(3, 5, seed=2))
    for given in ((0, 5), (19, 5), (2, 0), (True, 5)):
        with pytest.raises(ParameterError, match="expected an integer >= 1"):
            factors(*given)


def test_answers_are_judged_in_every_digit():
    pairs = factors(10, 300)
    exact = [a * b for a, b in pairs.tolist()]
    assert answers(exact, pairs) == (1.0, np.inf)
    # Floats have 53 bits: of 20 digits the last four are lost but by luck.
    floats = answers(pairs[:, 0] * pairs[:, 1].astype(float), pairs)
    assert floats.exact < 0.05
    assert 15.5 < floats.digits < 17.5
    off = answers([each + each // 1000 for each in exact], pairs)
    assert off.exact == 0.0
    assert off.digits == pytest.approx(3.0, abs=0.01)
    assert answers([np.nan, 42.4], [[1, 1], [6, 7]]).exact == 0.5
    with pytest.raises(DataError, match="an answer for each pair"):
        answers([1], [[1, 1], [2, 2]])
