"""Predictions as columns of a table; and those of the test rows of a run, kept in its folder."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from unstuck.cli.labels import spelled
from unstuck.errors import DataError, FileError
from unstuck.scoring import Score, scores

ROW, TARGET, PREDICTION, PROBABILITY = "row", "target", "prediction", "probability_"


def columns_of(estimator: Any, inputs: Any) -> dict[str, np.ndarray]:
    """A column ``prediction``, and for a classifier one of probabilities for each class.

    Arguments:
        estimator: fitted.
        inputs: shape (n, inputs), as it takes them.
    """
    predicted = estimator.predict(inputs)
    columns = numbered(PREDICTION, predicted)
    if hasattr(estimator, "predict_proba"):
        named = zip(estimator.classes_, estimator.predict_proba(inputs).T, strict=True)
        columns |= {f"{PROBABILITY}{spelled(label)}": each for label, each in named}
    return columns


def numbered(name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """A column of this name, or of shape (n, k) k columns with a number after it.

    Example:
        >>> list(numbered("prediction", np.zeros((3, 2))))
        ['prediction_1', 'prediction_2']
    """
    if values.ndim == 1:
        return {name: values}
    return {f"{name}_{i + 1}": each for i, each in enumerate(values.T)}


@dataclass(frozen=True)
class Predicted:
    """Predictions of labelled rows.

    Attributes:
        task: ``"classification"`` or ``"regression"``.
        rows: numbers of the rows in the table, from 1, shape (n,).
        y: targets, shape (n,): numbers, or classes as they are spelled.
        predicted: shape (n,).
        probabilities: shape (n, k), or ``None``.
        classes: the k classes.
    """

    task: str
    rows: np.ndarray
    y: np.ndarray
    predicted: np.ndarray
    probabilities: np.ndarray | None = None
    classes: tuple[str, ...] = ()

    @classmethod
    def by(cls, estimator: Any, inputs: Any, y: np.ndarray, rows: np.ndarray) -> Predicted:
        """What a fitted estimator predicts of encoded rows.

        Raises:
            DataError: it has several outputs, and targets of one column.
        """
        classes = hasattr(estimator, "classes_")
        columns = columns_of(estimator, inputs)
        if PREDICTION not in columns:
            raise DataError(
                "the network has several outputs, and the command line scores one column; use its "
                "score in Python."
            )
        texts = np.array([spelled(each) for each in y]) if classes else y
        return cls._from("classification" if classes else "regression", rows, texts, columns)

    @classmethod
    def _from(cls, task: str, rows: np.ndarray, y: np.ndarray, columns: dict[str, Any]) -> Any:
        predicted = columns[PREDICTION]
        if task == "classification":
            predicted = np.array([spelled(each) for each in predicted])
        named = {k.removeprefix(PROBABILITY): v for k, v in columns.items() if k != PREDICTION}
        probabilities = np.stack([*named.values()], axis=1) if named else None
        return cls(task, rows, y, predicted, probabilities, tuple(named))

    def scores(self) -> dict[str, Score]:
        """What the predictions are worth; see ``unstuck.scoring``."""
        return scores(self.y, self.predicted, self.task, self.probabilities, self.classes)

    def take(self, at: np.ndarray) -> Self:
        """Some of the rows."""
        p = None if self.probabilities is None else self.probabilities[at]
        given = (self.rows[at], self.y[at], self.predicted[at], p, self.classes)
        return type(self)(self.task, *given)

    def csv(self) -> str:
        """One line a row."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        names = [PROBABILITY + each for each in self.classes]
        writer.writerow([ROW, TARGET, PREDICTION, *names])
        columns = [each.tolist() for each in (self.rows, self.y, self.predicted)]
        p = [] if self.probabilities is None else self.probabilities.T.tolist()
        writer.writerows(zip(*columns, *p, strict=True))
        return text.getvalue()

    @classmethod
    def read(cls, path: Path, task: str) -> Self:
        """What ``csv`` wrote.

        Raises:
            FileError: it is missing or damaged.
        """
        try:
            with path.open(encoding="utf-8", newline="") as file:
                head, *lines = list(csv.reader(file))
            columns = dict(zip(head, map(np.array, zip(*lines, strict=True)), strict=True))
            numbers = task == "regression"
            kept = {
                name: each.astype(float) if numbers or name != PREDICTION else each
                for name, each in columns.items()
                if name not in (ROW, TARGET)
            }
            y = columns[TARGET]
            rows = columns[ROW].astype(int)
            order = np.argsort(rows, kind="stable")
            if (np.diff(rows[order]) < 1).any():
                raise ValueError("a row is there twice")
            found: Self = cls._from(task, rows, y.astype(float) if numbers else y, kept)
            return found.take(order)
        except OSError as problem:
            raise FileError(f"{path} cannot be read: {problem.strerror}.") from problem
        except (ValueError, KeyError, OverflowError, csv.Error) as problem:
            raise FileError(f"{path} is damaged: {problem}. Score the run again.") from problem
