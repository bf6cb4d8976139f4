"""What is shown from the first moment on, while packages are imported and a table is read.

Nothing here imports more than Python brings.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence

SLOW = ("train", "predict", "score", "diagnose", "verify", "graph")
"""Commands that import much."""
TICK = 0.2
"""Seconds between two looks of the line."""
ASKING = ("-h", "--help")
STOPPED = "stopped by Ctrl-C."

_line: _Line | None = None


class _Line:
    """A line on the terminal that shows how long it takes, and goes away."""

    def __init__(self, what: str):
        self.what, self.began = what, time.monotonic()
        self.ended = threading.Event()
        self.lock = threading.RLock()  # Ctrl-C may come within
        self.thread = threading.Thread(target=self._go_on, daemon=True)
        self.show()
        self.thread.start()

    def show(self) -> None:
        seconds = time.monotonic() - self.began
        with self.lock:
            if not self.ended.is_set():
                _write(f"\r\x1b[2K{self.what} ... {seconds:.1f} s")

    def _go_on(self) -> None:
        while not self.ended.wait(TICK):
            self.show()

    def end(self) -> None:
        with self.lock:
            self.ended.set()
            _write("\r\x1b[2K")


def begun(words: Sequence[str]) -> None:
    """Say at once that a command has begun: in a terminal by a line that goes away when there is
    something to show, elsewhere only for ``train``.

    Arguments:
        words: that were typed, without the program's name.
    """
    if not words or words[0] not in SLOW or any(word in ASKING for word in words):
        return
    if sys.stderr is None or "--no-verbose" in words:
        return
    if sys.stderr.isatty():
        show("starting")
    elif words[0] == "train":
        _write("starting ...\n")


def show(what: str) -> None:
    """Show what takes a while in a line of the terminal, until ``over``; elsewhere nothing."""
    global _line
    over()
    if sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        _line = _Line(what)


def over() -> None:
    """Take the line away, if there is one: something else is shown."""
    global _line
    line, _line = _line, None
    if line is not None:
        line.end()


def _write(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):  # nobody looks any more
        return
