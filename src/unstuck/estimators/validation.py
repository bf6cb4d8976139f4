"""Validation data: given with the fit, or split off by early stopping."""

from __future__ import annotations

from typing import Any

import numpy as np

from unstuck.errors import DataError, ParameterError
from unstuck.estimators.examples import Examples
from unstuck.settings import Settings

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
            f"(validation_fraction={share}): {problem} "
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
