"""Fits of all candidates on all folds, one after the other or side by side."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from numbers import Real
from textwrap import shorten
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import cross_validate
from sklearn.utils.parallel import Parallel, delayed

from unstuck.interruption import Interruption
from unstuck.piped import last_of
from unstuck.selection.splits import Split
from unstuck.silence import silenced

Encode = Callable[[np.ndarray], Any]
LISTENS = 0.1
"""Seconds after which the main thread looks whether Ctrl-C was pressed again."""
LONGEST = 400
"""Characters of another library's error: some hold all the rows."""
NOT_FINITE = (
    "the score of the rows held out is {}. Some scores need more rows in every fold: r2 needs two, "
    "roc_auc both classes"
)
LETS_GO = 0.02
"""Seconds in which a thread leaves what scikit-learn puts around its fit."""


class _Running:
    """Counts the fits of this process that run now. Those that Ctrl-C ends are waited for: what
    they do to the filters of warnings would otherwise come after these are as before."""

    def __init__(self) -> None:
        self._changed, self._count = threading.Condition(), 0

    def __enter__(self) -> None:
        with self._changed:
            self._count += 1

    def __exit__(self, *error: object) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def wait(self) -> None:
        """Until none runs."""
        with self._changed:
            while not self._changed.wait_for(lambda: self._count == 0, LISTENS):
                pass
        time.sleep(LETS_GO)


_running = _Running()


class Job(NamedTuple):
    """A candidate on a fold, by their numbers."""

    candidate: int
    fold: int


class Outcome(NamedTuple):
    """What came out of a fit.

    Attributes:
        job: which one it was.
        train, validation: scores on the rows that were fitted and on those held out.
        seconds: of fit and scores.
        error: why there are none, in words.
        used_up: whether it took all iterations that it was allowed.
    """

    job: Job
    train: float
    validation: float
    seconds: float
    error: str = ""
    used_up: bool = False


class Work(NamedTuple):
    """All that the fits of a call have in common.

    Attributes:
        estimator: never changed.
        X, y: all rows.
        candidates: parameters of each.
        splits: rows of each fold.
        scoring: as scikit-learn takes it.
        params: what else ``fit`` is given, as ``cross_validate`` takes it.
        encode: all rows as those of a fit teach them.
    """

    estimator: Any
    X: Any
    y: Any
    candidates: Sequence[dict[str, Any]]
    splits: Sequence[Split]
    scoring: Any
    params: Any
    encode: Encode | None = None

    @property
    def jobs(self) -> list[Job]:
        """Fold by fold within a candidate: what is complete is early so."""
        return [Job(c, f) for c in range(len(self.candidates)) for f in range(len(self.splits))]

    @property
    def kinds(self) -> int:
        """How many kinds of candidates there are: numbers apart, for which nothing is compiled."""
        of_each = (
            {n: v for n, v in each.items() if isinstance(v, bool) or not isinstance(v, Real)}
            for each in self.candidates
        )
        return len({repr(each) for each in of_each})

    def arguments(self, job: Job) -> tuple[Any, ...]:
        """Of ``fitted``; only these go to another process."""
        changed = clone(self.estimator).set_params(**clone_values(self.candidates[job.candidate]))
        split = self.splits[job.fold]
        x = self.X if self.encode is None else self.encode(split[0])
        return job, changed, x, self.y, split, self.scoring, self.params


def clone_values(params: dict[str, Any]) -> dict[str, Any]:
    """Values that are estimators are fitted as copies of their own."""
    return {name: clone(value, safe=False) for name, value in params.items()}


def fitted(
    job: Job, estimator: Any, X: Any, y: Any, split: Split, scoring: Any, params: Any
) -> Outcome:
    """One fit, by scikit-learn's ``cross_validate`` of one fold. What all of them would warn of is
    told once, at the end."""
    began = time.perf_counter()
    try:
        with _running, silenced():
            # No estimator is returned: a cluster would send it from one of its tasks to another.
            found = cross_validate(
                estimator, X, y, scoring={"score": scoring, "used_up": used_up}, cv=[split],
                params=params, return_train_score=True, error_score="raise",
            )  # fmt: skip
    except Exception as problem:  # of whatever estimator: the others are fitted all the same
        told = shorten(f"{type(problem).__name__}: {problem}", LONGEST, placeholder=" ...")
        return Outcome(job, float("nan"), float("nan"), time.perf_counter() - began, told)
    train, held = float(found["train_score"][0]), float(found["test_score"][0])
    missing = "" if np.isfinite(held) else NOT_FINITE.format("infinite" if held == held else "nan")
    seconds, all_of_them = time.perf_counter() - began, bool(found["test_used_up"][0])
    return Outcome(job, train, held, seconds, missing, all_of_them)


def used_up(estimator: Any, X: Any, y: Any = None) -> float:
    """Whether the last step took as many iterations as it was allowed: 1 or 0."""
    del X, y
    last = last_of(estimator)
    most, taken = getattr(last, "max_iter", None), getattr(last, "n_iter_", None)
    if not isinstance(most, Real) or taken is None:
        return 0.0
    return float(np.max(taken) >= float(most) > 0)


def made(
    work: Work, jobs: Sequence[Job], n_jobs: int | None, pressed: Interruption
) -> Iterator[Outcome]:
    """The outcomes of jobs, as they end, until Ctrl-C.

    They go through scikit-learn's ``Parallel``, and so through what joblib's ``parallel_config``
    has set up: threads if nothing.
    """
    pool: Callable[..., Any] = Parallel(
        n_jobs=n_jobs, prefer="threads", return_as="generator_unordered"
    )
    outcomes = pool(delayed(fitted)(*work.arguments(job)) for job in jobs)
    try:
        for outcome in outcomes:
            if pressed.asked:  # a network ends then, and its score says nothing
                return
            yield outcome
    finally:
        outcomes.close()
        if pressed.asked:
            _running.wait()


class Side(NamedTuple):
    """How many fits are made side by side.

    Attributes:
        asked: as joblib takes it.
        fits: so many.
        here: whether in this process.
    """

    asked: int | None
    fits: int
    here: bool


def side_by_side(asked: int | None, ours: bool) -> Side:
    """As asked for here or by joblib's ``parallel_config``; else our networks, whose programs
    leave Python, use all processors."""
    if asked is None and ours and Parallel(prefer="threads").n_jobs in (None, 1):
        asked = os.cpu_count()
    pool: Any = Parallel(n_jobs=asked, prefer="threads")
    here = getattr(pool._backend, "supports_sharedmem", False)
    return Side(asked, max(1, pool._effective_n_jobs()), bool(here))
