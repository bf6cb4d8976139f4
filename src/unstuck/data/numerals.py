"""Numbers as people write them: 1,234.5 and 1.234,5, with a currency, per cent, a typographic
minus or in parentheses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

CURRENCIES = {"EUR": "€", "USD": "$", "US$": "$", "GBP": "£", "JPY": "¥", "CNY": "¥"}
"""Other spellings of a currency's sign."""
_WORDS = r"EUR|USD|GBP|JPY|CNY|CHF|Fr\.|AUD|CAD|NZD|SEK|NOK|DKK|kr\.?|PLN|zł|CZK|Kč|HUF|Ft|INR|BRL"
_UNIT = rf"US\$|R\$|\p{{Sc}}|%|{_WORDS}"
_MINUS = "[-+\u2212\u2013\ufe63\uff0d]"
_SPACE = "[ \u00a0\u2007\u2009\u202f'\u2019]"
PLAIN = r"^[-+]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$"
ENDLESS = r"(?i)^[-+]?inf(?:inity)?$"
_BEFORE = rf"(\()?(?:({_UNIT})\s*)?({_MINUS})?\s*(?:({_UNIT})\s*)?"
_DIGITS = rf"([0-9.,](?:[0-9.,]|{_SPACE}[0-9])*(?:[eE][-+]?\d+)?)"
WRITTEN = rf"^{_BEFORE}{_DIGITS}\s*({_UNIT})?(-)?(\))?$"
PARTS = ["opened", "before", "sign", "between", "core", "after", "trailing", "closed"]
SIMPLE = ("core", "sign")
OTHER_SIGNS = r"[^0-9.,eE+\-]|[^eE][+\-]"


def _core(decimal: str, group: str) -> str:
    """Digits with that decimal sign; thousands apart by that sign, a space or an apostrophe."""
    decimal, group = re.escape(decimal), re.escape(group)
    by_sign = rf"[1-9]\d{{0,2}}(?:{group}\d{{3}})+|[1-9]\d?(?:{group}\d{{2}})+{group}\d{{3}}"
    by_space = rf"[1-9]\d{{0,2}}(?:{_SPACE}\d{{3}})+"
    whole = rf"{by_sign}|{by_space}|0|[1-9]\d*"
    return rf"^(?:(?:{whole})(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][-+]?\d+)?$"


@dataclass(frozen=True)
class Readings:
    """What texts mean as numbers, by either decimal sign; null where they are none.

    Attributes:
        point: values, Float64, if the decimal sign is a point and thousands are parted by commas.
        comma: the other way round.
        unit: ``"%"``, a currency, or ``""``.
        mark: whether the text holds a comma or point at all, and which: ``""``, ``"."``, ``","``
            or ``".,"`` for both.

    Example:
        >>> import polars as pl
        >>> found = read(pl.Series(["1.5", "1,5", "1,234", "$ -1,234.5", "12 %", "x"]))
        >>> found.point.to_list()
        [1.5, None, 1234.0, -1234.5, 12.0, None]
        >>> found.comma.to_list()
        [None, 1.5, 1.234, None, 12.0, None]
    """

    point: pl.Series
    comma: pl.Series
    unit: pl.Series
    mark: pl.Series

    def by(self, decimal: str) -> pl.Series:
        """Values by that decimal sign."""
        return self.point if decimal == "." else self.comma

    @property
    def only_point(self) -> pl.Series:
        """Which texts are numbers only with a decimal point."""
        return self.point.is_not_null() & self.comma.is_null()

    @property
    def only_comma(self) -> pl.Series:
        """Which texts are numbers only with a decimal comma."""
        return self.comma.is_not_null() & self.point.is_null()

    def unit_fits(self, unit: str, percent: bool) -> pl.Series:
        """Per cent everywhere or nowhere; a currency may be missing, but is never another one."""
        if percent:
            return self.unit == "%"
        alike = (self.unit == unit) | (unit in ("", "%"))
        return (self.unit == "") | ((self.unit != "%") & alike)


def is_plain(texts: pl.Series) -> bool:
    """Whether every text is a number as programs write it.

    Example:
        >>> import polars as pl
        >>> is_plain(pl.Series(["1", "-1.5e3"])), is_plain(pl.Series(["01"]))
        (True, False)
    """
    return bool(texts.str.contains(PLAIN).all())


def read(texts: pl.Series) -> Readings:
    """Both meanings of every text; see ``Readings``."""
    import polars as pl

    parts = _parts(texts)
    units = [pl.col(name) for name in ("before", "between", "after")]
    negative = pl.any_horizontal(pl.col("sign", "trailing", "opened").is_not_null())
    odd = (pl.col("opened").is_null() != pl.col("closed").is_null()) | (
        pl.sum_horizontal(each.is_not_null() for each in units) > 1
    )
    core = pl.when(~odd).then(pl.col("core"))
    found = parts.select(
        point=_valued(core, ".", ",", negative),
        comma=_valued(core, ",", ".", negative),
        unit=pl.coalesce(*units, pl.lit("")).replace(CURRENCIES),
        mark=pl.concat_str(_has(core, "."), _has(core, ",")).fill_null(""),
    )
    endless = texts.str.contains(ENDLESS)
    if endless.any():
        value = texts.str.head(4).str.to_lowercase().cast(pl.Float64, strict=False)
        value = value.zip_with(~texts.str.starts_with("-"), value.abs() * -1)
        edge = pl.when(endless.fill_null(False)).then(value)
        both = [pl.coalesce(edge, pl.col(name)).alias(name) for name in ("point", "comma")]
        found = found.with_columns(both)
    return Readings(found["point"], found["comma"], found["unit"], found["mark"])


def _parts(texts: pl.Series) -> pl.DataFrame:
    """What each text is made of; ``sign`` is null for a plus."""
    import polars as pl

    frame = texts.rename("text").to_frame()
    text = pl.col("text")
    if not texts.str.contains(OTHER_SIGNS).any():  # most columns; six times as fast
        core = text.str.strip_prefix("-").str.strip_prefix("+")
        sign = pl.when(text.str.starts_with("-")).then(pl.lit("-"))
        nothing = [pl.lit(None, pl.String).alias(name) for name in PARTS if name not in SIMPLE]
        return frame.select(core.alias("core"), sign.alias("sign"), *nothing)
    found = text.str.extract_groups(WRITTEN).struct.rename_fields(PARTS)
    plus = pl.col("sign") != "+"
    return (
        frame.select(found.alias("parts"))
        .unnest("parts")
        .with_columns(pl.when(plus).then(pl.col("sign")).alias("sign"))
    )


def _valued(core: pl.Expr, decimal: str, group: str, negative: pl.Expr) -> pl.Expr:
    import polars as pl

    digits = core.str.replace_all(rf"{_SPACE}|\{group}", "").str.replace(decimal, ".", literal=True)
    fits = core.str.contains(_core(decimal, group))
    value = pl.when(fits).then(digits).cast(pl.Float64, strict=False)
    return pl.when(negative).then(-value).otherwise(value)


def _has(core: pl.Expr, sign: str) -> pl.Expr:
    import polars as pl

    return pl.when(core.str.contains(sign, literal=True)).then(pl.lit(sign)).otherwise(pl.lit(""))
