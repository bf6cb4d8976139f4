"""What a column is and how it is written, learned from its type or its texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from unstuck.data import numerals, times
from unstuck.data.kinds import TRUTH, Kind
from unstuck.data.rows import row_list
from unstuck.data.signs import Signs
from unstuck.data.texts import cleaned, is_textual
from unstuck.data.typed import kind_of_type

if TYPE_CHECKING:
    import polars as pl

FEW = 20
"""Texts that are tried first."""
ROWS_ASKED = 1000
"""Texts that are asked first whether most of a column is numbers or dates."""


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
    fits &= found.unit_fits(unit, (found.unit == "%").sum() * 2 > fits.sum())
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


def _dates(form: str) -> Callable[[pl.Series], pl.Series]:
    return lambda texts: times.dates(texts, form).is_not_null()
