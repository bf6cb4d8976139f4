"""Parameters chosen by the error on rows that were held out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.utils import check_random_state

from unstuck import interruption
from unstuck.errors import DataError, InterruptedWarning, ParameterError, warn
from unstuck.interruption import Interruption
from unstuck.selection.candidate import Candidate
from unstuck.selection.fits import (
    Encode,
    Job,
    Outcome,
    Side,
    Work,
    clone_values,
    made,
    side_by_side,
)
from unstuck.selection.grid import Grid, candidates_of
from unstuck.selection.measure import Measure, default_scoring, measure
from unstuck.selection.pace import Pace
from unstuck.selection.splits import folds_of
from unstuck.selection.table import ValidationTable
from unstuck.settings import Settings
from unstuck.silence import silenced
from unstuck.training.compilation import compilations

Say = Callable[[str], None]
ROUNDS = 4
SAMPLED = 5
"""No more than one fit of so many tells the pace: it is to be told before they are made."""


def choose(
    estimator: Any,
    X: Any,
    y: Any,
    grid: Grid,
    *,
    cv: Any = 5,
    scoring: Any = None,
    groups: Any = None,
    params: Any = None,
    refit: bool = False,
    random_state: int | None = 0,
    n_jobs: int | None = None,
    progress: Say | None = None,
    encode: Encode | None = None,
) -> ValidationTable:
    """Choose parameters of any estimator by hold-out, k-fold or leave-one-out validation.

    Every candidate is fitted on every fold by scikit-learn's ``cross_validate``; the table shows
    training beside validation error, marks the optimum, and says beyond which value it overfits.

    Formula:
        J(d) = 1/k sum_i J_i(d),  d* = argmin J(d)

    Our networks run in threads that share compiled programs: folds and numbers such as ``alpha``
    compile nothing. ``joblib.parallel_config`` sets another backend: processes, Dask or Ray.

    Arguments:
        estimator: of scikit-learn's contract: anything with ``fit`` and ``predict`` or ``score``,
            pipelines too.
        X, y: rows as ``fit`` takes them.
        grid: values by parameter, or a list of such dicts, as ``GridSearchCV`` takes it.
        cv: a number of folds, which are drawn, of classes in proportion; ``"loo"`` for
            leave-one-out; a share between 0 and 1 to hold out; or a splitter of scikit-learn.
        scoring: as scikit-learn takes it. Accuracy for classes, the mean squared error for numbers,
            if not given. The error is the loss, or what is missing to a score of 1.
        groups: of the rows, shape (n,): those of a group stay together.
        params: what else ``fit`` is given, such as ``{"sample_weight": w}``, as ``cross_validate``
            takes it.
        refit: whether the optimum is fitted to all rows at the end: ``table.estimator``.
        random_state: seed of the folds; fits have the estimator's own.
        n_jobs: fits at a time; for our networks as many as there are processors.
        progress: told how long all will take after the first ones, then how many are made.
        encode: ``encode(rows)`` gives all of X as the rows of a fit teach it; else X is as it is.

    Returns:
        The table. After Ctrl-C, what is complete by then.

    Raises:
        ParameterError: parameters that the estimator does not have, without values or with values
            that it refuses; a single combination; an unknown score; ``cv`` that is none.
        DataError: rows that cannot be divided so, a class without a row to fit in a fold, or no
            fit that worked.

    Example:
        >>> import numpy as np
        >>> from sklearn.linear_model import Ridge
        >>> rng = np.random.default_rng(0)
        >>> X = rng.normal(size=(30, 5))
        >>> found = choose(Ridge(), X, X @ np.ones(5), {"alpha": [0.01, 1.0, 100.0]}, cv="loo")
        >>> found.best_params
        {'alpha': 0.01}

    Reference: Stone 1974; Arlot and Celisse 2010.
    """
    _check(estimator, {"progress": progress, "encode": encode}, n_jobs, params, random_state)
    candidates = candidates_of(estimator, grid)
    asked = default_scoring(estimator) if scoring is None else scoring
    errors = measure(asked)
    folds = folds_of(cv, is_classifier(estimator), X, y, groups, random_state)
    work = Work(estimator, X, y, candidates, folds.splits, errors.score, params, encode)
    ours, began, before = _ours(estimator), time.perf_counter(), compilations().total
    with interruption.heeded() as pressed:
        outcomes = _made(work, n_jobs, ours, pressed, progress)
        best = _table(work, errors, outcomes, folds.words)
        if refit and not pressed.asked and best.optimum is not None:
            best = replace(best, estimator=_refitted(work, best.optimum))
        _tell_of_interruption(best, pressed)
    programs = compilations().total - before if ours else None
    return replace(best, seconds=time.perf_counter() - began, compilations=programs)


def _made(
    work: Work, n_jobs: int | None, ours: bool, pressed: Interruption, progress: Say | None
) -> list[Outcome]:
    """The first fits, which tell how long the others take; then these. Where the first ones fail,
    one of every other candidate is next: if all of them fail, nothing can be chosen."""
    jobs, found = work.jobs, list[Outcome]()
    side = side_by_side(n_jobs, ours)
    warm, sampled = _paced(len(jobs), side)
    programs = work.kinds if ours else 1
    pace = Pace(
        len(jobs), len(work.candidates), progress, programs, warm, sampled,
        faster=max(1.0, side.fits / sampled),
    )  # fmt: skip

    def make(some: Sequence[Job], at_a_time: int | None) -> None:
        if not some or pressed.asked:
            return
        try:
            with silenced():
                for outcome in made(work, some, at_a_time, pressed):
                    found.append(outcome)
                    pace.told(outcome)
        except KeyboardInterrupt:
            pressed.pressed += 1

    make(jobs[:1], 1)
    make(jobs[1 : warm + sampled], min(sampled, side.fits))
    if all(each.error for each in found):
        tried = {each.job.candidate for each in found}
        make([j for j in jobs if j.fold == 0 and j.candidate not in tried], side.asked)
        if all(each.error for each in found):
            return found
    done = {each.job for each in found}
    make([job for job in jobs if job not in done], side.asked)
    return found


def _paced(fits: int, side: Side) -> tuple[int, int]:
    """How many fits go before the clock starts, and how many are timed then: a few rounds of those
    side by side in this process, where there are many."""
    if not side.here:
        return 1, 1
    if fits > SAMPLED * ROUNDS * side.fits:
        return 1 + side.fits, ROUNDS * side.fits
    return 1, min(side.fits, max(1, fits // SAMPLED))


def _table(work: Work, errors: Measure, outcomes: list[Outcome], words: str) -> ValidationTable:
    by_job: dict[Job, Outcome] = {each.job: each for each in outcomes}
    found = []
    for c, params in enumerate(work.candidates):
        made_of = [by_job[job] for f in range(len(work.splits)) if (job := Job(c, f)) in by_job]
        train, held = (
            errors.error([getattr(each, part) for each in made_of])
            for part in ("train", "validation")
        )
        wrong = next((each.error for each in made_of if each.error), "")
        found.append(Candidate(params, train, held, len(work.splits), error=wrong))
    broken = [each.error for each in found if each.error]
    if len(broken) == len(found):
        raise DataError(
            f"no candidate could be measured; {found[0].params}: {broken[0].rstrip('.')}. Check "
            f"the rows, the folds, and whether scoring={_spoken(errors.score)} suits these targets."
        )
    used_up = sum(each.used_up for each in outcomes)
    return ValidationTable(found, errors.name, words, len(work.jobs), used_up=used_up)


def _spoken(score: Any) -> str:
    return repr(score) if isinstance(score, str) else getattr(score, "__name__", "your own")


def _tell_of_interruption(found: ValidationTable, pressed: Interruption) -> None:
    if pressed.asked:
        pressed.taken = True
        kept = f"interrupted: {found.fits} of {found.asked} fits are measured and kept."
        warn(kept, InterruptedWarning)


def _refitted(work: Work, best: Candidate) -> Any:
    changed = clone(work.estimator).set_params(**clone_values(dict(best.params)))
    return changed.fit(work.X, work.y, **(work.params or {}))


def _ours(estimator: Any) -> bool:
    """Whether it is, or holds, a network of this package."""
    parts = (estimator, *estimator.get_params(deep=True).values())
    return any(isinstance(part, Settings) for part in parts)


def _check(
    estimator: Any, functions: Mapping[str, Any], n_jobs: Any, params: Any, random_state: Any
) -> None:
    if isinstance(estimator, type) or not hasattr(estimator, "get_params"):
        raise ParameterError(
            f"choose: estimator was {estimator!r:.100}; expected an estimator of scikit-learn's "
            "contract, such as NetClassifier()."
        )
    for name, given in functions.items():
        if given is not None and not callable(given):
            of = "a text" if name == "progress" else "the numbers of rows"
            raise ParameterError(f"choose: {name} was {given!r:.100}; expected a function of {of}.")
    whole = isinstance(n_jobs, (int, np.integer)) and not isinstance(n_jobs, bool)
    if n_jobs is not None and (not whole or n_jobs == 0):
        raise ParameterError(
            f"choose: n_jobs was {n_jobs!r}; expected how many fits at a time, or -1 for all "
            "processors."
        )
    if params is not None and not isinstance(params, Mapping):
        raise ParameterError(
            f"choose: params was {params!r:.100}; expected a dict of what fit is given, such as "
            "{'sample_weight': w}."
        )
    try:
        check_random_state(random_state)
    except ValueError as problem:
        raise ParameterError(
            f"choose: random_state was {random_state!r}; expected a whole number from 0 to 2**32 "
            "- 1, or None to draw other folds each time."
        ) from problem
