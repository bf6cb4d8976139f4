"""Several starts of one fit: one compiled program, one thread each, the best is kept."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import NamedTuple

import numpy as np

from unstuck.estimators.model import Model
from unstuck.solvers.stop import Stop, StopReason
from unstuck.training.programs import State
from unstuck.training.task import Observer, Outcome

Fit = Callable[[Model, list[Observer]], Outcome]


class Start(NamedTuple):
    """How one of several starts ended.

    Attributes:
        seed: of its first weights and of the order of its rows.
        cost: what the starts are compared by: the best validation loss (or minus the score) where
            there are validation data, minus the evidence where the solver reports it, else the
            objective at the end.
        n_iter: epochs.
        stop_reason: why it ended.
    """

    seed: int
    cost: float
    n_iter: int
    stop_reason: Stop


class _Watch(Observer):
    """Tells that a fit's program is compiled, and the fit that the others have ended."""

    def __init__(self, started: threading.Event, halt: threading.Event):
        self.started, self.halt = started, halt

    def epoch(self, epoch: int, row: dict[str, float], state: State) -> bool:
        del epoch, row, state
        self.started.set()
        return self.halt.is_set()


def seeds(first: int, count: int) -> list[int]:
    """Seeds of the starts; the first is the one that a single start has."""
    drawn = np.random.SeedSequence(first).generate_state(count - 1) % (2**31 - 1)
    return [first, *map(int, drawn)]


def train_all(
    models: list[Model], fit: Fit, observers: list[Observer]
) -> tuple[Model, Outcome, list[Start]]:
    """Train every model and choose the best.

    The others begin when the first has compiled their program. Ctrl-C ends them all with what
    they have learned.

    Arguments:
        models: the starts; trained in place.
        fit: trains one of them.
        observers: told of every start that has ended, as of an epoch.

    Returns:
        The best model, how its fit ended, and how all have ended, in the order of ``models``.
    """
    started, halt = threading.Event(), threading.Event()

    def job(model: Model) -> Outcome:
        try:
            return fit(model, [_Watch(started, halt)])
        finally:
            started.set()

    with ThreadPoolExecutor(min(len(models), os.cpu_count() or 1), "unstuck-start") as pool:
        futures = [pool.submit(job, models[0])]
        try:
            started.wait()
            futures += [pool.submit(job, model) for model in models[1:]]
            _tell(futures, observers)
        except KeyboardInterrupt:
            halt.set()
        except BaseException:
            halt.set()  # nobody waits for the others
            raise
        outcomes = [future.result() for future in futures]
    starts = [_start(*pair) for pair in zip(models, outcomes, strict=False)]
    best = int(np.argmin([start.cost for start in starts]))
    outcome = outcomes[best]
    if halt.is_set():
        stop = Stop.because(StopReason.INTERRUPTED, epochs=starts[best].n_iter)
        outcome.stop = stop
    return models[best], outcome, starts


def _tell(futures: list[Future[Outcome]], observers: list[Observer]) -> None:
    """Wait for all, and tell of each that ends; the first error ends the wait."""
    waiting, done, cost = set(futures), 0, math.inf
    while waiting:
        ended, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        for future in ended:
            outcome = future.result()
            done, cost = done + 1, min(cost, outcome.cost)
            for observer in observers:
                observer.epoch(done, {"loss": cost}, outcome.state)


def _start(model: Model, outcome: Outcome) -> Start:
    return Start(model.seed, outcome.cost, model.history.epochs, outcome.stop)
