"""One column of a table as columns of numbers: how it is learned, applied and kept in a file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.data.target import row_list
from unstuck.errors import DataError, FileError

if TYPE_CHECKING:
    import polars as pl

FEWEST_ID_LEVELS = 20
"""A text column with more levels than this, on more than half of the rows, names the rows."""
MISSING = "(missing)"


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers, truth values or times.

    Attributes:
        name: of the column.
        kind: ``"number"``, ``"boolean"`` or ``"time"`` (seconds).
        fill: what a missing value becomes: the median.
        missing: how many were missing.
        remark: ``""``, ``"constant"`` or ``"row number"``.

    Example:
        >>> import polars as pl
        >>> NumberColumn("size", "number", fill=2.0).encode(pl.Series([1.0, None])).tolist()
        [[1.0], [2.0]]
    """

    name: str
    kind: str
    fill: float
    missing: int = 0
    remark: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns it becomes."""
        return (self.name,)

    def encode(self, column: pl.Series) -> np.ndarray:
        """Numbers, shape (n, 1)."""
        return as_numbers(column).fill_null(self.fill).to_numpy()[:, None]

    def to_header(self) -> dict[str, Any]:
        """What a file keeps of it."""
        return {
            "name": self.name,
            "kind": self.kind,
            "fill": self.fill,
            "missing": self.missing,
            "remark": self.remark,
        }


@dataclass(frozen=True)
class TextColumn:
    """A column of texts, one-hot.

    Attributes:
        name: of the column.
        levels: texts that get a column; all others are zeros.
        missing: whether a missing value has a column of its own.
        rarer: number of levels that were too rare to get one.

    Example:
        >>> import polars as pl
        >>> color = TextColumn("color", ("blue", "red"))
        >>> color.names, color.encode(pl.Series(["red", "green"])).tolist()
        (('color=blue', 'color=red'), [[0.0, 1.0], [0.0, 0.0]])
    """

    name: str
    levels: tuple[str, ...]
    missing: bool = False
    rarer: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns it becomes."""
        levels = (*self.levels, MISSING) if self.missing else self.levels
        return tuple(f"{self.name}={level}" for level in levels)

    def encode(self, column: pl.Series) -> np.ndarray:
        """Zeros and ones, shape (n, levels)."""
        import polars as pl

        texts = column.cast(pl.String)
        found = [(texts == level).fill_null(False).to_numpy() for level in self.levels]
        found += [texts.is_null().to_numpy()] if self.missing else []
        return np.stack(found, axis=1).astype(np.float64)

    def to_header(self) -> dict[str, Any]:
        """What a file keeps of it."""
        return {
            "name": self.name,
            "kind": "text",
            "levels": list(self.levels),
            "missing": self.missing,
            "rarer": self.rarer,
        }


Column = NumberColumn | TextColumn


def learn(column: pl.Series, max_levels: int) -> Column | str:
    """How a column will be encoded, or a sentence that says why it is left out.

    Raises:
        DataError: infinite values, or values that are neither numbers, text, dates nor booleans.

    Example:
        >>> import polars as pl
        >>> learn(pl.Series("kind", ["a", "a"]), max_levels=100)
        "it is 'a' in every row"
    """
    import polars as pl

    if column.null_count() == len(column):
        return "it has no values"
    if column.dtype in (pl.String, pl.Categorical, pl.Enum):
        return _learn_text(column.cast(pl.String), max_levels)
    return _learn_numbers(column)


def as_numbers(column: pl.Series) -> pl.Series:
    """A column as Float64; times become seconds, NaN becomes missing.

    Raises:
        DataError: a value is no number, or infinite; names column and rows.

    Example:
        >>> import polars as pl
        >>> as_numbers(pl.Series("a", ["1.5", None])).to_list()
        [1.5, None]
    """
    import polars as pl

    numbers = _cast(column)
    if (wrong := numbers.is_null() & column.is_not_null()).any():
        raise DataError(
            f"column {column.name!r} holds {column.filter(wrong)[0]!r} in "
            f"{row_list(wrong.to_numpy())}; expected numbers, as in the table of the fit."
        )
    if (endless := numbers.is_infinite().fill_null(False)).any():
        raise DataError(
            f"column {column.name!r} is infinite in {row_list(endless.to_numpy())}; expected "
            "finite numbers. Leave the values empty, and they are imputed."
        )
    return numbers.fill_nan(None).cast(pl.Float64)


def _cast(column: pl.Series) -> pl.Series:
    import polars as pl

    kind = column.dtype
    if kind == pl.Date or isinstance(kind, pl.Datetime):
        return column.cast(pl.Datetime("us")).dt.epoch("us").cast(pl.Float64) / 1e6
    if isinstance(kind, pl.Duration):
        return column.dt.total_microseconds().cast(pl.Float64) / 1e6
    if kind == pl.Time:
        return column.cast(pl.Int64).cast(pl.Float64) / 1e9
    if kind.is_numeric() or kind in (pl.Boolean, pl.String, pl.Null):
        return column.cast(pl.Float64, strict=False)
    raise DataError(
        f"column {column.name!r} holds {kind}; expected numbers, text, dates or booleans. "
        "Leave the column out."
    )


def _learn_text(texts: pl.Series, max_levels: int) -> Column | str:
    counts = texts.drop_nulls().value_counts(sort=True)
    levels = counts[texts.name].to_list()
    if len(levels) == 1 and not texts.null_count():
        return f"it is {levels[0]!r} in every row"
    if len(levels) > FEWEST_ID_LEVELS and len(levels) > len(texts) / 2:
        return f"its {len(levels)} different texts in {len(texts)} rows name the rows"
    # Equally frequent levels in alphabetic order, so that the same table gives the same columns.
    frequent = sorted(zip(-counts["count"].to_numpy(), levels, strict=True))[:max_levels]
    kept = tuple(sorted(level for _, level in frequent))
    return TextColumn(texts.name, kept, texts.null_count() > 0, len(levels) - len(kept))


def _learn_numbers(column: pl.Series) -> Column | str:
    numbers = as_numbers(column)
    median = numbers.median()
    if not isinstance(median, float):
        return "it has no values"
    kind = "time" if column.dtype.is_temporal() else "number"
    kind = "boolean" if str(column.dtype) == "Boolean" else kind
    return NumberColumn(column.name, kind, median, numbers.null_count(), _remark(column, numbers))


def _remark(column: pl.Series, numbers: pl.Series) -> str:
    if numbers.n_unique() == 1:
        return "constant"
    if not column.dtype.is_integer() or len(numbers) <= FEWEST_ID_LEVELS:
        return ""
    span = float(np.ptp(numbers.drop_nulls().to_numpy()))
    return "row number" if numbers.is_unique().all() and span < 2 * len(numbers) else ""


def from_header(found: Any) -> Column:
    """The column that ``to_header`` described.

    Raises:
        FileError: it describes none.

    Example:
        >>> column = TextColumn("color", ("blue", "red"))
        >>> from_header(column.to_header()) == column
        True
    """
    name, kind = take(found, "name", str), take(found, "kind", str)
    if kind == "text":
        levels = take(found, "levels", list)
        if not all(isinstance(level, str) for level in levels) or len(set(levels)) < len(levels):
            raise FileError(f"the levels of column {name!r} are not different texts.")
        missing = take(found, "missing", bool)
        if not levels and not missing:
            raise FileError(f"text column {name!r} has no levels.")
        return TextColumn(name, tuple(levels), missing, take(found, "rarer", int))
    if kind not in ("number", "boolean", "time"):
        raise FileError(f"column {name!r} has the unknown kind {kind!r:.40}.")
    missing_count, remark = take(found, "missing", int), take(found, "remark", str)
    return NumberColumn(name, kind, take(found, "fill", float), missing_count, remark)


def take(found: Any, key: str, kind: Any) -> Any:
    """The value of ``key`` in a dict that came from a file, if it is of the kind it should be.

    Raises:
        FileError: no dict, no such key, another kind, a negative count, or no finite number.

    Example:
        >>> take({"rows": 3}, "rows", int)
        3
    """
    value: Any = found.get(key) if isinstance(found, dict) else None
    if kind is float and type(value) is int and abs(value) < 2**53:
        value = float(value)
    if type(value) is not kind:
        raise FileError(
            f"the table in the file is damaged: {key!r} was {type(value).__name__}, expected "
            f"{kind.__name__}. Get the file again, or fit and save again."
        )
    if (kind is int and value < 0) or (kind is float and not math.isfinite(value)):
        raise FileError(f"the table in the file is damaged: {key!r} was {value!r:.40}.")
    return value
