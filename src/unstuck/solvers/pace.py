"""How many iterations a call of a compiled program may do."""

from __future__ import annotations

from dataclasses import dataclass

PAUSE = 0.1
"""Seconds that a call of compiled iterations may take: between calls the user is heard."""
SHORT = 0.5
"""Seconds of a first call up to which the next may take twice as long, to learn what it costs."""


@dataclass
class Pace:
    """How many iterations the next call of a compiled program may do.

    It grows from one as their time becomes known. A call costs something beside its iterations:
    JAX copies what it hands from call to call, which for a matrix of thousands of weights takes as
    long as several iterations. Calls therefore take ``pause`` seconds, or four times that cost
    where it is more. Where calls end changes no bit of what comes out, so all that share a program
    share its pace.

    Attributes:
        room: iterations of the next call.
        pause: seconds that a call may take.
        each: seconds of an iteration.
        beside: seconds of a call beside its iterations; ``None``: not known yet.
        steps: iterations of the last call.
        seconds: that it took.

    Example:
        >>> pace = Pace()
        >>> for _ in range(6):
        ...     pace.note(pace.room, 0.2 + 0.01 * pace.room)
        >>> pace.room, round(pace.beside, 3)
        (60, 0.2)
    """

    room: int = 1
    pause: float = PAUSE
    each: float = 0.0
    beside: float | None = None
    steps: int = 0
    seconds: float = 0.0

    def note(self, steps: int, seconds: float) -> None:
        """Take note of a call: its iterations and their time."""
        last, before, beside = self.steps, self.seconds, self.beside  # other threads note theirs
        if last and steps >= 2 * last:  # that far apart they tell the two costs apart
            more = max(seconds - before, 0.0) / (steps - last)
            self.beside = beside = max(seconds - steps * more, 0.0)
        least = 2 if beside is None and seconds < SHORT else 1
        beside = beside or 0.0
        each = max(seconds - beside, 0.0) / max(steps, 1)
        wanted = int(max(self.pause - beside, 3.0 * beside) / max(each, 1e-9))
        self.steps, self.seconds, self.each = max(steps, 1), seconds, each
        self.room = max(least, min(4 * self.room, wanted))

    def count(self, left: float) -> int:
        """Iterations of the next call: they take a tenth of the seconds that are left, or less."""
        return max(1, int(min(self.room, 0.1 * left / max(self.each, 1e-9))))
