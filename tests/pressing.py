"""Ctrl-C at a chosen line of the package, for the tests of what ends early."""

from __future__ import annotations

import contextlib
import itertools
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import unstuck

ROOT = Path(unstuck.__file__).parent


class Moment(NamedTuple):
    """The how manieth time a line is come to, in the main thread or in the others."""

    file: str
    line: int
    in_main: bool
    nth: int


def files(*patterns):
    """The files of the package that match one of the patterns."""
    found = {str(path) for pattern in patterns for path in ROOT.glob(pattern)}
    assert len(found) >= len(patterns)
    return found


def press():
    """Ctrl-C, as the terminal would send it."""
    signal.raise_signal(signal.SIGINT)


@contextlib.contextmanager
def handled_by(handler):
    """Inside, Ctrl-C is a handler's."""
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Noting:
    """A handler that notes what it hears."""

    def __init__(self):
        self.seen = []

    def __call__(self, number, frame):
        del frame
        self.seen.append(number)


@contextlib.contextmanager
def at_lines(watched, reached):
    """Inside, ``reached(moment)`` is called before every line watched, in any thread."""
    times: Counter = Counter()
    main = threading.main_thread()

    def line(frame, event, argument):
        del argument
        if event == "line":
            in_main = threading.current_thread() is main
            place = (frame.f_code.co_filename, frame.f_lineno, in_main)
            times[place] += 1
            reached(Moment(*place, times[place]))
        return line

    def call(frame, event, argument):
        del event, argument
        return line if frame.f_code.co_filename in watched else None

    before, sys_before = threading.gettrace(), sys.gettrace()
    threading.settrace(call)
    sys.settrace(call)
    try:
        yield
    finally:
        sys.settrace(sys_before)
        threading.settrace(before)


def moments(watched, work):
    """The first and the last time that ``work()`` comes to each line, in order."""
    first: dict = {}
    last: dict = {}
    order = itertools.count()

    def note(moment):
        at = (next(order), moment)
        first.setdefault(moment[:3], at)
        last[moment[:3]] = at

    with at_lines(watched, note):
        work()
    return [moment for _, moment in sorted({*first.values(), *last.values()})]


@contextlib.contextmanager
def pressed(watched, moment, act=press):
    """Ctrl-C, or what else, at a moment; yields a list that tells whether it was come to."""
    came = []

    def reached(now):
        if now == moment and not came:
            came.append(now)
            act()

    with at_lines(watched, reached):
        yield came
