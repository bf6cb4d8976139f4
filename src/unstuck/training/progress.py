"""The display of a running fit, told by every epoch."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING

from unstuck.consoles import console
from unstuck.training.plan import State
from unstuck.training.progress_displays import Notebook, Plain, Terminal, shown_on
from unstuck.training.progress_line import ProgressLine
from unstuck.training.task import Observer

if TYPE_CHECKING:
    from rich.console import Console


class Progress(ProgressLine, Observer):
    """Shows what is compiled, then epoch, losses, best epoch, time and time left, on standard
    error; in a notebook in its output, in one line that is kept.

    The best epoch is the one whose weights would be kept by now. The time left is what all epochs
    would take; most fits end earlier. An epoch costs what storing its numbers costs; a terminal is
    drawn by a thread of its own.

    Arguments:
        epochs: the most there will be.
        console: a Rich console; one on standard error where none is given.
        noun: what an epoch is called: "start" where every call tells of one start of several.

    Example:
        >>> import io
        >>> from rich.console import Console
        >>> text = io.StringIO()
        >>> with Progress(2, Console(file=text, width=80)) as progress:
        ...     progress.compiling("4-10-3, batch 32")
        ...     _ = progress.epoch(1, {"loss": 0.5, "learning_rate": 0.001}, None)
        >>> print(text.getvalue().splitlines()[0])
        compiling 4-10-3, batch 32 ...
    """

    def __init__(self, epochs: int, console: Console | None = None, noun: str = "epoch"):
        super().__init__(epochs, noun)
        self.console = console
        self._show: Plain | Terminal | Notebook | None = None

    def __enter__(self) -> Progress:
        self.console = self.console or console(stderr=True)
        self.start = time.perf_counter()
        self._show = shown_on(self.console)(self, self.console)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del error, trace
        self.ended = True
        if self._show is not None:
            self._show.end(failed=kind is not None)
        self._show = None

    def compiling(self, what: str) -> None:
        """Show what is being compiled until an epoch arrives."""
        self.what = what
        if self._show is not None:
            self._show.compiling()

    def epoch(self, epoch: int, row: Mapping[str, float], state: State) -> bool:
        """Keep the epoch's numbers to be shown; never asks to stop."""
        del state
        now = self.note(epoch, row)
        if self._show is not None:
            self._show.epoch(now)
        return False
