"""``unstuck train``: from a table to a trained network, its summary and its run folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unstuck import interruption
from unstuck.cli import division, run_folder
from unstuck.cli.as_json import as_json_only
from unstuck.cli.diagnose import diagnosed, reason
from unstuck.cli.exit_codes import INTERRUPTED
from unstuck.cli.flags import chosen
from unstuck.cli.plots import draw_plots, remove_plots
from unstuck.cli.run import Run, fit
from unstuck.cli.source import Source, open_source
from unstuck.cli.terminal import say, warnings_as_notes
from unstuck.errors import DataError, ParameterError, did_you_mean

if TYPE_CHECKING:
    import polars as pl

    from unstuck.data.target import Target

DATA_PANEL = "Data and output"


def _option(help: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=DATA_PANEL, show_default=False, **more)


def train(
    data: Annotated[
        str,
        typer.Argument(help="a CSV, Parquet or Excel file, or a built-in name: see `unstuck data`"),
    ],
    target: Annotated[str | None, _option("the column to be predicted", metavar="COLUMN")] = None,
    task: Annotated[
        str | None,
        _option("classification or regression [decided from the target]", metavar="NAME"),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        _option("columns to leave out, separated by commas; may be repeated", metavar="COLUMNS"),
    ] = None,
    divide: Annotated[
        str | None,
        _option(
            "percent of the rows to train on, to validate and to test [75,0,25; where the "
            "validation data end the fit 70,15,15]",
            metavar="N,N,N",
        ),
    ] = None,
    preset: Annotated[
        str | None,
        _option(
            "settings that do well together: table, or plain for those of scikit-learn's networks "
            "[table; with --solver plain]",
            metavar="NAME",
        ),
    ] = None,
    rows: Annotated[
        int | None, _option("how many to generate, or to draw from what there is", metavar="N")
    ] = None,
    data_seed: Annotated[int, _option("seed of that [0]", metavar="N")] = 0,
    noise: Annotated[
        float | None, _option("standard deviation of the noise of a generated set", metavar="X")
    ] = None,
    out: Annotated[
        Path | None, _option("folder of the run [a new one in runs/]", metavar="DIR")
    ] = None,
    plots: Annotated[
        bool, _option("draw the course of the fit and its result [yes]", "--plots/--no-plots")
    ] = True,
    as_json: Annotated[
        bool, _option("print the result as JSON, all else to standard error", "--json")
    ] = False,
    **given: Any,
) -> None:
    """Train a network on a table."""
    given.pop("help_", None)
    with interruption.heeded() as pressed, as_json_only(as_json) as printed:
        source = open_source(data, rows, data_seed, noise)
        target_, frame = _understood(source, target, task, ignore)
        parameters = chosen(given, target_.task, preset)
        shares, parameters["early_stopping"] = division.choose(divide, parameters)
        folder = run_folder.choose(source.name, out)
        with run_folder.prepared(folder), warnings_as_notes():
            if pressed.asked:
                raise KeyboardInterrupt
            run = fit(frame, target_, parameters, shares, source)
            pressed.firm = True  # what was learned is not lost any more
            settings, drawn = _kept(run, folder, run.settings(source, target_), pressed, plots)
        pressed.taken = True
    from unstuck.cli import summary

    if as_json:
        printed(summary.document(run, settings, folder, drawn))
    else:
        summary.show(run, folder, drawn)
    if pressed.asked or run.estimator.stop_reason_.name == "interrupted":
        raise typer.Exit(INTERRUPTED)


def _kept(
    run: Run,
    folder: Path,
    settings: dict[str, Any],
    pressed: interruption.Interruption,
    plots: bool,
) -> tuple[dict[str, Any], list[str]]:
    """Write the model, then measure it, then all the rest; what was written to the settings, and
    the names of the plots."""
    run_folder.write_model(folder, run.estimator, run.table, settings)
    remove_plots(folder)
    try:
        run.measure()
    except KeyboardInterrupt:
        pressed.pressed += 1
    settings = {**settings, "scores": run.scores}
    run_folder.write(folder, run.estimator, settings)
    _examined("diagnosis", _diagnose, run, pressed)
    _examined("verdict", _judge, run, pressed)
    if run.diagnosis is not None:
        settings = {**settings, "diagnosis": run.diagnosis.to_dict()}
    if run.verdict is not None:
        told = run.verdict.to_dict()
        del told["diagnosis"]
        settings = {**settings, "verdict": told}
    run_folder.write(folder, run.estimator, settings)
    return settings, draw_plots(folder, run) if plots and not pressed.asked else []


def _examined(
    what: str,
    examine: Callable[[Run, Callable[[], None]], None],
    run: Run,
    pressed: interruption.Interruption,
) -> None:
    """Find out what there is to know of a network; a run is complete without."""

    def going_on() -> None:
        if pressed.asked:
            raise KeyboardInterrupt

    try:
        going_on()
        examine(run, going_on)
    except KeyboardInterrupt:
        pressed.pressed += 1
    except Exception as problem:  # whatever it is, the network was trained
        say("note", f"there is no {what}: {reason(problem)}", "yellow")


def _diagnose(run: Run, going_on: Callable[[], None]) -> None:
    """On the rows it was trained on."""
    x, y, shown = run.inputs["train"], run.targets["train"], bool(run.estimator.verbose)
    run.diagnosis = diagnosed(run.estimator, x, y, shown, going_on)


def _judge(run: Run, going_on: Callable[[], None]) -> None:
    """On the rows that were held out."""
    from unstuck.cli.judge import judged

    run.verdict = judged(run, going_on)


def _understood(
    source: Source, target: str | None, task: str | None, ignore: list[str] | None
) -> tuple[Target, pl.DataFrame]:
    """What is to be learned, and the table without the columns to ignore."""
    from unstuck.data.signs import signed_like
    from unstuck.data.target import understand

    column = target or source.target
    if column is None:
        columns = ", ".join(source.frame.columns)
        raise ParameterError(f"--target COLUMN is missing; the table has the columns {columns}.")
    known = source.task if column == source.target else None
    understood = understand(source.frame, column, task or known)
    others = [each for each in source.frame.columns if each != column]
    ignored = {name for text in ignore or [] for name in _ignored(text, others)}
    return understood, signed_like(source.frame.drop(ignored), source.frame)


def _ignored(text: str, columns: list[str]) -> list[str]:
    """The columns that a list with commas names; a name may hold commas itself.

    Raises:
        DataError: there is no such column beside the target.

    Example:
        >>> _ignored("b, income, EUR", ["income, EUR", "b"])
        ['b', 'income, EUR']
    """
    found, pieces = [], text.split(",") if text.strip() else []
    while pieces:
        longest = range(len(pieces), 0, -1)
        names = [(",".join(pieces[:end]).strip(), end) for end in longest]
        name, end = next(((name, end) for name, end in names if name in columns), names[-1])
        if name not in columns and name:
            hint = next(filter(None, (did_you_mean(near, columns) for near, _ in names)), "")
            raise DataError(f"--ignore {name!r} is no column beside the target.{hint}")
        found += [name] if name else []
        pieces = pieces[end:]
    return found
