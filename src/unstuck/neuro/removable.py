"""What can be removed of a fitted thing, and what is left of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Removable:
    """The parts of a fitted thing, and what it is without some of them.

    Attributes:
        what: they are, such as ``"units"``.
        groups: where they are, in their order: pairs of a name and a number.
        sizes: how large each is, shape (parts,).
        size: what that is, in words.
        rows: what the damaged copies predict on, in place of X.
        without: makes the copy without the parts where a mask of shape (parts,) is true.
    """

    what: str
    groups: tuple[tuple[str, int], ...]
    sizes: np.ndarray
    size: str
    rows: Any
    without: Callable[[np.ndarray], Any]

    @property
    def count(self) -> int:
        """How many parts there are."""
        return len(self.sizes)
