"""What a column is and how it is written: learned once, and every later table is read by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from unstuck.data import numerals, times
from unstuck.data.rows import row_list
from unstuck.errors import DataError

if TYPE_CHECKING:
    import polars as pl

KINDS = ("number", "boolean", "date", "clock", "duration", "time", "text")
"""``time`` stands for date, clock and duration in files of version 1."""
MISSING_WORDS = (
    *("", "NA", "N/A", "n/a", "n.a.", "N.A.", "NaN", "nan", "NaT", "<NA>", "null", "NULL"),
    *("None", "nil", "?", "-", "--", "–", "—", ".", "..", "(missing)"),
    *("#N/A", "#N/A N/A", "#NA", "#NV", "#VALUE!", "#DIV/0!", "#REF!", "#NUM!", "#NAME?", "#NULL!"),
)
"""What stands for a missing value among texts."""
TRUTH = ["true", "false"]
FEW = 20
"""Texts that are tried first."""
ROWS_ASKED = 1000
"""Rows of each column that are asked how a file writes its numbers."""


class Signs(NamedTuple):
    """The decimal sign of a file: what its numbers prove, and what its separator makes likely."""

    evident: str = ""
    likely: str = ""


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
        >>> kind = learn(pl.Series(["1.234,5 €", "n.a.", "7 €"]))
        >>> kind.decimal, kind.unit, kind.read(pl.Series(["1.000 €"])).to_list()
        (',', '€', [1000.0])
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
        _refuse(column, values.is_null() & texts.is_not_null(), self.expected)
        return finite(values.rename(column.name))

    def _typed(self, column: pl.Series) -> pl.Series:
        import polars as pl

        given = kind_of_type(column)
        if self.is_text and column.dtype.is_integer():
            return column.cast(pl.String)
        alike = {self.name, given} <= {"number", "boolean"} or given == self.name
        if not alike and not (self.name == "time" and given in ("date", "clock", "duration")):
            raise DataError(
                f"column {column.name!r} came as {column.dtype}; expected {self.expected}, as in "
                "the table of the fit. Convert the column, or fit again."
            )
        if self.unit == "%":
            why = "; without the sign, 0.12 may be meant as well as 12"
            _refuse(column, column.is_not_null(), self.expected, why)
        values = as_numbers(column)
        if self.name == "boolean" and given == "number":
            _refuse(column, ~values.is_in([0.0, 1.0]).fill_null(True), self.expected)
        return values


NUMBER = Kind("number")
"""Numbers as programs write them."""


def learn(column: pl.Series, signs: Signs = Signs()) -> Kind:  # noqa: B008
    """What a column is: of its type, or of its texts if every one of them fits.

    Raises:
        DataError: it holds what no column can be.

    Example:
        >>> import polars as pl
        >>> [learn(pl.Series(texts)).name for texts in (["1", "2.5"], ["01", "2"], ["1:30"])]
        ['number', 'text', 'clock']
    """
    import polars as pl

    if not is_textual(column):
        single = column.dtype == pl.Float32
        return Kind(kind_of_type(column), form="float32" if single else "")
    texts = cleaned(column).drop_nulls()
    if texts.is_empty():
        return Kind()
    few = texts.head(FEW)
    if number_kind(few, signs)[1].any():
        number, fits = number_kind(texts, signs)
        if fits.all():
            return number
    if few.str.to_lowercase().is_in(TRUTH).all() and texts.str.to_lowercase().is_in(TRUTH).all():
        return Kind("boolean")
    form = times.form_of(texts)
    if form is not None:
        return Kind("date", form=form)
    clock = times.clocks(few).is_not_null().all() and times.clocks(texts).is_not_null().all()
    return Kind("clock") if clock else Kind()


def number_kind(texts: pl.Series, signs: Signs) -> tuple[Kind, pl.Series]:
    """How most of some texts are written if they are numbers, and which ones fit that.

    Example:
        >>> import polars as pl
        >>> kind, fits = number_kind(pl.Series(["1,5", "0,25", "x"]), Signs())
        >>> kind.decimal, fits.to_list()
        (',', [True, True, False])
    """
    import polars as pl

    if signs.evident != "," and numerals.is_plain(texts):
        return Kind("number"), pl.repeat(True, len(texts), eager=True)
    found = numerals.read(texts)
    point, comma = found.only_point.sum(), found.only_comma.sum()
    commas = found.mark.str.contains(",", literal=True).any()
    decimal = signs.evident or (signs.likely if commas else "") or "."
    if not (found.mark != "").any():
        decimal = "."
    elif point or comma:
        decimal = "," if comma > point else "."
    fits = found.by(decimal).is_not_null()
    units = found.unit.filter(fits & (found.unit != "")).mode().sort()
    unit = units[0] if len(units) else ""
    fits &= _unit_fits(found.unit, unit, (found.unit == "%").sum() * 2 > fits.sum())
    grouped = (fits & found.mark.str.contains("." if decimal == "," else ",", literal=True)).any()
    return Kind("number", decimal, bool(grouped), unit), fits


def strays(texts: pl.Series, signs: Signs = Signs()) -> str:  # noqa: B008
    """Of a text column that is numbers or dates for the most part: what it is, and which rows
    are not; ``""`` for any other. Codes with leading zeros are texts.

    Example:
        >>> import polars as pl
        >>> strays(pl.Series(["1.5", "x", "2.5"]))
        "it holds numbers, but 'x' in row 2"
    """
    if texts.str.contains(r"^0\d+$").any():
        return ""
    named: list[tuple[str, Callable[[pl.Series], pl.Series]]] = [
        ("numbers", lambda some: number_kind(some, signs)[1]),
        *((f"dates written {said}", _dates(form)) for form, said in times.FORMS.items()),
    ]
    some = texts.drop_nulls().unique(maintain_order=True).head(ROWS_ASKED)
    for name, fitting in named:
        if fitting(some).sum() * 2 <= len(some):
            continue
        fits = fitting(texts) & texts.is_not_null()
        if fits.sum() * 2 > texts.count():
            odd = texts.is_not_null() & ~fits
            return f"it holds {name}, but {texts.filter(odd)[0]!r} in {row_list(odd)}"
    return ""


def signs_of(columns: Iterable[tuple[pl.Series, Kind | None]], likely: str = "") -> Signs:
    """How the numbers of a table are written, by those that can be read in one way only.

    Arguments:
        columns: pairs of a column and what it was at the fit, if there was one: then only numbers
            that are written otherwise prove anything.
        likely: what the separator of the file makes likely.

    Example:
        >>> import polars as pl
        >>> signs_of([(pl.Series(["1,234"]), None), (pl.Series(["0,5"]), None)]).evident
        ','
    """
    proved = set()
    for column, kind in columns:
        if is_textual(column) and (kind is None or kind.name == "number"):
            texts = cleaned(column.head(ROWS_ASKED)).drop_nulls()
            found = numerals.read(texts)
            if len(texts) and (found.point.is_not_null() | found.comma.is_not_null()).all():
                proved |= {"."} if found.only_point.any() else set()
                proved |= {","} if found.only_comma.any() else set()
                proved -= set() if kind is None else {kind.decimal}
    return Signs(proved.pop() if len(proved) == 1 else "", likely)


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


def kind_of_type(column: pl.Series) -> str:
    """The name of the kind that a typed column is.

    Raises:
        DataError: none of them.

    Example:
        >>> import polars as pl
        >>> kind_of_type(pl.Series([1, 2]))
        'number'
    """
    import polars as pl

    kind = column.dtype
    if kind.is_numeric():
        return "number"
    for types, name in (
        ((pl.Boolean,), "boolean"),
        ((pl.Date, pl.Datetime), "date"),
        ((pl.Time,), "clock"),
        ((pl.Duration,), "duration"),
        ((pl.Null, pl.String, pl.Categorical, pl.Enum), "text"),
    ):
        if kind in types:
            return name
    raise DataError(
        f"column {column.name!r} holds {kind}; expected numbers, text, dates or booleans. "
        "Leave the column out."
    )


def as_numbers(column: pl.Series) -> pl.Series:
    """A typed column as Float64; times become seconds.

    Example:
        >>> import polars as pl
        >>> as_numbers(pl.Series("a", [True, None])).to_list()
        [1.0, None]
    """
    import polars as pl

    kind = column.dtype
    if kind in (pl.Date, pl.Datetime):
        return _seconds(column.cast(pl.Datetime("us")).dt.epoch("us"))
    if kind == pl.Duration:
        return _seconds(column.dt.total_microseconds())
    if kind == pl.Time:
        return _seconds(column.cast(pl.Int64) // 1000)
    return column.cast(pl.Float64)


def finite(values: pl.Series) -> pl.Series:
    """The same values with nothing in place of NaN.

    Raises:
        DataError: infinite ones; names column and rows.
    """
    if not values.dtype.is_float():
        return values
    if (endless := values.is_infinite().fill_null(False)).any():
        raise DataError(
            f"column {values.name!r} is infinite in {row_list(endless)}; expected finite "
            "numbers. Leave the values empty, and they are imputed."
        )
    return values.fill_nan(None)


def _read_numbers(texts: pl.Series, kind: Kind, signs: Signs) -> pl.Series:
    import polars as pl

    as_programs = kind.decimal == "." and kind.unit != "%" and signs.evident != ","
    if as_programs and numerals.is_plain(texts):
        return _rounded(texts.cast(pl.Float64, strict=False), kind)
    found = numerals.read(texts)
    values = _by_sign(texts, found, kind, signs)
    right = _unit_fits(found.unit, kind.unit, kind.unit == "%")
    return _rounded(values.zip_with(right, pl.Series([None], dtype=pl.Float64)), kind)


def _by_sign(texts: pl.Series, found: numerals.Readings, kind: Kind, signs: Signs) -> pl.Series:
    """Values by the decimal sign of the fit. By the other one where a text can only be read so,
    or is told by others of its file; never a guess: 1,234 is 1234 or 1.234."""
    other_sign = "." if kind.decimal == "," else ","
    own, other = found.by(kind.decimal), found.by(other_sign)
    double = (own != other).fill_null(False)
    grouped = found.mark.str.contains(other_sign, literal=True)
    # Seen at the fit, or with the decimal sign: a text is read the same whatever is beside it.
    certain = double if kind.grouped else double & ~grouped
    open_ = double & ~certain
    proved = (own.is_null() & other.is_not_null()) | (own.is_not_null() & other.is_null() & grouped)
    elsewhere = (own.is_null() & other.is_not_null()).any() or signs.evident == other_sign
    if elsewhere and certain.any():
        why = f", and others in the table have {other_sign!r} as their decimal sign"
        _refuse(texts, certain, kind.expected, why)
    sign = other_sign if elsewhere else (kind.decimal if proved.any() else "")
    sign = sign or signs.evident or signs.likely
    if open_.any() and not sign:
        _refuse(texts, open_, kind.expected, "; it may be thousands or decimals")
    return own.zip_with(own.is_not_null() & ~(open_ & (sign == other_sign)), other)


def _unit_fits(units: pl.Series, unit: str, percent: bool) -> pl.Series:
    """Per cent everywhere or nowhere; a currency may be missing, but is never another one."""
    if percent:
        return units == "%"
    return (units == "") | ((units != "%") & ((units == unit) | (unit in ("", "%"))))


def _rounded(values: pl.Series, kind: Kind) -> pl.Series:
    """As the typed column would hold them."""
    import polars as pl

    return values.cast(pl.Float32).cast(pl.Float64) if kind.form == "float32" else values


def _read_truth(texts: pl.Series, kind: Kind, signs: Signs) -> pl.Series:
    import polars as pl

    del kind, signs
    words = {"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0, "1.0": 1.0, "0.0": 0.0}
    lower = texts.str.to_lowercase()
    return lower.replace_strict(words, default=None, return_dtype=pl.Float64)


def _read_dates(texts: pl.Series, kind: Kind, signs: Signs) -> pl.Series:
    del signs
    return _seconds(times.dates(texts, kind.form or times.ISO))


def _read_clocks(texts: pl.Series, kind: Kind, signs: Signs) -> pl.Series:
    del kind, signs
    return _seconds(times.clocks(texts))


def _read_times(texts: pl.Series, kind: Kind, signs: Signs) -> pl.Series:
    clocks = _read_clocks(texts, kind, signs)
    return clocks.zip_with(clocks.is_not_null(), _read_dates(texts, kind, signs))


def _read_nothing(texts: pl.Series, kind: Kind, signs: Signs) -> pl.Series:
    import polars as pl

    del kind, signs
    return pl.Series([None] * len(texts), dtype=pl.Float64)


_READERS = {
    "number": _read_numbers,
    "boolean": _read_truth,
    "date": _read_dates,
    "clock": _read_clocks,
    "time": _read_times,
    "duration": _read_nothing,
}


def _dates(form: str) -> Callable[[pl.Series], pl.Series]:
    return lambda texts: times.dates(texts, form).is_not_null()


def _seconds(microseconds: pl.Series) -> pl.Series:
    import polars as pl

    return microseconds.cast(pl.Float64) / 1e6


def _refuse(column: pl.Series, wrong: pl.Series, expected: str, why: str = "") -> None:
    if wrong.any():
        raise DataError(
            f"column {column.name!r} holds {column.filter(wrong)[0]!r} in {row_list(wrong)}; "
            f"expected {expected}, as in the table of the fit{why}."
        )
