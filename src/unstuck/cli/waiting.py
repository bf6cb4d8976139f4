"""What is shown while something takes longer than one likes to wait."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Any

from unstuck.cli.terminal import console

PATIENCE = 2.0
"""Seconds before anything is shown, and between lines where there is no terminal."""
SOON = 0.3
"""Seconds before a terminal shows something."""


class Waiting:
    """Inside, what is being done is shown on standard error, if it takes a while.

    A terminal shows it in one line that goes away at the end; elsewhere there are a few lines.
    Calling it says what is done now.

    Arguments:
        what: is being done.
        shown: whether to show anything.

    Example:
        >>> with Waiting("diagnosing") as say:
        ...     say("layer by layer")
    """

    def __init__(self, what: str, shown: bool = True):
        self.what, self.shown, self.doing = what, shown, ""
        self._lock = threading.Lock()
        soon = sys.stderr is not None and sys.stderr.isatty()
        self._timer = threading.Timer(SOON if soon else PATIENCE, self._show)
        self._timer.daemon = True
        self._printed = float("inf")
        self._status: Any = None

    def __enter__(self) -> Waiting:
        if self.shown:
            self._timer.start()
        return self

    def __call__(self, doing: str) -> None:
        self.doing = doing
        if self._status is not None:
            self._status.update(self._text())
        elif time.monotonic() - self._printed > PATIENCE:
            self._print()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del kind, error, trace
        self._timer.cancel()
        with self._lock:
            self.shown = False
            if self._status is not None:
                self._status.stop()

    def _show(self) -> None:
        """Begin to show; called by the timer's thread."""
        with self._lock:
            if not self.shown:  # it ended just now
                return
            printed = console(stderr=True)
            if printed.is_terminal and printed.file.isatty():
                self._status = printed.status(self._text())
                self._status.start()
            else:
                self._print()

    def _print(self) -> None:
        self._printed = time.monotonic()
        console(stderr=True).print(self._text(), soft_wrap=True)

    def _text(self) -> Any:
        from rich.text import Text

        return Text(f"{self.what}{': ' * bool(self.doing)}{self.doing} ...")
