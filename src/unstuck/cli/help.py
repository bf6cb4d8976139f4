"""The help of a command with many flags: grouped, and readable at 80 columns.

Typer's own panels cut long flags off and leave the explanations a third of the line.
"""

from __future__ import annotations

import inspect
import os
import sys
import textwrap
from typing import Annotated, Any

import typer
from typer.models import ArgumentInfo, OptionInfo

WIDTH = 80
INDENT = 30


def with_help(signature: inspect.Signature, usage: str, about: str) -> inspect.Signature:
    """A signature with a flag ``--help`` that prints every option under its panel's heading.

    Arguments:
        signature: its parameters are ``Annotated`` with Typer's arguments and options.
        usage: the first line, after ``Usage:``.
        about: what the command does.
    """

    def show(asked: bool) -> None:
        if asked:
            typer.echo(help_text(signature, usage, about))
            raise typer.Exit

    option = typer.Option("--help", "-h", is_eager=True, callback=show, help="Show this message.")
    shown = inspect.Parameter(
        "help_", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Annotated[bool, option]
    )
    return signature.replace(parameters=[*signature.parameters.values(), shown])


def help_text(signature: inspect.Signature, usage: str, about: str) -> str:
    """The whole help, lines of at most 80 characters."""
    panels: dict[str, list[str]] = {}
    for parameter in signature.parameters.values():
        info = parameter.annotation.__metadata__[0]
        panel = getattr(info, "rich_help_panel", None) or "Arguments"
        panels.setdefault(panel, []).append(_entry(parameter, info))
    parts = [f"{_heading('Usage:')} {usage}", textwrap.fill(about, WIDTH)]
    parts += ["\n".join([_heading(name), *entries]) for name, entries in panels.items()]
    return "\n\n".join(parts)


def _entry(parameter: inspect.Parameter, info: ArgumentInfo | OptionInfo) -> str:
    """What is typed, and beside it what it does."""
    typed = f"  {_typed(parameter.name, info)}"
    lines = textwrap.wrap(info.help or "", WIDTH - INDENT, break_on_hyphens=False)
    if len(typed) > INDENT - 2:
        return "\n".join([typed, *(" " * INDENT + line for line in lines)])
    first, *rest = lines or [""]
    return "\n".join([f"{typed:<{INDENT}}{first}", *(" " * INDENT + line for line in rest)])


def _typed(name: str, info: ArgumentInfo | OptionInfo) -> str:
    if isinstance(info, ArgumentInfo):
        return name.upper()
    given: tuple[Any, ...] = (info.default, *(info.param_decls or ()))
    names = [each for each in given if isinstance(each, str)] or ["--" + name.replace("_", "-")]
    names = [f"--[no-]{each.split('/')[0][2:]}" if "/" in each else each for each in names]
    return " ".join([", ".join(sorted(names, key=len)), info.metavar or ""]).strip()


def _heading(text: str) -> str:
    colored = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return typer.style(text, bold=True, fg="cyan") if colored else text
