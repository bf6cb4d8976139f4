"""Lines of the table of results."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.rounds import Timing, seconds
from benchmarks.workloads import Goal

HEADER = ("", "time", "threads", "ratio", "goal", "")
WIDTHS = (34, 10, 9, 7, 7, 6)
TOLERANCE = 0.25


class Line(NamedTuple):
    """One line: who, how long, with which threads, the ratio, the goal, whether it is met."""

    who: str
    time: str = ""
    threads: str = ""
    ratio: str = ""
    goal: str = ""
    met: str = ""


def show(lines: Sequence[Line]) -> None:
    """Print lines in columns."""
    for line in lines:
        cells = (f"{cell:<{width}}" for cell, width in zip(line, WIDTHS, strict=True))
        print("  ".join(cells).rstrip(), flush=True)


def title(text: str) -> None:
    """Print the headline of a group of lines and of its columns."""
    print(f"\n{text}")
    show([Line(*HEADER)])


def duration(value: float) -> str:
    """Seconds as a person writes them.

    >>> [duration(t) for t in (2.5, 0.0314, 0.0000123)]
    ['2.50 s', '31.4 ms', '12.3 us']
    """
    for factor, unit in ((1.0, "s"), (1e3, "ms")):
        if value * factor >= 1:
            return f"{value * factor:.3g} {unit}" if factor > 1 else f"{value:.2f} s"
    return f"{value * 1e6:.3g} us"


def own(timings: list[Timing], threads: str = "", who: str = "unstuck") -> Line:
    """The line of unstuck itself."""
    return Line(who, duration(seconds(timings)), threads)


def against(
    goal: Goal, unstuck: list[Timing], peer: list[Timing], threads: str = "", who: str = ""
) -> Line:
    """The line of a peer, with the median of the rounds' ratios."""
    pairs = zip(unstuck, peer, strict=True)
    ratio = statistics.median(goal.ratio(a.seconds, b.seconds) for a, b in pairs)
    verdict = "met" if goal.met(ratio) else "missed"
    return Line(
        who or goal.peer, duration(seconds(peer)), threads, f"{ratio:.2f}", str(goal), verdict
    )


def beside(name: str, unstuck: list[Timing], peer: list[Timing], threads: str) -> Line:
    """The line of a peer without a goal: how many times unstuck is faster."""
    pairs = zip(unstuck, peer, strict=True)
    ratio = statistics.median(b.seconds / a.seconds for a, b in pairs)
    return Line(name, duration(seconds(peer)), threads, f"{ratio:.2f}")


def below(who: str, value: float, bound: float, text: str) -> Line:
    """The line of a number that has a bound of its own."""
    return Line(who, text, "", "", f"<= {bound:g}", "met" if value <= bound else "missed")


def losses(found: dict[str, list[Timing]]) -> str:
    """The losses everyone reached: alike where the work was the same."""
    last = {name: timings[-1].value for name, timings in found.items()}
    smallest, largest = min(last.values()), max(last.values())
    alike = "alike" if largest - smallest <= TOLERANCE * largest else "NOT ALIKE"
    listed = ", ".join(f"{name} {value:.3f}" for name, value in last.items())
    return f"training losses at the end, {alike}: {listed}"
