"""The course of a fit, epoch by epoch, as numbers."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from unstuck.health.signals import NAMES as SIGNAL_NAMES

EPOCH_COLUMNS = ("loss", "gradient_norm", "learning_rate", "validation_loss", "validation_score")
"""One number an epoch: mean objective and gradient norm over its steps (a full-batch solver's:
after its iteration), rate at its end, and the loss and score of the validation data (NaN where
there are none or they were not asked for). Full-batch solvers add their ``columns``."""

MOST_WAITING = 32
"""Networks that wait to be looked at; beyond that many they are measured, to free their memory."""

Row = tuple[float, ...]


class Part(NamedTuple):
    """Epochs that have the same columns: names, and a row for each epoch."""

    names: tuple[str, ...]
    rows: list[Row]


class Look(NamedTuple):
    """The health signals at one moment.

    Attributes:
        epoch: epochs done.
        signals: matrix (layers, signals), or a call that measures it: nobody pays for what nobody
            reads.
    """

    epoch: int
    signals: Any


@dataclass
class History:
    """Epochs, each added as one row, so that an interruption finds all columns equally long.

    Attributes:
        parts: epochs; a fit that goes on with other columns opens a new part.
        looks: at every layer now and then.
    """

    parts: list[Part] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        """Number of epochs so far."""
        return sum(len(part.rows) for part in self.parts)

    def copy(self) -> History:
        """A history that grows on its own."""
        parts = [Part(part.names, list(part.rows)) for part in self.parts]
        return History(parts, list(self.looks))

    def last(self, name: str) -> float:
        """The last number of a column; NaN where there is none."""
        part = self.parts[-1] if self.parts else None
        if part is None or name not in part.names or not part.rows:
            return np.nan
        return part.rows[-1][part.names.index(name)]

    def open(self, names: Iterable[str]) -> None:
        """Say which columns the next epochs have, beside ``EPOCH_COLUMNS``."""
        every = tuple(dict.fromkeys((*EPOCH_COLUMNS, *names)))
        if not self.parts or self.parts[-1].names != every:
            self.parts.append(Part(every, []))

    def epoch(self, row: Mapping[str, float]) -> None:
        """Add an epoch; columns of the part that are not given get NaN."""
        names, rows = self.parts[-1]
        rows.append(tuple(float(row.get(name, np.nan)) for name in names))

    def cut(self, epochs: int) -> None:
        """Take back all epochs but the first ones."""
        surplus = self.epochs - epochs
        for part in reversed(self.parts):
            taken = min(max(surplus, 0), len(part.rows))
            del part.rows[len(part.rows) - taken :]
            surplus -= taken

    def column(self, name: str) -> list[float]:
        """One number an epoch; NaN where it was not measured."""
        found: list[float] = []
        for part in self.parts:
            if name in part.names:
                index = part.names.index(name)
                found += [row[index] for row in part.rows]
            else:
                found += [np.nan] * len(part.rows)
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """Of all columns; those of ``EPOCH_COLUMNS`` come first."""
        known = itertools.chain(EPOCH_COLUMNS, *(p.names for p in self.parts if p.rows))
        return tuple(dict.fromkeys(known))

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

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything as arrays: epochs by name, looks as (looks, layers), ``look_epoch``."""
        found = {name: np.array(self.column(name), np.float64) for name in self.names}
        found["look_epoch"] = np.array([look.epoch for look in self.looks], np.int64)
        self.fetch()
        stacked = [np.asarray(look.signals, np.float64) for look in self.looks]
        for index, name in enumerate(SIGNAL_NAMES):
            found[name] = np.array([signals[:, index] for signals in stacked])
        return found

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> History:
        """The history that ``arrays`` came from, to go on with."""
        history = cls()
        names = [n for n in arrays if n not in ("look_epoch", *SIGNAL_NAMES)]
        if len(arrays["loss"]):
            history.open(names)
            columns = [arrays[name].tolist() for name in history.parts[0].names]
            history.parts[0].rows.extend(zip(*columns, strict=True))
        for index, epoch in enumerate(arrays["look_epoch"]):
            signals = np.stack([arrays[name][index] for name in SIGNAL_NAMES], axis=-1)
            history.looks.append(Look(int(epoch), signals))
        return history
