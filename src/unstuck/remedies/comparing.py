"""Remedies side by side: fits of every treatment from the same seeds on the same rows."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import is_classifier

from unstuck.remedies.arms import Arm, Learning
from unstuck.remedies.divisions import divided
from unstuck.remedies.fits import Fits, Job, Outcome
from unstuck.remedies.gains import paired
from unstuck.remedies.table import acts_on
from unstuck.remedies.telling import Say
from unstuck.remedies.treatment import UNTREATED, Treatment, same


def fitted(
    fits: Fits,
    treatments: Sequence[tuple[Treatment, float]],
    seeds: Sequence[int],
    say: Say,
) -> dict[tuple[str, float], list[Outcome]]:
    """Fits of treatments, each for a share of the epochs, from all seeds; side by side.

    Fits of one seed are made before those of the next: where it ends early, the pairs are whole.
    """
    jobs = [
        Job(treatment, seed, division, share)
        for seed, division in ((each, divided(fits.rows, each)) for each in seeds)
        for treatment, share in treatments
    ]
    began, done = time.perf_counter(), 0

    def told(outcome: Outcome) -> None:
        nonlocal done
        done += 1
        left = (time.perf_counter() - began) / done * (len(jobs) - done)
        name, score = outcome.job.treatment.name, outcome.test
        say(f"fit {done} of {len(jobs)}, about {left:.0f} s left; {name} {score:.3f}")

    found: dict[tuple[str, float], list[Outcome]] = {
        (treatment.name, share): [] for treatment, share in treatments
    }
    for outcome in fits(jobs, told):
        found[outcome.job.treatment.name, outcome.job.share].append(outcome)
    return found


def arms_of(
    fits: Fits, treatments: Sequence[Treatment], seeds: Sequence[int], say: Say
) -> tuple[Arm, ...]:
    """The untreated network and every treatment, with what each gained.

    Arguments:
        fits: makes them.
        treatments: their names differ.
        seeds: of the fits; each also divides the rows.
        say: told of every fit.
    """
    every = [UNTREATED, *treatments]
    found = fitted(fits, [(each, 1.0) for each in every], seeds, say)
    outcomes = [tuple(found[each.name, 1.0]) for each in every]
    learned = Learning(constant_score(fits)).shares(outcomes)
    return tuple(
        Arm(
            treatment,
            acts_on(treatment.parameters),
            made,
            None if treatment is UNTREATED else paired(outcomes[0], made),
            share,
        )
        for treatment, made, share in zip(every, outcomes, learned, strict=True)
    )


def constant_score(fits: Fits) -> float:
    """Accuracy of the most frequent class, or combination of labels; or the R^2 of the mean: 0."""
    if not is_classifier(fits.estimator):
        return 0.0
    classes = np.unique(np.asarray(fits.rows.y), axis=0, return_inverse=True)[1]
    counts = np.bincount(np.ravel(classes))
    return float(counts.max() / counts.sum())


def rows_of(fits: Fits, seed: int) -> tuple[int, int]:
    """How many rows are trained on, and how many held out."""
    division = divided(fits.rows, seed)
    held = 0 if division.train is division.test else len(division.test)
    return len(division.train), held


def changes(estimator: Any, treatment: Treatment) -> dict[str, Any]:
    """Parameters of a treatment that an estimator does not have already."""
    own = estimator.get_params(deep=True)
    return {k: value for k, value in treatment.parameters.items() if not same(own[k], value)}
