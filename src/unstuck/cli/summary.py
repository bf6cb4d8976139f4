"""The summary at the end of a run: for people, and as a document for programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unstuck.cli.diagnose import WIDEST
from unstuck.cli.plots import PLOTS
from unstuck.cli.run_folder import HISTORY, MODEL, REPORT, SETTINGS
from unstuck.cli.terminal import console
from unstuck.health.spelling import shell

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from unstuck.cli.run import Run
    from unstuck.health.diagnosis import Diagnosis
    from unstuck.remedies.repair import Repair
    from unstuck.verdict.verdict import Verdict

FEW_CLASSES = 6
"""Classes of which precision and recall are told; of more, the worst."""


def show(run: Run, folder: Path, plots: list[str]) -> None:
    """Print the network, time and why it stopped, then the verdict: what it reaches beside what is
    cheap to reach, its scores, what is wrong with it and what to do next; and where the files
    are."""
    from rich.text import Text

    printed, estimator = console(), run.estimator
    printed.print()
    several = len(estimator.members_)
    if several > 1:
        printed.print(f"{several} networks, whose outputs are averaged; each:")
    printed.print(str(estimator.network_))
    printed.print()
    first = "the first of them: " if several > 1 else ""
    compiling = f", {run.compile_seconds:.1f} s of it compiling" if run.compile_seconds else ""
    printed.print(f"{run.seconds:.1f} s{compiling}; {first}{_epochs(estimator)}.")
    if estimator.solver_reason_:
        printed.print(Text.assemble(("Solver: ", "bold"), estimator.solver_reason_))
    printed.print(Text.assemble(("Stopped: ", "bold"), str(estimator.stop_reason_)))
    printed.print()
    width = min(printed.width, WIDEST)
    for block in _blocks(run, width):
        printed.print(block, soft_wrap=True)
        printed.print()
    typed = shell(str(folder))
    printed.print(Text.assemble("Written to ", (f"{folder}/", "bold green"), no_wrap=True))
    printed.print(Text(f"  predict with: unstuck predict {typed} DATA", no_wrap=True))
    if run.diagnosis is not None and run.diagnosis.findings:
        printed.print(
            Text(f"  {_more(run.diagnosis)}: unstuck diagnose {typed} DATA", no_wrap=True)
        )
    if (folder / REPORT).is_file():
        printed.print(Text(f"  report: {folder / REPORT}", no_wrap=True))
    if plots:
        printed.print(Text(f"  plots: {', '.join(plots)} in {folder / PLOTS}/"))


def _epochs(estimator: Any) -> str:
    """How many there were, and of a run that went on, how many with those before."""
    now, whole = estimator.n_iter_, len(estimator.loss_curve_)
    before = f", {whole} with those before" if whole > now else ""
    return f"{now} epoch{'s' * (now != 1)}{before}"


def document(run: Run, settings: dict[str, Any], folder: Path, plots: list[str]) -> dict[str, Any]:
    """All that is known of a run: its settings as they were written, what was said of its table,
    and where its files are."""
    paths: dict[str, Any] = {
        "folder": str(folder),
        "model": str(folder / MODEL),
        "history": str(folder / HISTORY),
        "settings": str(folder / SETTINGS),
        "plots": {name: str(folder / PLOTS / f"{name}.png") for name in plots},
    }
    if (folder / REPORT).is_file():
        paths["report"] = str(folder / REPORT)
    none: dict[str, Any] = {"scores": {}, "verdict": None, "diagnosis": None}
    return {**none, **settings, "told": run.told, "paths": paths}


def _blocks(run: Run, width: int) -> Iterator[Any]:
    """Repair, verdict, scores, diagnosis, what to do next: those that there are, in this order."""
    verdict, diagnosis = run.verdict, run.diagnosis
    if hasattr(run.estimator, "repair_"):
        yield _repair(run.estimator.repair_, width)
    if verdict is not None:
        yield _opening(verdict, width)
        yield _numbers(verdict, width)
        if columns := _columns(verdict, width):
            yield columns
    elif run.scores:
        yield _score_table(run)
    if diagnosis is not None:
        several = len(run.estimator.members_)
        label = f"Diagnosis of the first of {several} networks:" if several > 1 else "Diagnosis:"
        yield _diagnosis(diagnosis, label, width, alone=verdict is None)
    if verdict is not None:
        yield _next(verdict, width)


def _repair(repair: Repair, width: int) -> Text:
    """What ``--repair`` did."""
    from rich.text import Text

    from unstuck.health.lines import wrapped
    from unstuck.health.spelling import flags

    done = f" ({' '.join(flags(repair.params))})" if repair.accepted else ""
    told = " ".join([repair.verdict.rstrip(".") + done + ".", *repair.said])
    lines = "\n".join(wrapped(f"Repair: {told}", width))
    return Text.assemble(("Repair:", "bold"), lines.removeprefix("Repair:"))


def _opening(verdict: Verdict, width: int) -> Text:
    """The comparison, in color."""
    from rich.text import Text

    from unstuck.verdict import telling, wording

    label = "Verdict:"
    said = " ".join(filter(None, [wording.headline(verdict), wording.gap(verdict)]))
    told = "\n".join(telling.wrapped(f"{label} {said}", width))
    text = Text.assemble((label, "bold"), told.removeprefix(label))
    standing = wording.headline(verdict).partition(":")[0]
    color = {"better": "bold green", "worse": "bold red"}.get(
        verdict.comparisons[0].result, "bold yellow"
    )
    color = "bold yellow" if verdict.leaks else color
    text.stylize(color, len(label) + 1, len(label) + 1 + len(standing))
    return text


def _numbers(verdict: Verdict, width: int) -> Text:
    """Scores, and for a few classes precision and recall."""
    from rich.text import Text

    from unstuck.verdict import telling

    table = telling.score_table(verdict, width)
    classes = telling.class_table(verdict.classes, FEW_CLASSES, width)
    told = Text("\n".join([*table, *(["", *classes] if classes else [])]))
    for heading in filter(None, (table[0], classes[0] if classes else "")):
        told.highlight_words([heading], "bold")
    told.highlight_words([line for line in table if line.startswith("test ")], "bold")
    return told


def _columns(verdict: Verdict, width: int) -> Text | None:
    """What matters, and what is worth knowing; what gives the target away stands out."""
    from rich.text import Text

    from unstuck.verdict import telling, wording

    lines = [*telling.columns(verdict, width), *telling.notes(verdict, width)]
    told = Text("\n".join(lines))
    for each in verdict.leaks:
        told.highlight_words([wording.gives_away(each.column)], "bold yellow")
    return told if lines else None


def _next(verdict: Verdict, width: int) -> Text:
    from rich.text import Text

    from unstuck.verdict import telling

    first, *rest = telling.step(verdict.next_step, width, typed=True)
    return Text.assemble((first, "bold"), "\n", "\n".join(rest))


def _diagnosis(diagnosis: Diagnosis, label: str, width: int, alone: bool) -> Text:
    """Its verdict; and where there is no other verdict, how good the network is on rows that it has
    learned, and what to do first."""
    from rich.text import Text

    from unstuck.health import lines, telling
    from unstuck.health.wording import sentence

    color = "green" if diagnosis.healthy else "bold yellow"
    verdict = "\n".join(lines.wrapped(f"{label} {diagnosis.verdict}", width))
    told = Text.assemble((label, "bold"), (verdict.removeprefix(label), color))
    if alone and diagnosis.reached:
        told.append("\n" + "\n".join(lines.wrapped(sentence(diagnosis.reached), width)))
    if alone and diagnosis.findings:
        heading, *lines_ = telling.first(diagnosis.findings[0], width, True)
        told.append(f"\n\n{heading}", "bold").append("\n" + "\n".join(lines_))
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
