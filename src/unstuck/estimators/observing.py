"""Who is told of the course of a fit: the progress line, and callbacks of scikit-learn's."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from unstuck.estimators import callbacks
from unstuck.estimators.model import Model
from unstuck.training.task import Observer


@contextlib.contextmanager
def observers_of(
    estimator: Any, model: Model, count: int, single: bool, given: tuple[Any, ...]
) -> Iterator[list[Observer]]:
    """Progress and callbacks around a fit.

    Arguments:
        estimator: that is fitted.
        model: the first of its networks.
        count: of epochs, or of starts where there are several.
        single: whether there is one network.
        given: inputs, targets and weights as the user passed them.
    """
    x, y, weights = given
    metadata = None if weights is None else {"sample_weight": weights}
    data = {"X": x, "y": y, "metadata": metadata}
    context = callbacks.root(estimator, count, data)
    observers: list[Observer] = []
    if context is not None and single:

        def fitted(vector: Any) -> dict[str, Any]:
            return {"_model": model.with_vector(vector), **estimator._targets.public()}

        observers.append(callbacks.EpochTasks(estimator, context, data, fitted))
    with contextlib.ExitStack() as stack:
        if estimator.verbose:
            from unstuck.training.progress import Progress

            display = Progress(count, noun="epoch" if single else "start")
            observers.append(stack.enter_context(display))
        yield observers
    if context is not None:
        context.call_on_fit_task_end(estimator=estimator, **data, reconstruction_attributes=dict)
