"""``unstuck verify``: whether the derivatives that a network was trained with are right."""

from __future__ import annotations

import math
from typing import Annotated

import typer

from unstuck.cli.arguments import DataArgument, RunArgument
from unstuck.cli.exit_codes import DONE, WRONG_DERIVATIVES
from unstuck.cli.terminal import out, warnings_as_notes
from unstuck.errors import ParameterError

ROWS = 100


def verify(
    run: RunArgument,
    data: DataArgument,
    rows: Annotated[
        int | None,
        typer.Option(help=f"how many to draw from it [up to {ROWS}]", show_default=False),
    ] = None,
) -> None:
    """Check the gradients of a trained network's loss.

    They are compared with central differences.

    Exit code 0: right; 1: wrong, or nothing could be judged; 2: bad usage or data.
    """
    from unstuck.cli.examples import examples
    from unstuck.cli.run_folder import model_of
    from unstuck.cli.source import open_source

    if rows is not None and rows < 1:
        raise ParameterError(f"--rows was {rows}; expected at least 1.")
    model = model_of(run)
    source = open_source(data, rows)
    with warnings_as_notes():
        from unstuck import check_gradients, load
        from unstuck.estimators.inspection import objective_of

        estimator = load(model)
        x, y = examples(estimator, source)
        if rows is None:
            every = math.ceil(len(y) / ROWS)
            x, y = x[::every], y[::every]
        function, parameters, arguments = objective_of(estimator, x, y)
        check = check_gradients(function, parameters, *arguments)
    out(f"{len(y)} rows of {source.name}")
    out(check)
    raise typer.Exit(DONE if check.ok else WRONG_DERIVATIVES)
