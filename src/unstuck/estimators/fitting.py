"""A fit: the model's parameters go to the training loop and come back."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from unstuck.activations import Array
from unstuck.errors import UnstuckWarning, warn
from unstuck.estimators import building
from unstuck.estimators.model import Model, Rows
from unstuck.estimators.posterior import Posterior
from unstuck.estimators.scaling import Scaler
from unstuck.settings import Settings
from unstuck.solvers.bayesian import BAYESIAN
from unstuck.solvers.schedules import SCHEDULES
from unstuck.training import iterations
from unstuck.training.batches import CHUNK_ITERATIONS, CHUNK_STEPS, Batches
from unstuck.training.compilation import precision
from unstuck.training.heldout import HeldOut, probe, probe_rows
from unstuck.training.loop import train
from unstuck.training.programs import Plan, State
from unstuck.training.stopping import Stopping
from unstuck.training.task import Observer, Outcome, Task


def fit(
    model: Model,
    settings: Settings,
    plan: Plan,
    rows: Rows,
    held_out: Rows | None,
    epochs: int,
    observers: list[Observer],
    score: Callable[[np.ndarray, Rows], float] | None,
) -> Outcome:
    """Train ``model`` in place for up to ``epochs`` epochs.

    Arguments:
        model: what to start from.
        settings: the estimator's parameters.
        plan: network, loss and solver.
        rows, held_out: training and validation examples.
        epochs: most epochs.
        observers: progress and callbacks.
        score: score of outputs for rows, where it is monitored.

    Returns:
        How it ended.
    """
    batch = _batch_size(settings, plan, len(rows.y))
    dtype = np.dtype(_dtype(settings.dtype, whole=batch >= len(rows.y)))
    with precision(dtype), np.errstate(over="ignore"):
        task = _task(model, settings, plan, rows, held_out, batch, dtype)
        task.observers = observers
        # Batches an epoch may have changed since; every epoch still sees every row.
        model.step = model.history.epochs * task.batches.steps_per_epoch
        if score is not None and held_out is not None:
            held = held_out
            task.score = lambda vector: score(model.outputs_of(vector, held.x), held)
        state = _state(model, task)
        outcome = train(task, state, epochs, model.history)
        _keep(model, task, outcome)
    return outcome


def _batch_size(settings: Settings, plan: Plan, count: int) -> int:
    if plan.whole:
        return count
    size = building.AUTO_BATCH if settings.batch_size == "auto" else settings.batch_size
    return min(size, count)


def _dtype(choice: str, whole: bool) -> str:
    return ("float64" if whole else "float32") if choice == "auto" else choice


def _task(
    model: Model,
    settings: Settings,
    plan: Plan,
    rows: Rows,
    held_out: Rows | None,
    batch: int,
    dtype: np.dtype,
) -> Task:
    import jax

    take, y, w = _prepared(model, rows, dtype)
    batches = Batches(
        take,
        y,
        w,
        batch,
        settings.shuffle,
        model.seed,
        model.network.inputs,
        CHUNK_ITERATIONS if plan.whole else CHUNK_STEPS,
    )
    schedule = SCHEDULES.resolve(settings.learning_rate)
    return Task(
        plan=plan,
        batches=batches,
        numbers={name: getattr(settings, name) for name in plan.solver.traced},
        rate=settings.learning_rate_init,
        schedule=schedule,
        power_t=settings.power_t,
        horizon=model.history.epochs + settings.max_iter,
        penalty=settings.alpha / rows.w.sum(),
        clip_norm=math.inf if settings.clip_norm is None else settings.clip_norm,
        dropout=settings.dropout,
        stopping=_stopping(model, settings, plan, rows, held_out, dtype),
        max_time=math.inf if settings.max_time is None else settings.max_time,
        probe=jax.device_put(_probe(batches)),
        held_out=None if held_out is None else _held_out(model, held_out, dtype),
    )


def _prepared(
    model: Model, rows: Rows, dtype: np.dtype
) -> tuple[Callable[..., np.ndarray], np.ndarray, np.ndarray]:
    """Rows by index, targets and weights, standardized, in the training dtype."""
    y = np.ascontiguousarray(model.targets(rows.y), dtype)
    w = rows.w.astype(dtype)
    if sparse.issparse(rows.x):
        return _sparse_rows(rows.x, model.inputs, dtype), y, w
    x = model.inputs.scaled(rows.x, dtype)
    return lambda indices: np.take(x, indices, 0), y, w


def _sparse_rows(x: Array, scaler: Scaler, dtype: np.dtype) -> Callable[..., np.ndarray]:
    """Batches of sparse rows become dense one at a time, the matrix never does."""
    return lambda indices: scaler(x[indices].toarray()).astype(dtype)


def _held_out(model: Model, rows: Rows, dtype: np.dtype) -> HeldOut:
    take, y, w = _prepared(model, rows, dtype)
    return HeldOut.of(take(np.arange(len(y))), y, w)


def _probe(batches: Batches) -> tuple[np.ndarray, ...]:
    taken = probe_rows(batches.count)
    return probe(batches.rows(taken), batches.y[taken], batches.w[taken])


def _stopping(
    model: Model,
    settings: Settings,
    plan: Plan,
    rows: Rows,
    held_out: Rows | None,
    dtype: np.dtype,
) -> Stopping:
    floor = _floor(model, settings, rows, dtype)
    usual = building.AUTO_RELATIVE_TOL if plan.whole else building.AUTO_TOL
    goals = (settings.loss_goal, settings.gradient_goal)
    loss_goal, gradient_goal = (-math.inf if goal is None else goal for goal in goals)
    return Stopping(
        tol=usual if settings.tol == "auto" else settings.tol,
        relative=plan.whole,
        settles=plan.solver is BAYESIAN,
        loss_goal=loss_goal,
        gradient_goal=gradient_goal,
        patience=settings.n_iter_no_change,
        early=held_out is not None and settings.early_stopping,
        reacts=SCHEDULES.resolve(settings.learning_rate).reacts,
        rate=settings.learning_rate_init,
        monitor=settings.monitor,
        plateau_patience=settings.plateau_patience,
        plateau_factor=settings.plateau_factor,
        floor=floor,
        precision=16.0 * float(np.finfo(dtype).eps) * max(1.0, floor),
    )


def _floor(model: Model, settings: Settings, rows: Rows, dtype: np.dtype) -> float:
    """The smallest loss there is, where finite weights can reach it and it can be told; else -inf.

    Only targets strictly between 0 and 1 can be output by a sigmoid or softmax; with a penalty,
    dropout or a changed slope the objective's minimum is not the loss's. The gap is quadratic in
    the outputs' errors: in float32 outputs off by 0.001 would look like the minimum.
    """
    plain = settings.alpha == 0 and settings.dropout == 0 and settings.slope_offset == 0
    plain = plain and dtype == np.float64
    inside = bool(((rows.y > 0) & (rows.y < 1)).all())
    if model.loss.name != "cross_entropy" or model.loss.floor is None or not (plain and inside):
        return -math.inf
    rows = rows.take(np.flatnonzero(rows.w > 0))
    conflicts = _conflicts(rows)
    if conflicts:
        warn(
            f"{conflicts} rows have the same inputs as another row and other targets: not every "
            "output can equal its target, so the loss cannot reach the entropy of the targets.",
            UnstuckWarning,
        )
        return -math.inf
    return float(rows.w @ model.loss.floor(rows.y, model.network.output) / rows.w.sum())


def _conflicts(rows: Rows) -> int:
    """Number of rows that share their inputs with another row and have other targets."""
    if sparse.issparse(rows.x):
        return 0  # not looked for: distinct rows of a large sparse matrix are its normal case
    _, group = np.unique(rows.x, axis=0, return_inverse=True)
    order = np.lexsort((*rows.y.T, group.ravel()))
    group, y = group.ravel()[order], rows.y[order]
    same, differ = group[1:] == group[:-1], (y[1:] != y[:-1]).any(1)
    return int(np.isin(group, group[1:][same & differ]).sum())


def _state(model: Model, task: Task) -> State:
    """Where the loop starts: the model's parameters and the solver's memory."""
    import jax

    vector = task.plan.pack(model.cast(task.dtype))
    memory = iterations.memory(task.plan, vector, task.batches.padded)
    leaves, structure = jax.tree.flatten(memory)
    kept = list(model.memory or [])
    if task.plan.whole and kept and kept.pop() != _mark(task, vector):
        kept = []
    if [(a.shape, a.dtype.kind) for a in kept] == [(a.shape, a.dtype.kind) for a in leaves]:
        leaves = [a.astype(leaf.dtype) for a, leaf in zip(kept, leaves, strict=True)]
        memory = jax.tree.unflatten(structure, leaves)
    return State(vector, memory, np.int32(model.step))


def _mark(task: Task, vector: Any) -> np.ndarray:
    """A checksum of all that a batch solver's memory belongs to: with other rows or parameters it
    begins anew."""
    batches = task.batches
    parts = (vector, batches.rows(np.arange(batches.count)), batches.y, batches.w)
    mark = zlib.crc32(f"{task.plan.solver.name} {task.penalty}".encode())
    for part in parts:
        mark = zlib.crc32(np.ascontiguousarray(part).data, mark)
    return np.array(mark, np.int64)


def _keep(model: Model, task: Task, outcome: Outcome) -> None:
    """Take parameters, memory and step back from the loop; the best parameters where known."""
    import jax

    best = outcome.state.vector if outcome.best is None else outcome.best
    model.parameters = model.unpacked(best)
    model.memory = [np.array(leaf) for leaf in jax.tree.leaves(outcome.state.memory)]
    bayesian = task.plan.solver is BAYESIAN
    model.posterior = (
        Posterior.of(task, outcome, model.network, model.parameters) if bayesian else None
    )
    if task.plan.whole:
        model.memory.append(_mark(task, np.asarray(outcome.state.vector)))
    model.step = int(outcome.state.step)
