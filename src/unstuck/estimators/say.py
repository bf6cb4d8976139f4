"""Who is told what is being measured: the user's own function, or a line of the terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from unstuck.consoles import errors
from unstuck.errors import ParameterError

Say = Callable[[str], None]

PATIENCE = 2.0
"""Seconds after which progress is told."""


@contextmanager
def listener(progress: Any, caller: str, doing: str = "diagnosing") -> Iterator[Say]:
    """What to tell in words; a line of the terminal is gone at the end.

    Arguments:
        progress: the user's function; ``None`` for the terminal.
        caller: who was given it.
        doing: in a word; the line begins with it.

    Raises:
        ParameterError: it is no function.
    """
    if progress is not None and not callable(progress):
        raise ParameterError(f"{caller}: progress was {progress!r}; expected a function of a text.")
    line = Progress(doing)
    try:
        yield line if progress is None else progress
    finally:
        line.done()


class Progress:
    """Tells what is measured on one line of the terminal, where it takes longer than two
    seconds."""

    def __init__(self, doing: str = "diagnosing") -> None:
        self.doing, self.began, self.told = doing, time.perf_counter(), 0

    def __call__(self, what: str) -> None:
        if sys.stderr is None or not sys.stderr.isatty():
            return
        if time.perf_counter() - self.began > PATIENCE:
            line = f"{self.doing}: {what}"[:79]
            print(f"\r{line:<{self.told}}", end="", file=errors(), flush=True)
            self.told = len(line)

    def done(self) -> None:
        """Take the line away."""
        if self.told:
            print(f"\r{'':<{self.told}}\r", end="", file=errors(), flush=True)
            self.told = 0
