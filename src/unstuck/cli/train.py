"""``unstuck train``: from a table to a trained network, its summary and its run folder."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from unstuck.cli import run_folder
from unstuck.cli.flags import chosen
from unstuck.cli.source import Source, open_source
from unstuck.cli.terminal import INTERRUPTED, console, say, warnings_as_notes
from unstuck.errors import DataError, ParameterError

if TYPE_CHECKING:
    import polars as pl

    from unstuck.data.table import TableEncoder, Target

DATA_PANEL = "Data and output"


def _option(help: str, **more: Any) -> Any:
    return typer.Option(help=help, rich_help_panel=DATA_PANEL, show_default=False, **more)


def train(
    data: Annotated[
        str, typer.Argument(help="a CSV or Parquet file, or a built-in name: see `unstuck data`")
    ],
    target: Annotated[str | None, _option("the column to be predicted", metavar="COLUMN")] = None,
    task: Annotated[
        str | None,
        _option("classification or regression [decided from the target]", metavar="NAME"),
    ] = None,
    ignore: Annotated[
        str | None, _option("columns to leave out, separated by commas", metavar="COLUMNS")
    ] = None,
    test_fraction: Annotated[
        float, _option("share of the rows held out for the test [0.25]", metavar="X")
    ] = 0.25,
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
    **given: Any,
) -> None:
    """Train a network on a table."""
    given.pop("help_", None)
    if not 0 <= test_fraction < 1:
        raise ParameterError(f"--test-fraction was {test_fraction}; expected >= 0 and < 1.")
    source = open_source(data, rows, data_seed, noise)
    target_, frame = _understood(source, target, task, ignore)
    parameters = chosen(given, target_.task)
    folder = run_folder.choose(source.name, out)
    with warnings_as_notes():
        run = _fit(frame, target_, parameters, test_fraction, source)
        run_folder.write(folder, run.estimator, run.table, run.settings(source, target_))
    from unstuck.cli.summary import show

    show(run, folder)
    if run.estimator.stop_reason_.name == "interrupted":
        raise typer.Exit(INTERRUPTED)


@dataclass
class Run:
    """A fitted estimator and what was measured of it.

    Attributes:
        estimator: fitted.
        table: how the table became numbers.
        task: ``"classification"`` or ``"regression"``.
        scores: name of the score, by ``"train"`` and ``"test"``.
        rows: number of rows, by the same.
        seconds: of the fit.
        compile_seconds: of them, for compilation.
    """

    estimator: Any
    table: TableEncoder
    task: str
    scores: dict[str, dict[str, float]]
    rows: dict[str, int]
    seconds: float
    compile_seconds: float

    def settings(self, source: Source, target: Target) -> dict[str, Any]:
        """What is written to the run folder beside model and history."""
        stop = self.estimator.stop_reason_
        return {
            "command": ["unstuck", *sys.argv[1:]],
            "data": {"name": source.name, "source": source.description, "rows": self.rows},
            "target": target.name,
            "task": target.task,
            "task_because": target.sentence,
            "parameters": self.estimator.get_params(deep=False),
            "scores": self.scores,
            "epochs": self.estimator.n_iter_,
            "stop_reason": {"name": stop.name, "sentence": str(stop)},
            "seconds": round(self.seconds, 3),
            "compile_seconds": round(self.compile_seconds, 3),
        }


def _understood(
    source: Source, target: str | None, task: str | None, ignore: str | None
) -> tuple[Target, pl.DataFrame]:
    """What is to be learned, and the table without the columns to ignore."""
    from unstuck.data.target import understand

    column = target or source.target
    if column is None:
        columns = ", ".join(source.frame.columns)
        raise ParameterError(f"--target COLUMN is missing; the table has the columns {columns}.")
    known = source.task if column == source.target else None
    understood = understand(source.frame, column, task or known)
    ignored = [name.strip() for name in (ignore or "").split(",") if name.strip()]
    for name in ignored:
        if name not in source.frame.columns or name == column:
            raise DataError(f"--ignore {name!r} is no column beside the target {column!r}.")
    return understood, source.frame.drop(ignored)


def _fit(
    frame: pl.DataFrame, target: Target, parameters: dict[str, Any], share: float, source: Source
) -> Run:
    """Split, encode by the training rows, fit, score."""
    from unstuck.data.table import TableEncoder, target_values

    y = target_values(frame, target)
    parts = _split(y, target.task, share, parameters["random_state"])
    table = TableEncoder(target).fit(frame[parts["train"]])
    x = {part: table.transform(frame[rows]) for part, rows in parts.items()}
    rows = {part: len(each) for part, each in parts.items()}
    _announce(source, frame, table, target, y, rows, parameters["random_state"])
    estimator = _estimator(target.task, parameters)
    compiled, start = _compile_times(), time.perf_counter()
    estimator.fit(x["train"], y[parts["train"]])
    seconds = time.perf_counter() - start
    scores = {p: _scores(estimator, x[p], y[at], target.task) for p, at in parts.items()}
    return Run(estimator, table, target.task, scores, rows, seconds, min(sum(compiled), seconds))


def _split(y: np.ndarray, task: str, share: float, seed: int | None) -> dict[str, np.ndarray]:
    """Rows to train on and rows to test on; every class in both where that is possible."""
    from sklearn.model_selection import train_test_split

    rows = np.arange(len(y))
    if share == 0:
        return {"train": rows}
    counts = np.unique(y, return_counts=True)[1]
    stratify = task == "classification"
    if stratify and counts.min() < 2:
        say("note", "a class has only one row, so the test rows are drawn without regard", "yellow")
        stratify = False
    try:
        kept, held = train_test_split(
            rows, test_size=share, random_state=seed, stratify=y if stratify else None
        )
    except ValueError as problem:
        raise DataError(
            f"{len(y)} rows cannot be split with --test-fraction {share:g}: {problem} "
            "Use another fraction; 0 tests nothing."
        ) from problem
    return {"train": np.sort(kept), "test": np.sort(held)}


def _announce(
    source: Source,
    frame: pl.DataFrame,
    table: TableEncoder,
    target: Target,
    y: np.ndarray,
    rows: dict[str, int],
    seed: int | None,
) -> None:
    """Say what was understood, before the wait begins."""
    printed = console()
    columns = frame.width - 1
    printed.print(
        f"{source.name}: {frame.height} rows, {columns} column{'s' * (columns != 1)}. "
        f"{source.description}"
    )
    classes = f", {len(np.unique(y))} classes" if target.task == "classification" else ""
    printed.print(f"{target.task.capitalize()} of {target.name!r}{classes}: {target.sentence}.")
    for sentence in table.summary():
        printed.print(f"- {sentence}")
    tested = f"{rows['test']} held out for the test" if "test" in rows else "none held out"
    printed.print(f"{rows['train']} rows to train on, {tested}; random state {seed}.\n")


def _estimator(task: str, parameters: dict[str, Any]) -> Any:
    from unstuck import NetClassifier, NetRegressor

    return (NetClassifier if task == "classification" else NetRegressor)(**parameters)


def _compile_times() -> list[float]:
    """A list to which JAX adds the seconds of every compilation from now on."""
    import jax

    times: list[float] = []

    def note(event: str, duration_secs: float, **more: Any) -> None:
        del more
        if event.startswith("/jax/core/compile/"):
            times.append(duration_secs)

    jax.monitoring.register_event_duration_secs_listener(note)
    return times


def _scores(estimator: Any, x: np.ndarray, y: np.ndarray, task: str) -> dict[str, float]:
    predicted = estimator.predict(x)
    if task == "classification":
        return {"accuracy": float(np.mean(predicted == y))}
    error = float(np.mean((predicted - y) ** 2))
    spread = float(np.var(y))
    return {"R2": 1 - error / spread if spread else float("nan"), "RMSE": error**0.5}
