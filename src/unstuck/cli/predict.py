"""``unstuck predict``: the outputs of a trained network for a table."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unstuck.cli import starting
from unstuck.cli.arguments import DataArgument, RunArgument
from unstuck.cli.columns import columns_named
from unstuck.cli.predicted import columns_of, numbered
from unstuck.cli.terminal import say, warnings_as_notes
from unstuck.errors import DataError, FileError, ParameterError

if TYPE_CHECKING:
    import polars as pl

STD = "prediction_std"


def predict(
    run: RunArgument,
    data: DataArgument,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            help="columns of the table to write beside the prediction, separated by commas",
            metavar="COLUMNS",
            show_default=False,
        ),
    ] = None,
    std: Annotated[
        bool, typer.Option("--std", help="a column with the prediction's standard deviation")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="a CSV file to write to; printed where none is given", metavar="FILE"),
    ] = None,
) -> None:
    """Predict the rows of a table, classes with probabilities."""
    from unstuck.cli.run_folder import model_of
    from unstuck.cli.source import open_source

    model = model_of(run)
    table = open_source(data).frame
    kept = columns_named(keep or (), table.columns, "--keep")
    with warnings_as_notes():
        from unstuck import load

        estimator = load(model)
        frame = predictions(estimator, table, std)
    for sentence in estimator.table_.imputed(table) if estimator.table_ else []:
        say("note", f"{sentence}.", "yellow")
    frame = beside(table, kept, frame)
    write_csv(frame, out)
    if out is not None:
        say("written", f"{frame.height} predictions to {out}", "green")


def predictions(estimator: Any, table: pl.DataFrame, std: bool = False) -> pl.DataFrame:
    """A column ``prediction``, and for a classifier one of probabilities for each class.

    Arguments:
        estimator: as ``load`` returns it.
        table: rows with the columns of the fit, in any order; in the order of the fit where the
            model was saved without a table and knows no names.
        std: whether a column ``prediction_std`` is wanted.

    Raises:
        ParameterError: the estimator knows no standard deviations.
    """
    import polars as pl

    from unstuck.cli.inputs import inputs_of

    inputs = inputs_of(estimator, table)
    columns = columns_of(estimator, inputs)
    if std:
        columns |= numbered(STD, deviations(estimator, inputs))
    return pl.DataFrame(columns)


def deviations(estimator: Any, inputs: Any) -> Any:
    """The standard deviation of each prediction, shape (n,).

    Raises:
        ParameterError: the estimator knows none.
    """
    if "return_std" not in inspect.signature(estimator.predict).parameters:
        raise ParameterError(
            "--std is for numbers; of classes the columns of probabilities say how sure they are."
        )
    try:
        return estimator.predict(inputs, return_std=True)[1]
    except ParameterError:
        raise ParameterError(
            f"--std: one network trained by {estimator.solver_!r} knows no standard deviation of "
            "its predictions. Those of unstuck train's defaults do, and --solver br."
        ) from None


def beside(table: pl.DataFrame, kept: list[str], frame: pl.DataFrame) -> pl.DataFrame:
    """Predictions with columns of the table before them.

    Raises:
        DataError: two would have one name, or one holds what CSV has no form for.
    """
    import polars as pl

    for name in kept:
        kind = table.schema[name]
        if kind.is_nested() or kind in (pl.Binary, pl.Object):
            raise DataError(
                f"--keep {name!r}: the column holds {kind}, which a CSV file cannot; leave it out."
            )

    double = [name for name in kept if name in frame.columns]
    if double:
        raise DataError(
            f"--keep {double[0]!r}: the predictions have a column of this name; rename that of "
            "the table."
        )
    if not kept:
        return frame
    return pl.concat([table.select([*dict.fromkeys(kept)]), frame], how="horizontal")


def write_csv(frame: pl.DataFrame, out: Path | None) -> None:
    """Print a table as CSV, or put it in place of a file, whole or not at all.

    Raises:
        FileError: standard output lacks a character of it.
    """
    starting.over()
    if out is None:
        text = frame.write_csv()
        _check_characters(text)
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    from unstuck.persistence.atomic import replacing

    with replacing(out) as file:
        frame.write_csv(file)


def _check_characters(text: str) -> None:
    """Results for programs are not shown with other characters in place of their own."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError as error:
        lacked = text[error.start]
        raise FileError(
            f"standard output is {encoding}, which has no {lacked!a}. Write the table to a file "
            "with --out, or set PYTHONIOENCODING=utf-8."
        ) from None
