"""The arguments and options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RunArgument = Annotated[
    Path, typer.Argument(metavar="RUN", help="the folder of a run, or a model file")
]
DataArgument = Annotated[
    str,
    typer.Argument(metavar="DATA", help="a CSV, Parquet or Excel file, or a built-in data set"),
]
TargetOption = Annotated[
    str | None,
    typer.Option(
        help="the column that was to be predicted [that of the training]",
        metavar="COLUMN",
        show_default=False,
    ),
]
DropOption = Annotated[
    bool,
    typer.Option("--drop-missing-target", help="leave out rows without a target"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="print it as JSON")]
