"""What a validation table says, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from unstuck.health.spelling import number
from unstuck.selection.candidate import Candidate, level, spelled
from unstuck.selection.results import Measured


class Line(NamedTuple):
    """Candidates that differ in one number only, in its order, among them the optimum.

    Attributes:
        name: of the parameter.
        values: of it.
        candidates: at least two.
        at: place of the optimum.
        ends: the smallest and the largest that was tried, also where it was not measured to the
            end.
    """

    name: str
    values: Sequence[Any]
    candidates: Sequence[Candidate]
    at: int
    ends: tuple[float, float]

    @property
    def value(self) -> str:
        """That of the optimum."""
        return spelled(self.values[self.at])


def sentences(table: Measured) -> list[str]:
    """What is said above the table."""
    best = table.optimum
    if best is None:
        return [
            _of_what(table),
            *_unmade(table),
            "Nothing can be chosen: no candidate is complete.",
        ]
    error = table.number(best.validation_error)
    found = [
        _of_what(table),
        f"Optimal choice: {table.told(best.params)} ({table.measure} {error}).",
    ]
    for line in lines(table):
        found += filter(None, (_beyond(table, line), _before(table, line), _edge(line)))
    return [*found, *_one_error(table), *_unmade(table)]


def lines(table: Measured) -> Iterator[Line]:
    """For each parameter that is a number: what it does where the others are at the optimum."""
    best = table.optimum
    if best is None:
        return
    for name in table.names:
        others = {key: value for key, value in best.params.items() if key != name}
        tried = [
            (place, each) for each in table.candidates
            if (place := level(each.params.get(name))) is not None
            and {key: value for key, value in each.params.items() if key != name} == others
        ]  # fmt: skip
        tried.sort(key=lambda both: both[0])
        along = [each for _, each in tried if each.complete and each.rows == best.rows]
        if len(along) > 1 and any(each is best for each in along):
            yield Line(
                table.label(name),
                [each.params[name] for each in along],
                along,
                next(i for i, each in enumerate(along) if each is best),
                (tried[0][0], tried[-1][0]),
            )


def overfitted(line: Line) -> tuple[str, Candidate] | None:
    """The side of the optimum (``">"`` or ``"<"``) on which the training error goes on falling
    while the validation error rises, and the last candidate there; nothing where it does not, or
    by less than its standard error."""
    return next(((side, end) for side, end in _ends(line) if _overfits(line, end)), None)


def overfitting(table: Measured) -> dict[str, str]:
    """By parameter, on which side of the optimum it overfits."""
    found = {line.name: overfitted(line) for line in lines(table)}
    return {name: side[0] for name, side in found.items() if side is not None}


def _ends(line: Line) -> Iterator[tuple[str, Candidate]]:
    if line.at < len(line.candidates) - 1:
        yield ">", line.candidates[-1]
    if line.at > 0:
        yield "<", line.candidates[0]


def _overfits(line: Line, end: Candidate) -> bool:
    best = line.candidates[line.at]
    return _more(best.train, end.train, best.training_error, end.training_error, -1.0) and _more(
        best.validation, end.validation, best.validation_error, end.validation_error
    )


def _underfits(line: Line, end: Candidate) -> bool:
    best = line.candidates[line.at]
    return _more(best.train, end.train, best.training_error, end.training_error) and _more(
        best.validation, end.validation, best.validation_error, end.validation_error
    )


def _more(
    before: np.ndarray, after: np.ndarray, mean: float, then: float, sign: float = 1.0
) -> bool:
    """Whether an error rises (or falls: -1), by more than the standard error of the difference on
    the same folds."""
    if not sign * (then - mean) > 0:
        return False
    if len(before) < 2 or len(before) != len(after):
        return True
    return abs(then - mean) > float(np.std(after - before, ddof=1)) / len(before) ** 0.5


def _of_what(table: Measured) -> str:
    made = f"{table.fits:,} fits in {number(table.seconds, 2)} s" if table.seconds else ""
    count = table.compilations
    programs = "" if count is None else f"{count} program{'s' * (count != 1)} compiled"
    told = ", ".join(filter(None, (table.measure, table.folds, made, programs)))
    return f"{told[0].upper()}{told[1:]}."


def _beyond(table: Measured, line: Line) -> str:
    found = overfitted(line)
    best = line.candidates[line.at]
    if found is None:
        side = next((s for s, e in _ends(line) if e.training_error < best.training_error), "")
        if not side:
            return ""
        return (
            f"No overfitting can be told for {line.name} {side} {line.value}: "
            "the training error falls, and the validation error rises by no more than its noise."
        )
    side, end = found
    told = [table.number(value) for value in (
        best.training_error, end.training_error, best.validation_error, end.validation_error
    )]  # fmt: skip
    return (
        f"Overfitting for {line.name} {side} {line.value}: there the training "
        f"error falls from {told[0]} to {told[1]}, and the validation error rises from {told[2]} "
        f"to {told[3]}."
    )


def _before(table: Measured, line: Line) -> str:
    """The side on which both errors are larger."""
    for side, end in _ends(line):
        if _underfits(line, end):
            errors = (end.training_error, end.validation_error)
            train, held = (table.number(value) for value in errors)
            return (
                f"Underfitting for {line.name} {side} {line.value}: both "
                f"errors are larger there, up to {train} and {held}."
            )
    return ""


def _edge(line: Line) -> str:
    place = level(line.values[line.at])
    if place not in line.ends:
        return ""
    end, other = ("smallest", "smaller") if place == line.ends[0] else ("largest", "larger")
    return f"{line.name} = {line.value} is the {end} that was tried: try {other} ones too."


def _one_error(table: Measured) -> list[str]:
    best, modest = table.optimum, table.one_standard_error
    if best is None or modest is None:
        return []
    error = number(best.standard_error, 2)
    if modest is best:
        return [f"No candidate that fits less closely is within one standard error ({error})."]
    return [f"Within one standard error ({error}) of it, the one that fits least closely: "
            f"{table.told(modest.params)} ({table.number(modest.validation_error)})."]  # fmt: skip


def _unmade(table: Measured) -> list[str]:
    told = [
        f"{table.told(each.params)} failed: {each.error}" for each in table.candidates if each.error
    ]
    if table.used_up:
        told.append(
            f"{table.used_up:,} of the {table.fits:,} fits took all iterations that they were "
            "allowed: more may help (max_iter)."
        )
    if table.fits < table.asked:
        whole = sum(each.complete for each in table.candidates)
        told.append(
            f"Interrupted: {table.fits:,} of {table.asked:,} fits were made; {whole} of "
            f"{len(table.candidates)} candidates are complete, and only these are compared."
        )
    return told


def row(table: Measured, each: Candidate) -> tuple[str, ...]:
    """A line of the table."""

    def told(value: float) -> str:
        return table.number(value) if math.isfinite(value) else ""

    marks = [(table.optimum, "optimum"), (table.one_standard_error, "one s.e.")]
    mark = next((name for marked, name in marks if marked is each), "")
    whole = "" if each.complete else "no number"
    mark = mark or (
        "failed" if each.error else whole if len(each.validation) == each.asked else "not complete"
    )
    values = [spelled(each.params[n]) if n in each.params else "" for n in table.names]
    errors = (told(each.training_error), told(each.validation_error))
    doubt = each.standard_error
    spread = (number(doubt, 2) if math.isfinite(doubt) else "",) if table.spread else ()
    rows = ("" if each.rows is None else str(each.rows),) if table.rounds else ()
    return (*values, *rows, *errors, *spread, mark)
