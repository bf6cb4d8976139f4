"""Small problems for the tests of networks and training."""

from __future__ import annotations

import numpy as np
import twin

from unstuck import ACTIVATIONS, LOSSES, SCHEDULES, SOLVERS
from unstuck.layers.dense import Dense
from unstuck.layers.network import Network
from unstuck.rows.arrays import ArrayRows
from unstuck.rows.probe import probe
from unstuck.training.batches import Batches
from unstuck.training.compilation import precision
from unstuck.training.course import Course
from unstuck.training.loop import train
from unstuck.training.objective import Objective
from unstuck.training.plan import Plan, State
from unstuck.training.steppers import stepper_of
from unstuck.training.stopping import Stopping
from unstuck.training.task import Task
from unstuck.training.validation import Validation
from unstuck.variations import Dropout

NUMBERS = {
    "momentum": 0.9,
    "beta_1": 0.9,
    "beta_2": 0.999,
    "epsilon": 1e-8,
    "rho": 0.9,
    "weight_decay": 0.1,
}


def network_of(widths, activations, layer_norm=False):
    """Dense layers with these widths and activations, named as the estimators name them."""
    names = [*(f"hidden_{i + 1}" for i in range(len(widths) - 2)), "output"]
    layers = [
        (name, Dense(units, ACTIVATIONS.resolve(activation), layer_norm and name != "output"))
        for name, units, activation in zip(names, widths[1:], activations, strict=True)
    ]
    return Network(widths[0], tuple(layers))


class Fit:
    """A fit that is ready to start: rows, network, task and first state."""

    def __init__(
        self, rows=37, batch=8, widths=(3, 4, 2), activations=("tanh", "softmax"),
        loss="cross_entropy", solver="adam", dtype=np.float64, seed=0, alpha=0.0, rate=0.05,
        clip_norm=np.inf, dropout=0.0, shuffle=True, weighted=False, validation=0, numbers=None,
        schedule="constant", horizon=20, nesterov=True, observers=(), rows_seed=0, score=None,
        variations=(), **stopping,
    ):  # fmt: skip
        rng = np.random.default_rng(rows_seed)
        self.widths, self.activations = widths, activations
        self.network = network_of(widths, activations)
        self.dtype = np.dtype(dtype)
        self.x, self.y, self.w = self.make(rng, rows, weighted)
        self.loss_name, self.alpha = loss, alpha
        variations = (*variations, *((Dropout(),) if dropout else ()))
        self.objective = Objective(self.network, LOSSES.resolve(loss), variations)
        options = (("nesterovs_momentum", nesterov),) if solver == "sgd" else ()
        self.plan = Plan(self.objective, SOLVERS[solver], options)
        self.stepper = stepper_of(self.plan)
        self.numbers = {name: (NUMBERS | (numbers or {}))[name] for name in self.plan.solver.traced}
        self.first = 0.5 * np.random.default_rng(1).normal(size=self.network.size)
        self.batches = Batches(ArrayRows(self.x, self.y, self.w), batch, shuffle, seed)
        stop = {"tol": 0.0, "patience": np.inf, "early": False} | stopping
        with precision(self.dtype):
            held_out = self.make(rng, validation, weighted) if validation else None
            self.task = Task(
                stepper=self.stepper, batches=self.batches, numbers=self.numbers, rate=rate,
                schedule=SCHEDULES[schedule], power_t=0.5, penalty=alpha / float(self.w.sum()),
                clip_norm=clip_norm, variations={"dropout": dropout} if dropout else {},
                stopping=Stopping(rate=rate, reacts=SCHEDULES[schedule].reacts, **stop),
                horizon=horizon, probe=probe(self.batches.rows),
                validation=Validation.of(ArrayRows(*held_out), score) if held_out else None,
                observers=list(observers),
            )  # fmt: skip

    def make(self, rng, rows, weighted):
        """Inputs, targets and row weights in the training dtype."""
        x = rng.normal(size=(rows, self.widths[0]))
        y = rng.dirichlet(np.ones(self.widths[-1]), rows)
        w = rng.integers(0, 4, rows).astype(float) if weighted else np.ones(rows)
        return tuple(a.astype(self.dtype) for a in (x, y, w))

    def state(self):
        """The first state."""
        memory = self.stepper.memory(self.dtype, self.batches.padded)
        return State(self.first.astype(self.dtype), memory, np.uint32(0))

    def run(self, epochs, before=None):
        """Train, from the outcome of an earlier run or the start; outcome and history."""
        course = before.course.fork() if before else Course()
        with precision(self.dtype):
            outcome = train(self.task, before.state if before else self.state(), course, epochs)
            return outcome, course.history.arrays()

    def traced(self, first=0):
        """The numbers that a chunk from a step on reads."""
        return self.task.traced(self.task.rates(first, 1.0))

    def twin_layers(self, vector=None):
        """The layers for the twin."""
        return twin.layers_of(
            np.asarray(self.first if vector is None else vector, np.float64),
            self.widths, self.activations,
        )  # fmt: skip

    def twin_steps(self, count, rate=None, clip_norm=np.inf):
        """Losses, gradient norms and the vector after ``count`` steps of the slow twin."""
        decay = twin.is_weight(self.widths)
        nesterov = dict(self.plan.options).get("nesterovs_momentum")
        step = twin.solver(self.plan.solver.name, self.numbers, decay, nesterov)
        vector, losses, norms, per_epoch = self.first, [], [], self.batches.steps_per_epoch
        for t in range(count):
            epoch, place = divmod(t, per_epoch)
            size = self.batches.batch_size
            taken = self.batches.order(epoch)[place * size : (place + 1) * size]
            value, gradient = twin.objective(
                self.twin_layers(vector), self.x[taken], self.y[taken], self.w[taken],
                self.alpha / self.w.sum(), self.loss_name,
            )  # fmt: skip
            gradient = twin.vector_of(gradient)
            losses.append(value)
            norms.append(np.sqrt((gradient**2).sum()))
            gradient = gradient * min(1.0, clip_norm / norms[-1])
            vector = step(vector, gradient, self.task.rate if rate is None else rate, t + 1)
        return np.array(losses), np.array(norms), vector
