"""The first sheet of an Excel file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from unstuck.data.cells import names_of, without_empty_rows
from unstuck.errors import DataError

if TYPE_CHECKING:
    import polars as pl

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
        names = book.load_sheet(0, header_row=None, n_rows=1, dtypes="string").to_polars().row(0)
        frame = book.load_sheet(0, header_row=0, schema_sample_rows=None).to_polars()
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError, IndexError) as problem:
        reason = str(problem).strip().split("\n")[0]
        raise DataError(f"it cannot be read as an Excel file: {reason}.") from problem
    names += (None,) * (frame.width - len(names))
    return without_empty_rows(frame.rename(dict(zip(frame.columns, names_of(names), strict=True))))
