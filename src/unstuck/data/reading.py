"""Reading a table from a file, or from a data frame of another library."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unstuck.errors import DataError, did_you_mean

if TYPE_CHECKING:
    import polars as pl

CSV_SUFFIXES = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")
COMPRESSIONS = (".gz", ".zst")
MISSING_WORDS = ["", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "?"]
"""What stands for a missing value in a CSV file."""


def read_table(path: str | os.PathLike[str]) -> pl.DataFrame:
    """Read a CSV file (comma, semicolon or tab; ``.gz`` too) or a Parquet file.

    A text column in which every value is a number becomes a number column.

    Arguments:
        path: the file; its suffix says what it is.

    Returns:
        A polars data frame with at least one row.

    Raises:
        DataError: no such file (near names are suggested), empty, unreadable, or of another kind.

    Example:
        >>> import tempfile, pathlib
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder, "a.csv")
        ...     _ = file.write_text("size;color\\n1.5;red\\nNA;blue\\n")
        ...     read_table(file).rows()
        [(1.5, 'red'), (None, 'blue')]
    """
    import zlib

    import polars as pl

    file = Path(path)
    suffixes = [s for s in file.suffixes if s.lower() not in COMPRESSIONS]
    suffix = suffixes[-1].lower() if suffixes else ""
    _check_file(file, suffix)
    try:
        frame = pl.read_parquet(file) if suffix in PARQUET_SUFFIXES else _read_csv(file)
    except (pl.exceptions.PolarsError, OSError, EOFError, ValueError, zlib.error) as problem:
        reason = str(problem).strip().split("\n")[0]
        raise DataError(
            f"cannot read {str(file)!r} as a table: {reason}. Expected a CSV file with a line of "
            "column names and then equally many values a line, in UTF-8, or a Parquet file."
        ) from problem
    if frame.is_empty():
        raise DataError(f"{str(file)!r} has no rows below its column names; expected at least one.")
    return frame


def as_frame(table: Any) -> pl.DataFrame:
    """A polars frame of a polars or pandas frame, or of a dict of columns.

    Raises:
        DataError: it is none of these.

    Example:
        >>> as_frame({"a": [1, 2]}).shape
        (2, 1)
    """
    import polars as pl

    if isinstance(table, pl.DataFrame):
        return table
    if isinstance(table, pl.LazyFrame):
        return table.collect()
    if isinstance(table, Mapping):
        return pl.DataFrame(dict(table))
    if hasattr(table, "columns") and hasattr(table, "isna"):
        return pl.DataFrame({str(name): _column(table[name]) for name in table.columns})
    raise DataError(
        f"expected a polars or pandas data frame, whose columns have names; received "
        f"{type(table).__name__}. Arrays need no TableEncoder: give them to fit."
    )


def _column(series: Any) -> Any:
    """A pandas column as values that polars takes without pyarrow."""
    if series.dtype.kind in "iufb" and hasattr(series.dtype, "itemsize"):
        return series.to_list()
    missing = series.isna().to_list()
    return [None if gone else v for v, gone in zip(series.to_list(), missing, strict=True)]


def _check_file(file: Path, suffix: str) -> None:
    if file.is_dir():
        raise DataError(f"{str(file)!r} is a folder; expected a CSV or Parquet file in it.")
    if not file.exists():
        folder = file.parent
        if not folder.is_dir():
            raise DataError(f"there is no file {str(file)!r}: there is no folder {str(folder)!r}.")
        names = [entry.name for entry in folder.iterdir()]
        raise DataError(f"there is no file {str(file)!r}.{did_you_mean(file.name, names)}")
    if suffix not in CSV_SUFFIXES + PARQUET_SUFFIXES:
        known = ", ".join(CSV_SUFFIXES + PARQUET_SUFFIXES)
        raise DataError(f"{file.name!r} is not a table that can be read; expected {known}.")
    if file.stat().st_size == 0:
        raise DataError(f"{str(file)!r} is empty; expected column names and rows.")


def _read_csv(file: Path) -> pl.DataFrame:
    import polars as pl

    frame = pl.read_csv(
        file,
        separator=_separator(file),
        null_values=MISSING_WORDS,
        try_parse_dates=True,
        infer_schema_length=None,
    )
    frame = frame.rename({name: name.strip() for name in frame.columns})
    texts = [column for column in frame if column.dtype == pl.String]
    return frame.with_columns([_number_if_all_are(column) for column in texts])


def _separator(file: Path) -> str:
    """The separator that is most frequent in the line of names."""
    import gzip

    if file.suffix.lower() == ".zst":
        return ","
    opened: Any = gzip.open if file.suffix.lower() == ".gz" else open
    with opened(file, "rb") as lines:
        first = lines.readline(1_000_000)
    return max(",;\t|", key=lambda mark: first.count(mark.encode()))


def _number_if_all_are(column: pl.Series) -> pl.Series:
    """Numbers for a text column such as "1.5", " 2", "inf"; the stripped column else."""
    import polars as pl

    stripped = column.str.strip_chars()
    stripped = stripped.set(stripped.is_in(MISSING_WORDS).fill_null(False), None)
    numbers = stripped.cast(pl.Float64, strict=False)
    unchanged = numbers.null_count() == stripped.null_count() < len(column)
    return numbers if unchanged else stripped
