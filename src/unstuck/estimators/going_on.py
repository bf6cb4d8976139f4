"""Where a fit that goes on starts: at the bits where the last part ended, if it is the same fit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from unstuck.choices import spelled
from unstuck.errors import ParameterError
from unstuck.estimators.model import Model, on_host
from unstuck.layers.network import Packed, Parameters, parts_of
from unstuck.lazy import jax
from unstuck.rows.arrays import ArrayRows
from unstuck.training.course import Course, Marks, Tally
from unstuck.training.plan import State
from unstuck.training.stopping import Best, Stalls, Stopping
from unstuck.training.task import Outcome, Task


def entered(model: Model, task: Task, partial: bool) -> tuple[Course, State]:
    """The course of the next part, and the state that its steps start from.

    With the same rows and objective it goes on where the last part ended, be it in the middle of
    an epoch. With others it starts at the next epoch. What counted as progress is forgotten where
    something else is followed, or on other rows, but for those of ``partial_fit``, which always
    differ.

    Raises:
        ParameterError: the weights were trained in float64 and are too large for float32.
    """
    course = model.course.fork(task.watch)
    course.begun = course.history.epochs
    vector = _start(model, course, task)
    same = bool(course.step) and _compared(course, marks(task, vector), task, partial)
    if task.validation is None:
        course.kept = None
    elif course.kept is not None:
        course.kept = course.kept._replace(vector=_packed(course.kept.vector, model, task))
    memory = _memory(course, task, same)
    return course, State(vector, memory, np.uint32(course.step % 2**32))


def left(outcome: Outcome, task: Task) -> None:
    """Bring what the next part needs from the device into the course."""
    course, state = outcome.course, outcome.state
    vector = on_host(state.vector)
    course.vector = None if course.kept is None else vector
    course.memory = [np.array(leaf) for leaf in jax.tree.leaves(state.memory)]
    course.marks = marks(task, vector)
    if course.kept is not None:
        course.kept = Best(on_host(course.kept.vector), *course.kept[1:])


def marks(task: Task, vector: Packed) -> Marks:
    """What a part is about. The rows of the probe stand for all that come in mini-batches; the
    memory of a full-batch solver belongs to its rows and parameters."""
    plan, rules, batches = task.stepper.plan, task.stopping, task.batches
    held = task.validation if rules.validated else None
    assert isinstance(batches.rows, ArrayRows)
    parts = (*parts_of(vector), *batches.rows.arrays) if task.stepper.full else task.probe
    return Marks(
        _checksum((plan.solver.name, spelled(plan.objective.loss), task.variations)),
        _checksum((batches.batch_size, batches.shuffle, batches.rows.count, task.penalty), parts),
        _checksum((rules.early, rules.monitor, rules.reacts, *_rule(rules))),
        0 if held is None else _checksum((len(held.blocks), held.weight), held.blocks[0]),
    )


def _rule(rules: Stopping) -> tuple[Any, ...]:
    """Which rule reads the validation data; nothing for patience, as in files before there were
    others."""
    return () if rules.rule.ends is None else (spelled(rules.rule), rules.strip_length)


def _compared(course: Course, now: Marks, task: Task, partial: bool) -> bool:
    """Forget what belongs to something else; whether rows and objective are the same."""
    before = course.marks
    same = before.objective == now.objective and before.rows == now.rows
    if not same:
        _to_next_epoch(course, task)
    if before != (now._replace(rows=before.rows, held=before.held) if partial else now):
        course.stalls = Stalls()
    elif task.stopping.over(course.stalls):
        course.stalls = Stalls(scale=course.stalls.scale)
    return same


def _checksum(facts: Any, arrays: Iterable[Any] = ()) -> int:
    found = zlib.crc32(repr(facts).encode())
    for array in arrays:
        found = zlib.crc32(np.ascontiguousarray(array).data, found)
    return found


def _to_next_epoch(course: Course, task: Task) -> None:
    """Batches an epoch may have changed; every epoch still sees every row, and looks stay due."""
    step = course.history.epochs * task.batches.steps_per_epoch
    if course.looked > 0:
        course.looked = course.looked * step // course.step
    course.step, course.tally = step, Tally()


def _start(model: Model, course: Course, task: Task) -> Packed:
    """The parameters after the last step; the model's own, unless it kept better ones."""
    if course.vector is None:
        return _trained(model.parameters, model, task)
    return _packed(course.vector, model, task)


def _packed(vector: Packed, model: Model, task: Task) -> Packed:
    """Parameters of an earlier part as this one trains them."""
    return _trained(model.network.unpack(vector), model, task)


def _trained(parameters: Parameters, model: Model, task: Task) -> Packed:
    """As they are trained: within the objective's bounds, which may be new."""
    allowed = task.stepper.plan.objective.allowed(model.cast(task.dtype, parameters))
    return _finite(task.stepper.pack(allowed), task)


def _finite(vector: Packed, task: Task) -> Packed:
    """The parameters, refused where the training dtype made them infinite."""
    if all(np.isfinite(part).all() for part in parts_of(vector)):
        return vector
    raise ParameterError(
        f"the weights that the fit starts from are too large for {task.dtype}. Set "
        'dtype="float64"; or warm_start=False, where it goes on; or give smaller first weights.'
    )


def _memory(course: Course, task: Task, same: bool) -> Any:
    """The solver's memory: as it was left, where it fits; else as at the start."""
    fresh = task.stepper.memory(task.dtype, task.batches.padded)
    leaves, structure = jax.tree.flatten(fresh)
    kept = course.memory or []
    if task.stepper.full and not same:
        kept = []
    if [(a.shape, a.dtype.kind) for a in kept] != [(a.shape, a.dtype.kind) for a in leaves]:
        return fresh
    cast = [a.astype(leaf.dtype) for a, leaf in zip(kept, leaves, strict=True)]
    if any((np.isfinite(a) != np.isfinite(b)).any() for a, b in zip(kept, cast, strict=True)):
        return fresh  # too large for float32
    return jax.tree.unflatten(structure, cast)
