"""Boolean functions as truth tables: a value for each row of inputs, counted up from 0, 0, ..."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from unstuck.errors import ParameterError

MOST_INPUTS = 10
"""Inputs of a function that is given as a whole: 1,024 rows."""

Function = str | Sequence[int] | Callable[..., Any] | np.ndarray
"""A truth table, or what computes it."""

NAMES = {
    "0000": "never", "0001": "a and b", "0010": "a and not b", "0011": "a",
    "0100": "not a and b", "0101": "b", "0110": "a xor b", "0111": "a or b",
    "1000": "neither a nor b", "1001": "a equals b", "1010": "not b", "1011": "a or not b",
    "1100": "not a", "1101": "not a or b", "1110": "not both a and b", "1111": "always",
}  # fmt: skip
"""Of the 16 functions of two inputs, by their truth table."""


def rows_of(inputs: int) -> np.ndarray:
    """All rows of so many Boolean inputs, shape (2^inputs, inputs).

    Example:
        >>> rows_of(2).tolist()
        [[0, 0], [0, 1], [1, 0], [1, 1]]
    """
    return np.arange(2**inputs)[:, None] >> np.arange(inputs)[::-1] & 1


def letters(inputs: int) -> list[str]:
    """What inputs are called: a, b, c, ..."""
    return [chr(ord("a") + place) for place in range(inputs)]


def truth_table(function: Function) -> np.ndarray:
    """The values of a Boolean function, shape (2^inputs,).

    Arguments:
        function: its values as text (``"0110"``) or as a list of 0 and 1, for the rows of inputs
            counted up, the last input fastest; or a function of so many arguments.

    Raises:
        ParameterError: it is no Boolean function, or has more than 10 inputs.

    Example:
        >>> truth_table(lambda a, b: a and not b).tolist()
        [0, 0, 1, 0]
    """
    if callable(function):
        inputs = _arguments(function)
        try:
            given: Any = [function(*map(int, row)) for row in rows_of(inputs)]
        except Exception as error:
            raise ParameterError(
                f"the function failed: {error}; expected one that takes {inputs} numbers, each 0 "
                "or 1."
            ) from error
    else:
        given = list(function) if isinstance(function, str) else function
    values = np.asarray(given)
    known = np.isin(values, ["0", "1"] if values.dtype.kind == "U" else [0, 1])
    size = len(values) if values.ndim == 1 else 0
    if size < 2 or size & (size - 1) or size > 2**MOST_INPUTS or not known.all():
        raise ParameterError(
            f"the truth table was {str(function)[:60]!r}, of the shape {values.shape}; expected 2, "
            f"4, 8, ... up to {2**MOST_INPUTS:,} values, each 0 or 1, one for every row of inputs: "
            "'0110' for XOR."
        )
    return values.astype(int)


def _arguments(function: Callable[..., Any]) -> int:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    plain = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if not 1 <= len(plain) <= MOST_INPUTS or len(plain) != len(parameters):
        raise ParameterError(
            f"the function takes {len(plain)} arguments that can be counted; expected 1 to "
            f"{MOST_INPUTS}, each with a name, as in lambda a, b: a or b; or give its truth table."
        )
    return len(plain)
