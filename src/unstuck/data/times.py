"""Dates and times of day as people write them, as microseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

ISO = "%Y-%m-%d"
FORMS = {
    ISO: "year-month-day",
    "%d.%m.%Y": "day.month.year",
    "%d/%m/%Y": "day/month/year",
    "%m/%d/%Y": "month/day/year",
    "%d-%m-%Y": "day-month-year",
    "%m-%d-%Y": "month-day-year",
    "%Y/%m/%d": "year/month/day",
    "%Y.%m.%d": "year.month.day",
    "%d.%m.%y": "day.month.year",
    "%d/%m/%y": "day/month/year",
    "%m/%d/%y": "month/day/year",
    "%d %b %Y": "day month year",
    "%d-%b-%Y": "day-month-year",
}
"""How dates are written, and how that is called; the first that fits every value is taken."""
PIECES = {"%Y": r"\d{4}", "%y": r"\d{2}", "%m": r"\d{1,2}", "%d": r"\d{1,2}", "%b": "[A-Za-z]{3}"}
CLOCK = r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?([AaPp])\.?[Mm]\.?)?"
ZONE = r"(?: ?(Z|UTC|([-+])(\d{2}):?(\d{2})))?"
MINUTE = 60_000_000
"""Microseconds."""


def dates(texts: pl.Series, form: str) -> pl.Series:
    """Microseconds since 1970, Int64; null where a text is no date of this form.

    A time of day may follow, and a time zone; without one it is that of 1970's zero.

    Example:
        >>> import polars as pl
        >>> dates(pl.Series(["02.01.1970", "1970-01-01"]), "%d.%m.%Y").to_list()
        [86400000000, None]
    """
    import polars as pl

    names = ["day", "hour", "minute", "second", "fraction", "half", "zone", "sign", "h", "m"]
    pattern = rf"^({_pattern(form)})(?:[T ]{CLOCK}{ZONE})?$"
    parts = _groups(texts, pattern, names)
    day = pl.col("day").str.strptime(pl.Date, form, strict=False).cast(pl.Int64)
    away = (_whole("h") * 60 + _whole("m")) * pl.when(sign="-").then(1).otherwise(-1)
    clock = pl.when(pl.col("hour").is_null()).then(0).otherwise(_clock())
    return parts.select((day * 1440 + away) * MINUTE + clock).to_series()


def clocks(texts: pl.Series) -> pl.Series:
    """Microseconds since midnight, Int64; null where a text is no time of day.

    Example:
        >>> import polars as pl
        >>> clocks(pl.Series(["00:00:01.5", "1:00 pm", "24:00"])).to_list()
        [1500000, 46800000000, None]
    """
    names = ["hour", "minute", "second", "fraction", "half"]
    return _groups(texts, rf"^{CLOCK}$", names).select(_clock()).to_series()


def form_of(texts: pl.Series) -> str | None:
    """The form in which every text is a date, if there is one.

    Example:
        >>> import polars as pl
        >>> form_of(pl.Series(["01/02/2020", "12/31/2020"])), form_of(pl.Series(["x"]))
        ('%m/%d/%Y', None)
    """
    few = texts.head(20)
    possible = [form for form in FORMS if dates(few, form).is_not_null().all()]
    return next((form for form in possible if dates(texts, form).is_not_null().all()), None)


def _pattern(form: str) -> str:
    pattern = form.replace(".", r"\.")
    for piece, digits in PIECES.items():
        pattern = pattern.replace(piece, digits)
    return pattern


def _groups(texts: pl.Series, pattern: str, names: list[str]) -> pl.DataFrame:
    import polars as pl

    found = pl.col("text").str.extract_groups(pattern).struct.rename_fields(names).alias("parts")
    return texts.rename("text").to_frame().select(found).unnest("parts")


def _clock() -> pl.Expr:
    """Microseconds since midnight, of columns ``hour`` to ``half``."""
    import polars as pl

    hour, half = _whole("hour"), pl.col("half").str.to_lowercase()
    hour = pl.when(half.is_null()).then(hour).otherwise(hour % 12 + 12 * (half == "p").cast(int))
    fraction = pl.col("fraction").str.pad_end(6, "0").str.head(6).cast(pl.Int64).fill_null(0)
    right = (hour < 24) & (_whole("minute") < 60) & (_whole("second") < 60)
    total = ((hour * 60 + _whole("minute")) * 60 + _whole("second")) * 1_000_000 + fraction
    return pl.when(right & pl.col("hour").is_not_null()).then(total)


def _whole(name: str) -> pl.Expr:
    import polars as pl

    return pl.col(name).cast(pl.Int64).fill_null(0)
