"""Predictions of several runs, on the rows that all of them were tested on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from unstuck.cli.predicted import Predicted
from unstuck.health.words import counted

FEWEST = 2
"""Rows under which no difference can be measured."""


@dataclass(frozen=True)
class Shared:
    """Predictions that can be compared.

    Attributes:
        predicted: of each run, on the rows in common if there are any, else on its own; ``None``
            where it has none.
        paired: whether the rows are the same.
        rows: numbers of the rows in common, from 1.
        sentence: which rows these are.
    """

    predicted: list[Predicted | None]
    paired: bool
    rows: np.ndarray
    sentence: str


def in_common(found: Sequence[Predicted | None], digests: Sequence[str | None]) -> Shared:
    """What several runs predict of the same rows.

    Rows are the same where their numbers and targets are.

    Arguments:
        found: the predictions of each; ``None`` where a run kept none.
        digests: of their tables.
    """
    nobody = np.array([], dtype=int)
    known = [each for each in found if each is not None]
    if len(known) < len(found):
        lack = "no run has" if not known else f"{len(found) - len(known)} of the runs have no"
        return Shared([*found], False, nobody, f"{lack.capitalize()} test rows with predictions; "
                      "name a labelled table with --data DATA to score all on.")  # fmt: skip
    if len({each.task for each in known}) > 1:
        return Shared([*found], False, nobody, "The tasks differ, so the scores do too.")
    rows = reduce(np.intersect1d, [each.rows for each in known])
    taken = [each.take(np.searchsorted(each.rows, rows)) for each in known]
    if any((each.y != taken[0].y).any() for each in taken):
        return Shared([*found], False, nobody, f"{APART} The tables differ.")
    if len(rows) < FEWEST:
        return Shared(
            [*found], False, nobody, f"{APART} They have {counted(len(rows), 'row')} in common."
        )
    return Shared([*taken], True, rows, _sentence(rows, known, digests))


APART = (
    "The test rows are not the same, so the scores stand side by side and no difference can be "
    "trusted; name a labelled table with --data DATA to score all on."
)


def _sentence(rows: np.ndarray, known: list[Predicted], digests: Sequence[str | None]) -> str:
    counts = [len(each.rows) for each in known]
    if all(count == len(rows) for count in counts):
        told = f"All are scored on the same {len(rows)} rows."
    else:
        told = (
            f"The test rows are not the same ({', '.join(map(str, counts))} rows); all are scored "
            f"on the {len(rows)} that were held out in each."
        )
    if len(set(digests)) > 1:
        told += " Their tables differ, with the same targets in these rows."
    return told
