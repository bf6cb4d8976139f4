"""How long the fits that are left may take."""

from __future__ import annotations

import time
from collections.abc import Callable

from unstuck.selection.fits import Outcome


class Pace:
    """Tells how many fits are made, and how long the others may take, by the clock: fits side by
    side slow each other down.

    Arguments:
        fits: all of them.
        candidates: how many they are of.
        programs: how many are compiled; the first fit needs one of them.
        say: is told; nothing is, if not given.
        warm: fits before the clock starts.
        sampled: fits after these that tell the pace.
        faster: how many times faster all others are.

    Example:
        >>> Pace(30, 3, sampled=2).sampled
        2
    """

    def __init__(
        self,
        fits: int,
        candidates: int,
        say: Callable[[str], None] | None = None,
        programs: int = 1,
        warm: int = 1,
        sampled: int = 1,
        faster: float = 1.0,
    ):
        self.fits, self.candidates, self.say = fits, candidates, say
        self.programs, self.warm, self.faster = programs, warm, faster
        self.sampled = min(sampled, fits - warm)
        self.made, self.began, self.first = 0, time.perf_counter(), 0.0
        self.seconds = list[float]()

    def told(self, outcome: Outcome) -> None:
        """Of a fit that ended. The first of a network compiles its program, and does not count."""
        self.made += 1
        self.seconds.append(outcome.seconds)
        now = time.perf_counter()
        if self.made == self.warm:
            self.first = now
        timed = self.made - self.warm
        if self.say is None or timed < self.sampled:
            return
        left = (self.fits - self.made) * (now - self.first) / max(1, timed)
        if timed > self.sampled:
            self.say(f"{self.made:,} of {self.fits:,} fits, about {duration(left)} left")
            return
        compiling = (self.programs - 1) * max(0.0, self.seconds[0] - min(self.seconds))
        total = now - self.began + left / self.faster + compiling
        of = f"{self.fits:,} fits of {self.candidates} candidates"
        self.say(f"{of} take about {duration(total)}")


def duration(seconds: float) -> str:
    """Seconds as people say them.

    Example:
        >>> duration(0.2), duration(42.3), duration(600), duration(9000)
        ('1 s', '42 s', '10 min', '2.5 h')
    """
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
