"""Whether what a user gave is rows, with a target each, that models can take."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import _num_samples

from unstuck.errors import DataError

LARGEST = float(np.finfo(np.float32).max)
"""That trees and kernel machines take."""


def check_rows(X: Any, y: Any, caller: str) -> None:
    """Refuse what is no rows with a target each, whatever the estimator.

    Raises:
        DataError: says what was received.
    """
    counts = []
    for name, given in (("X", X), ("y", y)):
        try:
            counts.append(_num_samples(given))
        except TypeError as problem:
            raise DataError(
                f"{caller}: {name} was {type(given).__name__} {given!r:.100}; expected rows, such "
                "as an array or a frame."
            ) from problem
    if counts[0] != counts[1]:
        raise DataError(
            f"{caller}: X has {counts[0]} rows, y has {counts[1]}; expected one target "
            "for each row."
        )
    if not counts[0]:
        raise DataError(f"{caller}: X has no rows; expected at least one row.")


def check_sizes(X: Any, names: Any = None) -> None:
    """Refuse inputs that no model beside the network can learn from.

    Arguments:
        X: numbers, shape (n, inputs), dense or CSR.
        names: of the columns.

    Raises:
        DataError: some are too large; the column with most of these is named.
    """
    if X.max() <= LARGEST and X.min() >= -LARGEST:
        return
    far = abs(X) > LARGEST
    column = int(np.asarray(far.sum(0)).ravel().argmax())
    name = column if names is None else repr(names[column])
    raise DataError(
        f"X reaches {abs(X[:, [column]]).max():.2g} in column {name} "
        f"({far[:, [column]].sum()} of {X.shape[0]} rows); expected numbers up to {LARGEST:.1e}: "
        "the models that a network is compared with take no larger ones. Remove these rows, or "
        "divide the column by its largest number."
    )
