"""Encoded columns side by side, dense or sparse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from unstuck.data.columns import Column, TextColumn
from unstuck.data.signs import Signs
from unstuck.errors import DataError, raise_together

if TYPE_CHECKING:
    import polars as pl

NARROW = 200
"""Encoded columns up to which rows are dense."""
MOST_FILLED = 0.2
"""Share of numbers that are not zero, up to which wide rows are sparse."""


def is_sparse(columns: Sequence[Column]) -> bool:
    """Whether rows are sparse: they are wide, and one-hot columns make most of the width.

    It follows from the columns, not from the rows, so that every table is of one type.

    Example:
        >>> is_sparse([TextColumn("a", tuple("bcd"))])
        False
    """
    width = sum(len(each.names) for each in columns)
    return width > NARROW and len(columns) <= MOST_FILLED * width


def encode(
    columns: Sequence[Column], frame: pl.DataFrame, signs: Signs
) -> tuple[np.ndarray | sparse.csr_matrix, list[str]]:
    """The rows of a table as numbers, and what is new in them.

    Raises:
        DataError: values that do not fit; all columns that have some are named.

    Example:
        >>> import polars as pl
        >>> encode([TextColumn("a", ("b",))], pl.DataFrame({"a": ["b"]}), Signs())
        (array([[1.]]), [])
    """
    width = sum(len(each.names) for each in columns)
    rows: _Dense | _Sparse
    if is_sparse(columns):
        rows = _Sparse(frame.height, width, len(columns))
    else:
        rows = _Dense(frame.height, width)
    mistakes, news, at = [], [], 0
    for each in columns:
        try:
            values = each.reader.read(frame[each.name], signs)
        except DataError as mistake:
            mistakes.append(str(mistake))
            continue
        rows.put(at, each, values)
        news += [said for said in [each.news(values)] if said and not _known(each)]
        at += len(each.names)
    raise_together(mistakes, DataError, "table")
    return rows.result(), news


def _known(each: Column) -> bool:
    """Whether missing numbers are nothing new."""
    return not isinstance(each, TextColumn) and bool(each.missing)


class _Dense:
    """One array, filled column by column: nothing is held twice."""

    def __init__(self, height: int, width: int):
        self.array = np.zeros((height, width))

    def put(self, at: int, each: Column, values: pl.Series) -> None:
        if isinstance(each, TextColumn):
            places = each.places(values)
            found = np.flatnonzero(places >= 0)
            self.array[found, at + places[found]] = 1.0
        else:
            self.array[:, at] = each.encode(values)[:, 0]

    def result(self) -> np.ndarray:
        return self.array


class _Sparse:
    """At most one number a row and column of the table."""

    def __init__(self, height: int, width: int, columns: int):
        self.shape = (height, width)
        self.places = np.full((height, columns), -1, dtype=np.int32)
        self.numbers = np.ones((height, columns))
        self.filled = 0

    def put(self, at: int, each: Column, values: pl.Series) -> None:
        if isinstance(each, TextColumn):
            places = each.places(values)
            self.places[:, self.filled] = np.where(places < 0, -1, at + places)
        else:
            self.places[:, self.filled] = at
            self.numbers[:, self.filled] = each.encode(values)[:, 0]
        self.filled += 1

    def result(self) -> sparse.csr_matrix:
        there = self.places >= 0
        ends = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
        whole = bool(there.all())  # then nothing has to be picked out, which would be a copy
        places = self.places.ravel() if whole else self.places[there]
        numbers = self.numbers.ravel() if whole else self.numbers[there]
        return sparse.csr_matrix((numbers, places, ends), shape=self.shape)
