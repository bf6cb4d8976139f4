"""``unstuck score``: what a trained network is worth on a labelled table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from unstuck.cli.arguments import (
    DataArgument,
    DropOption,
    JsonOption,
    RunArgument,
    TargetOption,
)
from unstuck.cli.as_json import print_document
from unstuck.cli.labels import listed, spelled
from unstuck.cli.predicted import Predicted
from unstuck.cli.source import Source
from unstuck.cli.terminal import out, say, warnings_as_notes
from unstuck.errors import DataError, FileError


def score(
    run: RunArgument,
    data: DataArgument,
    target: TargetOption = None,
    drop_missing_target: DropOption = False,
    as_json: JsonOption = False,
) -> None:
    """Score a trained network on a table with the right answers."""
    from unstuck.aligned import aligned
    from unstuck.cli import measured
    from unstuck.cli.run_folder import model_of
    from unstuck.cli.source import open_source
    from unstuck.health.words import counted

    model = model_of(run)
    source = open_source(data)
    with warnings_as_notes():
        from unstuck import load

        found = predicted(load(model), source, target, drop_missing_target)
    _tell_of_training(run, source)
    scores = found.scores()
    if as_json:
        rows = len(found.y)
        printed = {
            "run": str(run),
            "data": source.name,
            "rows": rows,
            "scores": {
                name: measured.as_json(each.value, each.uncertainty, each.margin)
                for name, each in scores.items()
            },
        }
        print_document(printed)
        return
    out(f"{counted(len(found.y), 'row')} of {source.name}; {measured.TRUSTED}\n")
    out("\n".join(aligned([(name, measured.told(each)) for name, each in scores.items()])))


def predicted(
    estimator: Any, source: Source, column: str | None = None, drop: bool = False
) -> Predicted:
    """What an estimator predicts of the rows of a labelled table.

    Arguments:
        estimator: as ``load`` returns it.
        source: the table.
        column: its target column; that of the fit if not given.
        drop: whether rows without a target are left out.

    Raises:
        DataError: no target column, or values that cannot be used.
    """
    from unstuck.cli.assignment import with_targets
    from unstuck.cli.examples import examples, target_of

    name = target_of(estimator, source, column).name
    frame, _ = with_targets(source.frame, name, drop)
    x, y = examples(estimator, replace(source, frame=frame), column)
    if hasattr(estimator, "classes_"):
        _check_known(estimator.classes_, y, name)
    return Predicted.by(estimator, x, y, np.arange(1, len(y) + 1))


def _check_known(classes: np.ndarray, y: np.ndarray, column: str) -> None:
    """Say which classes the network never saw: it cannot predict them.

    Raises:
        DataError: it knows none.
    """
    known, labels = {spelled(each) for each in classes}, [spelled(each) for each in y]
    unknown = list(dict.fromkeys(each for each in labels if each not in known))
    if not unknown:
        return
    if known.isdisjoint(labels):
        raise DataError(
            f"target {column!r} holds {listed(unknown, 5)}, and the network knows the classes "
            f"{listed(sorted(known), 5)}, none of these. Name the column of its classes with "
            "--target, or write them as they were."
        )
    count = sum(each not in known for each in labels)
    say(
        "note",
        f"{count} of {len(y)} rows have a class that the network does not know, so it is wrong "
        f"there: {listed(unknown, 5)}.",
        "yellow",
    )


def _tell_of_training(run: Path, source: Source) -> None:
    """Say where rows were trained on: their scores say little about new ones."""
    from unstuck.cli.past import opened

    try:
        known = opened(run).digest
    except FileError:
        return
    if known == source.digest:
        say(
            "note",
            f"this is the table of the run: it was trained on most of {source.name}.",
            "yellow",
        )
