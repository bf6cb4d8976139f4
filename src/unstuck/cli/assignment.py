"""What is to be learned, from which rows, and with which parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.cli.columns import columns_named
from unstuck.cli.labels import listed, spelled
from unstuck.cli.source import Source
from unstuck.cli.terminal import say
from unstuck.errors import DataError, ParameterError, did_you_mean

if TYPE_CHECKING:
    import polars as pl

    from unstuck.cli.division import Division
    from unstuck.data.target import Target

DROP = "--drop-missing-target"


@dataclass(frozen=True)
class Asked:
    """What was asked for of the data; ``None`` where nothing was."""

    target: str | None = None
    task: str | None = None
    ignore: tuple[str, ...] | None = None
    divide: str | None = None
    rows: int | None = None
    data_seed: int | None = None
    noise: float | None = None
    drop_missing_target: bool | None = None
    preset: str | None = None


@dataclass(frozen=True)
class Assignment:
    """A table and what to do with it.

    Attributes:
        source: where the table comes from.
        frame: the table without columns that were ignored and rows that were left out.
        target: its target column and what that is.
        parameters: of the estimator.
        division: shares of the rows to train on, to validate and to test.
        seed: by which they are drawn.
        ignored: columns that were left out as asked.
        dropped: number of rows without a target that were left out.
        preset: that the parameters come from, but for those that were chosen.
        begun: a fitted estimator that goes on; ``None`` for a new one.
        resumed: the folder it comes from.
    """

    source: Source
    frame: pl.DataFrame
    target: Target
    parameters: dict[str, Any]
    division: Division
    seed: int
    ignored: tuple[str, ...] = ()
    dropped: int = 0
    preset: str | None = None
    begun: Any = field(default=None, repr=False)
    resumed: Path | None = None

    def facts(self) -> dict[str, Any]:
        """What another run needs to have the same rows, as JSON."""
        return {
            "preset": self.preset,
            "ignored": list(self.ignored),
            "dropped_without_target": self.dropped,
            "division": {**self.division._asdict(), "seed": self.seed},
            "resumed": None if self.resumed is None else str(self.resumed),
        }


def understood(source: Source, asked: Asked) -> tuple[Target, pl.DataFrame, tuple[str, ...], int]:
    """What is to be learned, the table without the columns to ignore, their names, and how many
    rows without a target were left out.

    Raises:
        ParameterError: there is no target column.
        DataError: it cannot be learned.
    """
    from unstuck.data.signs import signed_like
    from unstuck.data.target import understand

    column = asked.target or source.target
    if column is None:
        columns = ", ".join(source.frame.columns)
        raise ParameterError(f"--target COLUMN is missing; the table has the columns {columns}.")
    frame, dropped = with_targets(source.frame, column, bool(asked.drop_missing_target))
    known = source.task if column == source.target else None
    target = understand(frame, column, asked.task or known)
    _refuse_constant(frame, target)
    others = [each for each in frame.columns if each != column]
    ignored = columns_named(asked.ignore or (), others, "--ignore", "beside the target")
    return target, signed_like(frame.drop(ignored), frame), tuple(ignored), dropped


def _refuse_constant(frame: pl.DataFrame, target: Target) -> None:
    """Where all rows have the same target, there is nothing to learn."""
    from unstuck.data.table import target_values

    y = target_values(frame, target)
    if len(y) > 1 and bool((y == y[0]).all()):
        raise DataError(
            f"target {target.name!r} is {spelled(y[0])} in all {len(y)} rows: there is nothing to "
            "learn. Name another column with --target, or bring rows in which it differs."
        )


def with_targets(frame: pl.DataFrame, column: str, drop: bool) -> tuple[pl.DataFrame, int]:
    """The rows that have a target, and how many have none.

    Arguments:
        frame: a table.
        column: its target column; a name that is not there is left to be told by others.
        drop: whether they may be left out.

    Raises:
        DataError: some have none, and are not to be left out; or all of them.
    """
    from unstuck.data.rows import row_list
    from unstuck.data.signs import signed_like
    from unstuck.data.target import without_value

    if column not in frame.columns:
        return frame, 0
    missing = without_value(frame, column)
    count = int(missing.sum())
    if count and not drop:
        raise DataError(
            f"target {column!r} has no value in {count} of {frame.height} rows "
            f"({row_list(missing)}); fill them in, or leave these rows out with {DROP}."
        )
    if count == frame.height:
        raise DataError(f"target {column!r} has no value in any of the {count} rows.")
    if count:
        without = f"{count} row{'s' * (count != 1)} without a target left out"
        say("note", f"{without}, of {frame.height}.", "yellow")
    return signed_like(frame.filter(~missing), frame) if count else frame, count


def by_label(weights: Any, labels: np.ndarray) -> Any:
    """Weights of classes that were named by texts, by the classes themselves.

    Arguments:
        weights: ``class_weight`` as it was read: a dict by texts, or anything else, which stays.
        labels: the targets.

    Raises:
        ParameterError: there is no such class.

    Example:
        >>> import numpy as np
        >>> by_label({"0": 1.0, "1": 5.0}, np.array([0, 1, 1]))
        {0: 1.0, 1: 5.0}
        >>> by_label({"true": 2.0}, np.array([True, False]))
        {True: 2.0}
    """
    if not isinstance(weights, dict):
        return weights
    known = {spelled(label): label for label in np.unique(labels).tolist()}
    unknown = [str(name) for name in weights if str(name) not in known]
    if unknown:
        raise ParameterError(
            f"--class-weight names {unknown[0]!r}; the classes are {listed(list(known))}."
            f"{did_you_mean(unknown[0], known)}"
        )
    return {known[str(name)]: weight for name, weight in weights.items()}
