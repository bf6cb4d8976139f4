"""Remedies side by side on somebody's data, and claims about them put to the test."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from unstuck.errors import ParameterError
from unstuck.estimators.experiment import Experiment
from unstuck.remedies.checking import checked
from unstuck.remedies.claim import ClaimResult
from unstuck.remedies.claims import CLAIMS
from unstuck.remedies.comparing import arms_of, constant_score, rows_of
from unstuck.remedies.comparison import RemedyComparison
from unstuck.remedies.table import CLASSES
from unstuck.remedies.telling import Say
from unstuck.remedies.treatment import Treatment
from unstuck.training.compilation import compilations

Wanted = Sequence[str | Mapping[str, Any] | Treatment]


def compare_remedies(
    X: Any,
    y: Any,
    estimator: Any = None,
    *,
    remedies: Wanted | None = None,
    together: Wanted | Literal["pairs"] | None = None,
    task: str | None = None,
    seeds: int = 10,
    max_iter: int | None = None,
    random_state: int = 0,
    n_jobs: int | None = None,
    progress: Say | None = None,
) -> RemedyComparison:
    """What each remedy for stuck units is worth on somebody's data: alone and together with others,
    from the same seeds on the same rows for the same number of epochs.

    Every seed draws first weights and divides the rows; a quarter is held out (of fewer than 40,
    none). The gain of a remedy is its mean score on held-out rows minus that of the network without
    it, fit by fit, with a 95 % interval that allows for the rows that divisions have in common.

    Arguments:
        X, y: rows as ``fit`` takes them.
        estimator: a ``NetClassifier``, a ``NetRegressor`` or a pipeline that ends in one, fitted or
            not. If not given, a network with everything that gets it stuck: two layers of 32
            logistic sigmoids, first weights of deviation 1 whatever the fan-in, inputs as they are,
            for classes the squared error of sigmoid outputs with targets 0 and 1, and gradient
            descent in about 1,500 steps of 32 rows.
        remedies: what to try: names of ``REMEDIES``, several joined by ``" + "``, or parameters as
            a dict. All of them, if not given.
        together: what to try besides, in the same form; ``"pairs"`` for every two of ``remedies``,
            ``()`` for none. If not given, combinations whose parts are among ``remedies``: weights
            and ReLU with each of the other classical ones, and all of these.
        task: ``"classification"`` or ``"regression"``, where no estimator is given; decided from
            the targets, if not given.
        seeds: how many fits of each.
        max_iter: epochs of a fit; the estimator's own, if not given.
        random_state: the first seed. The same seed gives the same table.
        n_jobs: fits at a time; as many as there are processors, if not given.
        progress: told of every fit; without it that goes to the terminal after two seconds.

    Returns:
        The table. ``print`` shows it, a notebook does by itself; ``plot()`` draws it;
        ``to_dict()`` is for programs. After Ctrl-C, what is complete so far.

    Raises:
        ParameterError: an unknown remedy, a parameter or a number that is none, or another kind of
            estimator.
        DataError: rows that the estimator would not learn from, or a single class.

    Example:
        >>> from unstuck import compare_remedies, datasets
        >>> moons = datasets.load_dataset("moons", n=200, seed=0)
        >>> found = compare_remedies(
        ...     moons.X, moons.y, remedies=["weights", "cross_entropy"], seeds=3, max_iter=20
        ... )
        >>> [(each.name, each.acts_on) for each in found.arms]
        [('as it is', ''), ('weights', 'both'), ('cross_entropy', 'output')]

    Reference: Nadeau and Bengio 2003 (the interval).
    """
    bench = Experiment("compare_remedies", X, y, estimator, task, seeds, max_iter, random_state)
    treatments, left_out = bench.treatments(remedies, together)
    with bench.fits(n_jobs, progress, "comparing remedies") as (fits, say, began):
        before = compilations().total
        arms = arms_of(fits, treatments, bench.seeds, say)
        bench.check_made(arms[0].outcomes)
    return RemedyComparison(
        arms=arms,
        measure="accuracy" if bench.task == CLASSES else "R2",
        constant=constant_score(fits),
        epochs=bench.epochs,
        seeds=bench.seeds,
        rows=rows_of(fits, bench.seeds[0]),
        left_out=left_out,
        asked=len(bench.seeds) * (1 + len(treatments)),
        compilations=compilations().total - before,
        seconds=time.perf_counter() - began,
    )


def check_claim(
    claim: str,
    X: Any,
    y: Any,
    estimator: Any = None,
    *,
    task: str | None = None,
    seeds: int = 10,
    max_iter: int | None = None,
    random_state: int = 0,
    n_jobs: int | None = None,
    progress: Say | None = None,
) -> ClaimResult:
    """Whether what is said of remedies and of stuck units holds on somebody's data.

    Arguments:
        claim: a name of ``CLAIMS``.
        X, y, estimator, task, seeds, max_iter, random_state, n_jobs, progress: as in
            ``compare_remedies``; of the estimator, activation, loss, first weights and what else
            the claim is about are set by it.

    Returns:
        Each comparison that the claim makes, with its interval, and whether it held, did not hold,
        or could not be told.

    Raises:
        ParameterError: an unknown claim, or one about classes where there are none; otherwise as
            ``compare_remedies``.
        DataError: as ``compare_remedies``.

    Example:
        >>> from unstuck import check_claim, datasets
        >>> moons = datasets.load_dataset("moons", n=200, seed=0)
        >>> found = check_claim("depth_hurts_sigmoids", moons.X, moons.y, seeds=3, max_iter=20)
        >>> found.verdict in ("held", "did not hold", "not told")
        True
    """
    record = CLAIMS[claim]
    bench = Experiment("check_claim", X, y, estimator, task, seeds, max_iter, random_state)
    if bench.task not in record.tasks:
        raise ParameterError(
            f"check_claim: {record.name!r} is about {' and '.join(record.tasks)}; these are rows "
            f"of a {bench.task}. Choose another of CLAIMS."
        )
    with bench.fits(n_jobs, progress, f"checking {record.name}") as (fits, say, _):
        return checked(record, fits, bench.task, bench.seeds, bench.prefix, say)
