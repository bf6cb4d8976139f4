"""A fit that repairs itself: ``repair=True``."""

from __future__ import annotations

import math
from typing import Any

from sklearn.base import clone

from unstuck.errors import ParameterError
from unstuck.estimators.repairs import Bench, by_diagnosis, untried
from unstuck.estimators.say import listener
from unstuck.estimators.validation import Given
from unstuck.interruption import Interruption
from unstuck.remedies.budget import Budget
from unstuck.remedies.repair import Repair
from unstuck.remedies.telling import ended
from unstuck.settings import Settings
from unstuck.silence import silenced
from unstuck.solvers.stop import Stop


def check(settings: Settings, soft: Any) -> None:
    """Refuse what a repair cannot go with.

    Raises:
        ParameterError: ``warm_start``, ``watch=False`` or soft targets.
    """
    if settings.warm_start:
        raise ParameterError(
            "repair=True and warm_start=True: a repair begins anew, with other parameters. Repair "
            "first, without warm_start; then set_params(**net.repair_.params, repair=False)."
        )
    if not settings.watch:
        raise ParameterError("repair=True needs what watch=True keeps for the diagnosis.")
    if soft is not None:
        raise ParameterError(
            "repair=True tries remedies on labels; it cannot with soft_targets. Fit without "
            "repair, and call unstuck.repair with labels."
        )


def repaired(
    net: Any, given: tuple[Any, Any, Any, Given], began: float, pressed: Interruption
) -> Stop:
    """Repair a network that was just trained: where something is confirmed, another that is trained
    with it takes its place. The parameters of the estimator stay as they are.

    Arguments:
        net: fitted.
        given: rows, targets, weights and validation data that it was fitted with.
        began: time of ``time.perf_counter`` when the fit began; ``max_time`` is that of all.
        pressed: whether to end.

    Returns:
        Why the fit of the network ended that is kept.
    """
    budget = Budget(seconds=math.inf if net.max_time is None else net.max_time, began=began)
    seed = net._model.seeds.random_state
    bench = Bench(net, *given[:3], budget=budget, random_state=seed)
    found = _found(net, bench, pressed)
    if found.accepted and not pressed.asked:
        other = clone(net).set_params(repair=False, **found.params)
        with silenced():  # the estimator itself warns of the network that is kept
            other._fit(*given)
        if not pressed.asked:  # half of a better network may be worse than the whole first one
            _replace(net, other)
    net.repair_ = found
    pressed.taken |= pressed.asked
    return net.stop_reason_


def _found(net: Any, bench: Bench, pressed: Interruption) -> Repair:
    if bench.budget.over:  # the diagnosis would take its time too
        return untried(bench, ended(over=True))
    with listener(None if net.verbose else quiet, "repair", "repairing") as say:
        return by_diagnosis(bench, net.diagnosis_, pressed, say)


def _replace(net: Any, by: Any) -> None:
    """Take over all that the fit of another network has left."""
    for name in net._fitted():
        delattr(net, name)
    net.__dict__.update(by._fitted())


def quiet(what: str) -> None:
    """Say nothing."""
    del what
