"""What a column is and how it is written; every later table is read by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from unstuck.data import numerals, times
from unstuck.data.rows import refuse
from unstuck.data.signs import Signs, by_sign
from unstuck.data.texts import cleaned, is_textual
from unstuck.data.typed import as_numbers, finite, is_whole, kind_of_type, seconds, whole_texts
from unstuck.errors import DataError

if TYPE_CHECKING:
    import polars as pl

KINDS = ("number", "boolean", "date", "clock", "duration", "time", "text")
"""``time`` stands for date, clock and duration in files of version 1."""
TRUTH = ["true", "false"]


@dataclass(frozen=True)
class Kind:
    """What a column is, and how it is written where it comes as texts.

    Attributes:
        name: one of ``KINDS``.
        decimal: the decimal sign, ``"."`` or ``","``.
        grouped: whether the other sign parts thousands.
        unit: ``"%"``, a currency, or ``""``.
        form: of dates, one of ``times.FORMS``; ``"float32"`` for numbers of single precision.

    Example:
        >>> import polars as pl
        >>> Kind("number", ",", grouped=True, unit="€").read(pl.Series(["1.000,5 €"])).to_list()
        [1000.5]
    """

    name: str = "text"
    decimal: str = "."
    grouped: bool = False
    unit: str = ""
    form: str = ""

    def read(self, column: pl.Series, signs: Signs = Signs()) -> pl.Series:  # noqa: B008
        """The values: String for texts, Float64 for all others; times in seconds.

        A column that is typed already has to be of this kind; texts have to be written like those
        of the fit, or so that they cannot be taken for anything else.

        Raises:
            DataError: it is of another kind, or a value is; names column and rows.
        """
        import polars as pl

        if column.dtype == pl.Null or column.null_count() == len(column):
            dtype: Any = pl.String if self.is_text else pl.Float64
            return pl.Series(column.name, [None] * len(column), dtype)
        if is_textual(column):
            return self._texts(column, cleaned(column), signs)
        return finite(self._typed(column))

    @property
    def is_text(self) -> bool:
        """Whether its values are texts."""
        return self.name == "text"

    @property
    def expected(self) -> str:
        """What its values look like, for an error."""
        if self.name == "number":
            return f"numbers such as 1{self.decimal}5 {self.unit}".rstrip()
        if self.name in ("date", "time"):
            form = times.FORMS.get(self.form or times.ISO, "")
            return f"dates written {form}"
        said = {"boolean": "true or false", "clock": "times of day such as 12:30"}
        return said.get(self.name, f"{self.name}s")

    def _texts(self, column: pl.Series, texts: pl.Series, signs: Signs) -> pl.Series:
        if self.is_text:
            return texts
        values = _READERS[self.name](texts, self, signs)
        refuse(column, values.is_null() & texts.is_not_null(), self.expected)
        return finite(values.rename(column.name))

    def _typed(self, column: pl.Series) -> pl.Series:

        given = kind_of_type(column)
        if self.is_text and is_whole(column):
            return whole_texts(column)
        alike = {self.name, given} <= {"number", "boolean"} or given == self.name
        if not alike and not (self.name == "time" and given in ("date", "clock", "duration")):
            raise DataError(
                f"column {column.name!r} came as {column.dtype}; expected {self.expected}, as in "
                "the table of the fit. Convert the column, or fit again."
            )
        if self.unit == "%":
            why = "; without the sign, 0.12 may be meant as well as 12"
            refuse(column, column.is_not_null(), self.expected, why)
        values = as_numbers(column)
        if self.name == "boolean" and given == "number":
            refuse(column, ~values.is_in([0.0, 1.0]).fill_null(True), self.expected)
        return values


NUMBER = Kind("number")
"""Numbers as programs write them."""


def _read_numbers(texts: pl.Series, kind: Kind, signs: Signs) -> pl.Series:
    import polars as pl

    as_programs = kind.decimal == "." and kind.unit != "%" and signs.evident != ","
    if as_programs and numerals.is_plain(texts):
        return _rounded(texts.cast(pl.Float64, strict=False), kind)
    found = numerals.read(texts)
    values = by_sign(texts, found, kind.decimal, kind.grouped, signs, kind.expected)
    right = found.unit_fits(kind.unit, kind.unit == "%")
    return _rounded(values.zip_with(right, pl.Series([None], dtype=pl.Float64)), kind)


def _read_truth(texts: pl.Series, kind: Kind, signs: Signs) -> pl.Series:
    import polars as pl

    del kind, signs
    words = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0, "1.0": 1.0, "0.0": 0.0}
    lower = texts.str.to_lowercase()
    return lower.replace_strict(words, default=None, return_dtype=pl.Float64)


def _read_dates(texts: pl.Series, kind: Kind, signs: Signs) -> pl.Series:
    del signs
    return seconds(times.dates(texts, kind.form or times.ISO))


def _read_clocks(texts: pl.Series, kind: Kind, signs: Signs) -> pl.Series:
    del kind, signs
    return seconds(times.clocks(texts))


def _read_times(texts: pl.Series, kind: Kind, signs: Signs) -> pl.Series:
    clocks = _read_clocks(texts, kind, signs)
    return clocks.zip_with(clocks.is_not_null(), _read_dates(texts, kind, signs))


def _read_nothing(texts: pl.Series, kind: Kind, signs: Signs) -> pl.Series:
    import polars as pl

    del kind, signs
    return pl.Series([None] * len(texts), dtype=pl.Float64)


def _rounded(values: pl.Series, kind: Kind) -> pl.Series:
    """As the typed column would hold them."""
    import polars as pl

    return values.cast(pl.Float32).cast(pl.Float64) if kind.form == "float32" else values


_READERS = {
    "number": _read_numbers,
    "boolean": _read_truth,
    "date": _read_dates,
    "clock": _read_clocks,
    "time": _read_times,
    "duration": _read_nothing,
}
