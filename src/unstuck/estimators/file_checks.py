"""Whether the parts of a file are what the others require."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from unstuck.errors import FileError

Arrays = dict[str, np.ndarray]


def array_of(arrays: Arrays, name: str, shape: tuple[int, ...], finite: bool = True) -> np.ndarray:
    """An array that is needed; it is taken away, so that what is left is what nobody needs."""
    array = arrays.pop(name)
    expect(array.shape == shape, f"the shape of {name}")
    expect(array.dtype == np.float64, f"the type of {name}")
    expect(not finite or bool(np.isfinite(array).all()), f"the numbers of {name}")
    return array


def count(value: Any, low: int = 1, high: float = math.inf) -> int:
    """A whole number within bounds."""
    expect(type(value) is int and low <= value <= high, "a whole number")
    return int(value)


def number(value: Any) -> float:
    """A number, which may be infinite or NaN."""
    expect(type(value) in (int, float), f"{value!r:.40} in the place of a number")
    return float(value)


def text(value: Any) -> str:
    """A text."""
    expect(isinstance(value, str), f"{value!r:.40} in the place of a text")
    return str(value)


def expect(holds: bool, what: str) -> None:
    """Raise a ``FileError`` where something does not hold."""
    if not holds:
        raise FileError(f"the file contradicts itself: {what} is not what the rest requires.")
