"""Multiplication as a task: factors, and how right answers are, digit by digit."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from unstuck.errors import DataError
from unstuck.neuro.given import check, check_room, drawn_by, shape_of, shown
from unstuck.rules import COUNT, Number

MOST_DIGITS = 18
"""Factors that int64 holds."""


class Answers(NamedTuple):
    """How right products are.

    Attributes:
        exact: share of the answers that are right in every digit, once they are rounded.
        digits: leading digits that are right, the median: -log10 of the relative error. Infinite
            where most answers are exact.
    """

    exact: float
    digits: float


def factors(digits: int, count: int, seed: int = 0) -> np.ndarray:
    """Pairs of factors that have so many digits, each as likely as any.

    Arguments:
        digits: of each, 1 to 18.
        count: of pairs.
        seed: of the draws.

    Returns:
        Shape (count, 2), int64.

    Raises:
        ParameterError: numbers that cannot be.

    Example:
        >>> pairs = factors(10, 3)
        >>> pairs.shape, bool((pairs >= 10**9).all() and (pairs < 10**10).all())
        ((3, 2), True)
    """
    known = Number(1, MOST_DIGITS, whole=True)
    check("factors", digits=(digits, known), count=(count, COUNT))
    check_room(4.0 * int(count), f"factors: {count:,} pairs", "take fewer")
    low, high = 10 ** (int(digits) - 1), 10 ** int(digits)
    return drawn_by(seed, "factors", "seed").integers(low, high, (count, 2))


def answers(given: Sequence[Any] | np.ndarray, pairs: np.ndarray) -> Answers:
    """How right products are, against Python's whole numbers, which have all digits that it takes.

    Arguments:
        given: the answers, shape (n,): whole numbers, or floats, which are rounded.
        pairs: the factors, whole numbers, shape (n, 2).

    Raises:
        DataError: not one answer for each pair, or other things than numbers.

    Example:
        >>> answers([56, 71.6, 80], [[7, 8], [8, 9], [9, 9]])
        Answers(exact=0.6666666666666666, digits=inf)
    """
    said, known = _objects(given), _objects(pairs)
    if said.ndim != 1 or not said.size or known.shape != (len(said), 2):
        raise DataError(
            f"answers: the answers have {shape_of(given)}, the pairs {shape_of(pairs)}; expected "
            "an answer for each pair, shapes (n,) and (n, 2), and at least one."
        )
    for name, values, kind in (("answers", said, Real), ("pairs", known, Integral)):
        others = [each for each in values.ravel() if not isinstance(each, kind)]
        if others:
            what = "numbers" if kind is Real else "whole numbers"
            raise DataError(f"answers: {name} held {shown(others[0])}; expected {what}.")
    errors: list[float] = []
    answer: Any
    for answer, (a, b) in zip(said, known, strict=True):
        product = int(a) * int(b)
        finite = isinstance(answer, Integral) or np.isfinite(answer)
        # Rounded as a whole number: a float of 20 digits is one already, but for its last four.
        wrong = abs(round(answer if finite else 0) - product)
        try:
            errors.append(wrong / max(abs(product), 1))
        except OverflowError:
            errors.append(float(np.finfo(float).max))  # infinity less infinity is no median
    with np.errstate(divide="ignore"):
        digits = float(np.median(-np.log10(np.array(errors, float))))
    return Answers(float(np.mean(np.array(errors) == 0)), digits)


def _objects(given: Any) -> np.ndarray:
    """Values as they are: as an array of numbers, whole ones might lose digits."""
    try:
        return np.array(given, dtype=object)
    except (TypeError, ValueError):
        return np.array(None)
