"""The summary at the end of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from unstuck.cli.diagnose import WIDEST
from unstuck.cli.plots import PLOTS
from unstuck.cli.terminal import console

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from unstuck.cli.run import Run
    from unstuck.health.diagnosis import Diagnosis


def show(run: Run, folder: Path, plots: list[str]) -> None:
    """Print the network, its scores, time, why it stopped, what is wrong with it and what to do
    first, and where the files are."""
    from rich.text import Text

    printed, estimator = console(), run.estimator
    printed.print()
    printed.print(str(estimator.network_))
    printed.print()
    if run.scores:
        printed.print(_score_table(run))
        printed.print()
    epochs = f"{estimator.n_iter_} epoch{'s' * (estimator.n_iter_ != 1)}"
    compiling = f", {run.compile_seconds:.1f} s of it compiling" if run.compile_seconds else ""
    printed.print(f"{epochs} in {run.seconds:.1f} s{compiling}.")
    if estimator.solver_reason_:
        printed.print(Text.assemble(("Solver: ", "bold"), estimator.solver_reason_))
    printed.print(Text.assemble(("Stopped: ", "bold"), str(estimator.stop_reason_)))
    printed.print()
    if run.diagnosis is not None:
        told = _diagnosis(run.diagnosis, min(printed.width, WIDEST))
        printed.print(told, soft_wrap=True)
        printed.print()
    printed.print(Text.assemble("Written to ", (f"{folder}/", "bold green"), no_wrap=True))
    printed.print(Text(f"  predict with: unstuck predict {folder} DATA", no_wrap=True))
    if run.diagnosis is not None and run.diagnosis.findings:
        printed.print(
            Text(f"  {_more(run.diagnosis)}: unstuck diagnose {folder} DATA", no_wrap=True)
        )
    if plots:
        printed.print(Text(f"  plots: {', '.join(plots)} in {folder / PLOTS}/"))


def _diagnosis(diagnosis: Diagnosis, width: int) -> Text:
    """The verdict, how good the network is, and what to do first."""
    from rich.text import Text

    from unstuck.health import lines, telling
    from unstuck.health.wording import sentence

    color = "green" if diagnosis.healthy else "bold yellow"
    label = "Diagnosis:"
    verdict = "\n".join(lines.wrapped(f"{label} {diagnosis.verdict}", width))
    told = Text.assemble((label, "bold"), (verdict.removeprefix(label), color))
    if diagnosis.reached:
        told.append("\n" + "\n".join(lines.wrapped(sentence(diagnosis.reached), width)))
    first = telling.first(diagnosis.findings[0], width, True) if diagnosis.findings else []
    if first:
        told.append(f"\n\n{first[0]}", "bold").append("\n" + "\n".join(first[1:]))
    return told


def _more(diagnosis: Diagnosis) -> str:
    """What the full diagnosis tells beside what was told."""
    others = len(diagnosis.findings) - 1
    return f"evidence, and {others} more finding{'s' * (others > 1)}" if others else "evidence"


def _score_table(run: Run) -> Table:
    table = _table("rows", "", *next(iter(run.scores.values())))
    for part, scores in run.scores.items():
        numbers = [
            f"{value:.4g}" if name == "RMSE" else f"{value:.4f}" for name, value in scores.items()
        ]
        table.add_row(part, str(run.rows[part]), *numbers, style="bold" if part == "test" else "")
    return table


def _table(*headings: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for index, heading in enumerate(headings):
        table.add_column(heading, justify="right" if index else "left")
    return table
