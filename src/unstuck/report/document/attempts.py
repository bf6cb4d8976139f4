"""A report has what can be measured and drawn; of the rest it says why it is not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from unstuck.errors import UnstuckError, UnstuckWarning, warn

T = TypeVar("T")


class Attempts:
    """Does what can be done. Parts of a broken network cannot be measured.

    Attributes:
        missing: what is not there, and why, in sentences.

    Example:
        >>> from unstuck.errors import DataError
        >>> attempt = Attempts()
        >>> def fails():
        ...     raise DataError("no rows.")
        >>> attempt("errors", fails), attempt("two", lambda: 2), attempt.missing
        (None, 2, ['errors: no rows.'])
    """

    def __init__(self) -> None:
        self.missing: list[str] = []

    def note(self, sentence: str) -> None:
        """Say what is missing."""
        self.missing.append(sentence)

    def __call__(self, what: str, measure: Callable[[], T]) -> T | None:
        try:
            with np.errstate(all="ignore"):
                return measure()
        except (UnstuckError, FloatingPointError) as problem:
            self.note(f"{what}: {problem}")
        except Exception as problem:  # a page without it is worth more than none
            self.note(f"{what}: {type(problem).__name__}: {problem}")
            warn(
                f"The report has no part about {what}, because of an error of its own: "
                f"{type(problem).__name__}: {problem}. Everything else is there. Please report "
                "this with the network's parameters and the shape of the data.",
                UnstuckWarning,
            )
        return None
