"""One column of a table as columns of numbers: how it is learned, applied and kept in a file."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.data import kinds, learning, texts
from unstuck.data.kinds import Kind
from unstuck.data.signs import Signs
from unstuck.data.times import FORMS
from unstuck.errors import FileError

if TYPE_CHECKING:
    import polars as pl

FEWEST_ID_LEVELS = 20
"""A text column with more levels than this, on more than half of the rows, names the rows."""
FEWEST_BLANKS = 3
"""Blanks in the mean of texts that differ from row to row, from which they are free text."""
FEWEST_ID_DIGITS = 5
ID_NAME = re.compile(r"(?i:(?<![a-z])(id|nr|no|number|key|code|uuid)(?![a-z]))|(?<=[a-z])I[Dd]\b")
"""What columns are called that name the rows: ``id``, ``customer_id``, ``PassengerId``."""
MISSING = "(missing)"
INDEX_NAMES = ("", "Unnamed: 0", "__index_level_0__")
"""What pandas' index is called in a file."""


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers, truth values or times.

    Attributes:
        name: of the column.
        kind: ``"number"``, ``"boolean"``, or a time: ``"date"``, ``"clock"``, ``"duration"``.
        fill: what a missing value becomes: the median.
        missing: how many were missing.
        remark: ``""``, ``"constant"``, ``"row number"``, ``"in order"`` or ``"id"``.
        written: how it is written where it comes as texts; by default as programs do.

    Example:
        >>> import polars as pl
        >>> NumberColumn("size", "number", fill=2.0).encode(pl.Series([1.0, None])).tolist()
        [[1.0], [2.0]]
    """

    name: str
    kind: str
    fill: float
    missing: int = 0
    remark: str = ""
    written: Kind | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns it becomes."""
        return (self.name,)

    @property
    def reader(self) -> Kind:
        """What reads it."""
        return self.written or Kind(self.kind)

    def encode(self, values: pl.Series) -> np.ndarray:
        """Numbers, shape (n, 1), of values as ``reader`` reads them."""
        return values.cast(float).fill_null(self.fill).to_numpy()[:, None]

    def news(self, values: pl.Series) -> str:
        """What is imputed, in a sentence; ``""`` for nothing."""
        missing = values.null_count()
        return _missing(self.name, values, f"imputed with {self.fill:g}") if missing else ""

    def to_header(self) -> dict[str, Any]:
        """What a file keeps of it."""
        return {
            "name": self.name,
            "kind": self.kind,
            "fill": self.fill,
            "missing": self.missing,
            "remark": self.remark,
            "written": kind_header(self.reader),
        }


@dataclass(frozen=True)
class TextColumn:
    """A column of texts, one-hot.

    Attributes:
        name: of the column.
        levels: texts that get a column; all others are zeros.
        missing: whether a missing value has a column of its own.
        rarer: number of levels that were too rare to get one.

    Example:
        >>> import polars as pl
        >>> color = TextColumn("color", ("blue", "red"))
        >>> color.names, color.encode(pl.Series(["red", "green"])).tolist()
        (('color=blue', 'color=red'), [[0.0, 1.0], [0.0, 0.0]])
    """

    name: str
    levels: tuple[str, ...]
    missing: bool = False
    rarer: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns it becomes."""
        levels = (*self.levels, MISSING) if self.missing else self.levels
        return tuple(f"{self.name}={level}" for level in levels)

    @property
    def reader(self) -> Kind:
        """What reads it."""
        return Kind()

    def places(self, values: pl.Series) -> np.ndarray:
        """Which of its columns is 1 in each row, shape (n,); -1 for none."""
        import polars as pl

        places = {level: i for i, level in enumerate(self.levels)}
        found = values.replace_strict(places, default=-1, return_dtype=pl.Int64).to_numpy()
        absent = len(self.levels) if self.missing else -1
        return np.where(values.is_null().to_numpy(), absent, found)

    def encode(self, values: pl.Series) -> np.ndarray:
        """Zeros and ones, shape (n, levels), of texts as ``reader`` reads them."""
        return (self.places(values)[:, None] == np.arange(len(self.names))).astype(np.float64)

    def news(self, values: pl.Series) -> str:
        """Levels that the fit never saw, in a sentence; ``""`` for none.

        Where rare levels share zeros, nobody knows a new one from them unless all are.
        """
        new = (self.places(values) < 0) & values.is_not_null().to_numpy()
        if not new.any() or (self.rarer and not new.all()):
            return self._absent(values)
        some = values.filter(new).unique(maintain_order=True)[:3].to_list()
        listed = ", ".join(map(repr, some))
        return (
            f"{self.name}: {new.sum()} of {len(new)} values were never seen by the fit, such as "
            f"{listed}"
        )

    def _absent(self, values: pl.Series) -> str:
        if self.missing or not values.null_count():
            return ""
        return _missing(self.name, values, "and the fit saw none missing")

    def to_header(self) -> dict[str, Any]:
        """What a file keeps of it."""
        return {
            "name": self.name,
            "kind": "text",
            "levels": list(self.levels),
            "missing": self.missing,
            "rarer": self.rarer,
        }


Column = NumberColumn | TextColumn


def learn(
    column: pl.Series,
    max_levels: int,
    signs: Signs = Signs(),  # noqa: B008
    rows: np.ndarray | None = None,
) -> Column | str:
    """How a column will be encoded, or a sentence that says why it is left out.

    Arguments:
        column: all of it, which tells its kind.
        max_levels: most levels of a text column.
        signs: how the table writes its numbers.
        rows: those that medians and levels are learned from; all by default.

    Raises:
        DataError: infinite values, or values that are neither numbers, text, dates nor booleans.

    Example:
        >>> import polars as pl
        >>> learn(pl.Series("kind", ["a", "a"]), max_levels=100)
        "it is 'a' in every row"
    """
    kind = learning.learn(column, signs)
    values = kind.read(column)
    seen = values if rows is None else values[rows]
    if seen.null_count() == len(seen):
        return "it has no values"
    if kind.is_text:
        learned = _learn_text(seen, max_levels)
        stray = learning.strays(values, signs) if _many(values) else ""
        return f"{stray}; correct these, or leave them empty" if stray else learned
    return _learn_numbers(column, seen, kind)


def _many(values: pl.Series) -> bool:
    return values.n_unique() > FEWEST_ID_LEVELS


def _learn_text(texts: pl.Series, max_levels: int) -> Column | str:
    counts = texts.drop_nulls().value_counts(sort=True)
    levels = counts[texts.name].to_list()
    if len(levels) == 1 and not texts.null_count():
        return f"it is {levels[0]!r} in every row"
    if len(levels) > FEWEST_ID_LEVELS and len(levels) > len(texts) / 2:
        different = f"its {len(levels)} different texts in {len(texts)} rows"
        if np.mean([level.count(" ") for level in levels]) >= FEWEST_BLANKS:
            return f"{different} are free text, which is not read"
        return f"{different} name the rows"
    # Equally frequent levels in alphabetic order, so that the same table gives the same columns.
    frequent = sorted(zip(-counts["count"].to_numpy(), levels, strict=True))[:max_levels]
    kept = tuple(sorted(level for _, level in frequent))
    return TextColumn(texts.name, kept, texts.null_count() > 0, len(levels) - len(kept))


def _learn_numbers(column: pl.Series, numbers: pl.Series, kind: Kind) -> Column | str:
    name, median = column.name, numbers.median()
    assert isinstance(median, float)
    remark = "constant" if numbers.n_unique() == 1 else ""
    whole = _whole(column) if kind.name == "number" else None
    if whole is not None and len(whole) > FEWEST_ID_LEVELS:
        if whole.n_unique() > whole.cast(float).n_unique():
            return (
                "its whole numbers beyond 2^53 are not told apart as numbers; write them as texts "
                "if they name groups"
            )
        remark = _identity(name, whole) or remark
    if remark == "row number" and name in INDEX_NAMES:
        return "it numbers the rows, as the index of pandas does"
    return NumberColumn(name, kind.name, median, numbers.null_count(), remark, kind)


def _identity(name: str, whole: pl.Series) -> str:
    """Whether whole numbers number the rows or name them: one of its own in every row."""
    if not whole.is_unique().all():
        return ""
    exact = whole.to_numpy().astype(object)
    if int(np.ptp(exact)) < 2 * len(whole):
        return "row number"
    if whole.is_sorted() or whole.is_sorted(descending=True):
        return "in order"
    digits = {len(str(abs(number))) for number in (exact.min(), exact.max())}
    coded = len(digits) == 1 and max(digits) >= FEWEST_ID_DIGITS
    return "id" if coded or ID_NAME.search(name) else ""


def _whole(column: pl.Series) -> pl.Series | None:
    """The whole numbers of a column, exactly; ``None`` if it has others."""
    import polars as pl

    if texts.is_textual(column):
        known = texts.cleaned(column).drop_nulls()
        whole = known.cast(pl.Int64, strict=False)
        return None if whole.null_count() else whole
    return column.drop_nulls() if column.dtype.is_integer() else None


def _missing(name: str, values: pl.Series, what: str) -> str:
    return f"{name}: {values.null_count()} of {len(values)} values missing, {what}"


def from_header(found: Any) -> Column:
    """The column that ``to_header`` described.

    Raises:
        FileError: it describes none.

    Example:
        >>> column = TextColumn("color", ("blue", "red"))
        >>> from_header(column.to_header()) == column
        True
    """
    name, kind = take(found, "name", str), take(found, "kind", str)
    if kind == "text":
        levels = take(found, "levels", list)
        if not all(isinstance(level, str) for level in levels) or len(set(levels)) < len(levels):
            raise FileError(f"the levels of column {name!r} are not different texts.")
        missing = take(found, "missing", bool)
        if not levels and not missing:
            raise FileError(f"text column {name!r} has no levels.")
        return TextColumn(name, tuple(levels), missing, take(found, "rarer", int))
    if kind not in kinds.KINDS:
        raise FileError(f"column {name!r} has the unknown kind {kind!r:.40}.")
    missing_count, remark = take(found, "missing", int), take(found, "remark", str)
    # Version 1 did not keep how a column is written.
    written = kind_from(found["written"]) if "written" in found else None
    if written is not None and written.name != kind:
        raise FileError(f"column {name!r} is of two kinds: {kind!r} and {written.name!r}.")
    return NumberColumn(name, kind, take(found, "fill", float), missing_count, remark, written)


def kind_header(kind: Kind) -> dict[str, Any]:
    """What a file keeps of how a column is written.

    Example:
        >>> kind_from(kind_header(Kind("number", ",", unit="€"))).unit
        '€'
    """
    return {field.name: getattr(kind, field.name) for field in fields(kind)}


def kind_from(found: Any) -> Kind:
    """The kind that ``kind_header`` described.

    Raises:
        FileError: it describes none.
    """
    texts = {key: take(found, key, str) for key in ("name", "decimal", "unit", "form")}
    kind = Kind(**texts, grouped=take(found, "grouped", bool))
    right = kind.name in kinds.KINDS and kind.decimal in (".", ",")
    if not right or kind.form not in ("", "float32", *FORMS):
        raise FileError(f"the table in the file is damaged: {kind} is no kind of column.")
    return kind


def take(found: Any, key: str, kind: Any) -> Any:
    """The value of ``key`` in a dict that came from a file, if it is of the kind it should be.

    Raises:
        FileError: no dict, no such key, another kind, a negative count, or no finite number.

    Example:
        >>> take({"rows": 3}, "rows", int)
        3
    """
    value: Any = found.get(key) if isinstance(found, dict) else None
    if kind is float and type(value) is int and abs(value) < 2**53:
        value = float(value)
    if type(value) is not kind:
        raise FileError(
            f"the table in the file is damaged: {key!r} was {type(value).__name__}, expected "
            f"{kind.__name__}. Get the file again, or fit and save again."
        )
    if (kind is int and value < 0) or (kind is float and not math.isfinite(value)):
        raise FileError(f"the table in the file is damaged: {key!r} was {value!r:.40}.")
    return value
