"""The verdict on a run, from its own rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from unstuck.cli.waiting import Waiting
from unstuck.verdict.columns import groups_of
from unstuck.verdict.examples import Examples

if TYPE_CHECKING:
    from collections.abc import Callable

    from unstuck.cli.run import Run
    from unstuck.verdict.verdict import Verdict

SECOND = "validation"
"""The part that is judged on where no rows were held out for the test."""


def judged(run: Run, going_on: Callable[[], None] = lambda: None) -> Verdict | None:
    """The verdict on a run; ``None`` where all its rows were trained on.

    Arguments:
        run: fitted, and diagnosed if it is to be.
        going_on: called between its parts; ends it by an exception.
    """
    from unstuck.verdict import judging

    parts = {part: _examples(run, part) for part in run.inputs}
    held = "test" if "test" in parts else SECOND
    if held not in parts:
        return None
    notes = ["test: the validation rows, by which weights were chosen"] if held == SECOND else []
    more = {part: rows for part, rows in parts.items() if part not in ("train", held)}
    with Waiting("judging", bool(run.estimator.verbose)) as say:

        def told(doing: str) -> None:
            going_on()
            say(doing)

        return judging.judged(
            run.estimator,
            parts["train"],
            parts[held],
            groups_of(*run.table.groups()),
            more=more,
            diagnosis=run.diagnosis,
            notes=notes,
            divisible=_divisible(run),
            say=told,
        )


def _divisible(run: Run) -> bool:
    """Whether rows can be held out of those to train on."""
    from unstuck.estimators.validation import divisible

    y = run.targets["train"]
    strata = y if run.task == "classification" else None
    return divisible(len(y), strata, run.estimator.validation_fraction)


def _examples(run: Run, part: str) -> Examples:
    y = run.targets[part]
    return Examples(run.inputs[part], y, np.ones(len(y)))
