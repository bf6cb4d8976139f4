"""The course of a fit, epoch by epoch, as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from unstuck.health.signals import NAMES as SIGNAL_NAMES
from unstuck.readable import Facts, Readable
from unstuck.summary import summary

EPOCH_COLUMNS = ("loss", "gradient_norm", "learning_rate", "validation_loss", "validation_score")
"""One number an epoch: mean objective and gradient norm over its steps (a full-batch solver's:
after its iteration), rate at its end, and the loss and score of the validation data (NaN where
there are none or they were not asked for). Full-batch solvers add their ``columns``."""

EARLY_COLUMNS = ("validation_failures",)
"""What early stopping adds: epochs in a row without a better validation result."""

MOST_WAITING = 32
"""Networks that wait to be looked at; beyond that many they are measured, to free their memory."""


class Look(NamedTuple):
    """The health signals at one moment.

    Attributes:
        epoch: epochs done.
        signals: matrix (layers, signals), or a call that measures it: nobody pays for what nobody
            reads.
    """

    epoch: int
    signals: Any


def _fresh() -> dict[str, list[float]]:
    return {name: [] for name in EPOCH_COLUMNS}


class Columns(Readable, dict[str, np.ndarray]):
    """A dict of arrays that prints as a table."""

    def _told(self) -> Facts:
        rows = [("column", "shape", "first", "last")]
        for name, column in self.items():
            ends = (summary(column[0]), summary(column[-1])) if len(column) else ("", "")
            rows.append((name, str(column.shape), *ends))
        return Facts("History", rows=rows, words=2)


@dataclass
class History:
    """Columns that grow by one number an epoch, and looks at every layer now and then.

    An interruption may come inside an epoch; ``cut`` makes all columns equally long again.

    Attributes:
        columns: ``EPOCH_COLUMNS``, and those of the solver.
        looks: at every layer.
    """

    columns: dict[str, list[float]] = field(default_factory=_fresh)
    looks: list[Look] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        """Number of epochs so far."""
        return len(self.columns["loss"])

    def copy(self) -> History:
        """A history that grows on its own."""
        columns = {name: list(column) for name, column in self.columns.items()}
        return History(columns, list(self.looks))

    def last(self, name: str) -> float:
        """The last number of a column; NaN where there is none."""
        column = self.columns.get(name)
        return column[-1] if column else np.nan

    def open(self, names: Iterable[str]) -> None:
        """Say which columns the next epochs have, beside ``EPOCH_COLUMNS``; NaN so far."""
        for name in names:
            self.columns.setdefault(name, [np.nan] * self.epochs)

    def epoch(self, row: Mapping[str, float]) -> None:
        """Add an epoch; columns that are not given get NaN."""
        for name, column in self.columns.items():
            column.append(row.get(name, np.nan))

    def cut(self, epochs: int) -> None:
        """Take back all epochs but the first ones."""
        for column in self.columns.values():
            del column[epochs:]

    def look(self, epoch: int, signals: Any) -> None:
        """Add a look: the signals, or a call that measures them when somebody asks."""
        self.looks.append(Look(epoch, signals))
        if sum(callable(waiting) for _, waiting in self.looks) > MOST_WAITING:
            self.fetch()

    def fetch(self) -> None:
        """Measure the looks that wait, and fetch those that are on the device."""
        self.looks = [
            Look(epoch, np.asarray(signals() if callable(signals) else signals))
            for epoch, signals in self.looks
        ]

    def arrays(self) -> Columns:
        """Everything as arrays: epochs by name, ``look_epoch``, and where there are looks every
        signal as (looks, layers)."""
        found = Columns({name: np.array(c, np.float64) for name, c in self.columns.items()})
        found["look_epoch"] = np.array([look.epoch for look in self.looks], np.int64)
        if self.looks:
            self.fetch()
            stacked = np.array([look.signals for look in self.looks], np.float64)
            found.update({name: stacked[:, :, i] for i, name in enumerate(SIGNAL_NAMES)})
        return found

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> History:
        """The history that ``arrays`` came from, to go on with."""
        history = cls()
        for name in sorted(arrays.keys() - {"look_epoch", *SIGNAL_NAMES}):  # known ones are there
            history.columns[name] = arrays[name].tolist()
        for index, epoch in enumerate(arrays["look_epoch"]):
            signals = np.stack([arrays[name][index] for name in SIGNAL_NAMES], axis=-1)
            history.looks.append(Look(int(epoch), signals))
        return history
