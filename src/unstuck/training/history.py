"""The course of a fit, as arrays."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unstuck.training.programs import SIGNALS

EPOCH_COLUMNS = ("loss", "gradient_norm", "learning_rate", "validation_loss", "validation_score")
"""One number an epoch: mean objective and gradient norm over its steps, rate at its end, and the
loss and score of the validation data (NaN where there are none or they were not asked for)."""


@dataclass
class History:
    """Columns that grow by one number an epoch, and looks at every layer now and then.

    Attributes:
        columns: ``EPOCH_COLUMNS``.
        looks: pairs of the epoch and the matrix of ``SIGNALS`` (layers, signals), fetched from
            the device only when the arrays are asked for or the next look is taken.
    """

    columns: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    looks: list[tuple[int, Any]] = field(default_factory=list)

    def epoch(self, **numbers: float) -> None:
        """Add an epoch; columns that are not given get NaN."""
        for name in EPOCH_COLUMNS:
            self.columns[name].append(numbers.get(name, np.nan))

    def look(self, epoch: int, signals: Any) -> None:
        """Add a look; the one before is fetched, so that little memory stays on the device."""
        self.fetch()
        self.looks.append((epoch, signals))

    def fetch(self) -> None:
        """Fetch the last look from the device."""
        if self.looks:
            epoch, signals = self.looks[-1]
            found = signals.result() if isinstance(signals, Future) else signals
            self.looks[-1] = (epoch, np.asarray(found))

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything as arrays: epochs by name, looks as (looks, layers), ``look_epoch``."""
        found = {name: np.array(self.columns[name], np.float64) for name in EPOCH_COLUMNS}
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
        for name in EPOCH_COLUMNS:
            history.columns[name] = arrays[name].tolist()
        for index, epoch in enumerate(arrays["look_epoch"]):
            signals = np.stack([arrays[name][index] for name in SIGNALS], axis=-1)
            history.looks.append((int(epoch), signals))
        return history
