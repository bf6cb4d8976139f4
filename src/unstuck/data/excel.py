"""The first sheet of an Excel file."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from unstuck.data.cells import names_of, without_empty_rows
from unstuck.data.rows import row_list
from unstuck.errors import DataError

if TYPE_CHECKING:
    import polars as pl

DAY_0 = [datetime.date(1899, 12, 30), datetime.date(1899, 12, 31)]
EXCEL_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


def read_excel(file: Path) -> pl.DataFrame:
    """The cells below the first line, with their types; columns that mix types are texts.

    Raises:
        DataError: ``fastexcel`` is not installed, or the file cannot be read.
    """
    import polars as pl

    try:
        import fastexcel
    except ImportError:
        raise DataError(
            "Excel files are read by fastexcel, which is not installed. Do "
            "pip install 'unstuck[excel]', or save the sheet as CSV."
        ) from None
    try:
        book = fastexcel.read_excel(file)
        first = book.load_sheet(0, header_row=None, n_rows=1, dtypes="string").to_polars()
        if first.is_empty():
            raise DataError(
                f"its first sheet, {book.sheet_names[0]!r}, is empty; expected the table there."
            )
        names = first.row(0)
        frame = book.load_sheet(0, header_row=0, schema_sample_rows=None).to_polars()
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError, IndexError) as problem:
        reason = str(problem).strip().split("\n")[0]
        raise DataError(f"it cannot be read as an Excel file: {reason}.") from problem
    names += (None,) * (frame.width - len(names))
    frame = frame.rename(dict(zip(frame.columns, names_of(names), strict=True)))
    return without_empty_rows(frame.with_columns(map(_clocks, frame)))


def _clocks(column: pl.Series) -> pl.Series:
    """Times of day, which Excel counts from its day 0, as such.

    Raises:
        DataError: there are dates among them.
    """
    import polars as pl

    if not isinstance(column.dtype, pl.Datetime):
        return column
    of_day = column.dt.date().is_in(DAY_0)
    if not of_day.any():
        return column
    if (dates := ~of_day.fill_null(True)).any():
        raise DataError(
            f"column {column.name!r} mixes times of day and dates, the first in "
            f"{row_list(of_day.fill_null(False))}, the others in {row_list(dates)}."
        )
    return column.dt.time()
