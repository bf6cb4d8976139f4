"""Which decimal sign the numbers of a table have: by the fit, and by the separator of the file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from unstuck.data import numerals
from unstuck.data.rows import refuse
from unstuck.data.texts import cleaned, is_textual

if TYPE_CHECKING:
    import polars as pl

FEW = 1000
"""Rows that are asked first, which tell most columns."""
PROVING = {None: "[.,]", ".": r",|\..*\.", ",": r"\.|,.*,"}
"""What a number holds that proves another decimal sign than that."""
LIKELY_SIGN = "_likely_decimal_sign"


class Signs(NamedTuple):
    """The decimal sign of a file: what its numbers prove, and what its separator makes likely."""

    evident: str = ""
    likely: str = ""


def likely_sign(frame: object) -> str:
    """The decimal sign that goes with the separator of the file a table was read from.

    Example:
        >>> likely_sign({"a": [1]})
        ''
    """
    return getattr(frame, LIKELY_SIGN, "")


def with_sign(frame: pl.DataFrame, sign: str) -> pl.DataFrame:
    """A table that knows its ``likely_sign``, which what polars makes of it does not.

    Example:
        >>> import polars as pl
        >>> likely_sign(with_sign(pl.DataFrame({"a": ["1,5"]}), ","))
        ','
    """
    setattr(frame, LIKELY_SIGN, sign)
    return frame


def signed_like(made: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    """What polars made of a table, which forgets the ``likely_sign``, with that of the table.

    Example:
        >>> import polars as pl
        >>> frame = with_sign(pl.DataFrame({"a": ["1,5"]}), ",")
        >>> likely_sign(frame.head(1)), likely_sign(signed_like(frame.head(1), frame))
        ('', ',')
    """
    return with_sign(made, likely_sign(frame))


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
            proved |= _proved(cleaned(column).drop_nulls(), decimal)
    return Signs(proved.pop() if len(proved) == 1 else "", likely)


def _proved(texts: pl.Series, known: str | None) -> set[str]:
    """The decimal signs but the known one of a column of numbers that cannot be read otherwise."""
    if not texts.str.contains(PROVING[known]).any():
        return set()
    few = numerals.read(texts.head(FEW))
    if texts.is_empty() or not (few.point.is_not_null() | few.comma.is_not_null()).all():
        return set()
    if few.only_point.any() and numerals.is_plain(texts):
        return {"."} - {known}
    found = numerals.read(texts) if len(texts) > FEW else few
    if not (found.point.is_not_null() | found.comma.is_not_null()).all():
        return set()
    shown = {".": found.only_point.any(), ",": found.only_comma.any()}
    return {sign for sign, is_shown in shown.items() if is_shown and sign != known}


def by_sign(
    texts: pl.Series,
    found: numerals.Readings,
    decimal: str,
    grouped: bool,
    signs: Signs,
    expected: str,
) -> pl.Series:
    """Values by the decimal sign of the fit; by the other one where a text can only be read so.

    Where both are possible, as in 1,234, the fit tells, or else the separator of the file. Others
    in the file tell nothing, so that a row means the same beside any: what contradicts is refused.
    """
    other_sign = "." if decimal == "," else ","
    own, other = found.by(decimal), found.by(other_sign)
    only_own, only_other = own.is_not_null() & other.is_null(), own.is_null() & other.is_not_null()
    if grouped:
        refuse(texts, only_other, expected, f"; there {other_sign!r} parted thousands")
    double = (own != other).fill_null(False)
    parted = found.mark.str.contains(other_sign, literal=True)
    # Seen at the fit, or with the decimal sign.
    certain = double if grouped else double & ~parted
    open_ = double & ~certain
    elsewhere = only_other.any() or signs.evident == other_sign
    why = f", and others in the table have {other_sign!r} as their decimal sign"
    if elsewhere and certain.any():
        refuse(texts, certain, expected, why)
    shown = only_own & (found.mark != "")
    doubted = elsewhere if signs.likely == decimal else shown.any() or not signs.likely
    if doubted:
        refuse(texts, open_, expected, "; it may be thousands or decimals")
    return own.zip_with(own.is_not_null() & ~(open_ & (signs.likely == other_sign)), other)
