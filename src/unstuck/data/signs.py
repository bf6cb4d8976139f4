"""Which decimal sign the numbers of a column have, by the fit or by others of their file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from unstuck.data import numerals
from unstuck.data.rows import refuse
from unstuck.data.texts import cleaned, is_textual

if TYPE_CHECKING:
    import polars as pl

ROWS_ASKED = 1000
"""Rows of each column that are asked how a file writes its numbers."""


class Signs(NamedTuple):
    """The decimal sign of a file: what its numbers prove, and what its separator makes likely."""

    evident: str = ""
    likely: str = ""


def signs_of(columns: Iterable[tuple[pl.Series, str | None]], likely: str = "") -> Signs:
    """How the numbers of a table are written, by those that can be read in one way only.

    Arguments:
        columns: pairs of a column and its decimal sign at the fit, if there was one: then only
            numbers that are written otherwise prove anything.
        likely: what the separator of the file makes likely.

    Example:
        >>> import polars as pl
        >>> signs_of([(pl.Series(["1,234"]), None), (pl.Series(["0,5"]), None)]).evident
        ','
    """
    proved: set[str] = set()
    for column, decimal in columns:
        if is_textual(column):
            texts = cleaned(column.head(ROWS_ASKED)).drop_nulls()
            found = numerals.read(texts)
            if len(texts) and (found.point.is_not_null() | found.comma.is_not_null()).all():
                shown = {".": found.only_point.any(), ",": found.only_comma.any()}
                proved |= {sign for sign, is_shown in shown.items() if is_shown and sign != decimal}
    return Signs(proved.pop() if len(proved) == 1 else "", likely)


def by_sign(
    texts: pl.Series,
    found: numerals.Readings,
    decimal: str,
    grouped: bool,
    signs: Signs,
    expected: str,
) -> pl.Series:
    """Values by the decimal sign of the fit. By the other one where a text can only be read so,
    or is told by others of its file; never a guess: 1,234 is 1234 or 1.234."""
    other_sign = "." if decimal == "," else ","
    own, other = found.by(decimal), found.by(other_sign)
    double = (own != other).fill_null(False)
    parted = found.mark.str.contains(other_sign, literal=True)
    # Seen at the fit, or with the decimal sign: a text is read the same whatever is beside it.
    certain = double if grouped else double & ~parted
    open_ = double & ~certain
    proved = (own.is_null() & other.is_not_null()) | (own.is_not_null() & other.is_null() & parted)
    elsewhere = (own.is_null() & other.is_not_null()).any() or signs.evident == other_sign
    if elsewhere and certain.any():
        why = f", and others in the table have {other_sign!r} as their decimal sign"
        refuse(texts, certain, expected, why)
    sign = other_sign if elsewhere else (decimal if proved.any() else "")
    sign = sign or signs.evident or signs.likely
    if open_.any() and not sign:
        refuse(texts, open_, expected, "; it may be thousands or decimals")
    return own.zip_with(own.is_not_null() & ~(open_ & (sign == other_sign)), other)
