"""The sentences of a verdict, whatever they are shown on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from unstuck.health.spelling import number, percent
from unstuck.health.wording import sentence
from unstuck.health.words import counted
from unstuck.verdict.comparison import BETTER, SAME, WORSE, Comparison
from unstuck.verdict.opponents import CONSTANT, LINEAR

if TYPE_CHECKING:
    from unstuck.verdict.importance import Importance
    from unstuck.verdict.leaks import Leak
    from unstuck.verdict.next_step import NextStep
    from unstuck.verdict.told import Told

SHARES = (
    "accuracy", "balanced_accuracy", "weighted_accuracy", "AUC", "F1", "R2", "log_loss",
    "Brier_score", "calibration_error", "precision", "recall",
)  # fmt: skip
"""Scores that are told with three places."""
FINE = 0.001
"""Uncertainty of a share below which it is told with more places."""
HELD = "held-out row"
MOST_COLUMNS = 6
LEAST = 0.01
"""Share of the most important column's worth, below which a column is not told."""


def words(name: str) -> str:
    """The name of a score in words.

    Example:
        >>> words("balanced_accuracy")
        'balanced accuracy'
    """
    return name.replace("_", " ")


def value(name: str, found: float, places: int | None = None) -> str:
    """A score as it is told: shares with three places.

    Arguments:
        name: of the score.
        found: the number.
        places: after the point; by default three, or of numbers that are no shares three digits.

    Example:
        >>> value("accuracy", 0.98), value("RMSE", 54.321), value("R2", -1e-9)
        ('0.980', '54.3', '0.000')
    """
    if name in SHARES:
        told = f"{found:.{3 if places is None else places}f}"
        return told if float(told) else told.lstrip("-")
    return number(found) if places is None else f"{found:.{places}f}"


def values(name: str, found: Sequence[float | None]) -> list[str]:
    """Scores of one name, one below the other: all with as many places; nothing for ``None``.

    Example:
        >>> values("RMSE", [58.0, 44.12, None]), values("AUC", [0.5, 1.0])
        (['58.0', '44.1', ''], ['0.500', '1.000'])
    """
    largest = max((abs(each) for each in found if each is not None), default=0.0)
    plain = 1e-6 < largest < 1e6 and name not in SHARES
    places = max(0, 2 - math.floor(math.log10(largest))) if plain else None
    return ["" if each is None else value(name, each, places) for each in found]


def difference(each: Comparison) -> str:
    """The difference with its sign and its uncertainty, both to the second digit of that.

    Example:
        >>> made = Comparison("RMSE", False, 56.5, 60.4, 70.0, 3.1, "a linear model", -3.94, 3.04,
        ...                   "better")
        >>> difference(made)
        '-3.9 ± 3.0'
    """
    margin, places = each.difference_margin, _places(each)
    known = math.isfinite(margin)
    if places is None:
        sign = "+" if each.difference > 0 else ""
        return f"{sign}{number(each.difference)} ± {number(margin, 2) if known else 'unknown'}"
    told = f"{each.difference:+.{places}f}"
    told = told if float(told) else f"{0:.{places}f}"
    return f"{told} ± {f'{margin:.{places}f}' if known else 'unknown'}"


def _places(each: Comparison) -> int | None:
    """Places after the point that the uncertainty leaves to be told; ``None`` for numbers that are
    better told otherwise."""
    margin = each.difference_margin
    if each.measure in SHARES and not 0 < margin < FINE:
        return 3
    if not (math.isfinite(margin) and 1e-6 < margin < 1e6 and each.network < 1e6):
        return None
    return max(0, 1 - math.floor(math.log10(margin)))


def headline(verdict: Told) -> str:
    """What the network reaches beside a constant and a linear model: a line or two."""
    first, *others = verdict.comparisons
    said = _compared(first, verdict.rows["test"], verdict.seen)
    return " ".join(
        [said, *(_too(each, verdict.too_sure) for each in others if each.result != first.result)]
    )


def _compared(first: Comparison, rows: int, seen: bool) -> str:
    other = LINEAR if first.opponent == CONSTANT else CONSTANT
    left = first.linear if other == LINEAR else first.constant

    def told(number: float) -> str:
        return value(first.measure, number, _places(first))

    third = "" if left is None else f"; {other} reaches {told(left)}"
    where = counted(rows, "row") + " that it was fitted to" if seen else counted(rows, HELD)
    numbers = (
        f"{words(first.measure)} {told(first.network)} against {told(first.reached)} "
        f"({difference(first)}) on {where}"
    )
    return f"{_standing(first)}: {numbers}{third}."


def _standing(each: Comparison) -> str:
    """How the network stands to the better of the two others."""
    if each.too_few:
        return f"Too few rows to judge it beside {each.opponent}"
    if each.result == BETTER:
        return f"Better than {each.opponent}"
    if each.result != SAME:
        return f"Worse than {each.opponent}"
    if each.ahead is None:
        return f"As good as {each.opponent}"
    side = "Better" if each.ahead else "Worse"
    return f"{side} than {each.opponent}, but within the noise"


def _too(each: Comparison, too_sure: bool) -> str:
    """What another measure says that the first did not."""
    numbers = f"{value(each.measure, each.network)} against {value(each.measure, each.reached)}"
    what = (
        "Its probabilities are" if each.measure == "log_loss" else f"By {words(each.measure)} it is"
    )
    told = f"{words(each.measure)} {numbers} ({difference(each)})"
    if each.result == BETTER:
        return f"{what} better than those of {each.opponent}: {told}."
    if each.result == SAME:
        return f"{what} as good as those of {each.opponent}, within the noise: {told}."
    why = ", it is too sure of itself" if too_sure and each.measure == "log_loss" else ""
    return f"{what} worse than those of {each.opponent}{why}: {told}."


def gap(verdict: Told) -> str:
    """What the training rows say beside the held-out ones, where that differs; else nothing."""
    first = verdict.comparisons[0]
    trained = verdict.scores["train"][first.measure]
    results = {each.result for each in verdict.comparisons}
    good = BETTER in results and WORSE not in results
    if good or verdict.seen or not verdict.by_heart:
        return ""
    there = value(first.measure, trained, _places(first))
    return (
        f"On the rows it was trained on, its {words(first.measure)} is {there}: it has learned "
        "some of them by heart."
    )


def overfits(first: Comparison, trained: float) -> bool:
    """Whether the network is better on training rows than the held-out rows' noise explains, and
    than what is cheap to reach: one that has learned nothing has learned nothing by heart."""
    sign = 1 if first.higher else -1
    return sign * (trained - first.network) > first.margin and sign * (trained - first.reached) > 0


def diagnosed(verdict: Told) -> str:
    """What a diagnosis is called: of an ensemble, it looks at one network."""
    several = verdict.networks > 1
    return f"Diagnosis of the first of {verdict.networks} networks" if several else "Diagnosis"


def columns_that_matter(importance: tuple[Importance, ...], measure: str, higher: bool) -> str:
    """The columns that matter, with what they are worth; nothing where none was looked at."""
    if not importance:
        return ""
    told = [e for e in importance if e.matters and e.loss >= LEAST * importance[0].loss]
    if not told:
        return (
            "Columns that matter: none by more than noise, when its values are shuffled in these "
            "rows."
        )
    pairs = ((each.column, value(measure, each.loss)) for each in told[:MOST_COLUMNS])
    shown = ", ".join(f"{name} {loss}" for name, loss in pairs)
    more, fewer = len(told) - MOST_COLUMNS, len(importance) - len(told)
    rest = [f"{more} more matter less"] if more > 0 else []
    rest += [f"{counted(fewer, 'other')} hardly or not at all"] if fewer else []
    tail = f"; {', '.join(rest)}" if rest else ""
    moves = "falls" if higher else "rises"
    how = f"{words(measure)} {moves} by so much where they are shuffled"
    return f"Columns that matter: {shown}{tail} ({how})."


def gives_away(column: str) -> str:
    """What is said of a column that does."""
    return f"{column!r} gives the target away"


def leak(found: Leak) -> str:
    """That a column gives the target away, and on what evidence."""
    alone = (
        f"{gives_away(found.column)}: is it known before? Alone it removes "
        f"{percent(found.share)} of a constant's error"
    )
    if found.others is None:
        return sentence(f"{alone} ({counted(found.rows, 'row')}, cross-validated)")
    return sentence(
        f"{alone}, all other columns {percent(found.others)} "
        f"({counted(found.rows, 'row')}, cross-validated)"
    )


def step(found: NextStep) -> str:
    """What to do next, and why."""
    do = sentence(found.do)
    why = found.why.strip()
    if not why:
        return do
    if why.startswith("because "):
        return f"{do[:-1]}, {sentence(why)[0].lower()}{sentence(why)[1:]}"
    return f"{do} {sentence(why)}"


def looks_confused(verdict: Told) -> list[tuple[str, str, int, int]]:
    """Classes that are taken for others: class, the other, how many, of how many; most first."""
    found = [
        (each.name, other, count, each.rows)
        for each in verdict.classes
        for other, count in each.taken_for
    ]
    return sorted(found, key=lambda each: -each[2])
