"""Where progress is shown: lines in a file, a live line on a terminal, an output of a notebook."""

from __future__ import annotations

import time
from html import escape
from typing import TYPE_CHECKING, Any

from unstuck.training.progress_line import ProgressLine

if TYPE_CHECKING:
    from rich.console import Console

REFRESHES_PER_SECOND = 8
PLAIN_LINES = 10
"""Lines of a whole fit where there is no terminal, beside the first and the last."""
WIDTH, BAR = 80, 8
"""Columns of a line where there is no terminal; the least of a bar."""


def shown_on(console: Console) -> type[Plain | Terminal | Notebook]:
    """What shows progress there. A line is never drawn again in a file or a pipe, whatever is
    forced."""
    if console.is_jupyter:
        return Notebook
    is_tty = getattr(console.file, "isatty", lambda: False)()
    return Terminal if console.is_interactive and is_tty else Plain


class Plain:
    """A few lines of text."""

    def __init__(self, line: ProgressLine, console: Console):
        self.line, self.console = line, console
        self.printed = self.next_line = 0

    def compiling(self) -> None:
        """Say what is compiled."""
        self._print(self.line.preparing)

    def epoch(self, now: float) -> None:
        """Print the epoch, where its turn has come."""
        del now
        if self.line.at >= self.next_line:
            self._row()

    def end(self, failed: bool) -> None:
        """Print the last epoch."""
        del failed
        if self.line.at != self.printed:
            self._row()

    def _row(self) -> None:
        at, before, epochs = self.line.at, self.line.before, self.line.epochs
        share = -(-epochs // PLAIN_LINES)
        self.printed = at
        self.next_line = min(before + ((at - before) // share + 1) * share, self.line.last)
        count = self.line.count
        self._print(f"{count}  {self.line.numbers(WIDTH - len(count) - 2)}")

    def _print(self, line: str) -> None:
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)


class Terminal:
    """One line with a bar, drawn by Rich's thread; the last one has no bar, and what an error or
    Ctrl-C ends leaves none.

    It leaves room for the ``^C`` that a terminal writes at its end: a line that breaks there cannot
    be taken away any more.
    """

    def __init__(self, line: ProgressLine, console: Console):
        from rich.live import Live

        self.line, self.console = line, console
        self._live = Live(
            console=console, get_renderable=self._line, refresh_per_second=REFRESHES_PER_SECOND
        )
        self._live.start()

    def compiling(self) -> None:
        """The thread sees it."""

    def epoch(self, now: float) -> None:
        """The thread sees it."""

    def end(self, failed: bool) -> None:
        """Draw the last line, or take it away."""
        self._live.transient = failed or not self.line.row
        self._live.stop()

    def _line(self) -> Any:
        from rich.constrain import Constrain
        from rich.progress_bar import ProgressBar
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        line = self.line
        if not line.row:
            return Spinner("line", Text(f"{line.preparing} {line.time()}"), style="cyan")
        grid = Table.grid(padding=(0, 1), expand=not line.ended)
        grid.add_column(no_wrap=True)
        count = Text(line.count, style="bold")
        width = self.console.width - len("^C") - 1
        room = width - len(line.count) - BAR - 2
        numbers = Text(line.numbers(room), style="cyan")
        if line.ended:
            grid.add_column(no_wrap=True)
            grid.add_row(count, numbers)
            return grid
        grid.add_column(ratio=1, min_width=BAR)
        grid.add_column(no_wrap=True)
        grid.add_row(count, ProgressBar(line.epochs, line.at - line.before), numbers)
        return Constrain(grid, width)


class Notebook:
    """One output of the cell that is replaced, as text and as HTML: it needs no widgets, and what
    it shows last stays in the notebook and in what it is exported to."""

    def __init__(self, line: ProgressLine, console: Console):
        del console
        from IPython.display import display

        self.line, self.drawn = line, time.perf_counter()
        self._handle = display(self._bundle(), raw=True, display_id=True)

    def compiling(self) -> None:
        """Say what is compiled."""
        self._draw()

    def epoch(self, now: float) -> None:
        """Show the epoch, a few times a second."""
        if now - self.drawn > 2 / REFRESHES_PER_SECOND:
            self._draw()

    def end(self, failed: bool) -> None:
        """Show the last epoch, without a bar."""
        self._draw(" (stopped by an error or Ctrl-C)" if failed else "")

    def _draw(self, more: str = "") -> None:
        self.drawn = time.perf_counter()
        self._handle.update(self._bundle(more), raw=True)

    def _bundle(self, more: str = "") -> dict[str, str]:
        line = self.line
        said = f"{line.count}  {line.numbers(10 * WIDTH)}" if line.row else line.preparing
        bar = "" if line.ended else f'<progress max="1" value="{line.share:.3f}"></progress> '
        style = "font-family:monospace;white-space:pre-wrap"
        return {
            "text/plain": said + more,
            "text/html": f'<div style="{style}">{bar}{escape(said + more)}</div>',
        }
