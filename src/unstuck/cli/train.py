"""``unstuck train``: from a table to a trained network, its summary and its run folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unstuck import interruption
from unstuck.cli import config as config_file
from unstuck.cli import division, run_folder
from unstuck.cli import resume as resuming
from unstuck.cli.as_json import as_json_only
from unstuck.cli.assignment import Asked, Assignment, by_label, understood
from unstuck.cli.diagnose import diagnosed, reason
from unstuck.cli.exit_codes import INTERRUPTED
from unstuck.cli.flags import chosen, preset_of
from unstuck.cli.past import opened
from unstuck.cli.plots import draw_plots, remove_plots
from unstuck.cli.predicted import Predicted
from unstuck.cli.run import Run, fit
from unstuck.cli.source import Source, open_source
from unstuck.cli.terminal import say, warnings_as_notes
from unstuck.cli.waiting import Waiting
from unstuck.errors import FileError, ParameterError

if TYPE_CHECKING:
    import polars as pl

    from unstuck.data.target import Target

DATA_PANEL = "Data and output"


def _option(help: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=DATA_PANEL, show_default=False, **more)


DivideOption = Annotated[
    str | None,
    _option(
        "percent of the rows to train on, to validate and to test; with 0 to validate, "
        "early stopping holds out some of those to train on [75,0,25]",
        metavar="N,N,N",
    ),
]
TargetOption = Annotated[str | None, _option("the column to be predicted", metavar="COLUMN")]
TaskOption = Annotated[
    str | None,
    _option("classification or regression [decided from the target]", metavar="NAME"),
]
IgnoreOption = Annotated[
    list[str] | None,
    _option("columns to leave out, separated by commas; may be repeated", metavar="COLUMNS"),
]
PresetOption = Annotated[
    str | None,
    _option(
        "settings that do well together: table, or plain, those of scikit-learn's networks "
        "[table, or plain where --solver is given]",
        metavar="NAME",
    ),
]
DropMissingTargetOption = Annotated[
    bool | None,
    _option("leave out rows without a target", "--drop-missing-target"),
]
ResumeOption = Annotated[
    Path | None,
    _option("go on from this run: its network, its rows, more epochs", metavar="RUN"),
]
ConfigOption = Annotated[
    Path | None,
    _option(
        'settings from a file: the settings.json of a run, or {"parameter": value}; what is '
        "typed counts more",
        metavar="FILE",
    ),
]


def train(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="a CSV, Parquet or Excel file, or a built-in name: see `unstuck data`",
        ),
    ],
    target: TargetOption = None,
    task: TaskOption = None,
    ignore: IgnoreOption = None,
    divide: DivideOption = None,
    preset: PresetOption = None,
    rows: Annotated[
        int | None, _option("how many to generate, or to draw from what there is", metavar="N")
    ] = None,
    data_seed: Annotated[int | None, _option("seed of that [0]", metavar="N")] = None,
    noise: Annotated[
        float | None, _option("standard deviation of the noise of a generated set", metavar="X")
    ] = None,
    drop_missing_target: DropMissingTargetOption = None,
    resume: ResumeOption = None,
    config: ConfigOption = None,
    out: Annotated[
        Path | None, _option("folder of the run [a new one in runs/]", metavar="DIR")
    ] = None,
    plots: Annotated[
        bool, _option("draw the course of the fit and its result [yes]", "--plots/--no-plots")
    ] = True,
    report: Annotated[
        bool, _option("write report.html, all there is to be seen of the network [no]", "--report")
    ] = False,
    as_json: Annotated[
        bool, _option("print the result as JSON, all else to standard error", "--json")
    ] = False,
    **given: Any,
) -> None:
    """Train a network on a table."""
    given.pop("help_", None)
    with interruption.heeded() as pressed, as_json_only(as_json) as printed:
        listed = None if ignore is None else tuple(ignore)
        asked = Asked(
            target, task, listed, divide, rows, data_seed, noise, drop_missing_target, preset
        )
        assignment = assigned(data, asked, given, config, resume)
        folder = run_folder.choose(assignment.source.name, out)
        run, settings, drawn = trained(assignment, folder, pressed, plots, report)
    from unstuck.cli import summary

    if as_json:
        printed(summary.document(run, settings, folder, drawn))
    else:
        summary.show(run, folder, drawn)
    if pressed.asked or run.estimator.stop_reason_.name == "interrupted":
        raise typer.Exit(INTERRUPTED)


def trained(
    assignment: Assignment,
    folder: Path,
    pressed: interruption.Interruption,
    plots: bool = True,
    report: bool = False,
) -> tuple[Run, dict[str, Any], list[str]]:
    """Train, and write the run; with what was written to its settings, and the names of its plots.

    Raises:
        KeyboardInterrupt: before anything was learned.
    """
    with run_folder.prepared(folder), warnings_as_notes():
        _tell_of_replaced(folder)
        if pressed.asked:
            raise KeyboardInterrupt
        run = fit(assignment)
        pressed.firm = True  # what was learned is not lost any more
        settings, drawn = _kept(run, folder, run.settings(assignment), pressed, plots)
        if report:
            _examined("report", partial(_report, folder, assignment.source.name), run, pressed)
    pressed.taken = True
    return run, settings, drawn


def assigned(
    data: str,
    asked: Asked,
    given: dict[str, Any],
    settings: Path | None = None,
    resume: Path | None = None,
) -> Assignment:
    """What is to be learned: as it was typed, and else as it was written or done before."""
    if resume is not None:
        if settings is not None:
            raise ParameterError("--resume has the settings of its run; leave --config out.")
        resumed = resuming.opened(resume, asked)
        asked = resumed.asked
        return resumed.assignment(_source(data, asked), asked, given)
    written: dict[str, Any] = {}
    if settings is not None:
        before, written = config_file.read(settings)
        asked = config_file.over(asked, before)
    source = _source(data, asked)
    target, frame, ignored, dropped = understood(source, asked)
    given = config_file.merged(given, written, target.task)
    preset = preset_of(asked.preset, given)
    parameters = chosen(given, target.task, preset)
    _name_classes(parameters, frame, target)
    shares, parameters["early_stopping"] = division.choose(asked.divide, parameters)
    seed = division.seed_of(parameters["random_state"])
    return Assignment(source, frame, target, parameters, shares, seed, ignored, dropped, preset)


def _tell_of_replaced(folder: Path) -> None:
    """Say which run the new one takes the place of."""
    try:
        before = opened(folder)
    except FileError:  # a new folder, or half of a run
        return
    target = before.settings.get("target")
    say(
        "note",
        f"replaces the run of {before.when} in {folder}: {target!r} of {before.data}.",
        "yellow",
    )


def _source(data: str, asked: Asked) -> Source:
    return open_source(data, asked.rows, asked.data_seed or 0, asked.noise)


def _name_classes(parameters: dict[str, Any], frame: pl.DataFrame, target: Target) -> None:
    """Weights that were typed for texts are for the classes of the table."""
    if isinstance(parameters.get("class_weight"), dict):
        from unstuck.data.table import target_values

        labels = target_values(frame, target)
        parameters["class_weight"] = by_label(parameters["class_weight"], labels)


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
    tested = run.tested() if run.scores else None
    settings = {**settings, "scores": run.scores, "margins": _margins(tested)}
    run_folder.write(folder, run.estimator, settings, None if tested is None else tested.csv())
    _examined("diagnosis", _diagnose, run, pressed)
    _examined("verdict", _judge, run, pressed)
    if run.diagnosis is not None:
        settings = {**settings, "diagnosis": run.diagnosis.to_dict()}
    if run.verdict is not None:
        told = run.verdict.to_dict()
        del told["diagnosis"]
        settings = {**settings, "verdict": told}
    run_folder.write(folder, run.estimator, settings)
    if not plots or pressed.asked:
        return settings, []
    with Waiting("drawing the plots", bool(run.estimator.verbose)):
        return settings, draw_plots(folder, run)


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


def _report(folder: Path, name: str, run: Run, going_on: Callable[[], None]) -> None:
    """All there is to be seen of it, as a page."""
    from unstuck.cli.report import report_of_run

    report_of_run(folder, run, name, going_on)


def _margins(tested: Predicted | None) -> dict[str, dict[str, float]]:
    """How far the scores of the test rows can be trusted, at 95 % confidence."""
    if tested is None:
        return {}
    return {"test": {name: each.margin for name, each in tested.scores().items()}}
