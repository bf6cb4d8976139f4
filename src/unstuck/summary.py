"""An array in a few characters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

MOST_NUMBERS = 6
"""Arrays up to this size may show their numbers."""


def number(x: Any) -> str:
    """A number in at most nine characters and its sign; a sign costs no digits.

    >>> number(0.123456), number(-1.5e-7), number(12), number(True), number(1 - 2j)
    ('0.1235', '-1.5e-07', '12', 'True', '1-2j')
    >>> number(-0.0006603), number(-123456.0), number(-0.0)
    ('-0.0006603', '-1.235e+05', '0')
    """
    if isinstance(x, bool | np.bool_):
        return str(bool(x))
    if isinstance(x, complex | np.complexfloating):
        return f"{x.real:.3g}{x.imag:+.3g}j"
    if isinstance(x, int | np.integer):
        return str(x) if abs(int(x)) < 10**9 else f"{float(x):.3g}"
    x = float(x) + 0.0  # no -0
    short = f"{x:.4g}"
    return short if len(short.lstrip("-")) < 10 else f"{x:.2g}"


def summary(array: Any, width: int = 18) -> str:
    """The numbers of a small array; mean ± standard deviation of a large one.

    Numbers that are not finite are counted, and so is truth; integers have a range.

    Arguments:
        array: an array of any dtype, or ``None``.
        width: characters up to which the numbers are shown one by one.

    >>> summary(np.array([1.0, 2.5])), summary(np.arange(100.0)), summary(np.arange(100))
    ('[1 2.5]', '50 ± 29', '0 to 99')
    >>> summary(np.array([1.0, np.nan] * 10)), summary(np.zeros((0, 2))), summary(None)
    ('10 nan of 20', 'empty', '')
    """
    if array is None:
        return ""
    array = np.asarray(array)
    if array.size == 0:
        return "empty"
    if array.size <= MOST_NUMBERS:
        text = _listed(array)
        if len(text) <= max(width, 10 if array.ndim == 0 else 0):
            return text
    if array.dtype.kind == "b":
        return f"{int(array.sum())} True of {array.size}"
    if array.dtype.kind in "iu":
        return f"{number(array.min())} to {number(array.max())}"
    return _distribution(array if array.dtype.kind == "c" else array.astype(np.float64))


def _listed(array: np.ndarray) -> str:
    if array.ndim == 0:
        return number(array[()])
    return f"[{' '.join(map(_listed, array))}]"


def _distribution(array: np.ndarray) -> str:
    for what, found in (("nan", np.isnan(array)), ("inf", np.isinf(array))):
        if found.any():
            return f"{int(found.sum())} {what} of {array.size}"
    absolute = array.dtype.kind == "c"
    numbers = np.abs(array) if absolute else array
    # Scaled, so that the squares of huge numbers do not overflow.
    scale = float(np.abs(numbers).max()) or 1.0
    mean, deviation = numbers.mean() / scale, (numbers / scale).std()
    text = f"{mean * scale:.2g} ± {deviation * scale:.2g}"
    return f"|z| {text}" if absolute else text


def table_of(arrays: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """A row of a table for every array: its name, its shape, what is in it.

    >>> table_of({"losses": np.array([1.0, 3.0])})
    [('', 'shape', 'numbers'), ('losses', '(2,)', '[1 3]')]
    """
    rows = [("", "shape", "numbers")]
    rows += [(name, str(np.shape(array)), summary(array)) for name, array in arrays.items()]
    return rows
