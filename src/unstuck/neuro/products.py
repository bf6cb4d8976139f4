"""Multiplication as a task: factors, and how right answers are, digit by digit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from unstuck.errors import DataError, ParameterError, raise_together
from unstuck.rules import COUNT, Number, mistakes_in

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
    rules = {"digits": Number(1, MOST_DIGITS, whole=True), "count": COUNT}
    wrong = mistakes_in({"digits": digits, "count": count}, rules)
    raise_together(wrong, ParameterError, "factors")
    low, high = 10 ** (int(digits) - 1), 10 ** int(digits)
    return np.random.default_rng(seed).integers(low, high, (count, 2))


def answers(given: Sequence[Any] | np.ndarray, pairs: np.ndarray) -> Answers:
    """How right products are, against Python's whole numbers, which have all digits that it takes.

    Arguments:
        given: the answers, shape (n,): whole numbers, or floats, which are rounded.
        pairs: the factors, whole numbers, shape (n, 2).

    Raises:
        DataError: not one answer for each pair.

    Example:
        >>> answers([56, 71.6, 80], [[7, 8], [8, 9], [9, 9]])
        Answers(exact=0.6666666666666666, digits=inf)
    """
    if len(given) != len(pairs) or not len(given):
        raise DataError(
            f"answers: there are {len(given)} answers to {len(pairs)} pairs; expected one for "
            "each, and at least one."
        )
    errors = []
    for answer, (a, b) in zip(given, pairs, strict=True):
        product = int(a) * int(b)
        finite = np.isfinite(float(answer))
        # Rounded as a whole number: a float of 20 digits is one already, but for its last four.
        wrong = abs(round(answer if finite else 0) - product)
        errors.append(wrong / max(abs(product), 1))
    with np.errstate(divide="ignore"):
        digits = float(np.median(-np.log10(np.array(errors, float))))
    return Answers(float(np.mean(np.array(errors) == 0)), digits)
