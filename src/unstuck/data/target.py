"""What a column of targets means: classes or numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.errors import DataError, ParameterError, did_you_mean

if TYPE_CHECKING:
    import polars as pl

TASKS = ("classification", "regression")
MOST_INTEGER_CLASSES = 20
"""More different integers than this are numbers, not classes."""
ROWS_NAMED = 5


@dataclass(frozen=True)
class Target:
    """The target column and how it was understood.

    Attributes:
        name: the column's name.
        task: ``"classification"`` or ``"regression"``.
        sentence: why.
    """

    name: str
    task: str
    sentence: str


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
    column = _checked(target_column)
    different = column.n_unique()
    if not column.dtype.is_numeric():
        kind = "truth values" if str(column.dtype) == "Boolean" else "texts"
        return "classification", f"{different} different {kind}"
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
    seen, why = decide_task(frame[name])
    if task == "regression" and not frame[name].dtype.is_numeric():
        raise ParameterError(
            f"task='regression' needs numbers, and {name!r} holds {why}; use 'classification'."
        )
    if task is not None and task != seen:
        return Target(name, task, f"{why}; {task} as asked")
    return Target(name, seen, why)


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

    column = _checked(frame[target.name])
    if target.task == "regression":
        return column.cast(pl.Float64).to_numpy().copy()
    if column.dtype.is_numeric():
        whole = pl.Int64 if _whole(column) else pl.Float64
        return column.cast(whole).to_numpy().copy()
    if column.dtype == pl.Boolean:
        return column.to_numpy().copy()
    return np.array(column.cast(pl.String).to_list())


def row_list(which: Any) -> str:
    """The first row numbers where a mask is true, counted from 1 below the column names.

    Example:
        >>> row_list([False, True, True])
        'rows 2, 3'
    """
    rows = (np.flatnonzero(which) + 1).tolist()
    more = f" and {len(rows) - ROWS_NAMED} more" if len(rows) > ROWS_NAMED else ""
    word = "row" if len(rows) == 1 else "rows"
    return f"{word} {', '.join(map(str, rows[:ROWS_NAMED]))}{more}"


def _checked(values: Any) -> pl.Series:
    """The target as a series whose every value can be learned."""
    import polars as pl

    column = values if isinstance(values, pl.Series) else pl.Series("target", list(values))
    if column.dtype.is_nested() or column.dtype.is_temporal() or column.dtype == pl.Binary:
        raise DataError(
            f"target {column.name!r} holds {column.dtype}; expected numbers, text or booleans."
        )
    missing = column.is_null()
    if column.dtype.is_float():
        missing = missing | column.is_nan().fill_null(False)
    if missing.any():
        raise DataError(
            f"target {column.name!r} has no value in {row_list(missing.to_numpy())}; "
            "fill them in or remove those rows."
        )
    if column.dtype.is_float() and column.is_infinite().any():
        raise DataError(
            f"target {column.name!r} is infinite in {row_list(column.is_infinite().to_numpy())}; "
            "expected finite numbers."
        )
    return column


def _whole(column: pl.Series) -> bool:
    return column.dtype.is_integer() or bool((column.cast(float) % 1 == 0).all())
