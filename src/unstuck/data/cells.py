"""From the text of a CSV file to its cells: the separator, the lines, the names of the columns."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from unstuck.data.rows import row_list
from unstuck.errors import DataError

if TYPE_CHECKING:
    import polars as pl

SEPARATORS = ",;\t|"
NONE = "\x01"
"""Of a file with a single column, whose values may hold any of these."""
SNIFFED = 1 << 16
"""Bytes at the beginning that tell the separator."""
LINES_SNIFFED = 20
QUOTED = re.compile(rb'(?<![^,;\t|\n])"(?:[^"]|"")*"')
BLANK_LINES = re.compile(rb"\n(?:[ \r]*\n)+")
SAID = re.compile(rb"\A[\"']?sep=([^\"'\r\n]?)[\"']?[ \r]*(?:\n|\Z)", re.IGNORECASE)
"""Excel's first line that names the separator; a line that names none says nothing."""


def cells_of(text: bytes) -> tuple[pl.DataFrame, str]:
    r"""The cells of a CSV file, every one a text, and the separator.

    Blank lines, and rows without any value, are no rows. In a file of one column a
    blank line within is a missing value. Columns without a name are called ``Unnamed: 0``, after
    their place, as pandas does.

    Raises:
        DataError: no line of names, two columns of one name, or a row with more or fewer cells
            than there are names.

    Example:
        >>> frame, separator = cells_of(b'"Weight, kg";y\n 07 ;a\n\n')
        >>> frame.to_dict(as_series=False), separator
        ({'Weight, kg': ['07'], 'y': ['a']}, ';')
    """
    import polars as pl

    text, separator = _separated(_lines(text))
    if not text:
        raise DataError("it holds nothing but blank lines")
    if separator != NONE and BLANK_LINES.search(text):
        text = _without_blank_lines(text)

    options = {"has_header": False, "infer_schema": False, "separator": separator}
    try:
        frame = pl.read_csv(text, **options)  # type: ignore[arg-type]
    except pl.exceptions.ComputeError:
        _refuse_long(text, separator)
        frame = pl.read_csv(text, truncate_ragged_lines=True, **options)  # type: ignore[arg-type]
    if separator != NONE and frame[:, -1].null_count():
        _refuse_short(text, separator, frame)
    names = names_of(frame.row(0))
    frame = frame.slice(1).rename(dict(zip(frame.columns, names, strict=True)))
    return without_empty_rows(frame.with_columns(_unpadded(frame))), separator


def names_of(names: tuple[str | None, ...]) -> list[str]:
    """Names of columns, stripped; those without one are numbered.

    Raises:
        DataError: two are the same.

    Example:
        >>> names_of((None, " b "))
        ['Unnamed: 0', 'b']
    """
    found = [(name or "").strip() or f"Unnamed: {i}" for i, name in enumerate(names)]
    refuse_twins(found)
    return found


def refuse_twins(names: list[str]) -> None:
    """Refuse columns of one name, which nobody could tell apart.

    Raises:
        DataError: names them all.

    Example:
        >>> refuse_twins(["a", "b"])
    """
    twins = [repr(name) for name, count in Counter(names).items() if count > 1]
    if twins:
        raise DataError(
            f"the table has several columns of the name {', '.join(twins)}; expected different "
            "names. Rename them, or leave all but one out."
        )


def _lines(text: bytes) -> bytes:
    """The same with ``\\n`` at the end of its lines, as old Macs had not, and no blank ends."""
    if b"\r" in text[:SNIFFED] and b"\n" not in text:
        text = text.replace(b"\r", b"\n")
    return text.lstrip(b"\r\n").rstrip(b" \r\n")


def _separated(text: bytes) -> tuple[bytes, str]:
    """The text from the names on, and its separator: said in the first line, or the one that
    divides the line of names and the next ones best, not counting quoted ones."""
    said = SAID.match(text)
    if said:
        text = text[said.end() :].lstrip(b" \r\n")
        if said[1]:
            return text, said[1].decode()
    lines = QUOTED.sub(b"", text[:SNIFFED]).split(b"\n")[:LINES_SNIFFED]
    inside = lines[1:-1] or lines[1:]

    def evidence(mark: str) -> tuple[bool, bool, int]:
        first = lines[0].count(mark.encode())
        alike = bool(first) and all(
            line.count(mark.encode()) == first for line in inside if line.strip()
        )
        # Names and numbers hold commas more often than any other mark.
        return alike, alike and mark != ",", first

    best = max(SEPARATORS, key=evidence)
    return text, best if best.encode() in lines[0] else NONE


def _unpadded(frame: pl.DataFrame) -> list[pl.Series]:
    """The columns with spaces around their values, without these: others need no copy."""
    return [c.str.strip_chars() for c in frame if c.str.contains(r"^\s|\s$").any()]


def _without_blank_lines(text: bytes) -> bytes:
    """Blank lines within quotes stay: they belong to a value."""
    parts = text.split(b'"')
    parts[::2] = [BLANK_LINES.sub(b"\n", outside) for outside in parts[::2]]
    return b'"'.join(parts)


def without_empty_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Without the rows that hold no value, as spreadsheets leave them; in a single column, where
    they may be missing values, without those at the end.

    Example:
        >>> import polars as pl
        >>> without_empty_rows(pl.DataFrame({"a": ["1", None, "2"], "b": ["1", "", None]})).height
        2
    """
    import polars as pl

    empty = frame.select(
        pl.all_horizontal(
            pl.col(name).is_null() | ((pl.col(name) == "") if dtype == pl.String else False)
            for name, dtype in frame.schema.items()
        ).alias("empty")
    )["empty"]
    if not empty.any():
        return frame
    if frame.width > 1:
        return frame.filter(~empty)
    full = (~empty).arg_true().max()
    return frame.head(0 if full is None else int(full) + 1)  # type: ignore[arg-type]


def _unquoted(text: bytes) -> bytes:
    """One line a row, the names first, without what is quoted."""
    return QUOTED.sub(b"x", text) if b'"' in text else text


def _refuse_long(text: bytes, separator: str) -> None:
    """Refuse rows with more cells than there are names; empty ones at the end are none."""
    mark = separator.encode()
    lines = _unquoted(text).split(b"\n")
    names = lines[0].count(mark)
    long = [line.rstrip(mark + b" \r").count(mark) > names for line in lines[1:]]
    _refuse_counts([line.count(mark) for line in lines], long)


def _refuse_short(text: bytes, separator: str, frame: pl.DataFrame) -> None:
    """Refuse rows with fewer cells than there are names, which polars fills up."""
    mark = separator.encode()
    text = _unquoted(text)
    if text.count(mark) == frame.height * (frame.width - 1):
        return
    counts = [line.count(mark) for line in text.split(b"\n")]
    if len(counts) == frame.height:  # else quotes within values leave open what is a row
        padded = frame[:, -1].is_null().to_list()[1:]
        short = [n < counts[0] and gone for n, gone in zip(counts[1:], padded, strict=True)]
        _refuse_counts(counts, short)


def _refuse_counts(separators: list[int], wrong: list[bool]) -> None:
    if any(wrong):
        found = separators[1 + wrong.index(True)] + 1
        raise DataError(
            f"{row_list(wrong)} below the column names: received {found} "
            f"value{'s' * (found != 1)}, expected {separators[0] + 1}, as there are names. "
            "Correct what parts them, or quote values that hold the separator."
        )
