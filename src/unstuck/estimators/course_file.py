"""What a fit has become, as a file holds it."""

from __future__ import annotations

from typing import Any

import numpy as np

from unstuck.estimators.file_checks import Arrays, array_of, count, expect, number
from unstuck.estimators.model import Model
from unstuck.health.signals import NAMES as SIGNAL_NAMES
from unstuck.layers.network import parts_of
from unstuck.solvers.stopping_rules import Strips
from unstuck.solvers.table import SOLVERS
from unstuck.training.course import Course, Marks, Tally
from unstuck.training.history import EARLY_COLUMNS, EPOCH_COLUMNS, History
from unstuck.training.stopping import Best, Stalls

MOST_STEPS = 2**62
COLUMNS = {*EPOCH_COLUMNS, *EARLY_COLUMNS}.union(
    *(getattr(solver, "columns", ()) for solver in SOLVERS.values())
)
"""Columns of a history; a fit that went on with another solver has those of both."""


def numbers_of(course: Course) -> dict[str, Any]:
    """What the header keeps of a course."""
    return {
        "step": course.step,
        "memory": None if course.memory is None else len(course.memory),
        "marks": course.marks._asdict(),
        "kept": course.kept and {"value": course.kept.value, "epoch": course.kept.epoch},
        "stalls": _written(course.stalls),
        "tally": course.tally._asdict(),
        "looked": course.looked,
        "begun": course.begun,
    }


def arrays_of(course: Course) -> Arrays:
    """What is kept of it as arrays."""
    found = {f"memory/{i}": array for i, array in enumerate(course.memory or [])}
    if course.vector is not None:
        found |= {f"last/{i}": np.asarray(a) for i, a in enumerate(parts_of(course.vector))}
    return found | {f"history/{name}": array for name, array in course.history.arrays().items()}


def course_of(header: dict[str, Any], arrays: Arrays, model: Model) -> Course:
    """The course that a file holds; format 1 kept the step, the memory and the history alone.

    Arguments:
        header: of the file.
        arrays: of the file; those that are needed are taken away.
        model: with its network and its parameters.

    Raises:
        FileError: parts of it contradict each other.
    """
    history = _history(arrays, len(model.network.layers))
    if "course" not in header:
        step, memory = count(header["step"], 0, MOST_STEPS), header["memory"]
        found = _memory(memory, arrays)
        return Course(step=step, memory=found, history=history, looked=0)
    given = header["course"]
    course = Course(
        step=count(given["step"], 0, MOST_STEPS),
        memory=_memory(given["memory"], arrays),
        marks=_marks(**given["marks"]),
        stalls=_stalls(**given["stalls"]),
        tally=_tally(**given["tally"]),
        history=history,
        looked=count(given["looked"], -1, MOST_STEPS),
        begun=count(given.get("begun", 0), 0, history.epochs),
    )
    if given["kept"] is not None:
        _add_kept(course, given["kept"], arrays, model)
    return course


def _marks(**given: Any) -> Marks:
    return Marks(**{name: count(mark, 0, 2**32 - 1) for name, mark in given.items()})


COUNTS = ("stalled", "plateau_stalled", "epochs", "rises")
"""Numbers of the progress that are whole."""


def _written(stalls: Stalls) -> dict[str, Any]:
    """The progress; what only some rules read is left out where they read nothing."""
    found = stalls._asdict()
    strips = found.pop("strips")
    return found if strips == Strips() else {**found, "strips": strips._asdict()}


def _stalls(strips: Any = None, **given: Any) -> Stalls:
    return Stalls(**_numbers(given), strips=Strips(**_numbers(strips or {})))


def _numbers(given: Any) -> dict[str, Any]:
    return {
        name: count(value, 0) if name in COUNTS else number(value) for name, value in given.items()
    }


def _tally(**given: Any) -> Tally:
    return Tally(**{name: number(value) for name, value in given.items()})


def _add_kept(course: Course, kept: dict[str, Any], arrays: Arrays, model: Model) -> None:
    """The parameters after the last step, and those with the best validation result."""
    names = sorted(
        (name for name in arrays if name.startswith("last/")),
        key=lambda name: int(name.removeprefix("last/")),
    )
    last = tuple(arrays.pop(name) for name in names)
    weights = [weight for *_, weight in model.network.paths()]
    if len(last) == 1 and last[0].ndim == 1:
        expect(last[0].size == model.network.size, "the last parameters")
        course.vector = last[0]
    else:
        shapes = [part.shape for part in last]
        expect(shapes == [weight.shape for weight in weights], "the last parameters")
        course.vector = last
    expect(len({part.dtype for part in last}) == 1, "the type of the last parameters")
    expect(last[0].dtype.kind == "f", "the type of the last parameters")
    expect(all(np.isfinite(part).all() for part in last), "the numbers of the last parameters")
    cast = model.cast(last[0].dtype)
    flat = not isinstance(course.vector, tuple)
    vector = model.network.flatten(cast) if flat else model.network.pack(cast)
    course.kept = Best(
        vector, number(kept["value"]), count(kept["epoch"], 0, course.history.epochs)
    )


def _memory(length: Any, arrays: Arrays) -> list[np.ndarray] | None:
    """The solver's memory; whether it fits to rows and parameters, the fit that goes on asks."""
    return None if length is None else [arrays.pop(f"memory/{i}") for i in range(count(length, 0))]


def _history(arrays: Arrays, layers: int) -> History:
    epochs = len(arrays["history/loss"])
    look = arrays.pop("history/look_epoch")
    expect(look.ndim == 1 and look.dtype == np.int64, "the epochs of the looks")
    within = not look.size or (look[0] >= 0 and look[-1] <= epochs)
    expect(bool(within and (np.diff(look) >= 0).all()), "the epochs of the looks")
    found = {"look_epoch": look}
    for name in SIGNAL_NAMES if len(look) else ():
        found[name] = array_of(arrays, f"history/{name}", (len(look), layers), finite=False)
    known = {key.removeprefix("history/") for key in arrays if key.startswith("history/")}
    expect(known <= COLUMNS, "a column of the history")
    for name in known | set(EPOCH_COLUMNS):
        found[name] = array_of(arrays, f"history/{name}", (epochs,), finite=False)
    return History.from_arrays(found)
