"""An experiment with remedies on somebody's rows: what is given, checked; what is tried; and the
fits, which Ctrl-C ends."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils import _safe_indexing
from sklearn.utils.multiclass import type_of_target

from unstuck import interruption
from unstuck.data.target import TASKS, decide_task
from unstuck.errors import DataError, ParameterError, did_you_mean
from unstuck.estimators.base import BaseNet
from unstuck.estimators.classifier import NetClassifier
from unstuck.estimators.inspection import record_of
from unstuck.estimators.regressor import NetRegressor
from unstuck.estimators.say import listener
from unstuck.piped import last_of, prefix_of, unwrapped
from unstuck.remedies.comparing import changes
from unstuck.remedies.divisions import HELD, Rows
from unstuck.remedies.fits import Fits, Outcome
from unstuck.remedies.measures import LOSS, measured
from unstuck.remedies.table import CLASSES, NUMBERS, REMEDIES, TOGETHER, applied
from unstuck.remedies.telling import Say
from unstuck.remedies.treatment import Treatment
from unstuck.remedies.wanted import PAIRS, PLUS, pairs_of, renamed, treatment_of
from unstuck.rows.given import check_rows
from unstuck.rules import check_whole
from unstuck.settings import check

STEPS, BATCH = 1500, 32
"""Of the default network's fits, about."""
FEWEST = 10
"""Epochs of them."""
MEASURED = 300
"""Rows on which the units of a fit are looked at."""

PLAIN: dict[str, Any] = {
    "hidden_layer_sizes": (32, 32),
    "activation": "logistic",
    "initializer": "normal(1)",
    "solver": "sgd",
    "momentum": 0.0,
    "nesterovs_momentum": False,
    "learning_rate_init": 0.05,
    "batch_size": BATCH,
    "alpha": 0.0,
    "tol": 0.0,
    "n_iter_no_change": math.inf,
    "scale_inputs": False,
}
"""Everything that gets a network stuck: two layers of sigmoids, first weights of deviation 1
whatever the fan-in, inputs as they come, plain gradient descent."""
OF_CLASSES: dict[str, Any] = {"output_activation": "logistic", "loss": "squared_error"}
"""Squared error of sigmoid outputs, with targets 0 and 1."""


class Experiment:
    """What fits are made of, checked.

    Attributes:
        estimator: a copy of the user's, or the default one.
        task: ``"classification"`` or ``"regression"``.
        prefix: what parameters of the network begin with, inside a pipeline.
    """

    def __init__(
        self,
        caller: str,
        x: Any,
        y: Any,
        estimator: Any,
        task: str | None,
        seeds: Any,
        epochs: Any,
        first: Any,
    ):
        self.caller = caller
        self.seeds = self._seeds(seeds, first)
        self.prefix = self._prefix(estimator)
        self.estimator = _plain_of(y, task) if estimator is None else clone(estimator)
        self.task = CLASSES if isinstance(last_of(self.estimator), NetClassifier) else NUMBERS
        if epochs is not None:
            check_whole(self.caller, max_iter=epochs)
            self.estimator.set_params(**{f"{self.prefix}max_iter": epochs})
        self._check_rows(x, y)
        self.x, self.y = x, y
        self.epochs = int(last_of(self.estimator).max_iter)

    def treatments(self, remedies: Any, together: Any) -> tuple[list[Treatment], dict[str, str]]:
        """What is tried, and what is not, with the reason."""
        wanted = list(REMEDIES) if remedies is None else self._listed("remedies", remedies)
        more: list[Any]
        if together is None:
            single = {each for each in wanted if isinstance(each, str)}
            more = [k for k, parts in TOGETHER.items() if set(parts.split(PLUS)) <= single]
        elif isinstance(together, str) and together == PAIRS:
            more = pairs_of(wanted)
        else:
            more = self._listed("together", together)
        found: dict[str, Treatment] = {}
        left_out: dict[str, str] = {}
        known: dict[str, str] = {}
        for each in [*wanted, *more]:
            treatment = renamed(self._inside(treatment_of(each)), found)
            reason = self._why_not(treatment, known)
            if reason:
                left_out[treatment.name] = reason
            else:
                found[treatment.name] = treatment
        if not found:
            why = " ".join(f"{name}: {reason}." for name, reason in left_out.items())
            raise ParameterError(f"{self.caller}: there is no remedy to be tried. {why}".strip())
        return list(found.values()), left_out

    def _inside(self, treatment: Treatment) -> Treatment:
        """Of the network inside the pipeline."""
        own = {f"{self.prefix}{name}": value for name, value in treatment.parameters.items()}
        return treatment._replace(parameters=own)

    def _why_not(self, treatment: Treatment, known: dict[str, str]) -> str:
        """Why it is not tried; nothing where it is. ``known`` has what is tried, by its changes."""
        if any(self.task not in each.tasks for each in applied(treatment.parameters)):
            return f"which makes no sense for a {self.task}"
        changed = clone(self.estimator).set_params(**treatment.parameters)
        check(last_of(changed)._settings, f"{self.caller}: {treatment.name}")
        different = changes(self._spelled_out(), treatment)
        if not different:
            return "which it has already"
        first = known.setdefault(repr(sorted(different.items())), treatment.name)
        return "" if first == treatment.name else f"which is the same as {first} here"

    def _spelled_out(self) -> Any:
        """The estimator, with the loss that it has by default."""
        own, name = clone(self.estimator), f"{self.prefix}loss"
        if self.task == CLASSES and own.get_params()[name] == "auto":
            own.set_params(**{name: "cross_entropy"})
        return own

    @contextlib.contextmanager
    def fits(self, n_jobs: Any, progress: Any, doing: str) -> Iterator[tuple[Fits, Say, float]]:
        """Inside, fits are made; Ctrl-C ends them, and what there is is kept."""
        if n_jobs is not None:
            check_whole(self.caller, n_jobs=n_jobs)
        with listener(progress, self.caller, doing) as say:
            rows = Rows.of(self.estimator, self.x, self.y)
            with interruption.heeded() as pressed:
                fits = Fits(
                    self.estimator,
                    rows,
                    None,
                    lambda: pressed.asked,
                    n_jobs=n_jobs,
                    measure=_looked,
                )
                yield fits, say, time.perf_counter()
                pressed.taken |= pressed.asked and fits.spent > 0

    def check_made(self, outcomes: Sequence[Outcome]) -> None:
        """Refuse to compare with a network of which some fits cannot be made.

        Raises:
            DataError: says why the first cannot.
        """
        why = next((each.error for each in outcomes if each.error), "")
        if why:
            raise DataError(
                f"{self.caller}: the network without any remedy cannot be fitted to these rows: "
                f"{why}"
            )

    # Checks

    def _seeds(self, count: Any, first: Any) -> tuple[int, ...]:
        check_whole(self.caller, 2, seeds=count)
        check_whole(self.caller, 0, random_state=first)
        return tuple(range(first, first + count))

    def _prefix(self, estimator: Any) -> str:
        if estimator is None or isinstance(last_of(estimator), BaseNet):
            return prefix_of(estimator)
        raise ParameterError(
            f"{self.caller}: received {type(estimator).__name__} {estimator!r:.100}; expected a "
            "NetClassifier or NetRegressor, or a pipeline that ends in one."
        )

    def _check_rows(self, x: Any, y: Any) -> None:
        """Read them as a fit would, and refuse what it would refuse."""
        check_rows(x, y, self.caller)
        net = clone(last_of(self.estimator))
        check(net._settings, type(net).__name__)
        if not self.prefix:
            net._read(x, y, None, None, None, reset=True)
        if self.task == CLASSES and np.ndim(y) < 2 and len(np.unique(np.asarray(y))) < 2:
            raise DataError(
                f"{self.caller}: all {len(y)} targets are {np.asarray(y)[0]}; expected at least "
                "two classes."
            )

    def _listed(self, name: str, given: Any) -> list[Any]:
        if isinstance(given, (str, Mapping, Treatment)) or not isinstance(given, Sequence):
            raise ParameterError(
                f"{self.caller}: {name} was {given!r:.100}; expected a list of names, such as "
                "['weights', 'weights + relu']; known are "
                f"{', '.join(REMEDIES)}."
            )
        return list(given)


def _plain_of(y: Any, task: str | None) -> Any:
    """The default network for rows with these targets."""
    if task is not None and task not in TASKS:
        raise ParameterError(
            f"task was {task!r}; expected {' or '.join(map(repr, TASKS))}."
            f"{did_you_mean(task, TASKS)}"
        )
    count = len(y) if hasattr(y, "__len__") else 1
    steps = max(1, math.ceil((1 - HELD) * count / BATCH))
    most = max(FEWEST, round(STEPS / steps))
    if (task or _task_of(y)) == NUMBERS:
        return NetRegressor(**PLAIN, max_iter=most)
    return NetClassifier(**PLAIN, **OF_CLASSES, max_iter=most)


def _task_of(y: Any) -> str:
    """By what targets look like; what cannot be targets is refused by the network."""
    if y is None or np.ndim(y) == 0:
        return CLASSES
    if np.ndim(y) > 1:
        return CLASSES if type_of_target(y) == "multilabel-indicator" else NUMBERS
    return decide_task(y)[0]


def _looked(fitted: Any, x: Any, y: Any) -> Mapping[str, float]:
    """How stuck a fitted network is, on some of its rows, and its loss."""
    net, x = unwrapped(fitted, x)
    some = slice(0, MEASURED)
    record = record_of(net, _safe_indexing(x, some), _safe_indexing(y, some))
    return {**measured(record), LOSS: net.loss_curve_[-1] if net.loss_curve_ else math.nan}
