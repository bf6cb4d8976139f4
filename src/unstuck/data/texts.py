"""Texts of a table: without spaces around them, and which ones stand for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

MISSING_WORDS = (
    *("", "NA", "N/A", "n/a", "n.a.", "N.A.", "NaN", "nan", "NaT", "<NA>", "null", "NULL"),
    *("None", "nil", "?", "-", "--", "–", "—", ".", "..", "(missing)"),
    *("#N/A", "#N/A N/A", "#NA", "#NV", "#VALUE!", "#DIV/0!", "#REF!", "#NUM!", "#NAME?", "#NULL!"),
)
"""What stands for a missing value among texts."""


def is_textual(column: pl.Series) -> bool:
    """Whether a column comes as texts."""
    import polars as pl

    return column.dtype in (pl.String, pl.Categorical, pl.Enum)


def cleaned(column: pl.Series) -> pl.Series:
    """Texts without spaces around them, and nothing where a word stands for a missing value.

    Example:
        >>> import polars as pl
        >>> cleaned(pl.Series([" a", "n.a."])).to_list()
        ['a', None]
    """
    import polars as pl

    texts = column.cast(pl.String)
    if texts.str.contains(r"^\s|\s$").any():
        texts = texts.str.strip_chars()
    missing = texts.is_in(list(MISSING_WORDS))
    return texts.set(missing, None) if missing.any() else texts
