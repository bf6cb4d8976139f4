"""How long the fits that are left may take."""

from __future__ import annotations

import time
from collections.abc import Callable

from unstuck.selection.fits import Outcome

ESTIMATED = 2
"""Fits after which the time is estimated: the first one compiles, the second one is timed."""


class Pace:
    """Tells how many fits are made, and how long the others may take.

    Arguments:
        fits: all of them.
        candidates: how many they are of.
        side_by_side: fits at a time.
        programs: how many are compiled; the first fit needs one of them.
        say: is told; nothing is, if not given.

    Example:
        >>> Pace(30, 3, 2, None).left(1.5)
        22.5
    """

    def __init__(
        self,
        fits: int,
        candidates: int,
        side_by_side: int,
        say: Callable[[str], None] | None,
        programs: int = 1,
    ):
        self.fits, self.candidates, self.say = fits, candidates, say
        self.side_by_side, self.programs = max(1, side_by_side), programs
        self.made, self.began, self.seconds = 0, time.perf_counter(), list[float]()

    def told(self, outcome: Outcome) -> None:
        """Of a fit that ended. The first of a network compiles its program, and counts less as soon
        as there is another."""
        self.made += 1
        self.seconds.append(outcome.seconds)
        if self.say is None:
            return
        if self.made < ESTIMATED:
            return
        later = self.seconds[1:]
        left = self.left(sum(later) / len(later))
        if self.made == ESTIMATED:
            of = f"{self.fits:,} fits of {self.candidates} candidates"
            compiling = (self.programs - 1) * max(0.0, self.seconds[0] - self.seconds[1])
            self.say(f"{of} take about {duration(left + compiling + sum(self.seconds))}")
        else:
            self.say(f"{self.made:,} of {self.fits:,} fits, about {duration(left)} left")

    def left(self, each: float) -> float:
        """Seconds that are left, where a fit takes so many."""
        return (self.fits - self.made) * each / min(self.side_by_side, self.fits)


def duration(seconds: float) -> str:
    """Seconds as people say them.

    Example:
        >>> duration(0.2), duration(42.3), duration(600), duration(9000)
        ('1 s', '42 s', '10 min', '2.5 h')
    """
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
