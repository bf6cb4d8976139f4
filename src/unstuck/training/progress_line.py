"""What a running fit says of itself: epoch, losses, best epoch, time and time left."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

SHOWN = {
    "loss": ("loss", "{:<#8.3g}"),
    "validation_loss": ("valid", "{:<#8.3g}"),
    "validation_score": ("score", "{:.4f}"),
    "learning_rate": ("rate", "{:<7.2g}"),
    "gradient_norm": ("gradient", "{:.1e}"),
    "damping": ("damping", "{:.0e}"),
    "step_length": ("step", "{:.1e}"),
}
"""What is shown of an epoch's numbers: the word before it and its format, of constant width so
that the bar beside them does not tremble."""

HIDES = {
    "validation_score": {"validation_loss", "learning_rate", "gradient_norm"},
    "validation_loss": {"learning_rate", "gradient_norm", "step_length"},
    "learning_rate": {"gradient_norm"},
    "damping": {"step_length"},
}
"""What is left out where a number is shown; in narrow lines the last of what is left goes, too."""

FIRST = ("loss", "validation_loss", "validation_score", "best")
"""What comes before all other numbers."""

MEASURABLE = 0.05
"""Seconds between two epochs from which a pace can be told: those of one chunk come at once."""


class ProgressLine:
    """The numbers of the epoch that was last told, as text.

    Arguments:
        epochs: the most there will be.
        noun: what an epoch is called.

    Attributes:
        before: epochs of earlier parts of the fit.
        ended: whether the fit is over, and nothing is left.
        row: the numbers of the last epoch; empty before the first.

    Example:
        >>> line = ProgressLine(200)
        >>> _ = line.note(1, {"loss": 0.5, "validation_loss": 0.25})
        >>> line.count, " ".join(line.numbers(60).split()[:4])
        ('epoch   1/200', 'loss 0.500 valid 0.250')
    """

    def __init__(self, epochs: int, noun: str = "epoch"):
        self.epochs, self.noun = epochs, noun
        self.row: Mapping[str, float] = {}
        self.at = self.before = 0
        self.what = ""
        self.ended = False
        self.start = time.perf_counter()
        self._best: tuple[float, int] | None = None
        self._paced: tuple[float, int] | None = None

    def note(self, epoch: int, row: Mapping[str, float]) -> float:
        """Keep the epoch's numbers; the time now."""
        if not self.row:
            self.before = epoch - 1  # a fit that goes on from an earlier one
        self.at, self.row, self.what = epoch, row, ""
        cost = -row.get("validation_score", -row.get("validation_loss", math.nan))
        if cost == cost and (self._best is None or cost < self._best[0]):
            self._best = cost, epoch
        now = time.perf_counter()
        if self._paced is None or now - self._paced[0] < MEASURABLE:
            self._paced = (now if self._paced is None else self._paced[0]), epoch
        return now

    @property
    def last(self) -> int:
        """The number of the last epoch there can be."""
        return self.before + self.epochs

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1."""
        return (self.at - self.before) / self.epochs

    @property
    def preparing(self) -> str:
        """What is shown before the first epoch."""
        return f"compiling {self.what} ..." if self.what else "preparing ..."

    @property
    def count(self) -> str:
        """Which epoch of how many."""
        return f"{self.noun} {self.at:>{len(str(self.last))}}/{self.last}"

    def numbers(self, room: int) -> str:
        """The epoch's numbers and the time, as far as there is room for them."""
        parts, when = self._numbers(), self.time()
        while len(parts) > 1 and len("  ".join([*parts, when])) > room:
            parts.pop()
        return "  ".join([*parts, when])

    def _numbers(self) -> list[str]:
        row = self.row
        known = [name for name in SHOWN if name in row and row[name] == row[name]]  # not NaN
        hidden = set().union(*(HIDES.get(name, set()) for name in known))
        parts = {
            name: f"{SHOWN[name][0]} {SHOWN[name][1].format(row[name])}"
            for name in known
            if name not in hidden
        }
        # An earlier part may have had a better one, and starts end in an order of their own.
        if self._best is not None and not self.before and self.noun == "epoch":
            parts["best"] = f"best {self._best[1]:<{len(str(self.last))}}"
        return [parts[name] for name in sorted(parts, key=lambda name: name not in FIRST)]

    def time(self) -> str:
        """The time since the start, and while the fit runs the time that is left."""
        now = time.perf_counter()
        elapsed = _duration(now - self.start)
        if self.ended or self._paced is None or self.at <= self._paced[1]:
            return elapsed
        pace = (now - self._paced[0]) / (self.at - self._paced[1])
        return f"{elapsed}, {_duration(pace * (self.last - self.at))} left"


def _duration(seconds: float) -> str:
    """Seconds for people.

    >>> _duration(3.14159), _duration(75), _duration(7300)
    ('3.1 s', '1:15 min', '2:01 h')
    """
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole, unit = (int(seconds), "min") if seconds < 3600 else (int(seconds) // 60, "h")
    return f"{whole // 60}:{whole % 60:02d} {unit}"
