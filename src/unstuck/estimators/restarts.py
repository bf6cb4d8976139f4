"""Several starts of one fit: one compiled program, one thread each, the best first."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from unstuck.estimators.examples import Examples
from unstuck.estimators.fitting import Fit
from unstuck.estimators.model import Model
from unstuck.readable import Facts, Readable
from unstuck.solvers.stop import Stop, StopReason
from unstuck.summary import number
from unstuck.training.plan import State
from unstuck.training.task import Observer, Outcome

RUNAWAY = 100.0
"""A cost so many times above the usual one is of a network that ran away."""
LISTENS = 0.1
"""Seconds after which the main thread looks whether Ctrl-C was pressed: a wait without an end is
not woken where a library has set a handler of the system's."""


class Trained(NamedTuple):
    """A start that has ended.

    Attributes:
        model: as it was trained.
        outcome: how its fit ended.
        validation: what it was validated on.
        fit: makes the fit again, with the rows it was trained on.
    """

    model: Model
    outcome: Outcome
    validation: Examples | None
    fit: Callable[[], Fit]

    @property
    def cost(self) -> float:
        """What starts are compared by; a network that is not finite costs more than all others."""
        broken = self.outcome.stop.reason is StopReason.NON_FINITE
        return math.inf if broken or math.isnan(self.outcome.cost) else self.outcome.cost


class Start(NamedTuple):
    """How one of several starts ended.

    Attributes:
        seed: a fit with this ``random_state`` starts so: its first weights, the order of its rows
            and the rows it holds out. Where several networks are averaged, all standardize as the
            first does. The first begins with ``coefs_init``, where that is given, all others
            without.
        cost: what the starts are compared by: the best validation loss (or minus the score) where
            there are validation data, minus the evidence where the solver reports it, else the
            objective at the end.
        n_iter: epochs of this fit.
        stop_reason: why it ended.
    """

    seed: int
    cost: float
    n_iter: int
    stop_reason: Stop


class Starts(Readable, list[Start]):
    """A list of how the starts ended, in their order; prints as a table."""

    def _told(self) -> Facts:
        best = int(np.argmin([start.cost for start in self])) if self else -1
        rows = [("start", "ended", "seed", "cost", "epochs")]
        for index, each in enumerate(self):
            number_of = f"{index + 1}{' (best)' * (index == best)}"
            told = (str(each.seed), number(each.cost), str(each.n_iter))
            rows.append((number_of, each.stop_reason.name, *told))
        return Facts("Starts", rows=rows, words=2)


class _Watch(Observer):
    """Tells that a fit's program is compiled."""

    def __init__(self, started: threading.Event):
        self.started = started

    def epoch(self, epoch: int, row: Mapping[str, float], state: State) -> bool:
        del epoch, row, state
        self.started.set()
        return False


def train_all(
    models: Sequence[Model],
    fits: Sequence[Callable[[], Fit]],
    observers: Sequence[Observer],
    interrupted: Callable[[], bool],
    deadline: float,
) -> tuple[list[Trained], Starts]:
    """Train every model.

    The others begin when the first has compiled their program. Ctrl-C and the end of the time end
    them all with what they have learned; starts that have not begun then are left out, and those
    that would have gone on stay as they were.

    Arguments:
        models: the starts.
        fits: make what trains each of them, when its turn comes.
        observers: told of every start that has ended, as of an epoch.
        interrupted: whether the user asks to end.
        deadline: time of ``time.perf_counter`` at which all end.

    Returns:
        What has become of them, and how all have ended, in the order of ``models``.
    """
    started, halt = threading.Event(), threading.Event()
    pairs = list(zip(models, fits, strict=True))

    def ends() -> bool:
        return halt.is_set() or interrupted()

    def job(model: Model, make: Callable[[], Fit], first: bool) -> Trained | None:
        late = not first and (ends() or time.perf_counter() > deadline)
        if late and not model.course.history.epochs:
            return None
        try:
            fit = replace(make(), epochs=0) if late else make()
            return Trained(*fit(model, [_Watch(started)], ends), fit.validation, make)
        finally:
            started.set()

    with ThreadPoolExecutor(min(len(models), os.cpu_count() or 1), "unstuck-start") as pool:
        futures = [pool.submit(job, *pairs[0], True)]
        try:
            while not started.wait(LISTENS):
                pass
            futures += [pool.submit(job, *pair, False) for pair in pairs[1:]]
            _tell(futures, observers)
        except BaseException as problem:
            halt.set()  # nobody waits for the others
            if not isinstance(problem, KeyboardInterrupt):
                raise
        trained = [found for future in futures if (found := future.result()) is not None]
    if ends():
        for each in trained:
            epochs = each.outcome.course.history.epochs
            each.outcome.stop = Stop.because(StopReason.INTERRUPTED, epochs=epochs)
    return trained, Starts(_start(each.model, each.outcome) for each in trained)


def averaged(trained: Sequence[Trained], count: int, comparable: bool) -> list[Trained]:
    """The networks that are kept of all that were trained.

    The best first, where their costs can be compared: those on rows of their own tell more of the
    rows than of the networks. Those that broke or ran away are left out where others did not.

    Arguments:
        trained: all of them.
        count: how many to keep.
        comparable: whether all were validated on the same rows.
    """
    costs = np.array([each.cost for each in trained])
    order = np.argsort(costs, kind="stable") if comparable else np.arange(len(costs))
    order = order[np.argsort(_astray(costs)[order], kind="stable")]
    kept = [trained[i] for i in order[:count]]
    sound = [trained[i] for i in order[:count] if not _astray(costs)[i]]
    return sound or kept[:1]


def _astray(costs: np.ndarray) -> np.ndarray:
    """Which costs are of networks that broke or ran away."""
    finite = costs[np.isfinite(costs)]
    middle = float(np.median(finite)) if len(finite) else 0.0
    return ~(costs <= middle + RUNAWAY * (1.0 + abs(middle)))


def _tell(futures: Sequence[Future[Trained | None]], observers: Sequence[Observer]) -> None:
    """Wait for all, and tell of each that ends; the first error ends the wait."""
    waiting, done, cost = set(futures), 0, math.inf
    while waiting:
        ended, waiting = wait(waiting, LISTENS, FIRST_COMPLETED)
        for future in ended:
            found = future.result()
            if found is None:
                continue
            done, cost = done + 1, min(cost, found.outcome.cost)
            row = _best_so_far(found.outcome, cost)
            for observer in observers:
                observer.epoch(done, row, found.outcome.state)


def _best_so_far(outcome: Outcome, cost: float) -> dict[str, float]:
    """The least cost so far, by the name of what it is in fits of this kind."""
    if outcome.course.kept is None:
        return {"loss": cost}
    if math.isfinite(outcome.course.history.last("validation_score")):
        return {"validation_score": -cost}
    return {"validation_loss": cost}


def _start(model: Model, outcome: Outcome) -> Start:
    return Start(model.seeds.random_state, outcome.cost, outcome.course.latest, outcome.stop)
