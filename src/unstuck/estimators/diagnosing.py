"""Diagnoses of estimators, of pipelines that end in one, and of functions."""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable
from typing import Any

from sklearn.base import clone

from unstuck.autodiff.function_subject import FunctionSubject
from unstuck.errors import ParameterError, UnstuckWarning, warn
from unstuck.estimators.base import BaseNet
from unstuck.estimators.subject import EstimatorSubject
from unstuck.estimators.watched import Watched
from unstuck.health.diagnosis import Diagnosis
from unstuck.health.judging import judged
from unstuck.health.subject import Subject

Say = Callable[[str], None]

PATIENCE = 2.0
"""Seconds after which progress is told."""


def diagnose(
    network: Any, X: Any, y: Any, sample_weight: Any = None, *, progress: Say | None = None
) -> Diagnosis:
    """What is wrong with a network, on what evidence, and what to do about it.

    Arguments:
        network: a ``NetClassifier`` or ``NetRegressor``; a pipeline or a search that ends in one;
            or a function ``loss(parameters, batch)`` of JAX that returns one number. Of what is
            not fitted yet a copy is.
        X: rows that it was trained on, or is to be; of a function its parameters, a pytree.
        y: their targets; of a function its batch, a pytree: such as ``(x, y)``.
        sample_weight: weights of the rows.
        progress: told what is measured, in words; without it that goes to the terminal after two
            seconds.

    Returns:
        Findings, the gravest first. ``print`` shows them; a notebook does by itself.

    Raises:
        ParameterError: the network is none of these.
        DataError: rows that the estimator would not learn from.

    Example:
        >>> import numpy as np
        >>> from unstuck import NetRegressor, diagnose
        >>> X = np.random.default_rng(0).normal(size=(300, 3))
        >>> y = X[:, 0] * X[:, 1]
        >>> net = NetRegressor((8, 8), activation="identity", random_state=0, max_iter=100)
        >>> [finding.code for finding in diagnose(net, X, y).findings]
        ['no_nonlinearity']
    """
    say = _Progress() if progress is None else progress
    subject = _subject(network, X, y, sample_weight, say)
    return _judged(subject, say)


def of_watched(estimator: BaseNet) -> Diagnosis:
    """The diagnosis of a fitted estimator from what its fit kept."""
    return _judged(_watched(estimator, estimator._watched), _Progress())


def _subject(network: Any, X: Any, y: Any, weights: Any, say: Say) -> Subject:
    network = getattr(network, "best_estimator_", network)
    if hasattr(network, "steps"):
        return _end_of_pipeline(network, X, y, weights, say)
    if isinstance(network, BaseNet):
        return _of_net(network, X, y, weights, say)
    if callable(network) and not isinstance(network, type):
        return FunctionSubject.of(network, X, y)
    raise ParameterError(
        f"diagnose: received {type(network).__name__} {network!r}; expected a NetClassifier or "
        "NetRegressor, a pipeline or search that ends in one, or a function "
        "loss(parameters, batch) of JAX."
    )


def _end_of_pipeline(pipeline: Any, X: Any, y: Any, weights: Any, say: Say) -> Subject:
    """The last step, on rows as it receives them."""
    last = pipeline.steps[-1][1]
    if not hasattr(last, "_model"):
        say("fitting the pipeline")
        pipeline = clone(pipeline).fit(X, y)
        last = pipeline.steps[-1][1]
    return _subject(last, pipeline[:-1].transform(X) if len(pipeline) > 1 else X, y, weights, say)


def _of_net(net: BaseNet, X: Any, y: Any, weights: Any, say: Say) -> Subject:
    if not hasattr(net, "_model"):
        say("fitting the network")
        return _fitted_copy(net, X, y, weights)
    examples = net._read(X, y, weights, None, None, reset=False)
    return _watched(net, Watched.of(examples, None, net.get_params(deep=False), net._model.seeds))


def _fitted_copy(net: BaseNet, X: Any, y: Any, weights: Any) -> Subject:
    fitted = clone(net).set_params(watch=True)
    more = {} if weights is None else {"sample_weight": weights}
    fitted.fit(X, y, **more)
    return _watched(fitted, fitted._watched)


def _watched(estimator: BaseNet, kept: Watched) -> Subject:
    """The subject, with the parameters of the fit, whatever the estimator's are by now."""
    like = copy.copy(estimator)
    like.__dict__.update(kept.settings)
    return EstimatorSubject(like, kept.training, kept.validating, kept.rows)


def _judged(subject: Subject, say: Say) -> Diagnosis:
    try:
        return judged(subject, say, _failed)
    finally:
        if isinstance(say, _Progress):
            say.done()


def _failed(code: str, error: Exception) -> None:
    warn(
        f"The diagnosis could not look for {code!r}, because of an error of its own: "
        f"{type(error).__name__}: {error}. Everything else was looked at. Please report this with "
        "the network's parameters and the shape of the data.",
        UnstuckWarning,
    )


class _Progress:
    """Tells what is measured on one line of the terminal, where it takes longer than two
    seconds."""

    def __init__(self) -> None:
        self.began, self.told = time.perf_counter(), 0

    def __call__(self, what: str) -> None:
        if sys.stderr is None or not sys.stderr.isatty():
            return
        if time.perf_counter() - self.began > PATIENCE:
            line = f"diagnosing: {what}"[:79]
            print(f"\r{line:<{self.told}}", end="", file=sys.stderr, flush=True)
            self.told = len(line)

    def done(self) -> None:
        """Take the line away."""
        if self.told:
            print(f"\r{'':<{self.told}}\r", end="", file=sys.stderr, flush=True)
            self.told = 0
