"""``unstuck predict``: the outputs of a trained network for a table."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from unstuck.cli.terminal import say, warnings_as_notes

if TYPE_CHECKING:
    import polars as pl


def predict(
    run: Annotated[Path, typer.Argument(help="the folder of a run, or a model file")],
    data: Annotated[
        str, typer.Argument(help="a CSV, Parquet or Excel file, or a built-in data set")
    ],
    out: Annotated[
        Path | None, typer.Option(help="a CSV file to write to; printed where none is given")
    ] = None,
) -> None:
    """Predict every row of a table, with the probability of each class."""
    from unstuck.cli.run_folder import model_of
    from unstuck.cli.source import open_source

    model = model_of(run)
    table = open_source(data).frame
    with warnings_as_notes():
        from unstuck import load

        estimator = load(model)
        frame = predictions(estimator, table)
    for sentence in estimator.table_.imputed(table) if estimator.table_ else []:
        say("note", f"{sentence}.", "yellow")
    write_csv(frame, out)
    if out is not None:
        say("written", f"{frame.height} predictions to {out}", "green")


def predictions(estimator: Any, table: pl.DataFrame) -> pl.DataFrame:
    """A column ``prediction``, and for a classifier one of probabilities for each class.

    Arguments:
        estimator: as ``load`` returns it.
        table: rows with the columns of the fit, in any order; in the order of the fit where the
            model was saved without a table and knows no names.
    """
    import polars as pl

    from unstuck.cli.inputs import inputs_of

    inputs = inputs_of(estimator, table)
    predicted = estimator.predict(inputs)
    if predicted.ndim == 2:
        columns = {f"prediction_{i + 1}": each for i, each in enumerate(predicted.T)}
    else:
        columns = {"prediction": predicted}
    if hasattr(estimator, "predict_proba"):
        probabilities = estimator.predict_proba(inputs)
        named = zip(estimator.classes_, probabilities.T, strict=True)
        columns |= {f"probability_{_spelled(label)}": each for label, each in named}
    return pl.DataFrame(columns)


def _spelled(label: Any) -> str:
    """A class as the column of predictions spells it."""
    return str(label).lower() if isinstance(label, np.bool_) else str(label)


def write_csv(frame: pl.DataFrame, out: Path | None) -> None:
    """Print a table as CSV, or put it in place of a file, whole or not at all."""
    if out is None:
        text = io.StringIO()
        frame.write_csv(text)
        sys.stdout.write(text.getvalue())
        sys.stdout.flush()
        return
    from unstuck.persistence.atomic import replacing

    with replacing(out) as file:
        frame.write_csv(file)
