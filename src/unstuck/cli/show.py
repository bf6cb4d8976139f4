"""``unstuck show``: where networks come from and what they can do, as tables and a figure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from unstuck.aligned import aligned
from unstuck.cli.terminal import out as print_out
from unstuck.cli.terminal import say, warnings_as_notes
from unstuck.cli.waiting import Waiting
from unstuck.errors import FileError, ParameterError
from unstuck.interruption import entire

NameArgument = Annotated[
    str | None,
    typer.Argument(metavar="[NAME]", help="what to show [all names]", show_default=False),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", help="draw the figure to this file, .svg or .png", metavar="FILE",
        show_default=False,
    ),
]  # fmt: skip


def show(name: NameArgument = None, out: OutOption = None) -> None:
    """Show where networks come from, and what they can do.

    As tables in the terminal, and a figure as a file.

    Without a name, the names are listed.
    """
    from unstuck.shows.table import SHOWS
    from unstuck.shows.table import show as shown

    if name is None:
        if out is not None:
            raise ParameterError(f"--out needs a name; expected one of {', '.join(SHOWS)}.")
        print_out("\n".join(aligned([(name, listed.about) for name, listed in SHOWS.items()])))
        return
    if out is not None:
        _check(out)
    with entire(), warnings_as_notes(), Waiting("measuring"):
        found = shown(name)
    print_out(found.text)
    if out is not None:
        with entire(), Waiting("drawing"):
            found.save(out)
        say("written", f"the figure to {out}", "green")


def _check(path: Path) -> None:
    if path.suffix.lower() not in (".png", ".svg"):
        raise ParameterError(f"--out was {str(path)!r}; expected a file that ends in .svg or .png.")
    if not path.parent.is_dir():
        raise FileError(f"there is no folder {path.parent} for the figure; make it first.")
    if path.is_dir():
        raise FileError(f"--out was {str(path)!r}, which is a folder; expected a file in it.")
