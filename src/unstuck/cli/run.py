"""A run: rows split, encoded and fitted, and what was measured of the result."""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.cli import starting
from unstuck.cli.assignment import Assignment
from unstuck.cli.division import hold_out, split
from unstuck.cli.predicted import Predicted
from unstuck.cli.source import Source
from unstuck.cli.terminal import console, say
from unstuck.errors import DataError
from unstuck.lazy import jax

if TYPE_CHECKING:
    import polars as pl

    from unstuck.data.table import TableEncoder
    from unstuck.health.diagnosis import Diagnosis
    from unstuck.verdict.verdict import Verdict

MUCH = 100e6
"""Bytes of memory under which nobody has to be told."""


@dataclass
class Run:
    """A fitted estimator and what was measured of it.

    Attributes:
        estimator: fitted.
        table: how the table became numbers.
        task: ``"classification"`` or ``"regression"``.
        inputs, targets: encoded rows and what is to be learned, by ``"train"``,
            ``"validation"`` and ``"test"``.
        at: the numbers of these rows in the table, by the same.
        seconds: of the fit.
        compile_seconds: of them, for compilation.
        outputs: what is predicted, by the same; known after ``measure``, and so are
        scores: by part, then by name of the score.
        diagnosis: of the estimator; ``None`` where there is none.
        verdict: on it; ``None`` where there is none.
        told: what was said of the table before the fit, in sentences.
    """

    estimator: Any
    table: TableEncoder
    task: str
    inputs: dict[str, np.ndarray]
    targets: dict[str, np.ndarray]
    at: dict[str, np.ndarray]
    seconds: float
    compile_seconds: float
    outputs: dict[str, np.ndarray] = field(default_factory=dict)
    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    diagnosis: Diagnosis | None = None
    verdict: Verdict | None = None
    told: list[str] = field(default_factory=list)

    @property
    def rows(self) -> dict[str, int]:
        """Number of rows by part."""
        return {part: len(each) for part, each in self.targets.items()}

    def measure(self) -> None:
        """Predict all parts, and score the predictions."""
        for part, inputs in self.inputs.items():
            self.outputs[part] = self.estimator.predict(inputs)
            self.scores[part] = _scores(self.outputs[part], self.targets[part], self.task)

    def tested(self) -> Predicted | None:
        """The predictions of the test rows; ``None`` where none were held out."""
        if "test" not in self.at:
            return None
        x, y, rows = (each["test"] for each in (self.inputs, self.targets, self.at))
        return Predicted.by(self.estimator, x, y, rows + 1)

    def settings(self, assignment: Assignment) -> dict[str, Any]:
        """What is written to the run folder beside model, history and scores."""
        stop, target = self.estimator.stop_reason_, assignment.target
        source, repair = assignment.source, getattr(self.estimator, "repair_", None)
        return {
            "command": ["unstuck", *sys.argv[1:]],
            "when": datetime.datetime.now().isoformat(timespec="seconds"),
            "data": {**source.facts(), "digest": source.digest, "rows": self.rows},
            **assignment.facts(),
            "target": target.name,
            "task": target.task,
            "task_because": target.sentence,
            "parameters": self.estimator.get_params(deep=False),
            "epochs": len(self.estimator.loss_curve_),
            "stop_reason": {"name": stop.name, "sentence": str(stop)},
            "seconds": round(self.seconds, 3),
            "compile_seconds": round(self.compile_seconds, 3),
            **({} if repair is None else {"repair": repair.to_dict()}),
        }


def fit(assignment: Assignment) -> Run:
    """Divide, encode by the training rows, fit."""
    from unstuck.data.signs import signed_like
    from unstuck.data.table import target_values

    frame, target = assignment.frame, assignment.target
    y = target_values(frame, target)
    at = split(y, target.task, assignment.division, assignment.seed)
    at, parameters = _validated(assignment, y, at)
    table = _table(assignment, at["train"])
    inputs = {p: table.transform(signed_like(frame[rows], frame)) for p, rows in at.items()}
    targets = {part: y[rows] for part, rows in at.items()}
    rows = {part: len(each) for part, each in at.items()}
    told = _announce(assignment, table, y, rows)
    if parameters["verbose"]:
        starting.show("preparing")
    estimator = assignment.begun or _estimator(target.task, parameters)
    validation = {}
    if "validation" in at:
        validation = {"X_val": inputs["validation"], "y_val": targets["validation"]}
    spans, start = _compilations(), time.perf_counter()
    starting.over()
    estimator.fit(inputs["train"], targets["train"], **validation)
    seconds = time.perf_counter() - start
    estimator.warm_start = False  # it was for this fit
    compiling = covered(spans)
    return Run(estimator, table, target.task, inputs, targets, at, seconds, compiling, told=told)


def _validated(
    assignment: Assignment, y: np.ndarray, at: dict[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The rows by part, and the parameters, where early stopping cannot hold out rows of every
    class: with those of the other classes to validate, or without any."""
    from unstuck.estimators.validation import divisible

    parameters, rows = assignment.parameters, at["train"]
    share = parameters.get("validation_fraction", 0.1)
    strata = y[rows] if assignment.target.task == "classification" else None
    held = parameters["early_stopping"] and "validation" not in at
    if not held or divisible(len(rows), strata, share):
        return at, parameters
    try:
        return hold_out(at, y, assignment.target.task, share, assignment.seed), parameters
    except DataError as problem:
        say("note", f"trained without validation: {str(problem).rstrip('.')}.", "yellow")
    kept = {name: value for name, value in parameters.items() if name != "validation_fraction"}
    return at, {**kept, "early_stopping": False}


def _table(assignment: Assignment, rows: np.ndarray) -> TableEncoder:
    """How the table becomes numbers: as for the fit that goes on, or as these rows teach."""
    from unstuck.data.table import TableEncoder

    if assignment.begun is not None:
        return assignment.begun.table_
    return TableEncoder(assignment.target).fit(assignment.frame, rows=rows)


def _announce(
    assignment: Assignment, table: TableEncoder, y: np.ndarray, rows: dict[str, int]
) -> list[str]:
    """Say what was understood, before the wait begins; what was said of the table."""
    from unstuck.data import telling

    source, frame, target = assignment.source, assignment.frame, assignment.target
    printed = console(unfailing=True)
    columns = frame.width - 1
    printed.print(
        f"{source.name}: {frame.height} rows, {columns} column{'s' * (columns != 1)}. "
        f"{source.description}"
    )
    classes = f", {len(np.unique(y))} classes" if target.task == "classification" else ""
    printed.print(f"{target.task.capitalize()} of {target.name!r}{classes}: {target.sentence}.")
    told = telling.summary(table.columns_, table.left_out_, typed=True)
    told += _large(source, frame, table)
    for sentence in told:
        printed.print(f"- {sentence}")
    validating = f"{rows['validation']} to validate, " if "validation" in rows else ""
    tested = f"{rows['test']} held out for the test" if "test" in rows else "none held out"
    seed = assignment.parameters["random_state"]
    printed.print(f"{rows['train']} rows to train on, {validating}{tested}; random state {seed}.")
    if assignment.begun is None and assignment.preset == "plain":
        printed.print("Preset plain: scikit-learn's settings, one network; see --preset.")
    if assignment.begun is not None:
        before = len(assignment.begun.loss_curve_)
        printed.print(f"Goes on from {assignment.resumed}, after {before} epochs.")
    printed.print()
    return told


def _large(source: Source, frame: pl.DataFrame, table: TableEncoder) -> Iterator[str]:
    """What the table needs in memory, where that is much, and more than three times its file."""
    file = Path(source.description)
    numbers = 8 * frame.height * len(table.get_feature_names_out())
    if source.built_in or table.is_sparse or not file.is_file():
        return
    size = file.stat().st_size
    needed = frame.estimated_size() + 1.5 * numbers  # float64, and as they are trained
    if needed > max(3 * size, MUCH):
        yield (
            f"needs about {needed / 1e6:,.0f} MB of memory, {needed / size:.1f} times the file: "
            f"{frame.height:,} rows of {numbers // 8 // frame.height:,} numbers"
        )


def _estimator(task: str, parameters: dict[str, Any]) -> Any:
    from unstuck import NetClassifier, NetRegressor

    return (NetClassifier if task == "classification" else NetRegressor)(**parameters)


def _compilations() -> list[tuple[float, float]]:
    """A list to which JAX adds start and end of every compilation from now on."""
    spans: list[tuple[float, float]] = []

    def note(event: str, duration_secs: float, **more: Any) -> None:
        del more
        if event.startswith("/jax/core/compile/"):
            end = time.perf_counter()
            spans.append((end - duration_secs, end))

    jax.monitoring.register_event_duration_secs_listener(note)
    return spans


def covered(spans: list[tuple[float, float]]) -> float:
    """The time in which at least one span was running: programs are compiled side by side.

    Example:
        >>> covered([(0.0, 2.0), (1.0, 3.0), (5.0, 6.0)])
        4.0
    """
    total, until = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total


def _scores(predicted: np.ndarray, y: np.ndarray, task: str) -> dict[str, float]:
    if task == "classification":
        return {"accuracy": float(np.mean(predicted == y))}
    error = float(np.mean((predicted - y) ** 2))
    spread = float(np.var(y))
    return {"R2": 1 - error / spread if spread else float("nan"), "RMSE": error**0.5}
