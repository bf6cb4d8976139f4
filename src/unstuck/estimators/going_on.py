"""Where a fit that goes on starts: at the bits where the last part ended, if it is the same fit."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from unstuck.errors import ParameterError
from unstuck.estimators.model import Model, on_host
from unstuck.layers.network import Packed, parts_of
from unstuck.lazy import jax
from unstuck.training.course import Course, Tally
from unstuck.training.plan import State
from unstuck.training.stopping import Kept, Stalls
from unstuck.training.task import Outcome, Task


def entered(model: Model, task: Task, partial: bool) -> tuple[Course, State]:
    """The course of the next part, and the state that its steps start from.

    With the same rows and settings it goes on where the last part ended, be it in the middle of an
    epoch. With others it starts at the next epoch, and what counted as progress is forgotten, but
    for ``partial_fit``, whose rows always differ.

    Raises:
        ParameterError: the weights were trained in float64 and are too large for float32.
    """
    course = model.course.fork()
    vector = _start(model, course, task)
    same = course.mark == mark(task, vector)
    if not same:
        # Batches an epoch may have changed; every epoch still sees every row.
        course.step = course.history.epochs * task.batches.steps_per_epoch
        course.tally = Tally()
    if not (same or partial) or course.stalls.stalled > task.stopping.patience:
        scale = course.stalls.scale if same else 1.0
        course.stalls = Stalls(scale=scale)
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
    course.mark = mark(task, vector)
    if course.kept is not None:
        course.kept = Kept(on_host(course.kept.vector), *course.kept[1:])


def mark(task: Task, vector: Packed) -> int:
    """A checksum of what the memory of a full-batch solver belongs to, and anyone's progress.

    Of mini-batches the rows of the probe stand for all, and the parameters may be any; of
    validation data their first rows do.
    """
    stepper, batches = task.stepper, task.batches
    facts = f"{stepper.plan.solver.name} {task.penalty} {batches.batch_size} {batches.rows.count}"
    if stepper.full:
        every = batches.rows.take(slice(None))
        parts: tuple[Any, ...] = (vector, *every)
    else:
        parts = tuple(np.asarray(part) for part in task.probe)
    if task.validation is not None and task.stopping.validated:
        facts += f" {task.stopping.monitor} {task.validation.weight}"
        parts += tuple(np.asarray(part) for part in task.validation.blocks[0][:3])
    found = zlib.crc32(facts.encode())
    for part in parts:
        found = zlib.crc32(np.ascontiguousarray(part).data, found)
    return found


def _start(model: Model, course: Course, task: Task) -> Packed:
    """The parameters after the last step; the model's own, unless it kept better ones."""
    if course.vector is None:
        return _finite(task.stepper.pack(model.cast(task.dtype)), task)
    return _packed(course.vector, model, task)


def _packed(vector: Packed, model: Model, task: Task) -> Packed:
    """Parameters of an earlier part as this one trains them."""
    return _finite(task.stepper.pack(model.cast(task.dtype, model.network.unpack(vector))), task)


def _finite(vector: Packed, task: Task) -> Packed:
    """The parameters, refused where the training dtype made them infinite."""
    if all(np.isfinite(part).all() for part in parts_of(vector)):
        return vector
    raise ParameterError(
        f"the fit so far has weights that are too large for {task.dtype}, so it cannot go on in "
        'it. Set dtype="float64", or warm_start=False.'
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
