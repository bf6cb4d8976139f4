"""``unstuck remedies``: what each remedy for stuck units is worth on a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from unstuck import interruption
from unstuck.cli.arguments import DataArgument, JsonOption
from unstuck.cli.as_json import print_document
from unstuck.cli.assignment import Asked, understood
from unstuck.cli.exit_codes import INTERRUPTED
from unstuck.cli.terminal import out, say, warnings_as_notes
from unstuck.cli.waiting import Waiting
from unstuck.errors import FileError, ParameterError

if TYPE_CHECKING:
    import numpy as np

    from unstuck.remedies.comparison import RemedyComparison

EVERY = "all"
"""In place of the name of a claim."""

ColumnOption = Annotated[
    str | None,
    typer.Option(
        help="the column to be predicted [that of a built-in data set]",
        metavar="COLUMN",
        show_default=False,
    ),
]
TaskOption = Annotated[
    str | None,
    typer.Option(
        help="classification or regression [decided from the target]",
        metavar="NAME",
        show_default=False,
    ),
]
RemedyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--remedy",
        help="what to try, such as weights or 'weights + relu'; may be repeated [all]",
        metavar="NAME",
        show_default=False,
    ),
]
ClaimOption = Annotated[
    str | None,
    typer.Option(
        help=f"put a claim about remedies to the test instead, or {EVERY}",
        metavar="NAME",
        show_default=False,
    ),
]
EpochsOption = Annotated[
    int | None,
    typer.Option(help="epochs of a fit [about 1,500 steps]", metavar="N", show_default=False),
]
PlotOption = Annotated[
    Path | None,
    typer.Option(help="draw it to this file, PNG, SVG or PDF", metavar="FILE", show_default=False),
]


class _Rows(NamedTuple):
    """A table as a network takes it, and its task."""

    x: Any
    y: np.ndarray
    task: str


def remedies(
    data: DataArgument,
    target: ColumnOption = None,
    task: TaskOption = None,
    remedy: RemedyOption = None,
    pairs: Annotated[bool, typer.Option("--pairs", help="try every two of them, too")] = False,
    claim: ClaimOption = None,
    seeds: Annotated[int, typer.Option(help="fits of each", metavar="N")] = 10,
    max_iter: EpochsOption = None,
    random_state: Annotated[int, typer.Option(help="the first seed", metavar="N")] = 0,
    plot: PlotOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare remedies for stuck units on a table.

    Each alone, and together with others, from the same seeds.

    The network is one that gets stuck: two layers of 32 sigmoids, large first weights, squared
    error of sigmoid outputs, gradient descent. Exit code 130 after Ctrl-C; what is complete by then
    is printed.
    """
    if claim is not None and (plot is not None or remedy or pairs):
        raise ParameterError("--claim tests what is said; leave --plot, --remedy and --pairs out.")
    if plot is not None:
        check_plot(plot)
    options = {"seeds": seeds, "max_iter": max_iter, "random_state": random_state}
    with interruption.heeded() as pressed, warnings_as_notes():
        rows = _rows(data, Asked(target=target, task=task))
        if pressed.asked:
            raise KeyboardInterrupt
        if claim is None:
            found: Any = _compared(rows, remedy, "pairs" if pairs else None, options)
        else:
            found = _checked(rows, claim, options, pressed)
        pressed.taken = any(each.fits for each in (found if claim == EVERY else [found]))
    if as_json:
        told = [each.to_dict() for each in found] if claim == EVERY else found.to_dict()
        print_document(told)
    else:
        out("\n\n".join(map(str, found)) if claim == EVERY else found)
    if plot is not None:
        draw(found, plot)
    if pressed.asked:
        raise typer.Exit(INTERRUPTED)


def _rows(data: str, asked: Asked) -> _Rows:
    """All rows; numbers are standardized or not by the networks, which say so."""
    from unstuck.cli.source import open_source
    from unstuck.data.table import TableEncoder, target_values

    target, frame, _, _ = understood(open_source(data), asked)
    x = TableEncoder(target).fit(frame).transform(frame)
    return _Rows(x, target_values(frame, target), target.task)


def _compared(
    rows: _Rows, named: list[str] | None, together: Any, options: dict[str, Any]
) -> RemedyComparison:
    from unstuck import compare_remedies

    with Waiting("comparing remedies") as told:
        return compare_remedies(
            *rows[:2],
            task=rows.task,
            remedies=named or None,
            together=together,
            progress=told,
            **options,
        )


def _checked(
    rows: _Rows, claim: str, options: dict[str, Any], pressed: interruption.Interruption
) -> Any:
    """What came of a claim; or a list, of all that are about such rows."""
    from unstuck import CLAIMS, check_claim

    def checked(name: str) -> Any:
        with Waiting(f"checking {name}") as told:
            return check_claim(name, *rows[:2], task=rows.task, progress=told, **options)

    if claim != EVERY:
        return checked(claim)
    found = []
    for record in CLAIMS.values():
        if rows.task in record.tasks and not pressed.asked:
            found.append(checked(record.name))
    return found


def check_plot(path: Path) -> None:
    """Refuse a file that no figure can be written to."""
    if path.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise ParameterError(
            f"--plot was {str(path)!r}; expected a file that ends in .png, .svg or .pdf."
        )
    if not path.parent.is_dir():
        raise FileError(f"there is no folder {path.parent} for the plot; make it first.")


def draw(found: Any, path: Path) -> None:
    """Write the figure of what has ``plot()``."""
    import matplotlib

    from unstuck.persistence.atomic import replacing

    matplotlib.use("Agg")
    figure = found.plot().figure
    with replacing(path) as file:
        figure.savefig(file, format=path.suffix[1:].lower(), dpi=144)
    say("plot", str(path), "green")
