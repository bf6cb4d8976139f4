"""``unstuck prune``: a trained network without the units that do nothing on a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from unstuck.cli.arguments import DataArgument, JsonOption, RunArgument
from unstuck.cli.terminal import out as print_out
from unstuck.cli.terminal import say, warnings_as_notes
from unstuck.errors import FileError


def prune(
    run: RunArgument,
    data: DataArgument,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="the model file to write", metavar="FILE")
    ],
    as_json: JsonOption = False,
) -> None:
    """Write a network without the hidden units that do nothing.

    Units do nothing that give the same for all rows of the table, or to nobody. It predicts the
    same there. The run is not changed; other commands take the file as RUN.
    Exit code 0 whatever goes, 2: bad usage or data.
    """
    from unstuck.cli.as_json import print_document
    from unstuck.cli.inputs import inputs_of
    from unstuck.cli.run_folder import model_of
    from unstuck.cli.source import open_source

    model = model_of(run)
    if out.is_dir():
        raise FileError(f"--out {str(out)!r} is a folder; expected a file to write.")
    table = open_source(data).frame
    with warnings_as_notes():
        from unstuck import load
        from unstuck import prune as pruned

        estimator = load(model)
        small = pruned(estimator, inputs_of(estimator, table))
        small.save(out)
    sizes = (model.stat().st_size, out.stat().st_size)
    if as_json:
        document = {**small.pruned_.to_dict(), "path": str(out), "bytes": sizes[1]}
        print_document({**document, "bytes_before": sizes[0]})
        return
    print_out(small.pruned_)
    say("written", f"{out}, {sizes[1]:,} bytes of {sizes[0]:,}", "green")
