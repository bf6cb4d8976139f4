"""Whether what a user gave is rows, with a target each."""

from __future__ import annotations

from typing import Any

from sklearn.utils.validation import _num_samples

from unstuck.errors import DataError


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
