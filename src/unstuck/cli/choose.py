"""``unstuck choose``: parameters chosen by the error on rows that were held out."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unstuck import interruption
from unstuck.cli import grid as grids
from unstuck.cli import run_folder, terminal
from unstuck.cli.as_json import as_json_only
from unstuck.cli.assignment import Asked, Assignment
from unstuck.cli.diagnose import WIDEST
from unstuck.cli.exit_codes import INTERRUPTED
from unstuck.cli.remedies import check_plot, draw
from unstuck.cli.terminal import console, say, warnings_as_notes
from unstuck.cli.train import (
    DATA_PANEL,
    IgnoreOption,
    PresetOption,
    TargetOption,
    TaskOption,
    assigned,
    trained,
)
from unstuck.cli.waiting import Waiting
from unstuck.errors import ParameterError

if TYPE_CHECKING:
    from unstuck.selection.table import ValidationTable

ALL = "100,0,0"
"""Every row is fitted in some folds and held out in another."""


def _option(help: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=DATA_PANEL, show_default=False, **more)


GridOption = Annotated[
    list[str],
    _option(
        "a parameter and its values, such as hidden=8,[16,16]; may be repeated: every combination "
        "is tried",
        metavar="NAME=A,B,...",
    ),
]
FoldsOption = Annotated[
    str,
    _option(
        "in how many parts rows are held out, loo: one by one, or a share to hold out once [5]",
        metavar="N|loo|X",
    ),
]
ScoringOption = Annotated[
    str | None,
    _option(
        "what is to be good, by scikit-learn's name [accuracy; neg_mean_squared_error]",
        metavar="NAME",
    ),
]
OutOption = Annotated[
    Path | None,
    _option("train the optimum on all rows, and write the run to this folder", metavar="DIR"),
]
PlotOption = Annotated[
    Path | None, _option("draw the table to this file, PNG, SVG or PDF", metavar="FILE")
]


def choose(
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="a CSV, Parquet or Excel file, or a built-in name")
    ],
    grid: GridOption,
    target: TargetOption = None,
    task: TaskOption = None,
    ignore: IgnoreOption = None,
    folds: FoldsOption = "5",
    scoring: ScoringOption = None,
    preset: PresetOption = None,
    drop_missing_target: Annotated[
        bool | None, _option("leave out rows without a target", "--drop-missing-target")
    ] = None,
    out: OutOption = None,
    plot: PlotOption = None,
    as_json: Annotated[
        bool, _option("print the result as JSON, all else to standard error", "--json")
    ] = False,
    **given: Any,
) -> None:
    """Choose parameters by the error on rows that are held out.

    Exit code 130 after Ctrl-C; what is measured by then is printed.
    """
    given.pop("help_", None)
    if plot is not None:
        check_plot(plot)
    cv = _folds(folds)
    with ExitStack() as stack:
        pressed = stack.enter_context(interruption.heeded())
        printed = stack.enter_context(as_json_only(as_json))
        listed = None if ignore is None else tuple(ignore)
        asked = Asked(
            target, task, listed, ALL, drop_missing_target=drop_missing_target, preset=preset
        )
        assignment = assigned(data, asked, given)
        values = grids.read(grid, assignment.target.task)
        if out is not None:  # before the work begins, not to find out afterwards
            stack.enter_context(run_folder.prepared(run_folder.choose(assignment.source.name, out)))
        table = _chosen(assignment, values, cv, scoring, pressed)
        pressed.taken = True
        if not as_json:
            _show(table, more=out is not None or plot is not None)
        again = _again(assignment, data, given, table)
        run = _trained(assignment, table, out, pressed, as_json)
        _draw(table, plot)
        if as_json:
            told = {"seconds": table.seconds, "again": again or None, "run": run}
            printed({**table.to_dict(), **told})
        elif again and run is None:
            terminal.out(f"\nTrain it: {again}")
    if pressed.asked:
        raise typer.Exit(INTERRUPTED)


def _folds(typed: str) -> Any:
    """A number of folds, ``"loo"``, or a share."""
    if typed == "loo":
        return typed
    for kind, right in ((int, lambda n: n >= 2), (float, lambda x: 0 < x < 1)):
        try:
            if right(found := kind(typed)):
                return found
        except ValueError:
            continue
    raise ParameterError(
        f"--folds was {typed!r}; expected 2 or more, loo for leave-one-out, or a share between 0 "
        "and 1 to hold out."
    )


def _chosen(
    assignment: Assignment,
    values: dict[str, list[Any]],
    cv: Any,
    scoring: str | None,
    pressed: interruption.Interruption,
) -> ValidationTable:
    from unstuck import NetClassifier, NetRegressor
    from unstuck.data.table import TableEncoder, target_values
    from unstuck.data.taught import Taught
    from unstuck.selection import choose

    frame, target = assignment.frame, assignment.target
    kind = NetClassifier if target.task == "classification" else NetRegressor
    estimator = kind(**{**assignment.parameters, "verbose": False})
    taught, y = Taught(TableEncoder(target), frame), target_values(frame, target)
    if pressed.asked:
        raise KeyboardInterrupt
    with warnings_as_notes(), Waiting("choosing") as waiting:
        return choose(
            estimator, taught.X, y, values, cv=cv, scoring=scoring, random_state=assignment.seed,
            progress=_Estimate(waiting), encode=taught,
        )  # fmt: skip


def _show(table: ValidationTable, more: bool) -> None:
    """Print it; where there is more to be done, that is done whoever reads this."""
    terminal.out("\n".join(table.lines(min(console().width, WIDEST))), unfailing=more)


def _draw(table: ValidationTable, plot: Path | None) -> None:
    if plot is None:
        return
    if table.optimum is None:
        say("note", f"no candidate is complete, and {plot} was not drawn.", "yellow")
    else:
        draw(table, plot)


class _Estimate:
    """Prints the first text, which is how long it will take, and shows the others."""

    def __init__(self, waiting: Waiting):
        self.waiting, self.printed = waiting, False

    def __call__(self, told: str) -> None:
        if self.printed:
            self.waiting(told)
        else:
            say("time", f"{told}.", "cyan")
            self.printed = True


def _trained(
    assignment: Assignment,
    table: ValidationTable,
    out: Path | None,
    pressed: interruption.Interruption,
    as_json: bool,
) -> dict[str, Any] | None:
    """The optimum on all rows, as ``unstuck train`` does it; nothing where that was not asked for,
    or where there is no optimum."""
    from unstuck.cli import summary

    if out is None:
        return None
    if table.optimum is None or pressed.asked:
        say("note", f"nothing was trained, and {out} was not written.", "yellow")
        return None
    terminal.out("", unfailing=True)
    best = replace(assignment, parameters={**assignment.parameters, **table.best_params})
    folder = run_folder.choose(best.source.name, out)
    run, settings, drawn = trained(best, folder, pressed)
    if not as_json:
        summary.show(run, folder, drawn)
    return summary.document(run, settings, folder, drawn)


def _again(assignment: Assignment, data: str, given: dict[str, Any], table: ValidationTable) -> str:
    """The command that trains the optimum; nothing where there is none or it cannot be typed."""
    from unstuck.health.spelling import flags, shell

    if table.optimum is None:
        return ""
    best, typed = table.best_params, [name for name, value in given.items() if value is not None]
    flagged = flags({**{n: assignment.parameters[n] for n in typed if n not in best}, **best})
    if not flagged:
        return ""
    preset = [] if assignment.preset is None else [f"--preset {assignment.preset}"]
    told = ["unstuck train", shell(data), "--target", shell(assignment.target.name)]
    return " ".join([*told, *preset, *flagged, f"--divide {ALL}"])
