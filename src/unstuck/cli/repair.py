"""``unstuck repair``: remedies tried by experiment, and the one that was confirmed."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from unstuck import interruption
from unstuck.cli.arguments import DataArgument, JsonOption, RunArgument, TargetOption
from unstuck.cli.diagnose import WIDEST, reason
from unstuck.cli.exit_codes import INTERRUPTED
from unstuck.cli.terminal import console, out, warnings_as_notes
from unstuck.cli.waiting import Waiting
from unstuck.errors import DataError, UnstuckError

if TYPE_CHECKING:
    from unstuck.remedies.repair import Repair

FitsOption = Annotated[
    float | None,
    typer.Option(metavar="X", help="most fits, about 14 are needed [no bound]", show_default=False),
]
TimeOption = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", help="most seconds [no bound]", show_default=False),
]
SeedOption = Annotated[
    int, typer.Option("--random-state", metavar="N", help="seed of all that is drawn")
]


def repair(
    run: RunArgument,
    data: DataArgument,
    target: TargetOption = None,
    max_fits: FitsOption = None,
    max_time: TimeOption = None,
    random_state: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Try remedies for a network, and say which one is confirmed.

    The run is not changed. Exit code 0 whatever comes out, 2: bad usage or data, 130: Ctrl-C; what
    was found until then is printed. Scripts read "accepted" and "params" of --json.
    """
    from unstuck import load
    from unstuck.cli.examples import examples
    from unstuck.cli.run_folder import model_of, plain
    from unstuck.cli.source import open_source

    model = model_of(run)
    source = open_source(data)
    with interruption.heeded() as pressed, warnings_as_notes():
        estimator = load(model)
        x, y = examples(estimator, source, target)
        budget = {"max_fits": max_fits, "max_time": max_time, "random_state": random_state}
        try:
            found = _repaired(estimator, x, y, budget)
        except (UnstuckError, OSError, MemoryError):
            raise
        except Exception as problem:
            raise DataError(
                f"{source.name} cannot be used to repair this network: {reason(problem)}"
            ) from problem
        pressed.taken = True
    if as_json:
        out(json.dumps(plain(found.to_dict()), indent=2, allow_nan=False))
    else:
        out(_text(found, run, data, estimator))
    if pressed.asked:
        raise typer.Exit(INTERRUPTED)


def _repaired(estimator: Any, x: Any, y: Any, budget: dict[str, Any]) -> Repair:
    import unstuck

    with Waiting("repairing") as say:
        return unstuck.repair(estimator, x, y, progress=say, **budget)


def _text(repair: Repair, run: Path, data: str, estimator: Any) -> str:
    """As wide as the terminal."""
    from unstuck.aligned import aligned
    from unstuck.health.lines import wrapped

    width = min(console().width, WIDEST)
    again = _again(repair, run, data, estimator)
    lines = []
    for sentence in repair.sentences(again):
        # What is to be copied stays on one line.
        lines += [sentence] if again and sentence.endswith(again) else wrapped(sentence, width)
        lines.append("")
    lines = lines[:-1]
    rows = repair.table.rows
    return "\n".join([*lines, *aligned(rows, words=3, narrowest={"tried": 24}, width=width)])


def _again(repair: Repair, run: Path, data: str, estimator: Any) -> str:
    """The command that trains with what was confirmed; nothing where it cannot be typed."""
    from unstuck.cli.run_folder import SETTINGS
    from unstuck.health.spelling import flags

    found = flags(repair.params)
    if not run.is_dir() or not found:
        return ""
    target = estimator.table_.target_.name
    config = shlex.quote(str(run / SETTINGS))
    told = ["unstuck train", shlex.quote(data), "--target", shlex.quote(target), "--config", config]
    return " ".join([*told, *found])
