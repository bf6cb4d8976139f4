"""Fits of an experiment: an estimator with some parameters changed, from given seeds, on given
rows. They run side by side and leave nothing behind."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone

from unstuck.piped import prefix_of
from unstuck.record import Array
from unstuck.remedies.divisions import Division, Rows
from unstuck.remedies.scoring import Scorer, scorer_of
from unstuck.remedies.treatment import Treatment
from unstuck.silence import silenced

THREADS = "unstuck-trial"
"""What their names begin with."""
LISTENS = 0.1
"""Seconds after which the main thread looks whether Ctrl-C was pressed."""
LEAST_SCORE = -1.0
"""R^2 below it says no more than that: a network that ran away, or whose outputs are no numbers,
counts as one that is useless."""
NO_NUMBERS = ("NaN", "infinity")
"""What scikit-learn's scores say of outputs that are none."""
SINGLE = {
    "verbose": False,
    "n_restarts": 1,
    "n_ensemble": 1,
    "warm_start": False,
    "repair": False,
}
"""Parameters of an experiment's fits, where the estimator has them: one network, and silently."""


class Job(NamedTuple):
    """A fit to be made.

    Attributes:
        treatment: what is changed.
        seed: of the fit.
        division: rows to train on and to judge by.
        share: of the epochs that a fit may take, up to 1.
    """

    treatment: Treatment
    seed: int
    division: Division
    share: float = 1.0


class Outcome(NamedTuple):
    """What came out of a fit.

    Attributes:
        job: as it was asked for.
        train, test: scores on the rows that were trained on and on those that were not; the larger
            the better.
        seconds: it took.
        epochs: it took; 0 where the estimator does not say.
        error: why there is no score, in words.
        measured: what else was measured, by name.
    """

    job: Job
    train: float
    test: float
    seconds: float = 0.0
    epochs: int = 0
    error: str = ""
    measured: Mapping[str, float] = {}


Measure = Callable[[Any, Any, Any], Mapping[str, float]]


def nothing(fitted: Any, x: Any, y: Any) -> Mapping[str, float]:
    """What is measured beside the scores, if nothing else is asked for."""
    del fitted, x, y
    return {}


class Fits:
    """Makes fits and counts what they cost.

    Arguments:
        estimator: of scikit-learn's contract; never changed.
        rows: all of them.
        scorer: ``scorer(fitted, x, y)``: how good a fit is, 1 at best; the estimator's own score,
            if not given.
        ends: whether it is time to end: Ctrl-C, or the time is over. Fits that end so are not
            counted.
        left: seconds that are left; fits that can be bounded end by then.
        n_jobs: fits at a time; as many as there are processors, if not given.
        measure: ``measure(fitted, x, y)``: what else is measured of a fit, on the rows that it was
            trained on.

    Attributes:
        spent: fits so far, those of fewer epochs as their share.
    """

    def __init__(
        self,
        estimator: Any,
        rows: Rows,
        scorer: Scorer | None = None,
        ends: Callable[[], bool] = lambda: False,
        left: Callable[[], float] = lambda: math.inf,
        n_jobs: int | None = None,
        measure: Measure = nothing,
    ):
        self.estimator, self.rows, self.ends, self.left = estimator, rows, ends, left
        self.measure = measure
        self.scorer = scorer or scorer_of(estimator, rows)
        self.n_jobs = n_jobs or os.cpu_count() or 1
        self.known = estimator.get_params(deep=True)
        self.spent = 0.0

    def __call__(
        self, jobs: Sequence[Job], told: Callable[[Outcome], None] = lambda outcome: None
    ) -> list[Outcome]:
        """Make fits.

        Arguments:
            jobs: in the order in which they begin. Neighbors had better be of different treatments:
                each compiles a program of its own, which later ones then find.
            told: of every fit that ends.

        Returns:
            What came out, in the order of the jobs; without those that were not made or did not
            end.
        """
        found: dict[int, Outcome] = {}
        with silenced(), ThreadPoolExecutor(min(self.n_jobs, len(jobs) or 1), THREADS) as pool:
            futures = {pool.submit(self._made, job): i for i, job in enumerate(jobs)}
            try:
                for future in _ended(futures):
                    outcome = future.result()
                    if outcome is not None:
                        found[futures[future]] = outcome
                        self.spent += outcome.job.share
                        told(outcome)
            except BaseException:  # of who is told: the others are not begun
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return [found[i] for i in sorted(found)]

    def _made(self, job: Job) -> Outcome | None:
        if self.ends():
            return None
        began = time.perf_counter()
        try:
            x, y, w = self.rows.take(job.division.train)
            with np.errstate(all="ignore"):
                fitted = self._prepared(job).fit(x, y, **_weights(w, prefix_of(self.estimator)))
                train, test = (self._score(fitted, *self.rows.take(part)) for part in job.division)
                measured = self.measure(fitted, x, y)
        except Exception as problem:
            return Outcome(job, math.nan, math.nan, error=f"{type(problem).__name__}: {problem}")
        if self.ends():  # a fit that was cut short says nothing
            return None
        epochs = getattr(fitted, "n_iter_", 0)
        seconds = time.perf_counter() - began
        return Outcome(
            job, train, test, seconds, int(np.max(epochs)) if epochs else 0, measured=measured
        )

    def _prepared(self, job: Job) -> Any:
        single = {own: value for name, value in SINGLE.items() for own in self._named(name)}
        seeds = dict.fromkeys(self._named("random_state"), job.seed)
        changed = clone(self.estimator).set_params(**single, **seeds)
        changed.set_params(**job.treatment.parameters)
        if job.share < 1:
            asked = changed.get_params()
            short = {
                name: math.ceil(job.share * asked[name])
                for name in self._named("max_iter")
                if isinstance(asked[name], Real) and asked[name] > 0  # others: no bound
            }
            changed.set_params(**short)
        return bounded(changed, self.left())

    def _named(self, name: str) -> list[str]:
        return named(self.known, name)

    def _score(self, fitted: Any, x: Any, y: Any, w: Array | None) -> float:
        try:
            found = float(self.scorer(fitted, x, y, **_weights(w)))
        except ValueError as problem:
            if not any(each in str(problem) for each in NO_NUMBERS):
                raise
            return LEAST_SCORE
        return max(found, LEAST_SCORE) if math.isfinite(found) else LEAST_SCORE


def bounded(estimator: Any, left: float) -> Any:
    """The same estimator, with no more than these seconds for a fit, where it takes a bound."""
    if math.isfinite(left):
        asked, left = estimator.get_params(), max(left, LISTENS)
        bounds = {name: min(asked[name] or left, left) for name in named(asked, "max_time")}
        estimator.set_params(**bounds)
    return estimator


def named(known: Iterable[str], name: str) -> list[str]:
    """A parameter of an estimator and of those inside it."""
    return [own for own in known if own == name or own.endswith(f"__{name}")]


def _weights(w: Array | None, of: str = "") -> dict[str, Array]:
    """As ``fit`` and scores take them."""
    return {} if w is None else {f"{of}sample_weight": w}


def _ended(futures: Mapping[Future[Any], int]) -> Iterator[Future[Any]]:
    """All of them, as they end; the wait wakes for Ctrl-C."""
    waiting = set(futures)
    while waiting:
        ended, waiting = wait(waiting, LISTENS, FIRST_COMPLETED)
        yield from sorted(ended, key=futures.__getitem__)
