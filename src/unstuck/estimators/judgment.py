"""From what a fit kept to its diagnosis. A diagnosis never makes a fit fail."""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from unstuck.consoles import errors
from unstuck.errors import UnstuckWarning, warn
from unstuck.estimators.subject import EstimatorSubject
from unstuck.estimators.watched import Watched
from unstuck.health.diagnosis import Diagnosis
from unstuck.health.judging import judged
from unstuck.health.subject import Subject

Say = Callable[[str], None]

PATIENCE = 2.0
"""Seconds after which progress is told."""


def of_watched(estimator: Any) -> Diagnosis:
    """The diagnosis of a fitted estimator from what its fit kept."""
    return judgment(subject_of(estimator, estimator._watched), Progress())


def subject_of(estimator: Any, kept: Watched) -> Subject:
    """The subject, with the parameters of the fit, whatever the estimator's are by now."""
    like = copy.copy(estimator)
    like.__dict__.update(kept.settings)
    return EstimatorSubject(like, kept.training, kept.rows, kept.weight)


def judgment(subject: Subject, say: Say, prove: bool = False) -> Diagnosis:
    """The diagnosis of a subject, with the proofs of its findings where these are asked for; an
    error inside it becomes a warning."""
    try:
        with np.errstate(all="ignore"):
            return judged(subject, say, _failed, prove)
    finally:
        if isinstance(say, Progress):
            say.done()


def _failed(code: str, error: Exception) -> None:
    warn(
        f"The diagnosis could not look for {code!r}, because of an error of its own: "
        f"{type(error).__name__}: {error}. Everything else was looked at. Please report this with "
        "the network's parameters and the shape of the data.",
        UnstuckWarning,
    )


class Progress:
    """Tells what is measured on one line of the terminal, where it takes longer than two
    seconds."""

    def __init__(self, doing: str = "diagnosing") -> None:
        self.doing, self.began, self.told = doing, time.perf_counter(), 0

    def __call__(self, what: str) -> None:
        if sys.stderr is None or not sys.stderr.isatty():
            return
        if time.perf_counter() - self.began > PATIENCE:
            line = f"{self.doing}: {what}"[:79]
            print(f"\r{line:<{self.told}}", end="", file=errors(), flush=True)
            self.told = len(line)

    def done(self) -> None:
        """Take the line away."""
        if self.told:
            print(f"\r{'':<{self.told}}\r", end="", file=errors(), flush=True)
            self.told = 0
