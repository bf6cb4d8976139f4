"""The columns that a user knows: one of a table may have become several inputs of the network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from unstuck.record import Array


class ColumnGroup(NamedTuple):
    """A column and the inputs that it became.

    Attributes:
        name: of the column.
        inputs: numbers of the inputs.
    """

    name: str
    inputs: tuple[int, ...]


def groups_of(names: Sequence[str], counts: Sequence[int] | None = None) -> tuple[ColumnGroup, ...]:
    """Columns and their inputs, which lie side by side.

    Arguments:
        names: of the columns.
        counts: how many inputs each became; one by default.

    Example:
        >>> groups_of(["size", "color"], [1, 2])[1]
        ColumnGroup(name='color', inputs=(1, 2))
    """
    counts = [1] * len(names) if counts is None else counts
    ends = np.cumsum(counts)
    pairs = zip(names, ends, counts, strict=True)
    return tuple(
        ColumnGroup(str(name), tuple(range(end - count, end))) for name, end, count in pairs
    )


def dense(x: Any, inputs: Sequence[int] | None = None) -> Array:
    """Some inputs of rows, or all, as an array."""
    part = x if inputs is None else x[:, list(inputs)]
    return part.toarray() if sparse.issparse(part) else np.asarray(part)
