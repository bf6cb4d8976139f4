"""What goes to the terminal: results to standard output, everything else to standard error."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from unstuck import consoles, interruption
from unstuck.cli import starting
from unstuck.cli.as_json import failed
from unstuck.cli.exit_codes import BAD_USAGE, DONE, INTERRUPTED
from unstuck.errors import FileError, InterruptedWarning, UnstuckError, UnstuckWarning
from unstuck.persistence.atomic import explain

if TYPE_CHECKING:
    from rich.console import Console

UNBROKEN = 10_000
"""Characters of a line where there is no terminal."""


def console(stderr: bool = False, unfailing: bool = False) -> Console:
    """A console that prints text as it is: nothing is highlighted, no markup is read.

    Lines are as wide as the terminal; in a file or a pipe they are not broken.

    Arguments:
        stderr: whether on standard error, where nothing fails.
        unfailing: whether what cannot be shown on standard output ends nothing: much is to come
            that would be lost.
    """
    starting.over()
    found = consoles.console(stderr, unfailing, highlight=False, markup=False, emoji=False)
    if not found.is_terminal and "COLUMNS" not in os.environ:
        found.width = UNBROKEN
    return found


def out(text: object, unfailing: bool = False) -> None:
    """Print a result on standard output, as it is.

    Arguments:
        text: the result.
        unfailing: whether what cannot be shown ends nothing: much is to come that would be lost.
    """
    starting.over()
    print(text, file=consoles.Unfailing(sys.stdout) if unfailing else None)


def say(label: str, message: str, style: str) -> None:
    """Print a labelled message on standard error."""
    from rich.text import Text

    console(stderr=True).print(Text.assemble((f"{label}:", style), " ", message))


def _run(command: Callable[..., Any], *args: Any, **named: Any) -> None:
    """Run a command; an import that Ctrl-C breaks off may end with any error, and is Ctrl-C."""
    if sys.stdout is None:
        raise FileError("standard output is closed, so no result can be shown; leave it open.")
    interruption.raised.ready, interruption.raised.over = True, False
    try:
        command(*args, **named)
        sys.stdout.flush()  # what cannot be written is to be told, not found out at the exit
    except typer.Exit:
        sys.stdout.flush()
        raise
    except Exception as error:
        if interruption.raised.pressed:
            raise KeyboardInterrupt from error
        raise
    finally:
        interruption.raised.over = True  # what is left to do takes no time


def told(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command that tells what went wrong in one message and leaves with the right exit code."""

    @functools.wraps(command)
    def run(*args: Any, **named: Any) -> None:
        as_json = bool(named.get("as_json"))

        def ended(kind: str, label: str, style: str, message: str, code: int) -> NoReturn:
            if not as_json or not failed(kind, message):
                say(label, message, style)
            raise typer.Exit(code) from None

        def refused(kind: str, message: str) -> NoReturn:
            ended(kind, "error", "bold red", message, BAD_USAGE)

        try:
            _run(command, *args, **named)
        except UnstuckError as error:
            refused(type(error).__name__, str(error))
        except KeyboardInterrupt:
            ended("interrupted", "interrupted", "bold yellow", starting.STOPPED, INTERRUPTED)
        except BrokenPipeError:
            consoles.drop_output()  # the reader has seen enough
            raise typer.Exit(DONE) from None
        except MemoryError:
            message = "it needs more memory than there is; take fewer rows, units or starts."
            refused("MemoryError", message)
        except OSError as error:
            if error.filename is None:
                as_json = False  # nor can the error be written there
                consoles.drop_output()
            problem = explain(error, str(error.filename or "standard output"), "write")
            refused(type(problem).__name__, str(problem))

    return run


@contextlib.contextmanager
def warnings_as_notes() -> Iterator[None]:
    """Warnings for users become one-line notes.

    What the summary says anyway (a fit that used up its epochs or was interrupted) is left out,
    and so are warnings for programmers.
    """
    from sklearn.exceptions import ConvergenceWarning

    def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        del place, more
        if issubclass(category, UserWarning):
            say("note", " ".join(str(message).split()), "yellow")

    with warnings.catch_warnings():
        warnings.simplefilter("always", UnstuckWarning)
        warnings.simplefilter("ignore", InterruptedWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.showwarning = show
        yield
