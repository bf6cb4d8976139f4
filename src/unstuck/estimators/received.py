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
MOST_LOST = 1e-6
"""Share of the range of a column that may be lost to rounding."""

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


class _NumberError(DataError, TypeError):
    """scikit-learn's contract wants a ``TypeError`` where ``float()`` raises one."""


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


# Numbers


def numbers_of(given: Any, what: str, names: Any = None) -> np.ndarray:
    """Numbers as they were received, in their shape; missing ones are NaN.

    Arguments:
        given: an array, a list, a series or a frame.
        what: what it is called.
        names: of the columns; a frame has its own.

    Raises:
        DataError: an entry that is no number, with its column and row.
    """
    refuse_containers(given, what)
    if is_table(given):
        columns, names = [cells_of(each, what) for each in columns_of(given)], given.columns
        shape: tuple[int, ...] = (len(given), len(columns))
    else:
        cells = cells_of(given, what)
        if cells.dtype.kind in "bf" or cells.ndim not in (1, 2) or not cells.size:
            return cells
        columns, shape = list(cells.reshape(len(cells), -1).T), cells.shape
    named = range(len(columns)) if names is None else [repr(name) for name in names]
    places = [""] if len(shape) == 1 else [f" in column {name}" for name in named]
    found = [_numbers(each, what, place) for each, place in zip(columns, places, strict=True)]
    return np.stack(found, axis=1).reshape(shape) if found else np.empty(shape)


def _numbers(cells: np.ndarray, what: str, place: str) -> np.ndarray:
    if cells.dtype.kind in "bf":
        return cells
    if cells.dtype.kind in "iu":
        _refuse_rounded(cells, what, place)
        return cells
    kinds = kinds_of(cells)
    if set(kinds) == {WHOLE}:
        _refuse_rounded(cells, what, place)
    numbers = [_number(cell, kind) for cell, kind in zip(cells, kinds, strict=True)]
    wrong = [row for row, number in enumerate(numbers) if number is None]
    if wrong:
        readable = kinds[wrong[0]] in (WHOLE, NUMBER, TEXT, BYTES)
        error = DataError if readable else _NumberError
        raise error(_no_numbers(cells, kinds, wrong, what, place))
    return np.array(numbers, np.float64)


def _number(cell: Any, kind: str) -> float | None:
    """The cell as a number, ``None`` where it is none."""
    if kind is MISSING:
        return np.nan
    if kind not in (TRUTH, WHOLE, NUMBER, TEXT, BYTES):
        return None
    try:
        return float(cell)
    except (ValueError, OverflowError):
        return None


def _no_numbers(cells: Any, kinds: list[str], wrong: list[int], what: str, place: str) -> str:
    row = wrong[0]
    kind, cell = kinds[row], cells[row]
    if kind in (WHOLE, NUMBER):
        kind = "numbers that are too large"
    advice = _ADVICE_FOR_ROWS if what == "X" else _ADVICE
    return (
        f"{what} contains {kind}{place} ({cell!r:.60}) in {len(wrong)} of {len(kinds)} rows, first "
        f"in row {row}; expected numbers. {advice.get(kind, _OTHERWISE)}"
    )


_OTHERWISE = "Convert them: every argument must be a string that spells a number, or a number."
_ADVICE = {
    DATES: "Convert them, for example to days since a date.",
    COMPLEX: "Complex data not supported: pass real and imaginary parts as columns.",
}
_ADVICE_FOR_ROWS = _ADVICE | {
    DATES: "Encode them, with unstuck.TableEncoder.",
    TEXT: "Encode text columns, with unstuck.TableEncoder or sklearn.preprocessing.OneHotEncoder.",
}


def _refuse_rounded(cells: np.ndarray, what: str, place: str) -> None:
    """Raise a ``DataError`` for whole numbers whose differences float64 rounds away."""
    if not cells.size:
        return
    low, high = int(cells.min()), int(cells.max())
    if max(-low, high) <= 2**53 or max(-low, high) > 2**1023:
        return
    lost = max(abs(int(float(each)) - each) for each in cells.tolist())
    if lost > MOST_LOST * (high - low):
        raise DataError(
            f"{what} holds whole numbers beyond 2**53{place}, from {low!s:.40} to {high!s:.40}, "
            f"which float64 rounds by up to {lost}; expected numbers that it can tell apart. "
            "Subtract the smallest from all of them, or leave out what only names the rows."
        )


# Labels


def labels_of(given: Any, what: str = "y") -> np.ndarray:
    """Class labels of one kind: truth values, whole numbers, numbers or text.

    Raises:
        DataError: labels that are missing, of several kinds, rounded, or that none can be.
    """
    cells = cells_of(given, what)
    if cells.dtype.kind == "O":
        cells = _settled(cells, what)
        if cells.dtype.kind == "O" and isinstance(given, (list, tuple)):
            cells = np.asarray(given)  # a list of texts is NumPy's text
    if cells.dtype == np.longdouble:
        cells = cells.astype(np.float64)  # what a file can hold
    _refuse_rounded_labels(cells, what)
    kinds = set(kinds_of(cells.reshape(-1)[:1])) - {TRUTH, WHOLE, NUMBER, TEXT}
    if kinds:
        raise DataError(_no_labels(kinds.pop(), cells.reshape(-1)[0], what))
    return cells


def _settled(cells: np.ndarray, what: str) -> np.ndarray:
    """Objects of one kind, in NumPy's type for them."""
    flat = cells.reshape(-1)
    kinds = kinds_of(flat)
    found = dict(zip(reversed(kinds), reversed(flat), strict=True))  # the first of each kind
    if MISSING in found:
        rows = np.array([kind is MISSING for kind in kinds]).reshape(len(cells), -1).any(1)
        raise DataError(
            f"{what} has no label (None or NaN) in {rows.sum()} of {len(cells)} rows; expected a "
            "class for every row. Remove these rows."
        )
    if len(found) > 1 and set(found) != {WHOLE, NUMBER}:
        raise DataError(_mixed(flat, what))
    if TEXT in found or not found.keys() <= {TRUTH, WHOLE, NUMBER}:
        return cells
    if Decimal in {type(each) for each in flat}:
        raise DataError(_no_labels("values of type Decimal", flat[0], what))
    return _whole(cells, what) if set(found) == {WHOLE} else np.array(cells.tolist())


def _mixed(labels: np.ndarray, what: str) -> str:
    first = {type(each).__name__: row for row, each in reversed(list(enumerate(labels)))}
    shown = ", ".join(f"{labels[row]!r:.40} in row {row}" for row in sorted(first.values()))
    return (
        f"{what} mixes labels of types {', '.join(sorted(first))} ({shown}); expected only text or "
        "only numbers. Convert them, for example with [str(label) for label in y]."
    )


def _whole(cells: np.ndarray, what: str) -> np.ndarray:
    """Whole numbers; NumPy would make rounded ones of large beside small."""
    found = cells.reshape(-1).tolist()
    low, high = min(found), max(found)
    for dtype in (np.int64, np.uint64):
        if np.iinfo(dtype).min <= low and high <= np.iinfo(dtype).max:
            return cells.astype(dtype)
    raise DataError(
        f"{what} holds whole numbers from {low!s:.40} to {high!s:.40}; expected labels of at most "
        "64 bits. Pass them as text, for example with [str(label) for label in y]."
    )


def _refuse_rounded_labels(labels: np.ndarray, what: str) -> None:
    """Floating-point labels so large that other whole numbers may have become the same."""
    if labels.dtype.kind != "f" or not labels.size:
        return
    most = 2.0 ** (np.finfo(labels.dtype).nmant + 1)
    large = labels[np.isfinite(labels) & (abs(labels) > most)]
    if large.size:
        raise DataError(
            f"{what} holds the label {large[0]!s} as {labels.dtype}, which cannot tell whole "
            f"numbers beyond {most:.0f} apart; expected classes. Pass whole numbers or text, or "
            "use NetRegressor for numbers."
        )


def _no_labels(kind: str, cell: Any, what: str) -> str:
    advice = (
        f"Complex data not supported: convert {what}."
        if kind == COMPLEX
        else (
            f"Convert them, for example with [str(label) for label in {what}]."
            if kind != BYTES
            else f"Decode them, for example with [label.decode() for label in {what}]."
        )
    )
    return (
        f"{what} contains {kind} ({cell!r:.60}); expected classes as text, whole numbers or truth "
        f"values. {advice}"
    )
