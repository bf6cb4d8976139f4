"""What the solvers are compared on: curves and digits, all rows at once, in float64."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.workloads import digits
from unstuck import ACTIVATIONS, LOSSES, SOLVERS, NetClassifier, NetRegressor
from unstuck.activations import Array
from unstuck.estimators import building
from unstuck.layers.network import Network
from unstuck.training.objective import Objective


@dataclass(frozen=True)
class Fitting:
    """A network that is fitted until its loss reaches a goal.

    Attributes:
        name: as it is printed.
        hidden: hidden units, tanh.
        goal: the objective to be reached: half the mean square, or the mean cross-entropy.
        data: gives inputs (n, inputs) and targets, (n,) or classes.
        classes: whether the targets are classes.
        law: initializer that the peers' first parameters are drawn by.
    """

    name: str
    hidden: tuple[int, ...]
    goal: float
    data: Callable[[], tuple[np.ndarray, np.ndarray]]
    classes: bool = False
    law: str = "auto"

    def estimator(self, **parameters: Any) -> Any:
        """unstuck's estimator for it, told to go to the goal and no further."""
        kind = NetClassifier if self.classes else NetRegressor
        plain = {"scale_inputs": False} if self.classes else {"scale_targets": False}
        usual = {"alpha": 0.0, "tol": 0.0, "max_iter": 10**6, "loss_goal": self.goal}
        return kind(self.hidden, activation="tanh", **usual, **plain, **parameters)

    @functools.cached_property
    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Inputs as the network sees them, and targets (n, outputs)."""
        x, y = self.data()
        if self.classes:
            return x, np.eye(int(y.max()) + 1)[y]
        return (x - x.mean(0)) / x.std(0), y[:, None]

    @property
    def objective(self) -> Objective:
        """What everyone makes small."""
        x, y = self.rows
        output = "softmax" if self.classes else "identity"
        loss = "cross_entropy" if self.classes else "squared_error"
        net = self.estimator()
        return building.objective_of(net, x.shape[1], y.shape[1], ACTIVATIONS[output], LOSSES[loss])

    @property
    def network(self) -> Network:
        """The network."""
        return self.objective.network

    def first(self, seed: int, solver: str = "lm") -> Array:
        """The first parameters that unstuck draws for a seed, in one vector, by ``law``."""
        x, _ = self.rows
        net = self.estimator(solver=solver, initializer=self.law)
        plan = building.plan_of(net, self.objective, SOLVERS[solver])
        return self.network.flatten(
            building.first_parameters(net, plan, lambda: (x.min(0), x.max(0)), seed)
        )


def _sinc() -> tuple[np.ndarray, np.ndarray]:
    x = np.linspace(-1.0, 1.0, 2000)[:, None]
    return x, np.sinc(10.0 * x[:, 0])


def _sine() -> tuple[np.ndarray, np.ndarray]:
    x = np.linspace(-1.0, 1.0, 200)[:, None]
    return x, np.sin(2.0 * np.pi * x[:, 0])


def _digits() -> tuple[np.ndarray, np.ndarray]:
    data = digits()
    return np.asarray(data.x, np.float64), data.y


FITTINGS = {
    each.name: each
    for each in (
        Fitting("sinc", (20,), 0.5e-8, _sinc),
        Fitting("sinc from Glorot's weights", (20,), 0.5e-8, _sinc, law="glorot_uniform"),
        Fitting("sine", (20,), 0.5e-6, _sine),
        Fitting("digits", (30,), 1e-2, _digits, classes=True),
    )
}
"""Every problem, by name."""
