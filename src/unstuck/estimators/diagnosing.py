"""Diagnoses: of estimators, pipelines and functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unstuck.errors import UnstuckWarning, warn
from unstuck.estimators.subject import EstimatorSubject
from unstuck.health.case import quiet
from unstuck.health.diagnosis import Diagnosis
from unstuck.health.judging import judged


def diagnose(estimator: Any, X: Any, y: Any, progress: Callable[[str], None] = quiet) -> Diagnosis:
    """Draft."""
    if not hasattr(estimator, "_model"):
        from sklearn.base import clone

        estimator = clone(estimator).fit(X, y)
    examples = estimator._read(X, y, None, None, None, reset=False)
    subject = EstimatorSubject(estimator, examples, None, len(examples))
    return judged(subject, progress, _tell)


def _tell(code: str, error: Exception) -> None:
    warn(
        f"{code} could not be looked for, because of an error inside the diagnosis: "
        f"{type(error).__name__}: {error}. Please report it with your network's settings.",
        UnstuckWarning,
    )
