"""Columns that have a type: what they are, and their values as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.data.rows import row_list
from unstuck.errors import DataError

if TYPE_CHECKING:
    import polars as pl


def kind_of_type(column: pl.Series) -> str:
    """The name of the kind that a typed column is.

    Raises:
        DataError: none of them.

    Example:
        >>> import polars as pl
        >>> kind_of_type(pl.Series([1, 2]))
        'number'
    """
    import polars as pl

    kind = column.dtype
    if kind.is_numeric():
        return "number"
    for types, name in (
        ((pl.Boolean,), "boolean"),
        ((pl.Date, pl.Datetime), "date"),
        ((pl.Time,), "clock"),
        ((pl.Duration,), "duration"),
        ((pl.Null, pl.String, pl.Categorical, pl.Enum), "text"),
    ):
        if kind in types:
            return name
    raise DataError(
        f"column {column.name!r} holds {kind}; expected numbers, text, dates or booleans. "
        "Leave the column out."
    )


def as_numbers(column: pl.Series) -> pl.Series:
    """A typed column as Float64; times become seconds.

    Example:
        >>> import polars as pl
        >>> as_numbers(pl.Series("a", [True, None])).to_list()
        [1.0, None]
    """
    import polars as pl

    kind = column.dtype
    if kind in (pl.Date, pl.Datetime):
        return seconds(column.cast(pl.Datetime("us")).dt.epoch("us"))
    if kind == pl.Duration:
        return seconds(column.dt.total_microseconds())
    if kind == pl.Time:
        return seconds(column.cast(pl.Int64) // 1000)
    return column.cast(pl.Float64)


def finite(values: pl.Series) -> pl.Series:
    """The same values with nothing in place of NaN.

    Raises:
        DataError: infinite ones; names column and rows.
    """
    if not values.dtype.is_float():
        return values
    if (endless := values.is_infinite().fill_null(False)).any():
        raise DataError(
            f"column {values.name!r} is infinite in {row_list(endless)}; expected finite "
            "numbers. Leave the values empty, and they are imputed."
        )
    return values.fill_nan(None)


def seconds(microseconds: pl.Series) -> pl.Series:
    """Microseconds as seconds, Float64.

    Example:
        >>> import polars as pl
        >>> seconds(pl.Series([1_500_000])).to_list()
        [1.5]
    """
    import polars as pl

    return microseconds.cast(pl.Float64) / 1e6


def is_whole(column: pl.Series) -> bool:
    """Whether a typed column holds whole numbers only, as texts spell them.

    Example:
        >>> import polars as pl
        >>> is_whole(pl.Series([1.0, None])), is_whole(pl.Series([1.5]))
        (True, False)
    """
    import polars as pl

    if not column.dtype.is_float():
        return column.dtype.is_integer()
    known = column.drop_nulls().drop_nans().cast(pl.Float64)
    return bool(((known % 1 == 0) & (known.abs() < 2**53)).all())


def whole_texts(column: pl.Series) -> pl.Series:
    """Whole numbers as texts.

    Example:
        >>> import polars as pl
        >>> whole_texts(pl.Series([1.0, None])).to_list()
        ['1', None]
    """
    import polars as pl

    if column.dtype.is_float():
        column = column.fill_nan(None).cast(pl.Int64)
    return column.cast(pl.String)
