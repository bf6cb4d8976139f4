"""Repair of estimators, and of pipelines that end in one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from unstuck import interruption
from unstuck.errors import ParameterError, StuckWarning, did_you_mean, raise_together
from unstuck.estimators import repairs
from unstuck.estimators.base import BaseNet
from unstuck.estimators.diagnosing import diagnose
from unstuck.estimators.say import Say, listener
from unstuck.interruption import Interruption
from unstuck.piped import last_of
from unstuck.remedies import telling
from unstuck.remedies.budget import Budget
from unstuck.remedies.fits import bounded
from unstuck.remedies.repair import Repair
from unstuck.remedies.repairing import too_small
from unstuck.remedies.scoring import check_scoring
from unstuck.remedies.treatment import Treatment
from unstuck.rows.given import check_rows
from unstuck.rows.inputs import checked_weights
from unstuck.rules import Number, Rule, Words, any_of, mistakes_in
from unstuck.silence import silenced
from unstuck.solvers.hyperparameters import POSITIVE

Remedies = Mapping[str, Mapping[str, Any]]


def repair(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    remedies: Remedies | None = None,
    scoring: Any = None,
    max_fits: float | None = None,
    max_time: float | None = None,
    random_state: int = 0,
    n_jobs: int | None = None,
    progress: Say | None = None,
) -> Repair:
    """Mend a network that does not learn: remedies are tried by experiment, and one is accepted
    when it is confirmed.

    The diagnosis proposes. Short fits from the same seeds select, of single remedies and of the
    best two together. Whole fits from fresh seeds, on rows divided anew, then confirm or refute the
    best, in pairs with and without it: it is accepted where the mean gain is above 0.02 and, with a
    doubt of 2.5 %, above 0. Neither the estimator nor any file is changed.

    Arguments:
        estimator: fitted or not: a ``NetClassifier`` or ``NetRegressor``, or a pipeline that ends
            in one. Anything with ``fit``, ``score`` and ``set_params``, if ``remedies`` are given.
        X, y: rows that it was trained on, or is to be, and their targets. A quarter of them is held
            out in every fit; of fewer than 40, and of a class of fewer than 6, none.
        sample_weight: weights of the rows, (n,).
        remedies: what to try, by name: parameters for ``set_params``. Those of the diagnosis, if
            not given.
        scoring: what is to be gained, as scikit-learn takes it: a score whose best is 1, or a loss
            (``"neg_log_loss"``): the share of a constant's that is saved. The estimator's own, or
            the balanced accuracy where rare classes are missed, if not given.
        max_fits: most fits, those of fewer epochs as their share. About 14 are needed.
        max_time: most seconds.
        random_state: seed of all that is drawn. The same seed gives the same table.
        n_jobs: fits at a time; as many as there are processors, if not given.
        progress: told what is tried, what it gained and how long it may still take; without it that
            goes to the terminal after two seconds.

    Returns:
        What came out: ``accepted``, ``params`` and ``table``. ``est.set_params(**repair.params)``
        applies it. After Ctrl-C, what was confirmed so far.

    Raises:
        ParameterError: an estimator without a diagnosis and no ``remedies``; a budget that is no
            positive number; remedies with parameters that the estimator does not have.
        DataError: no rows, or another number of targets; without ``remedies``, rows that the
            estimator would not learn from.

    Example:
        >>> from unstuck import NetClassifier, datasets, repair
        >>> moons = datasets.load_dataset("moons", n=200, seed=0)
        >>> net = NetClassifier((16,), activation="identity", solver="lbfgs", tol=1e-3)
        >>> found = repair(net, moons.X, moons.y)
        >>> found.accepted, "activation" in found.params
        (True, True)

    Reference: Dror et al. 2017 (the trial that selects may not be the one that proves); Nadeau and
        Bengio 2003.
    """
    _check(max_fits=max_fits, max_time=max_time, random_state=random_state, n_jobs=n_jobs)
    check_scoring(scoring)
    budget = Budget(*(math.inf if each is None else float(each) for each in (max_fits, max_time)))
    bench = repairs.Bench(estimator, X, y, sample_weight, scoring, budget, random_state, n_jobs)
    treatments = None if remedies is None else _given(estimator, remedies)
    check_rows(X, y, "repair")
    if sample_weight is not None:
        checked_weights(sample_weight, X)
    with listener(progress, "repair", "repairing") as say, interruption.heeded() as pressed:
        if treatments is not None:
            return repairs.by_experiment(bench, treatments, pressed, say)
        return _by_diagnosis(bench, pressed, say)


def _by_diagnosis(bench: repairs.Bench, pressed: Interruption, say: Say) -> Repair:
    """Ask for a diagnosis, which ends with the budget too, and try what it proposes."""
    if hasattr(bench.estimator, "estimator"):
        raise ParameterError(
            f"repair: received {type(bench.estimator).__name__}; expected an estimator. Fit "
            "it, and pass its best_estimator_."
        )
    if not isinstance(last_of(bench.estimator), BaseNet):
        raise ParameterError(
            f"repair: received {type(bench.estimator).__name__} {bench.estimator!r:.100}; expected "
            "a NetClassifier or NetRegressor, or a pipeline that ends in one. Of other estimators "
            "say what to try: remedies={'tanh units': {'activation': 'tanh'}}."
        )
    if small := too_small(bench.budget):
        return repairs.untried(bench, small)

    def listening(what: str) -> None:
        if pressed.asked or bench.budget.over:
            raise KeyboardInterrupt
        say(what)

    try:
        with silenced(StuckWarning, ConvergenceWarning):  # of a fit that this is about
            network = _in_time(bench.estimator, bench.budget.left)
            found = diagnose(network, bench.x, bench.y, bench.w, progress=listening)
    except KeyboardInterrupt:
        pressed.taken = True
        return repairs.untried(bench, telling.ended(bench.budget.over))
    return repairs.by_diagnosis(bench, found, pressed, say)


def _in_time(estimator: Any, left: float) -> Any:
    """What is to be fitted for the diagnosis, with no more than these seconds."""
    if hasattr(last_of(estimator), "_model"):
        return estimator
    return bounded(clone(estimator), left)


BOUND = any_of(Words((None,)), POSITIVE)
RULES: Mapping[str, Rule] = {
    "max_fits": BOUND,
    "max_time": BOUND,
    "random_state": Number(0, 2**32 - 1, whole=True),
    "n_jobs": any_of(Words((None,)), Number(1, whole=True)),
}


def _check(**given: Any) -> None:
    raise_together(mistakes_in(given, RULES), ParameterError, "repair")


def _given(estimator: Any, remedies: Any) -> list[Treatment]:
    """Remedies of the user's own, checked."""
    needed = ("fit", "get_params", "set_params")
    if isinstance(estimator, type) or not all(hasattr(estimator, each) for each in needed):
        raise ParameterError(
            f"repair: received {type(estimator).__name__} {estimator!r:.100}; expected an estimator"
            " with fit, get_params and set_params."
        )
    known = estimator.get_params(deep=True)
    if not isinstance(remedies, Mapping) or not remedies:
        raise ParameterError(
            f"repair: remedies were {remedies!r:.200}; expected parameters by name, such as "
            "{'tanh units': {'activation': 'tanh'}}."
        )
    for name, parameters in remedies.items():
        if not isinstance(parameters, Mapping) or not parameters:
            raise ParameterError(
                f"repair: the remedy {name!r} was {parameters!r:.200}; expected values of "
                "parameters by name."
            )
        for each in parameters:
            if each not in known:
                raise ParameterError(
                    f"repair: the remedy {name!r} sets {each!r}, which is no parameter of "
                    f"{type(estimator).__name__}.{did_you_mean(each, known)}"
                )
    return [Treatment(str(name), dict(each)) for name, each in remedies.items()]
