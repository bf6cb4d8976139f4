"""``unstuck report``: a trained network as one HTML file; and that of a run that just ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from unstuck.cli.arguments import DataArgument, DropOption, RunArgument, TargetOption
from unstuck.cli.labels import spelled
from unstuck.cli.terminal import say, warnings_as_notes
from unstuck.cli.waiting import Waiting
from unstuck.errors import DataError, FileError

if TYPE_CHECKING:
    from unstuck.cli.past import Past
    from unstuck.cli.run import Run
    from unstuck.cli.source import Source

TRAIN, TEST = "train", "test"
"""Parts of the rows that a report needs."""


def report(
    run: RunArgument,
    data: DataArgument,
    target: TargetOption = None,
    drop_missing_target: DropOption = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="the file to write [report.html beside the model]",
            metavar="FILE", show_default=False,
        ),
    ] = None,
) -> None:  # fmt: skip
    """Write all there is to be seen of a network as one HTML file.

    On the table of the run it is judged by the rows that were held out; on another one, or where
    RUN is a model file, by all rows.
    """
    from unstuck.cli.assignment import with_targets
    from unstuck.cli.diagnose import reason
    from unstuck.cli.examples import examples, target_of
    from unstuck.cli.run_folder import REPORT, model_of
    from unstuck.cli.source import open_source
    from unstuck.errors import UnstuckError

    model = model_of(run)
    path = model.parent / REPORT if out is None else out
    source = open_source(data)
    with warnings_as_notes():
        from unstuck import load

        estimator, past = load(model), _past(run, source)
        name = target_of(estimator, source, target).name
        dropped = past is not None and bool(past.settings.get("dropped_without_target"))
        frame, _ = with_targets(source.frame, name, drop_missing_target or dropped)
        x, y = examples(estimator, replace(source, frame=frame), target)
        at = _parts(past, y, source)
        try:
            _written(path, estimator, x, y, at, f"{name} of {source.name}")
        except (UnstuckError, OSError, MemoryError):
            raise
        except Exception as problem:
            raise DataError(
                f"{source.name} cannot be used to report on this network: {reason(problem)}"
            ) from problem
    say("written", str(path), "green")


def _past(run: Path, source: Source) -> Past | None:
    """What the run says of itself, where this is its table."""
    from unstuck.cli.past import opened

    try:
        found = opened(run)
    except FileError:  # a model file, or half of a run
        return None
    return found if found.digest == source.digest else None


def _parts(past: Past | None, y: np.ndarray, source: Source) -> dict[str, np.ndarray]:
    """The rows that were trained on and those held out, so far as the run says so; else all rows
    as those to judge by."""
    from unstuck.cli.division import Division, split
    from unstuck.cli.run_folder import SETTINGS

    everything = np.arange(len(y))
    if past is None:
        said = "judged by all rows, without a comparison: not the table of a run, or changed since"
        say("note", f"{source.name}: {said}.", "yellow")
        return {TEST: everything}
    division = past.part("division")
    shares = Division.written(division, past.folder / SETTINGS)
    at = split(y, past.task, shares, division["seed"])
    tested = past.tested()
    if tested is None:
        return {TRAIN: at[TRAIN]}
    same = TEST in at and np.array_equal(at[TEST] + 1, tested.rows) and _same(y[at[TEST]], tested.y)
    if not same:
        raise FileError(
            f"{str(past.folder)!r} does not say which rows of {source.name} it held out, so they "
            "cannot be told from those it was trained on. Train it again with --report."
        )
    return at


def _same(y: np.ndarray, told: np.ndarray) -> bool:
    """Whether targets are those that a run wrote down."""
    if told.dtype.kind == "f":
        return bool(np.array_equal(np.asarray(y, float), told))
    return [spelled(each) for each in y] == told.tolist()


def _written(
    path: Path, estimator: Any, x: Any, y: np.ndarray, at: dict[str, np.ndarray], title: str
) -> None:
    from unstuck.estimators.reported import Known, write_page
    from unstuck.verdict.examples import Examples

    parts = {part: Examples(x[rows], y[rows], np.ones(len(rows))) for part, rows in at.items()}
    train = parts.get(TRAIN)
    held = parts.get(TEST, train)
    assert held is not None
    without = "Name the table of the run, whose training rows are known"
    rows = 0 if train is None else len(train)
    known = Known(title, rows=rows, seen=held is train, without=without)
    with Waiting("writing the report") as told:
        write_page(path, estimator, held, train, known, told)


def report_of_run(folder: Path, run: Run, name: str, going_on: Callable[[], None]) -> Path:
    """Write the report of a run that has just ended, with what is known of it already.

    Arguments:
        folder: of the run.
        run: measured, diagnosed and judged, so far as it was.
        name: of its data.
        going_on: called between its parts; ends it by an exception.
    """
    from unstuck.cli.judge import SECOND
    from unstuck.cli.run_folder import REPORT
    from unstuck.estimators.reported import Known, write_page
    from unstuck.verdict.examples import Examples

    parts = {
        part: Examples(run.inputs[part], y, np.ones(len(y))) for part, y in run.targets.items()
    }
    train = parts[TRAIN]
    held = parts.get(TEST) or parts.get(SECOND) or train
    target = run.table.target_
    title = name if target is None else f"{target.name} of {name}"
    known = Known(title, run.diagnosis, run.verdict, len(train), seen=held is train)
    path = folder / REPORT
    with Waiting("writing the report", bool(run.estimator.verbose)) as say_:

        def told(doing: str) -> None:
            going_on()
            say_(doing)

        write_page(path, run.estimator, held, train, known, told)
    return path
