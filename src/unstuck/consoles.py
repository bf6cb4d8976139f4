"""Where messages go: a reader that went away, or a full disk, ends no work."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


class Unfailing:
    """A stream for messages: what cannot be written is lost, and nothing else.

    Arguments:
        stream: to write to.

    Example:
        >>> class Full:
        ...     def write(self, text):
        ...         raise OSError("no space left")
        >>> Unfailing(Full()).write("half")
        4
    """

    def __init__(self, stream: Any):
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, or lose it; its length."""
        try:
            self._stream.write(text)
        except OSError:  # nobody reads any more
            pass
        except ValueError:
            if not self._stream.closed:
                raise
        return len(text)

    def flush(self) -> None:
        """Write what is kept, or lose it."""
        try:
            self._stream.flush()
        except (OSError, ValueError):
            return

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def errors() -> Any:
    """Standard error, whose reader may go away; ``None`` where it is closed."""
    return None if sys.stderr is None else Unfailing(sys.stderr)


def drop_output() -> None:
    """Standard output takes nothing any more: Python must not complain when it closes it."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def console(stderr: bool, unfailing: bool = False, **options: Any) -> Console:
    """A Rich console. One on standard error never fails; one on standard output raises what went
    wrong, where Rich's own would leave the program.

    Arguments:
        stderr: whether it is one on standard error.
        unfailing: whether one on standard output does not fail either.
        options: of Rich's.
    """
    file: Any = Unfailing(sys.stdout) if unfailing and sys.stdout is not None else None
    file = errors() if stderr else file
    return _kind()(stderr=stderr, file=file, **options)


@functools.cache
def _kind() -> type[Console]:
    from rich.console import Console

    class Raising(Console):
        def on_broken_pipe(self) -> None:
            raise

    return Raising
