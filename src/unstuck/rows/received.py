"""What users pass, as arrays in which nothing was converted silently; what is no data is refused.

NumPy makes equal texts of 1 and "1", microseconds of dates and rounded numbers of long identifiers.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from decimal import Decimal
from numbers import Complex, Integral, Real
from typing import Any

import numpy as np

from unstuck.errors import DataError, UnstuckError

MISSING, TRUTH, WHOLE, NUMBER = "missing values", "truth values", "whole numbers", "numbers"
TEXT, BYTES, DATES, COMPLEX = "text", "bytes", "dates or times", "complex numbers"

_KINDS: tuple[tuple[tuple[type, ...], str], ...] = (
    ((bool, np.bool_), TRUTH),
    # Before whole numbers: NumPy counts its durations among them.
    (
        (datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64),
        DATES,
    ),
    ((Integral,), WHOLE),
    ((Real, Decimal), NUMBER),
    ((Complex,), COMPLEX),
    ((str,), TEXT),
    ((bytes, bytearray), BYTES),
)
NESTED = (list, tuple, Set, np.ndarray)
"""What rows are, and cells are not."""

_OF_DTYPE = {"b": TRUTH, "i": WHOLE, "u": WHOLE, "f": NUMBER, "c": COMPLEX}
_OF_DTYPE |= {"U": TEXT, "S": BYTES, "M": DATES, "m": DATES}


@contextlib.contextmanager
def refused_as_data(what: str) -> Iterator[None]:
    """What NumPy, scikit-learn or a frame says of bad data becomes a ``DataError``."""
    try:
        yield
    except (UnstuckError, MemoryError, RecursionError, Warning):
        raise
    except Exception as problem:  # every frame library has errors of its own
        raise DataError(f"{what} cannot be used: {problem}") from problem


# Containers


def is_table(given: Any) -> bool:
    """Whether columns have types of their own, as in frames of pandas and polars."""
    return hasattr(given, "columns") and (hasattr(given, "iloc") or hasattr(given, "to_series"))


def columns_of(table: Any) -> list[Any]:
    """The columns of a frame, by place: two may have one name."""
    column = table.iloc.__getitem__ if hasattr(table, "iloc") else table.to_series
    places = range(len(table.columns))
    return [column((slice(None), i) if hasattr(table, "iloc") else i) for i in places]


def refuse_containers(given: Any, what: str) -> None:
    """Raise a ``DataError`` for what holds no values yet, or none in rows."""
    kind = type(given).__name__
    if kind == "LazyFrame":
        raise DataError(
            f"{what} is a LazyFrame, which holds no values yet; expected an array or a data frame. "
            "Pass what its collect() returns."
        )
    if isinstance(given, Mapping):
        raise DataError(
            f"{what} is of type {kind}, with the keys {list(given)!r:.80}; expected an array or a "
            "data frame. Pass pandas.DataFrame of it, or one of its values."
        )
    if given is None or np.isscalar(given) or isinstance(given, (str, bytes, Set, Iterator)):
        raise DataError(_no_container(given, what))


def _no_container(given: Any, what: str) -> str:
    return (
        f"{what} is of type {type(given).__name__} ({given!r:.60}); expected an array, a list or a "
        "data frame, with values that NumPy can read."
    )


def cells_of(given: Any, what: str) -> np.ndarray:
    """An array of NumPy's own numbers or texts where nothing else is there; else of objects.

    Raises:
        DataError: it is no container of rows, or its rows have different lengths.
    """
    refuse_containers(given, what)
    with refused_as_data(what):
        if is_table(given):
            return _stacked([cells_of(column, what) for column in columns_of(given)])
        if isinstance(given, np.ma.MaskedArray):
            hidden = np.ma.getmaskarray(given)
            return np.where(hidden, _objects([None]), given.data) if hidden.any() else given.data
        if isinstance(given, (list, tuple)):
            return _listed(given, what)
        if hasattr(given, "to_list") and hasattr(given, "dtype"):
            return _of_series(given)
        found = np.asarray(given)
    if found.dtype.kind == "T":  # NumPy's strings of any length
        found = found.astype(object)
    if not found.ndim:  # what NumPy sees nothing in, such as a sparse matrix
        raise DataError(_no_container(given, what))
    return found


def _stacked(columns: Sequence[np.ndarray]) -> np.ndarray:
    if not columns:
        raise ValueError("a data frame without columns")
    plain = all(column.dtype.kind in "biuf" for column in columns)
    return np.stack(columns if plain else [_objects(each) for each in columns], axis=1)


def _objects(cells: Iterable[Any]) -> np.ndarray:
    """Each as it is, whatever it may contain."""
    items = list(cells)
    return np.fromiter(items, object, len(items))


def _listed(given: Sequence[Any], what: str) -> np.ndarray:
    cells = np.asarray(given, object)
    inside = next((each for each in cells.flat if isinstance(each, NESTED)), None)
    if inside is not None:
        raise DataError(
            f"{what} has rows of different lengths, such as {inside!r:.60}; expected as many "
            "entries in every row. Where rows have several labels each, encode them, with "
            "sklearn.preprocessing.MultiLabelBinarizer."
        )
    types = {type(each) for each in cells.flat}
    if len(types) > 1:
        return cells
    plain = np.asarray(given)
    rounded = plain.dtype.kind == "f" and int in types
    return plain if plain.dtype.kind in "biufU" and not rounded else cells


def _of_series(column: Any) -> np.ndarray:
    with contextlib.suppress(Exception):  # polars has whole numbers of 128 bits
        found = np.asarray(column)
        if found.dtype.kind in "biuf" and found.ndim == 1:
            return found
    return _objects(column.to_list())


# Cells


def kinds_of(cells: np.ndarray) -> list[str]:
    """What kind each cell of a column is of."""
    if cells.dtype.kind != "O":
        return [_OF_DTYPE.get(cells.dtype.kind, f"values of type {cells.dtype}")] * len(cells)
    return [_kind_of(each) for each in cells]


def _kind_of(cell: Any) -> str:
    of: Any = type(cell)
    kind = _kind_of_type(of)
    return MISSING if kind is NUMBER and cell != cell else kind  # NaN is not itself


@functools.lru_cache(maxsize=256)
def _kind_of_type(of: Any) -> str:
    if of.__name__ in ("NoneType", "NAType", "NaTType"):
        return MISSING
    return next(
        (kind for types, kind in _KINDS if issubclass(of, types)), f"values of type {of.__name__}"
    )
