"""Rows of DATA as a trained estimator takes them, with their targets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from unstuck.cli.inputs import TARGET, inputs_of
from unstuck.cli.source import Source
from unstuck.errors import DataError, did_you_mean

if TYPE_CHECKING:
    import numpy as np

    from unstuck.data.target import Target


def examples(estimator: Any, source: Source, column: str | None = None) -> tuple[Any, np.ndarray]:
    """Inputs (n, inputs) and targets (n,).

    Arguments:
        estimator: as ``load`` returns it.
        source: the table.
        column: its target column; that of the fit if not given, and ``target`` where the model was
            saved without one.

    Raises:
        DataError: no target column, or values that cannot be used.
    """
    from unstuck.data.signs import signed_like
    from unstuck.data.table import target_values

    target = target_of(estimator, source, column)
    y = target_values(source.frame, target)
    rest = source.frame
    if estimator.table_ is None:
        rest = signed_like(rest.drop(target.name), rest)
    return inputs_of(estimator, rest), y


def target_of(estimator: Any, source: Source, column: str | None = None) -> Target:
    """The target column of a table, as the estimator takes it.

    Arguments:
        estimator: as ``load`` returns it.
        source: the table.
        column: as in ``examples``.

    Raises:
        DataError: there is no such column.
    """
    from unstuck.data.target import Target

    table = estimator.table_
    task = "classification" if hasattr(estimator, "classes_") else "regression"
    target = None if table is None else table.target_
    target = target or Target(TARGET, task, "by custom")
    if column is not None:
        target = replace(target, name=column)
        if column not in source.frame.columns:
            raise DataError(
                f"{source.name} has no column {column!r}; it has "
                f"{', '.join(source.frame.columns)}.{did_you_mean(column, source.frame.columns)}"
            )
    if target.name not in source.frame.columns:
        raise DataError(
            f"{source.name} has no column {target.name!r}, which the network was trained to "
            f"predict; it has {', '.join(source.frame.columns)}. Name data that hold it."
        )
    return target
