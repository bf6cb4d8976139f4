"""The entry point of the command line."""

from __future__ import annotations

import atexit
import gc
from typing import Annotated

import typer

import unstuck
from unstuck.cli import (
    catalog,
    choose,
    compare,
    diagnose,
    graph,
    predict,
    prune,
    remedies,
    repair,
    report,
    runs,
    score,
    show,
    train,
    verify,
)
from unstuck.cli.as_json import JsonCommand, JsonGroup
from unstuck.cli.flags import signature_with_flags
from unstuck.cli.help import with_help
from unstuck.cli.names import Command
from unstuck.cli.terminal import told

app = typer.Typer(
    name="unstuck",
    cls=JsonGroup,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        print(f"unstuck {unstuck.__version__}")
        raise typer.Exit


@app.callback()
def unstuck_command(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Neural networks that don't get stuck: train one on a table, use it on another."""
    del version


_train = told(train.train)
_train.__signature__ = with_help(  # type: ignore[attr-defined]
    signature_with_flags(train.train),
    "unstuck train [OPTIONS] DATA",
    "Train a network on a table. Defaults are in brackets; what is a list is written a,b,c.",
)
app.command("train", cls=JsonCommand, add_help_option=False)(_train)
_choose = told(choose.choose)
_choose.__signature__ = with_help(  # type: ignore[attr-defined]
    signature_with_flags(choose.choose),
    "unstuck choose [OPTIONS] DATA --grid NAME=A,B,...",
    "Choose parameters of a network: every combination of the grid is fitted and measured on rows "
    "held out. What is not in the grid is as for `unstuck train`.",
)
app.command("choose", cls=JsonCommand, add_help_option=False)(_choose)
app.command("predict", cls=Command)(told(predict.predict))
app.command("score", cls=JsonCommand)(told(score.score))
app.command("runs", cls=JsonCommand)(told(runs.runs))
app.command("compare", cls=JsonCommand)(told(compare.compare))
app.command("diagnose", cls=JsonCommand)(told(diagnose.diagnose))
app.command("repair", cls=JsonCommand)(told(repair.repair))
app.command("remedies", cls=JsonCommand)(told(remedies.remedies))
app.command("prune", cls=JsonCommand)(told(prune.prune))
app.command("report", cls=Command)(told(report.report))
app.command("graph", cls=Command)(told(graph.graph))
app.command("verify", cls=Command)(told(verify.verify))
app.command("show", cls=Command)(told(show.show))
app.command("data", cls=Command)(told(catalog.data))


def run() -> None:
    """Run the command line; see ``exit_codes`` for what it leaves with."""
    # The system takes the memory back at once; object by object it takes 0.3 s.
    atexit.register(gc.freeze)
    app(prog_name="unstuck")
