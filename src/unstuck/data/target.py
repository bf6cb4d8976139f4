"""What a column of targets means: classes or numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.data import learning, typed
from unstuck.data.kinds import Kind
from unstuck.data.rows import row_list
from unstuck.data.signs import Signs, likely_sign, signs_of
from unstuck.data.texts import MISSING_WORDS, cleaned, is_textual
from unstuck.errors import DataError, ParameterError, did_you_mean

if TYPE_CHECKING:
    import polars as pl

TASKS = ("classification", "regression")
MOST_INTEGER_CLASSES = 20
"""More different integers than this are numbers, not classes."""
EXPECTED = "expected numbers, text or booleans."
LARGEST_WHOLE = 2**53
"""Beyond it, neighboring whole numbers are the same number in float64."""


@dataclass(frozen=True)
class Target:
    """The target column and how it was understood.

    Attributes:
        name: the column's name.
        task: ``"classification"`` or ``"regression"``.
        sentence: why.
        kind: how it is written; ``None`` where it was never seen, to be found from the table.
    """

    name: str
    task: str
    sentence: str
    kind: Kind | None = None


def decide_task(target_column: Any) -> tuple[str, str]:
    """Whether a column holds classes or numbers, and a sentence that says why.

    Arguments:
        target_column: a polars series, or values, shape (n,).

    Raises:
        DataError: missing or infinite values, or values that cannot be targets.

    Example:
        >>> decide_task([0.5, 1.5, 2.0])
        ('regression', '3 different numbers that are not all integers')
        >>> decide_task(["red", "blue", "red"])
        ('classification', '2 different texts')
    """
    import polars as pl

    is_series = isinstance(target_column, pl.Series)
    given = target_column if is_series else _series("target", target_column)
    return _decided(_checked(given, kind_of(given), Signs()))


def _decided(column: pl.Series) -> tuple[str, str]:
    different = column.n_unique()
    if not column.dtype.is_numeric():
        truth = str(column.dtype) == "Boolean" or learning.learn(column).name == "boolean"
        words = column.cast(str).unique().sort().to_list() if not truth else []
        taken = [repr(word) for word in words if word in MISSING_WORDS]
        also = f", {' and '.join(taken)} among them" if taken else ""
        return (
            "classification",
            f"{different} different {'truth values' if truth else 'texts'}{also}",
        )
    if not _whole(column):
        return "regression", f"{different} different numbers that are not all integers"
    if different <= min(MOST_INTEGER_CLASSES, max(2, len(column) // 2)):
        return "classification", f"only {different} different integers"
    return "regression", f"{different} different integers"


def understand(frame: pl.DataFrame, name: str, task: str | None = None) -> Target:
    """What the target column of a table means; ``task`` overrules what it looks like.

    Raises:
        DataError: no such column (the near one is suggested), or values that cannot be targets.
        ParameterError: ``task`` is not a task, or the column cannot have it.

    Example:
        >>> import polars as pl
        >>> understand(pl.DataFrame({"y": [1, 2, 1, 2]}), "y", task="regression").sentence
        'only 2 different integers; regression as asked'
    """
    if name not in frame.columns:
        listed = ", ".join(map(repr, frame.columns[:12])) + (", ..." * (frame.width > 12))
        hint = did_you_mean(name, frame.columns)
        raise DataError(f"the table has no column {name!r}; it has {listed}.{hint}")
    if task is not None and task not in TASKS:
        raise ParameterError(
            f"task was {task!r}; expected {' or '.join(map(repr, TASKS))}."
            f"{did_you_mean(task, TASKS)}"
        )
    signs = signs_of(((each, None) for each in frame), likely_sign(frame))
    kind = kind_of(frame[name], signs)
    column = _checked(frame[name], kind, signs)
    seen, why = _decided(column)
    if task == "regression" and not column.dtype.is_numeric():
        raise ParameterError(
            f"task='regression' needs numbers, and {name!r} holds {why}; use 'classification'."
        )
    if (task or seen) == "classification":
        kind, also = _as_written(frame[name], column, kind)
        why += also
    if task is not None and task != seen:
        return Target(name, task, f"{why}; {task} as asked", kind)
    return Target(name, seen, why, kind)


def _as_written(given: pl.Series, column: pl.Series, kind: Kind) -> tuple[Kind, str]:
    """The kind of classes, which come back as they were written: texts such as $5, 1.0 and +1,
    unless one number has several spellings; then these, in a sentence."""
    import polars as pl

    if not is_textual(given) or kind.name != "number":
        return kind, ""
    texts = cleaned(given)
    numbers = column.cast(pl.Int64, strict=False) if _whole(column) else column
    odd = (numbers.cast(pl.String) != texts).fill_null(True)
    if not odd.any():
        return kind, ""
    different = texts.n_unique()
    if numbers.null_count():  # too large for any type
        few = different <= MOST_INTEGER_CLASSES and texts.str.contains(r"^[-+]?\d+$").all()
        return (Kind("text"), f", {different} as they are written") if few else (kind, "")
    if different == column.n_unique():
        return Kind("text"), ""
    odd_one = f"{texts.filter(odd)[0]!r} is {numbers.filter(odd)[0]}"
    return kind, f", some of several spellings: {odd_one}"


def without_value(frame: pl.DataFrame, name: str) -> np.ndarray:
    """Where the target column of a table has no value, shape (n,).

    Raises:
        DataError: there is no such column, or it holds what cannot be targets.

    Example:
        >>> import polars as pl
        >>> without_value(pl.DataFrame({"y": ["1", "NA", "3"]}), "y").tolist()
        [False, True, False]
    """
    signs = signs_of(((each, None) for each in frame), likely_sign(frame))
    given = frame[name]
    return _missing(_read(given, kind_of(given, signs), signs)).to_numpy()


def target_values(frame: pl.DataFrame, target: Target) -> np.ndarray:
    """The targets, shape (n,): float64 for regression; integers, booleans or texts for classes.

    Raises:
        DataError: missing or infinite values; names the rows.

    Example:
        >>> import polars as pl
        >>> frame = pl.DataFrame({"y": [1, 2, 1]})
        >>> target_values(frame, Target("y", "regression", "as asked")).tolist()
        [1.0, 2.0, 1.0]
    """
    import polars as pl

    signs = Signs(likely=likely_sign(frame))
    kind = target.kind or kind_of(frame[target.name], signs)
    column = _checked(frame[target.name], kind, signs)
    if target.task == "regression":
        if not column.dtype.is_numeric():
            raise DataError(
                f"target {target.name!r} holds {column[0]!r} in row 1; expected numbers."
            )
        return _regression_numbers(column)
    if column.dtype.is_numeric():
        return _class_numbers(column)
    if column.dtype == pl.Boolean:
        return column.to_numpy().copy()
    return np.array(column.cast(pl.String).to_list())


def kind_of(column: pl.Series, signs: Signs = Signs()) -> Kind:  # noqa: B008
    """How a target column is written.

    A word such as "None" is a class where the others are texts, and a missing value among numbers.

    Raises:
        DataError: it holds dates, or is made of numbers with other texts among them.

    Example:
        >>> import polars as pl
        >>> kind_of(pl.Series("y", ["1,5 €", "2 €"])).decimal
        ','
    """
    if not is_textual(column):
        return Kind({"number": "number", "boolean": "boolean"}.get(_type_name(column), "text"))
    kind = learning.learn(column, signs)
    if kind.name in ("date", "clock"):
        raise DataError(f"target {column.name!r} holds {kind.expected}; {EXPECTED}")
    if kind.name == "number":
        return kind
    stray = (
        learning.strays(cleaned(column), signs) if column.n_unique() > MOST_INTEGER_CLASSES else ""
    )
    if stray:
        raise DataError(f"target {column.name!r}: {stray}; correct these or remove those rows.")
    return Kind("text")


def _regression_numbers(column: pl.Series) -> np.ndarray:
    import polars as pl

    values = column.cast(pl.Float64)
    if column.dtype.is_integer() and values.n_unique() < column.n_unique():
        raise DataError(
            f"target {column.name!r} holds whole numbers beyond 2^53, which are not told apart as "
            "numbers. Subtract what they have in common, or write them as texts: classes."
        )
    return values.to_numpy().copy()


def _class_numbers(column: pl.Series) -> np.ndarray:
    import polars as pl

    if not _whole(column):
        return column.cast(pl.Float64).to_numpy().copy()
    # Floats have to be exact, integers to fit into int64.
    exact = column.cast(pl.Int64, strict=False)
    large = exact.is_null()
    if not column.dtype.is_integer():
        large |= column.abs() >= LARGEST_WHOLE
    if large.any():
        raise DataError(
            f"target {column.name!r} holds {column.filter(large)[0]!r} in {row_list(large)}; "
            "expected whole numbers below 2^53. Write classes as texts, or scale the numbers."
        )
    return exact.to_numpy().copy()


def _series(name: str, values: Any) -> pl.Series:
    from unstuck.data.frames import as_frame

    return as_frame({name: values})[name]


def _checked(given: pl.Series, kind: Kind, signs: Signs) -> pl.Series:
    """The target as a series whose every value can be learned."""
    import polars as pl

    if (
        given.dtype.is_nested()
        or given.dtype.is_temporal()
        or given.dtype in (pl.Binary, pl.Object)
    ):
        raise DataError(f"target {given.name!r} holds {given.dtype}; {EXPECTED}")
    column = _read(given, kind, signs)
    missing = _missing(column)
    if missing.any():
        said = given.filter(missing)[0]
        word = f" ({said!r})" if isinstance(said, str) and said.strip() else ""
        raise DataError(
            f"target {column.name!r} has no value in {row_list(missing.to_numpy())}{word}; "
            "fill them in or remove those rows."
        )
    if column.dtype.is_float() and column.is_infinite().any():
        raise DataError(
            f"target {column.name!r} is infinite in {row_list(column.is_infinite().to_numpy())}; "
            "expected finite numbers."
        )
    return column


def _missing(column: pl.Series) -> pl.Series:
    missing = column.is_null()
    return missing | column.is_nan().fill_null(False) if column.dtype.is_float() else missing


def _read(column: pl.Series, kind: Kind, signs: Signs) -> pl.Series:
    """Texts as numbers or truth values where the target is; typed columns as they are, if they can
    be compared with the target of the fit."""
    import polars as pl

    if not is_textual(column):
        if kind.is_text and typed.is_whole(column):
            return typed.whole_texts(column)
        if kind.is_text and column.dtype != pl.Null:
            raise DataError(
                f"target {column.name!r} came as {column.dtype}; expected texts, as in the table "
                "of the fit. Convert the column, or fit again."
            )
        return column
    if kind.is_text:
        texts = column.cast(pl.String).str.strip_chars()
        return texts.set(texts == "", None)
    values = kind.read(column, signs)
    if kind.name == "boolean":
        return values.cast(pl.Boolean)
    exact = cleaned(column).cast(pl.Int64, strict=False)
    return values if exact.null_count() > values.null_count() else exact


def _type_name(column: pl.Series) -> str:
    """The kind of a typed column; ``""`` for what no column can be, which is refused later."""
    try:
        return typed.kind_of_type(column)
    except DataError:
        return ""


def _whole(column: pl.Series) -> bool:
    return column.dtype.is_integer() or bool((column.cast(float) % 1 == 0).all())
