"""``unstuck diagnose``: why a network does not learn, or how good it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unstuck.cli.arguments import DataArgument, JsonOption, RunArgument, TargetOption
from unstuck.cli.terminal import console, out, warnings_as_notes
from unstuck.cli.waiting import Waiting
from unstuck.errors import DataError, UnstuckError

if TYPE_CHECKING:
    from unstuck.health.diagnosis import Diagnosis

WIDEST = 100
"""Longer lines are hard to read, however wide the terminal is."""


def diagnose(
    run: RunArgument,
    data: DataArgument,
    target: TargetOption = None,
    as_json: JsonOption = False,
    prove: Annotated[
        bool,
        typer.Option("--prove", help="try each finding by experiment; takes a few fits for each"),
    ] = False,
) -> None:
    """Say what is wrong with a trained network, and what to do first.

    Each finding names its layer, the numbers it saw, and what else it could be.

    Exit code 0 whatever is found, 2: bad usage or data. Scripts read "healthy" of --json.
    """
    from unstuck.cli.examples import examples
    from unstuck.cli.run_folder import model_of, plain
    from unstuck.cli.source import open_source

    model = model_of(run)
    source = open_source(data)
    with warnings_as_notes():
        from unstuck import load

        estimator = load(model)
        try:
            found = diagnosed(estimator, *examples(estimator, source, target), prove=prove)
        except (UnstuckError, OSError, MemoryError):
            raise
        except Exception as problem:
            raise DataError(
                f"{source.name} cannot be used to diagnose this network: {reason(problem)}"
            ) from problem
    if as_json:
        out(json.dumps(plain(found.to_dict()), indent=2, allow_nan=False))
    else:
        out(_text(found, run.is_dir()))


def diagnosed(
    estimator: Any,
    x: Any,
    y: Any,
    shown: bool = True,
    going_on: Callable[[], None] = lambda: None,
    prove: bool = False,
) -> Diagnosis:
    """The diagnosis of an estimator on some rows.

    Arguments:
        estimator: fitted.
        x, y: inputs (n, inputs) and targets (n,), as the estimator takes them.
        shown: whether to show what is being done, where that takes a while.
        going_on: called between its parts; ends it by an exception.
        prove: whether to try each finding by experiment.
    """
    from unstuck import diagnose

    with Waiting("diagnosing", shown) as say:

        def told(doing: str) -> None:
            going_on()
            say(doing)

        return diagnose(estimator, x, y, prove=prove, progress=told)


def reason(problem: Exception) -> str:
    """What went wrong, on one line."""
    said = " ".join(str(problem).split())
    return said if isinstance(problem, UnstuckError) else f"{type(problem).__name__}: {said}"


def _text(diagnosis: Diagnosis, trained_here: bool) -> str:
    """As wide as the terminal, with flags where the network is of ``unstuck train``."""
    from unstuck.health import telling

    return telling.text(diagnosis, min(console().width, WIDEST), typed=trained_here)
