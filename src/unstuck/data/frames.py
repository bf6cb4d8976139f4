"""A table of another library, or a dict of columns, as a polars frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.data.cells import refuse_twins
from unstuck.data.rows import row_list
from unstuck.errors import DataError

if TYPE_CHECKING:
    import polars as pl


def as_frame(table: Any) -> pl.DataFrame:
    """A polars frame of a polars or pandas frame, or of a dict of columns.

    Raises:
        DataError: it is none of these, two columns have one name, they are of different lengths,
            or a column mixes kinds of values.

    Example:
        >>> as_frame({"a": [1, 2]}).shape
        (2, 1)
    """
    import polars as pl

    if isinstance(table, pl.DataFrame):
        return table
    if isinstance(table, pl.LazyFrame):
        return _collected(table)
    if isinstance(table, Mapping):
        names, columns = list(map(str, table)), list(table.values())
    elif hasattr(table, "columns") and hasattr(table, "isna"):
        names = list(map(str, table.columns))
        columns = [_values(table.iloc[:, i]) for i in range(len(names))]
    else:
        raise DataError(
            f"expected a polars or pandas data frame, whose columns have names; received "
            f"{type(table).__name__}. Arrays need no TableEncoder: give them to fit."
        )
    refuse_twins(names)
    return _aligned([_series(*each) for each in zip(names, columns, strict=True)])


def _collected(table: pl.LazyFrame) -> pl.DataFrame:
    import polars as pl

    try:
        return table.collect()
    except (pl.exceptions.PolarsError, OSError) as problem:
        reason = str(problem).strip().split("\n")[0]
        raise DataError(f"the LazyFrame cannot be collected: {reason}.") from problem


def _aligned(columns: list[pl.Series]) -> pl.DataFrame:
    import polars as pl

    lengths = {len(column) for column in columns}
    if len(lengths) > 1:
        said = ", ".join(f"{column.name!r} has {len(column)}" for column in columns[:6])
        raise DataError(f"the columns have different numbers of rows: {said}; expected one number.")
    return pl.DataFrame(columns)


def _series(name: str, values: Any) -> pl.Series:
    """A column of values of one kind."""
    import polars as pl

    try:
        if isinstance(values, pl.Series):
            return values.alias(name)
        if hasattr(values, "isna"):
            values = _values(values)
        if isinstance(values, str):
            raise TypeError("it is one text")
        if not isinstance(values, np.ndarray) or values.dtype == object:
            values = [_plain(value) for value in values]
            _refuse_mixture(name, values)
        else:
            values = _known_to_polars(values)
        series = pl.Series(name, values, strict=False)
        _refuse_loss(series, values)
        return series
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as problem:
        if isinstance(problem, DataError):
            raise
        reason = str(problem).strip().split("\n")[0]
        raise DataError(
            f"column {name!r} cannot be read ({reason}); expected values of one kind: numbers, "
            "texts, dates or booleans."
        ) from problem


def _plain(value: Any) -> Any:
    """A value of numpy or pandas as Python has it; ``None`` where it is missing."""
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return None if np.isnat(value) else _in_microseconds(np.array(value)).item()
    return float(value) if isinstance(value, np.longdouble) else value


def _known_to_polars(values: np.ndarray) -> np.ndarray:
    """The same in a type that polars has."""
    if values.dtype.kind in "mM":
        return _in_microseconds(values)
    return values.astype(np.float64) if values.dtype == np.longdouble else values


def _in_microseconds(times: np.ndarray) -> np.ndarray:
    """Times in a resolution that polars has.

    Raises:
        ValueError: they cannot be told in it: years of durations, or too far away.
    """
    unit, _ = np.datetime_data(times.dtype)
    if (unit in ("D", "ms", "us") and times.dtype.kind == "M") or (unit == "ns" and times.ndim):
        return times
    if unit in ("generic", "Y", "M") and times.dtype.kind == "m":
        raise ValueError(f"durations in {unit} have no certain length")
    found = times.astype(f"{times.dtype.kind}8[us]")
    there = ~np.isnat(times)
    if unit not in ("ns", "ps", "fs", "as") and (found.astype(times.dtype) != times)[there].any():
        raise ValueError("a time is too far away")
    return found


def _refuse_loss(series: pl.Series, values: Any) -> None:
    """Values that became nothing, such as whole numbers that are too large for any type."""
    if not isinstance(values, np.ndarray):
        there = np.array([v is not None and v == v for v in values], dtype=bool)
        lost = there & series.is_null().to_numpy()
        if lost.any():
            value = values[int(np.argmax(lost))]
            raise DataError(
                f"column {series.name!r} holds {value!r:.40} in {row_list(lost)}, which is too "
                "large or of another kind than the other values."
            )
        if series.dtype.is_float():
            lost = np.array([type(v) is int and int(float(v)) != v for v in values], dtype=bool)
            if lost.any():
                raise DataError(
                    f"column {series.name!r} holds {values[int(np.argmax(lost))]!r} in "
                    f"{row_list(lost)} beside other numbers; whole numbers beyond 2^53 are not "
                    "told apart there. Write them as texts if they name groups."
                )


def _refuse_mixture(name: str, values: list[Any]) -> None:
    """Texts, numbers and times in one column: 1 beside "1" would be one level or two."""
    found: dict[str, tuple[int, Any]] = {}
    for row, value in enumerate(values, start=1):
        if value is not None and value == value:
            found.setdefault(_family(value), (row, value))
    if len(found) > 1:
        said = " and ".join(f"{value!r} in row {row}" for row, value in found.values())
        raise DataError(
            f"column {name!r} mixes {' and '.join(found)}: {said}; expected values of one kind. "
            "Convert the column, for instance with astype(str)."
        )


def _family(value: Any) -> str:
    import datetime
    import numbers

    for kinds, family in (
        ((bool, np.bool_), "booleans"),
        ((numbers.Number,), "numbers"),
        ((str,), "texts"),
        ((datetime.date, np.datetime64), "dates"),
    ):
        if isinstance(value, kinds):
            return family
    return type(value).__name__


def _values(series: Any) -> Any:
    """A pandas column as values that polars takes without pyarrow."""
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "iufb":
        return series.to_numpy()
    missing = series.isna().to_list()
    return [None if gone else v for v, gone in zip(series.to_list(), missing, strict=True)]
