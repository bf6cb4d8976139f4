"""A display of a running fit: a live line on a terminal, a few plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from unstuck.training.plan import State
from unstuck.training.task import Observer

if TYPE_CHECKING:
    from rich.console import Console

REFRESHES_PER_SECOND = 8
PLAIN_LINES = 10
"""Lines of a whole fit where there is no terminal, beside the first and the last."""

SHOWN = {
    "loss": ("loss", "{:<#8.3g}"),
    "validation_loss": ("valid", "{:<#8.3g}"),
    "validation_score": ("score", "{:.4f}"),
    "learning_rate": ("rate", "{:<7.2g}"),
    "gradient_norm": ("gradient", "{:.1e}"),
    "validation_failures": ("failures", "{:<3.0f}"),
    "damping": ("damping", "{:.0e}"),
    "step_length": ("step", "{:.1e}"),
}
"""What is shown of an epoch's numbers: the word before it and its format, of constant width so
that the bar beside them does not tremble."""

HIDES = {
    "validation_score": {"learning_rate", "gradient_norm"},
    "learning_rate": {"gradient_norm", "validation_failures"},
    "validation_failures": {"damping", "step_length"},
    "damping": {"step_length"},
}
"""What is left out where a number is shown, for lines of 80 columns."""


class Progress(Observer):
    """Shows what is compiled, then epoch, losses, learning rate and time, on standard error.

    An epoch costs what storing its numbers costs; a terminal is drawn by a thread of its own.

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
        self.epochs, self.noun, self.console = epochs, noun, console
        self.row: Mapping[str, float] = {}
        self.at = self.before = self.printed = 0
        self.next_line = 0
        self.what = ""
        self.start = time.perf_counter()
        self._live: Any = None
        self._plain = False

    def __enter__(self) -> Progress:
        from rich.console import Console

        self.console = self.console or Console(stderr=True)
        self.start = time.perf_counter()
        self._plain = not _can_be_redrawn(self.console)
        if not self._plain:
            from rich.live import Live

            self._live = Live(
                console=self.console,
                get_renderable=self._line,
                refresh_per_second=REFRESHES_PER_SECOND,
            )
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del kind, error, trace
        if self._live is not None:
            self._live.stop()  # draws the last row
            self._live = None
        elif self._plain and self.at != self.printed:
            self._print_row()
        self._plain = False

    def compiling(self, what: str) -> None:
        """Show what is being compiled until an epoch arrives."""
        self.what = what
        if self._plain and self.console is not None:
            self._print(f"compiling {what} ...")

    def epoch(self, epoch: int, row: Mapping[str, float], state: State) -> bool:
        """Keep the epoch's numbers to be shown; never asks to stop."""
        del state
        if not self.row:
            self.before = epoch - 1  # a fit that goes on from an earlier one
        self.at, self.row, self.what = epoch, row, ""
        if self._plain and epoch >= self.next_line:
            self._print_row()
        return False

    @property
    def last(self) -> int:
        """The number of the last epoch there can be."""
        return self.before + self.epochs

    def _print_row(self) -> None:
        self.printed = self.at
        share = -(-self.epochs // PLAIN_LINES)
        done = self.at - self.before
        self.next_line = min(self.before + (done // share + 1) * share, self.last)
        self._print(f"{self._count()}  {'  '.join(self._numbers())}  {self._elapsed()}")

    def _print(self, line: str) -> None:
        assert self.console is not None
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _count(self) -> str:
        return f"{self.noun} {self.at:>{len(str(self.last))}}/{self.last}"

    def _numbers(self) -> list[str]:
        row = self.row
        known = [name for name in SHOWN if name in row and row[name] == row[name]]  # not NaN
        hidden = set().union(*(HIDES.get(name, set()) for name in known))
        return [
            f"{SHOWN[name][0]} {SHOWN[name][1].format(row[name])}"
            for name in known
            if name not in hidden
        ]

    def _elapsed(self) -> str:
        seconds = time.perf_counter() - self.start
        if seconds < 60:
            return f"{seconds:.1f} s"
        return f"{int(seconds) // 60}:{int(seconds) % 60:02d} min"

    def _line(self) -> Any:
        """The live line; called by Rich's thread."""
        from rich.progress_bar import ProgressBar
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        if not self.row:
            text = f"compiling {self.what} ..." if self.what else "preparing ..."
            return Spinner("line", Text(f"{text} {self._elapsed()}"), style="cyan")
        grid = Table.grid(padding=(0, 1), expand=True)
        grid.add_column(no_wrap=True)
        grid.add_column(ratio=1, min_width=8)
        grid.add_column(no_wrap=True)
        bar = ProgressBar(self.epochs, self.at - self.before)
        numbers = Text("  ".join([*self._numbers(), self._elapsed()]), style="cyan")
        grid.add_row(Text(self._count(), style="bold"), bar, numbers)
        return grid


def _can_be_redrawn(console: Console) -> bool:
    """Whether a line can be drawn again: never in a file or a pipe, whatever is forced."""
    is_tty = getattr(console.file, "isatty", lambda: False)()
    return console.is_jupyter or (console.is_interactive and is_tty)
