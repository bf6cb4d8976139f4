"""Validation data: given with the fit, or split off by early stopping."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from unstuck.errors import DataError, ParameterError
from unstuck.estimators.examples import Examples
from unstuck.settings import Settings

Part = tuple[Examples, Examples | None]
"""Rows to train on, and rows to validate on."""
Parts = Sequence[Callable[[], Part]]
"""Parts that are made when they are needed, since each is a copy of nearly all rows: one for all
networks of a fit, or one for each."""

Given = tuple[Any, Any, Any]
"""``X_val``, ``y_val`` and ``sample_weight_val`` as the user passed them."""


def given(validation_data: Given) -> bool:
    """Whether validation data were passed.

    Raises:
        DataError: only a part of them was.
    """
    x, y, w = validation_data
    if (x is None) != (y is None):
        raise DataError("X_val and y_val belong together; received only one of them.")
    if x is None and w is not None:
        raise DataError(
            "sample_weight_val belongs to X_val and y_val; received none of them. Pass all "
            "three, or leave it out."
        )
    return x is not None


def parts(
    examples: Examples, settings: Settings, seeds: Sequence[int], strata: Any, partial: bool
) -> Parts:
    """Training and validation examples by seed: one part where all seeds are the same.

    Arguments:
        examples: all of them.
        settings: the estimator's parameters; where they do not ask for early stopping themselves,
            too few rows are not divided.
        seeds: of the draws.
        strata: classes that both parts should hold, or ``None``.
        partial: whether the fit is one call of ``partial_fit``.

    Raises:
        ParameterError, DataError: as ``split``.
    """
    if not settings.early_stopping and not divisible(
        len(examples), strata, settings.validation_fraction
    ):
        return [lambda: (examples, None)]
    of = functools.partial(split, examples, settings, strata=strata, partial=partial)
    found = seeds if len(set(seeds)) > 1 else seeds[:1]
    return [functools.partial(of, seed=seed) for seed in found]


def divisible(rows: int, strata: Any, share: float) -> bool:
    """Whether so many rows can be divided, with every class in both parts.

    Example:
        >>> divisible(8, [0, 0, 0, 0, 1, 1, 1, 1], 0.25), divisible(3, [0, 0, 1], 0.25)
        (True, False)
    """
    return holdable(rows, strata, math.ceil(share * rows))


def holdable(rows: int, strata: Any, count: int) -> bool:
    """Whether ``count`` of the rows can be held out, with every class in both parts: what
    scikit-learn's ``train_test_split`` asks for.

    Arguments:
        rows: number of all rows.
        strata: their classes, or ``None``.
        count: how many to hold out.

    Example:
        >>> holdable(4, None, 3), holdable(4, None, 4), holdable(4, [0, 0, 1, 1], 1)
        (True, False, False)
    """
    if strata is None:
        return 0 < count < rows
    sizes = np.unique(strata, return_counts=True)[1]
    return bool(sizes.min() > 1 and len(sizes) <= count <= rows - len(sizes))


def split(
    examples: Examples, settings: Settings, seed: int, strata: Any, partial: bool
) -> tuple[Examples, Examples]:
    """Training examples, and the share of them that early stopping follows.

    Arguments:
        examples: all of them.
        settings: the estimator's parameters.
        seed: of the draw.
        strata: classes that both parts should hold, or ``None``.
        partial: whether the fit is one call of ``partial_fit``, which has nothing to stop.

    Raises:
        ParameterError: ``partial_fit`` cannot stop early.
        DataError: there are too few rows, or one part holds only rows of weight zero.
    """
    from sklearn.model_selection import train_test_split

    if partial:
        raise ParameterError(
            "partial_fit does one epoch a call and cannot stop early; set "
            "early_stopping=False, or pass X_val and y_val to fit."
        )
    share = settings.validation_fraction
    try:
        kept, held = train_test_split(
            np.arange(len(examples)), test_size=share, random_state=seed, stratify=strata
        )
    except ValueError as problem:
        raise DataError(
            f"early_stopping=True could not split {len(examples)} rows "
            f"(validation_fraction={share}): {str(problem).rstrip('.')}. "
            "Pass X_val and y_val, or set early_stopping=False."
        ) from problem
    for part, rows in (("train on", kept), ("validate", held)):
        if not examples.w[rows].any():
            raise DataError(
                f"early_stopping=True drew {len(rows)} rows to {part}, and all of them have sample "
                "weight zero. Leave rows of weight zero out, choose another random_state, or pass "
                "X_val and y_val."
            )
    return examples.take(kept), examples.take(held)
