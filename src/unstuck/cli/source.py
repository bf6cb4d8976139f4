"""DATA on the command line: a file or a built-in name, as a table."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.cli.inputs import TARGET
from unstuck.errors import DataError, did_you_mean

if TYPE_CHECKING:
    import polars as pl

    from unstuck.data.datasets import Dataset

SLICE = 100_000
"""Rows that are written as text at once."""


@dataclass(frozen=True)
class Source:
    """A table to learn from or to predict.

    Attributes:
        name: a short name, for the run folder.
        frame: the table.
        target: the target column, where it is known.
        task: what the target is, where it is known.
        description: what the table is; of a file its path.
        built_in: whether it is a built-in data set.
        rows, seed, noise: as they were asked for.
    """

    name: str
    frame: pl.DataFrame
    target: str | None
    task: str | None
    description: str
    built_in: bool = False
    rows: int | None = None
    seed: int = 0
    noise: float | None = None

    @functools.cached_property
    def digest(self) -> str:
        """Of names and values: tables that differ have different ones."""
        return digest_of(self.frame)

    def facts(self) -> dict[str, Any]:
        """What ``open_again`` needs, as JSON."""
        asked = {"rows_asked": self.rows, "data_seed": self.seed, "noise": self.noise}
        return {"name": self.name, "source": self.description, "built_in": self.built_in, **asked}


def digest_of(frame: pl.DataFrame) -> str:
    """A digest of a table's names and values.

    Example:
        >>> import polars as pl
        >>> a, b, c = (digest_of(pl.DataFrame({"x": [1, i]})) for i in (2, 2, 3))
        >>> a == b, a == c
        (True, False)
    """
    import polars as pl

    odd = [
        n for n, kind in frame.schema.items() if kind.is_nested() or kind in (pl.Object, pl.Binary)
    ]
    found = hashlib.blake2b(digest_size=8)
    for part in frame.drop(odd).iter_slices(SLICE):
        found.update(part.write_csv().encode())
    return found.hexdigest()


def open_again(facts: dict[str, Any]) -> Source:
    """The table that ``Source.facts`` described.

    Raises:
        DataError: it cannot be read any more, or ``facts`` describes none.
    """
    name: Any = facts.get("name" if facts.get("built_in") is True else "source")
    rows, seed, noise = facts.get("rows_asked"), facts.get("data_seed", 0), facts.get("noise")
    right = isinstance(name, str) and type(seed) is int
    right = right and type(rows) in (int, type(None)) and type(noise) in (int, float, type(None))
    if not right:
        raise DataError(f"{facts!s:.200} describes no data.")
    return open_source(name, rows, seed, noise)


def open_source(
    data: str, rows: int | None = None, seed: int = 0, noise: float | None = None
) -> Source:
    """The table that DATA means.

    Arguments:
        data: path of a CSV, Parquet or Excel file, or the name of a built-in data set.
        rows: how many to generate, or to draw from what there is.
        seed: of that.
        noise: of a generated data set.

    Raises:
        DataError: there is no such thing; near names are suggested.
    """
    from unstuck.data.datasets import DATASETS, load_dataset

    if seed < 0:
        raise DataError(f"--data-seed was {seed}; expected 0 or more.")
    if data in DATASETS:
        dataset = load_dataset(data, rows, seed, noise)
        frame = frame_of(dataset)
        known = (dataset.name, frame, TARGET, dataset.task, dataset.description)
        return Source(*known, True, rows, seed, noise)
    if not Path(data).exists() and not Path(data).suffix and "/" not in data:
        raise DataError(
            f"{data!r} is neither a built-in data set ({', '.join(DATASETS)}) nor a file."
            f"{did_you_mean(data, DATASETS.known)}"
        )
    if noise is not None:
        raise DataError("--noise is for generated data sets; leave it out for a file.")
    from unstuck.data.reading import read_table

    frame = _drawn(read_table(data), rows, seed)
    name = Path(data).name.split(".")[0] or "table"
    return Source(name, frame, None, None, str(data), rows=rows, seed=seed)


def frame_of(dataset: Dataset) -> pl.DataFrame:
    """A data set as a table; classes by name, in a last column ``target``."""
    import polars as pl

    target = dataset.y
    named = not all(name.isdigit() for name in dataset.target_names)
    if named and dataset.target_names:
        target = np.array(dataset.target_names)[dataset.y]
    columns = dict(zip(dataset.feature_names, dataset.X.T, strict=True))
    return pl.DataFrame({**columns, TARGET: target})


def _drawn(frame: pl.DataFrame, rows: int | None, seed: int) -> pl.DataFrame:
    if rows is None:
        return frame
    if not 1 <= rows <= frame.height:
        raise DataError(f"--rows was {rows}; expected 1 to {frame.height}, which the table has.")
    taken = np.sort(np.random.default_rng(seed).choice(frame.height, rows, replace=False))
    from unstuck.data.signs import signed_like

    return signed_like(frame[taken], frame)
