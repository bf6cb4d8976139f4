"""A verdict as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from unstuck.aligned import aligned, cut, folded
from unstuck.health import lines
from unstuck.health.lines import visible
from unstuck.health.spelling import code, flags, literal, shell
from unstuck.health.wording import sentence
from unstuck.verdict import wording
from unstuck.verdict.opponents import CONSTANT, LINEAR

if TYPE_CHECKING:
    from unstuck.verdict.next_step import NextStep
    from unstuck.verdict.scores import ClassScores
    from unstuck.verdict.told import Told

WIDTH = 80
IN = "  "
SHOWN = ("accuracy", "balanced_accuracy", "F1", "AUC", "log_loss", "RMSE", "MAE", "R2")
"""Scores that have a column, in order."""
SHORT = {"balanced_accuracy": "balanced"}
MOST_CLASSES = 10
MOST_TAKEN = 3
SHORTEST, LONGEST = 8, 24
"""Characters that are left of the name of a class; the most of one that another is taken for."""
ROOM = LONGEST + len(" (1),")
"""Characters in which what a class is taken for can be read."""
ESTIMATORS = {"regression": "NetRegressor().fit(X, y)"}
"""Code that learns targets as what they are, by task."""


def text(verdict: Told, width: int = WIDTH) -> str:
    """For a terminal.

    Arguments:
        verdict: what to tell.
        width: of a line.
    """
    blocks = [
        opening(verdict, width),
        score_table(verdict, width),
        class_table(verdict.classes, width=width),
        columns(verdict, width),
        _diagnosis(verdict, width),
        step(verdict.next_step, width),
        notes(verdict, width),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def wrapped(text: str, width: int, before: str = "") -> list[str]:
    """A text as lines; a number stays with its uncertainty."""
    told = lines.wrapped(text.replace(" ± ", "\u00a0±\u00a0"), width, before)
    return [line.replace("\u00a0", " ") for line in told]


def opening(verdict: Told, width: int = WIDTH) -> list[str]:
    """The comparison, and what the training rows say beside it."""
    said = " ".join(filter(None, [wording.headline(verdict), wording.gap(verdict)]))
    return wrapped(said, width)


def score_table(verdict: Told, width: int = WIDTH) -> list[str]:
    """Scores of the network on every part, and below them those of the others on the last."""
    head, *rows = score_cells(verdict, SHORT)
    marked = [[IN * (row[0] in (LINEAR, CONSTANT)) + row[0], *row[1:]] for row in rows]
    return folded([head, *marked], width, SHORTEST)


def score_cells(verdict: Told, short: Mapping[str, str] = {}) -> list[list[str]]:
    """The same as cells; the first row holds the headings, with ``short`` names for some."""
    found = verdict.scores
    names = [name for name in SHOWN if any(name in each for each in found.values())]
    columns = [wording.values(n, [each.get(n) for each in found.values()]) for n in names]
    counts = [str(verdict.rows.get(part, "")) for part in found]
    head = ["", "rows", *(short.get(name, wording.words(name)) for name in names)]
    return [head, *map(list, zip(found, counts, *columns, strict=True))]


def class_table(
    classes: Sequence[ClassScores], most: int = MOST_CLASSES, width: int = WIDTH
) -> list[str]:
    """Precision and recall of every class, and what it is taken for; of many, the worst."""
    shown, left = list(classes), 0
    if len(classes) > most:
        shown = sorted(classes, key=lambda each: (each.recall is None, each.recall))[:most]
        left = len(classes) - most
    if not shown:
        return []
    rows = [("class", "rows", "precision", "recall")]
    for each in shown:
        shares = (_share(each.precision), _share(each.recall))
        rows.append((visible(each.name), f"{each.rows}", *shares))
    taken = [_taken(each) for each in shown]
    beside = min(ROOM, max(map(len, taken))) + 2
    numbers = aligned(rows, words=1, narrowest={"class": SHORTEST}, width=width - beside)
    table = _beside(numbers, ["taken for" if any(taken) else "", *taken], width)
    return [*table, *([f"and {left} more with the same or a higher recall"] if left else [])]


def _taken(each: ClassScores) -> str:
    names = [f"{cut(visible(name), LONGEST)}\u00a0({n})" for name, n in each.taken_for[:MOST_TAKEN]]
    more = len(each.taken_for) - MOST_TAKEN
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _beside(numbers: list[str], said: list[str], width: int) -> list[str]:
    """Lines with words beside them; below them, where there is little room."""
    wide = max(map(len, numbers)) + 2
    room = width - wide
    if room < min(ROOM, max(map(len, said))):
        pairs = zip(numbers, ["", *said[1:]], strict=True)
        below = [
            [line, *(wrapped(f"{said[0]} {each}", width, IN) * bool(each))] for line, each in pairs
        ]
        return [line for found in below for line in found]
    found = []
    for line, each in zip(numbers, said, strict=True):
        first, *more = wrapped(each, room)
        found += [f"{line:<{wide}}{first}".rstrip(), *(" " * wide + part for part in more)]
    return found


def columns(verdict: Told, width: int = WIDTH) -> list[str]:
    """Which columns matter, and which give the target away."""
    first = verdict.comparisons
    measure = verdict.importance_measure
    higher = any(each.higher for each in first if each.measure == measure)
    told = wording.columns_that_matter(verdict.importance, measure, higher)
    found = wrapped(told, width) if told else []
    for each in verdict.leaks:
        found += wrapped(wording.leak(each), width)
    return found


def notes(verdict: Told, width: int = WIDTH) -> list[str]:
    """What is worth knowing."""
    return [line for each in verdict.notes for line in wrapped(sentence(each), width)]


def step(found: NextStep, width: int = WIDTH, typed: bool = False) -> list[str]:
    """What to do next, and the code or the flags that do it.

    Arguments:
        found: what to do.
        width: of a line.
        typed: whether it is told in flags of ``unstuck train`` in place of code.
    """
    said = ["Next", *wrapped(wording.step(found), width, IN)]
    return [*said, *(2 * IN + visible(line) for line in done_by(found, typed))]


def done_by(found: NextStep, typed: bool = False) -> list[str]:
    """The code or the flags that do the next step.

    Example:
        >>> from unstuck.verdict.next_step import NextStep
        >>> found = NextStep("leave it out", leave_out=("id",))
        >>> done_by(found), done_by(found, typed=True)
        (['X.drop(columns=["id"])'], ['--ignore id'])
    """
    if typed:
        # One each: joined they may be the name of another column.
        ignored = [f"--ignore {shell(name)}" for name in found.leave_out]
        ignored += [f"--task {found.task}"] if found.task else []
        told = flags(found.parameters)
        if found.parameters and not told:
            return [*ignored, *code(found.parameters)]
        return [*ignored, *told]
    names = ", ".join(map(literal, found.leave_out))
    dropped = [f"X.drop(columns=[{names}])"] if names else []
    dropped += [ESTIMATORS[found.task]] if found.task else []
    return [*dropped, *(code(found.parameters) if found.parameters else [])]


def _diagnosis(verdict: Told, width: int) -> list[str]:
    if verdict.diagnosis is None:
        return []
    return wrapped(f"{wording.diagnosed(verdict)}: {verdict.diagnosis.verdict}", width)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
