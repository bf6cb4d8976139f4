"""From what a fit kept to its diagnosis. A diagnosis never makes a fit fail."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from unstuck.errors import UnstuckWarning, warn
from unstuck.estimators.say import Say, listener
from unstuck.estimators.subject import EstimatorSubject
from unstuck.estimators.watched import Watched
from unstuck.health.diagnosis import Diagnosis
from unstuck.health.judging import judged
from unstuck.health.subject import Subject


def of_watched(estimator: Any) -> Diagnosis:
    """The diagnosis of a fitted estimator from what its fit kept."""
    with listener(None, "diagnosis_") as say:
        return judgment(subject_of(estimator, estimator._watched), say)


def subject_of(estimator: Any, kept: Watched) -> Subject:
    """The subject, with the parameters of the fit, whatever the estimator's are by now."""
    like = copy.copy(estimator)
    like.__dict__.update(kept.settings)
    return EstimatorSubject(like, kept.training, kept.rows, kept.weight)


def judgment(subject: Subject, say: Say, prove: bool = False) -> Diagnosis:
    """The diagnosis of a subject, with the proofs of its findings where these are asked for; an
    error inside it becomes a warning."""
    with np.errstate(all="ignore"):
        return judged(subject, say, _failed, prove)


def _failed(code: str, error: Exception) -> None:
    warn(
        f"The diagnosis could not look for {code!r}, because of an error of its own: "
        f"{type(error).__name__}: {error}. Everything else was looked at. Please report this with "
        "the network's parameters and the shape of the data.",
        UnstuckWarning,
    )
