"""``unstuck graph``: every number behind the loss of one example, as a table and a picture."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unstuck.cli.arguments import RunArgument
from unstuck.cli.examples import examples
from unstuck.cli.run_folder import SETTINGS, model_of
from unstuck.cli.source import Source, open_again, open_source
from unstuck.cli.terminal import out as output
from unstuck.cli.terminal import say, warnings_as_notes
from unstuck.errors import DataError, FileError, ParameterError, did_you_mean

if TYPE_CHECKING:
    import numpy as np

VIEWS = ("graph", "units")


def graph(
    run: RunArgument,
    data: Annotated[
        str | None,
        typer.Option(
            help="a CSV, Parquet or Excel file, or a built-in data set [the one trained on]",
            metavar="DATA",
            show_default=False,
        ),
    ] = None,
    example: Annotated[
        int, typer.Option(help="which row of the data, from 1", metavar="N", show_default=True)
    ] = 1,
    view: Annotated[
        str,
        typer.Option(
            help="graph: every operation; units: backpropagation layer by layer", metavar="NAME"
        ),
    ] = VIEWS[0],
    out: Annotated[
        Path | None,
        typer.Option(help="the picture, .svg or .png [VIEW.svg beside the model]"),
    ] = None,
) -> None:
    """Show how the loss of one example is computed, node by node."""
    from unstuck.drawing.picture import picture_kind

    if view not in VIEWS:
        raise ParameterError(
            f"--view was {view!r}; expected {' or '.join(VIEWS)}.{did_you_mean(view, VIEWS)}"
        )
    model = model_of(run)
    path = model.with_name(f"{view}.svg") if out is None else out
    picture_kind(path)
    with warnings_as_notes():
        from unstuck import load

        estimator = load(model)
        x, y = row_of(estimator, _source(run, data), example)
        shown = _traced(estimator, x, y) if view == VIEWS[0] else _passed(estimator, x, y)
    output(shown)
    shown.draw(path)
    say("written", f"the picture to {path}", "green")


def _traced(estimator: Any, x: np.ndarray, y: np.ndarray) -> Any:
    from unstuck import trace
    from unstuck.estimators.inspection import objective_of

    function, parameters, arguments = objective_of(estimator, x, y)
    return trace(function, parameters, *arguments)


def _passed(estimator: Any, x: np.ndarray, y: np.ndarray) -> Any:
    from unstuck import backpropagation

    return backpropagation(estimator, x, y)


def row_of(estimator: Any, source: Source, example: int) -> tuple[np.ndarray, np.ndarray]:
    """One row as the estimator takes it: inputs (1, inputs) and its target (1,).

    Arguments:
        estimator: as ``load`` returns it.
        source: the data.
        example: which row, from 1.

    Raises:
        DataError: there is no such row, or no target column.
    """
    if not 1 <= example <= source.frame.height:
        raise DataError(
            f"--example was {example}; expected 1 to {source.frame.height}, the rows of "
            f"{source.name}."
        )
    row = source.frame[example - 1 : example]
    return examples(estimator, dataclasses.replace(source, frame=row))


def _source(run: Path, data: str | None) -> Source:
    """The data that were named, or those that the run was trained on."""
    if data is not None:
        return open_source(data)
    if not run.is_dir():
        raise ParameterError(f"--data is missing: {str(run)!r} does not say what it learned from.")
    facts = _facts(run / SETTINGS)
    try:
        return open_again(facts)
    except (DataError, FileError) as problem:
        raise FileError(
            f"the data that the network was trained on, {facts['source']!r}, cannot be read again: "
            f"{problem} If they have moved, name them with --data."
        ) from problem


def _facts(settings: Path) -> dict[str, Any]:
    """What the settings of a run say of its data."""
    try:
        facts = json.loads(settings.read_text("utf-8"))["data"]
        known = facts.keys() >= {"name", "source"}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        known = False
    if not known:
        raise FileError(
            f"{str(settings)!r} does not say what the network was trained on; expected the "
            "file that `unstuck train` wrote. Name the data with --data."
        )
    if "built_in" not in facts:
        raise FileError(
            f"{str(settings)!r} was written by an earlier unstuck and does not say how the rows of "
            f"{facts['name']!r} were drawn. Name the data with --data."
        )
    return facts
