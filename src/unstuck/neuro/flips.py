"""Numbers of a computer in which one bit is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from unstuck.errors import DataError, ParameterError
from unstuck.neuro.given import array_of, shown


def flipped(values: Any, bits: Any) -> Any:
    """Numbers with one bit flipped, as they lie in memory.

    Of a float64 the bits 0 to 51 are the fraction, 52 to 62 the exponent, and 63 is the sign: a
    flip changes it by ``2^(bit - 52)`` of its power of two, by a factor of ``2^(±2^(bit - 52))``,
    or to its opposite. Of a whole number bit k counts 2^k, and the last bit is the sign.

    Arguments:
        values: a number, or an array of integers or floats; a Python number is one of 64 bits.
        bits: which bit of each, 0 the lowest; a number, or an array in a shape that fits.

    Returns:
        An array of the same dtype in the common shape; a number where both were numbers.

    Raises:
        DataError: no integers or floats, or too large for 64 bits.
        ParameterError: there are no such bits.

    Example:
        >>> flipped(6, 0), flipped(6, 4), flipped(1.0, 63), flipped(1.0, 51)
        (7, 22, -1.0, 1.5)

    Reference: IEEE 754-2019, section 3.4.
    """
    try:
        numbers = np.asarray(values)
    except (ValueError, OverflowError):
        numbers = np.empty(0, object)
    if numbers.dtype.kind not in "iuf" or numbers.dtype.itemsize not in (1, 2, 4, 8):
        raise DataError(
            f"flipped: values was {type(values).__name__} {str(values)[:40]}; expected numbers of "
            "at most 64 bits: integers or floats."
        )
    places = array_of(bits)
    width = 8 * numbers.dtype.itemsize
    if places.dtype.kind not in "iu" or ((places < 0) | (places >= width)).any():
        raise ParameterError(
            f"flipped: bits was {shown(bits)}; expected whole numbers from 0 to {width - 1}, since "
            f"the values are {numbers.dtype} of {width} bits."
        )
    try:
        np.broadcast_shapes(numbers.shape, places.shape)
    except ValueError:
        raise ParameterError(
            f"flipped: values have the shape {numbers.shape}, bits {places.shape}; expected one "
            "bit, or shapes that fit each other."
        ) from None
    whole: Any = np.dtype(f"u{numbers.dtype.itemsize}")
    one = np.left_shift(np.ones((), whole), places.astype(whole))
    found = np.bitwise_xor(np.ascontiguousarray(numbers).view(whole).reshape(numbers.shape), one)
    found = np.asarray(found).view(numbers.dtype)
    return found.item() if found.ndim == 0 and not isinstance(values, np.ndarray) else found
