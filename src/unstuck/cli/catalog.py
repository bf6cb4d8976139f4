"""``unstuck data``: the built-in data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from unstuck.cli.terminal import console


def data(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="print this data set as CSV")
    ] = None,
    rows: Annotated[
        int | None, typer.Option(help="how many to generate, or to draw from what there is")
    ] = None,
    data_seed: Annotated[int, typer.Option("--data-seed", "--seed", help="seed of that")] = 0,
    noise: Annotated[
        float | None, typer.Option(help="standard deviation of the noise of a generated set")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="a CSV file to write to")] = None,
) -> None:
    """List the built-in data sets, or print one as CSV."""
    if name is None:
        _list()
        return
    from unstuck.cli.predict import write_csv
    from unstuck.cli.source import frame_of
    from unstuck.data.datasets import load_dataset

    write_csv(frame_of(load_dataset(name, rows, data_seed, noise)), out)


def _list() -> None:
    from rich.table import Table

    from unstuck.data.datasets import DATASETS

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("name", "task", "rows", "columns", "what it is"):
        right = heading in ("rows", "columns")
        table.add_column(heading, justify="right" if right else "left", no_wrap=right)
    for recipe in DATASETS.values():
        size = f"{recipe.rows}*" if recipe.generated else f"{recipe.rows} "
        table.add_row(recipe.name, recipe.task, size, str(recipe.columns), recipe.description)
    console().print(table)
    console().print("\n* generated: choose --rows, --data-seed and --noise")
