"""Reading a table from a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from unstuck.data.cells import cells_of
from unstuck.data.excel import EXCEL_SUFFIXES, read_excel
from unstuck.data.frames import as_frame
from unstuck.data.opening import read_text
from unstuck.data.signs import likely_sign, with_sign
from unstuck.data.texts import MISSING_WORDS
from unstuck.errors import DataError, did_you_mean

if TYPE_CHECKING:
    import polars as pl

__all__ = ["MISSING_WORDS", "as_frame", "likely_sign", "read_table"]

CSV_SUFFIXES = (".csv", ".tsv", ".tab", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")
COMPRESSIONS = (".gz", ".zst")


def read_table(path: str | os.PathLike[str]) -> pl.DataFrame:
    """Read a CSV file, a Parquet file, or the first sheet of an Excel file.

    All cells of a CSV file are texts: what they mean is learned by ``TableEncoder``, once, so that
    a row means the same in every file. Separator, encoding and packing (gzip, zstd) are found.
    The frame knows that ``;`` makes a decimal comma likely; what polars makes of it does not.

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
        ...     _ = file.write_text("size;color\\n1,5;red\\nNA;blue\\n")
        ...     read_table(file).rows()
        [('1,5', 'red'), ('NA', 'blue')]
    """
    import zlib

    import polars as pl

    file = Path(path)
    suffixes = [s for s in file.suffixes if s.lower() not in COMPRESSIONS]
    suffix = suffixes[-1].lower() if suffixes else ""
    _check_file(file, suffix)
    try:
        frame = _read(file, suffix)
    except DataError as problem:
        raise DataError(f"{str(file)!r}: {problem}") from problem
    except (pl.exceptions.PolarsError, OSError, EOFError, ValueError, zlib.error) as problem:
        reason = str(problem).strip().split("\n")[0].rstrip(".")
        raise DataError(
            f"cannot read {str(file)!r} as a table: {reason}. Expected a CSV file with a line of "
            "column names and then equally many values a line, a Parquet or an Excel file."
        ) from problem
    if frame.is_empty():
        raise DataError(f"{str(file)!r} has no rows below its column names; expected at least one.")
    return frame


def _read(file: Path, suffix: str) -> pl.DataFrame:
    import polars as pl

    if suffix in PARQUET_SUFFIXES:
        return pl.read_parquet(file)
    if suffix in EXCEL_SUFFIXES:
        return read_excel(file)
    frame, separator = cells_of(read_text(file))
    # Where commas part no cells, a comma within a number is its decimal sign: Excel's habit.
    return with_sign(frame, "," if separator == ";" else "")


def _check_file(file: Path, suffix: str) -> None:
    if file.is_dir():
        raise DataError(f"{str(file)!r} is a folder; expected a CSV, Parquet or Excel file in it.")
    if not file.exists():
        folder = file.parent
        if not folder.is_dir():
            raise DataError(f"there is no file {str(file)!r}: there is no folder {str(folder)!r}.")
        names = [entry.name for entry in folder.iterdir()]
        raise DataError(f"there is no file {str(file)!r}.{did_you_mean(file.name, names)}")
    if suffix not in CSV_SUFFIXES + PARQUET_SUFFIXES + EXCEL_SUFFIXES:
        known = ", ".join(CSV_SUFFIXES + PARQUET_SUFFIXES + EXCEL_SUFFIXES)
        raise DataError(f"{file.name!r} is not a table that can be read; expected {known}.")
    if file.stat().st_size == 0:
        raise DataError(f"{str(file)!r} is empty; expected column names and rows.")
