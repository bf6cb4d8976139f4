"""Results as JSON for programs: one document on standard output, errors too."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import typer
from typer.core import TyperGroup

from unstuck.cli import starting
from unstuck.cli.exit_codes import BAD_USAGE
from unstuck.cli.names import Command
from unstuck.consoles import drop_output

FLAG = "--json"
USAGE_ERROR: Any = typer.BadParameter.__base__
"""What wrong usage raises; newer versions of Typer bring it themselves."""
Printed = Callable[[Any], None]


@contextlib.contextmanager
def as_json_only(asked: bool) -> Iterator[Printed]:
    """Inside, what is printed goes to standard error, where ``asked``; the function that is given
    prints a document to standard output."""
    out = sys.stdout

    def printed(document: Any) -> None:
        print_document(document, out)

    with contextlib.redirect_stdout(sys.stderr) if asked else contextlib.nullcontext():
        yield printed


def print_document(document: Any, out: Any = None) -> None:
    """Print strict JSON: what is not finite is ``null``."""
    from unstuck.cli.run_folder import plain

    starting.over()
    text = json.dumps(_finite(plain(_finite(document))), indent=2, allow_nan=False)
    print(text, file=out or sys.stdout, flush=True)


def failed(kind: str, message: str) -> bool:
    """Print what went wrong as JSON; whether it could be printed.

    Arguments:
        kind: name of the error, ``"usage"`` or ``"interrupted"``.
        message: what it says.
    """
    if sys.stdout is None:
        return False
    try:
        print_document({"error": {"kind": kind, "message": message}})
    except OSError:
        drop_output()
        return False
    return True


class JsonCommand(Command):
    """A command whose wrong usage is told as JSON too, where ``--json`` is asked for."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments; see Typer."""
        with usage_as_json(FLAG in args):
            return super().parse_args(ctx, args)


class JsonGroup(TyperGroup):
    """Commands; an unknown one is told as JSON too, where ``--json`` is asked for."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments before a command's name; see Typer."""
        with usage_as_json(FLAG in args):
            return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is named; see Typer."""
        with usage_as_json(FLAG in args):
            return super().resolve_command(ctx, args)


@contextlib.contextmanager
def usage_as_json(asked: bool) -> Iterator[None]:
    """Inside, wrong usage is told as JSON, where ``asked``."""
    try:
        yield
    except USAGE_ERROR as error:
        if not asked or not failed("usage", error.format_message()):
            raise
        raise SystemExit(BAD_USAGE) from None


def _finite(value: Any) -> Any:
    """Numbers that JSON lacks as nothing."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and value - value != 0 else value
