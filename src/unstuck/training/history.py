"""The course of a fit, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unstuck.training.programs import SIGNALS

EPOCH_COLUMNS = ("loss", "gradient_norm", "learning_rate", "validation_loss", "validation_score")
"""One number an epoch: mean objective and gradient norm over its steps (a batch solver's: after
its iteration), rate at its end, and the loss and score of the validation data (NaN where there are
none or they were not asked for). Batch solvers add their ``columns``."""

MOST_WAITING = 32
"""Networks that wait to be looked at; beyond that many they are measured, to free their memory."""


@dataclass
class History:
    """Columns that grow by one number an epoch, and looks at every layer now and then.

    Attributes:
        columns: ``EPOCH_COLUMNS``, and those of the solver.
        looks: pairs of the epoch and the matrix of ``SIGNALS`` (layers, signals), or a call that
            measures it: nobody pays for what nobody reads.
    """

    columns: dict[str, list[float]] = field(
        default_factory=lambda: {name: [] for name in EPOCH_COLUMNS}
    )
    looks: list[tuple[int, Any]] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        """Number of epochs so far."""
        return len(self.columns["loss"])

    @property
    def last_value(self) -> float:
        """The objective at the end; minus the log evidence where the solver reports it."""
        if "log_evidence" in self.columns:
            return -self.columns["log_evidence"][-1]
        return self.columns["loss"][-1] if self.epochs else np.nan

    def epoch(self, **numbers: float) -> None:
        """Add an epoch; columns that are not given, or were not so far, get NaN."""
        for name in numbers.keys() - self.columns.keys():
            self.columns[name] = [np.nan] * self.epochs
        for name, column in self.columns.items():
            column.append(float(numbers.get(name, np.nan)))

    def looked(self, epoch: int) -> bool:
        """Whether the last look was at the end of this epoch."""
        return bool(self.looks) and self.looks[-1][0] == epoch

    def look(self, epoch: int, signals: Any) -> None:
        """Add a look: the signals, or a call that measures them when somebody asks."""
        self.looks.append((epoch, signals))
        if sum(callable(waiting) for _, waiting in self.looks) > MOST_WAITING:
            self.fetch()

    def fetch(self) -> None:
        """Measure the looks that wait, and fetch those that are on the device."""
        self.looks = [
            (epoch, np.asarray(signals() if callable(signals) else signals))
            for epoch, signals in self.looks
        ]

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything as arrays: epochs by name, looks as (looks, layers), ``look_epoch``."""
        found = {name: np.array(column, np.float64) for name, column in self.columns.items()}
        found["look_epoch"] = np.array([epoch for epoch, _ in self.looks], np.int64)
        self.fetch()
        stacked = [np.asarray(signals, np.float64) for _, signals in self.looks]
        for index, name in enumerate(SIGNALS):
            found[name] = np.array([signals[:, index] for signals in stacked])
        return found

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> History:
        """The history that ``arrays`` came from, to go on with."""
        history = cls()
        for name in arrays.keys() - {"look_epoch", *SIGNALS}:
            history.columns[name] = arrays[name].tolist()
        for index, epoch in enumerate(arrays["look_epoch"]):
            signals = np.stack([arrays[name][index] for name in SIGNALS], axis=-1)
            history.looks.append((int(epoch), signals))
        return history
