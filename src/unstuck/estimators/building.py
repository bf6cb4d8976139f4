"""From parameters to parts: the network, its objective, its solver, and the task of a fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from unstuck.activations import ACTIVATIONS, Activation
from unstuck.errors import (
    IgnoredParameterWarning,
    ParameterError,
    StuckWarning,
    raise_together,
    warn,
)
from unstuck.initializers import INITIALIZERS, Initializer
from unstuck.layers.dense import Dense
from unstuck.layers.network import Network, Parameters
from unstuck.losses import LOSSES, Loss, check_pair
from unstuck.settings import Settings, parameters_of
from unstuck.solvers import bayesian, gauss_newton
from unstuck.solvers.capacity import check_capacity
from unstuck.solvers.schedules import SCHEDULES
from unstuck.solvers.solver import FullBatch, Solver
from unstuck.solvers.table import READERS, SOLVERS
from unstuck.training.objective import Objective
from unstuck.training.programs import Plan

AUTO_BATCH = 200
AUTO_TOL = 1e-4
AUTO_RELATIVE_TOL = 1e-9


def objective_of(
    settings: Settings, inputs: int, outputs: int, output: Activation, loss: Loss
) -> Objective:
    """What is trained.

    Raises:
        ParameterError: parts that do not belong together, all of them in one message.
    """
    network = _network(settings, inputs, outputs, output)
    return Objective(network, loss, float(settings.slope_offset), settings.dropout > 0)


def plan_of(settings: Settings, objective: Objective, solver: Solver) -> Plan:
    """What a training program is compiled for."""
    options = tuple((name, getattr(settings, name)) for name in solver.static)
    return Plan(objective, solver, options)


def hidden_sizes(settings: Settings) -> tuple[int, ...]:
    """Units of each hidden layer."""
    return tuple(int(units) for units in np.ravel(settings.hidden_layer_sizes))


def _network(settings: Settings, inputs: int, outputs: int, output: Activation) -> Network:
    sizes = hidden_sizes(settings)
    activations = _one_per_layer(settings.activation, ACTIVATIONS, sizes, "activation")
    hidden = [
        (f"hidden_{i + 1}", Dense(units, activation, settings.layer_norm))
        for i, (units, activation) in enumerate(zip(sizes, activations, strict=True))
    ]
    return Network(inputs, (*hidden, ("output", Dense(outputs, output))))


def _one_per_layer(choice: Any, table: Any, sizes: Sequence[int], name: str) -> list[Any]:
    if isinstance(choice, (list, tuple)):
        if len(choice) != len(sizes):
            raise ParameterError(
                f"{name} has {len(choice)} entries; expected one, or one for each of the "
                f"{len(sizes)} layers of units {tuple(sizes)}."
            )
        return [table.resolve(each) for each in choice]
    return [table.resolve(choice)] * len(sizes)


def laws(settings: Settings, plan: Plan) -> list[Initializer]:
    """The initializer of every layer; "auto" follows from the layer's activation."""
    network = plan.objective.network
    if isinstance(settings.initializer, str) and settings.initializer == "auto":
        *hidden, (_, output) = network.layers
        names = [_usual_law(layer.activation, plan) for _, layer in hidden]
        return [INITIALIZERS[name] for name in (*names, output.activation.initializer)]
    widths = network.widths[1:]
    return _one_per_layer(settings.initializer, INITIALIZERS, widths, "initializer")


def first_parameters(
    settings: Settings, plan: Plan, bounds: Callable[[], tuple[np.ndarray, np.ndarray]], seed: int
) -> Parameters:
    """Parameters before the first step.

    Arguments:
        settings, plan: the parameters and what was made of them.
        bounds: gives the least and largest value of every input as the network sees it.
        seed: of the draw.
    """
    network, chosen = plan.objective.network, laws(settings, plan)
    parameters = network.initialize(chosen, np.random.default_rng(seed))
    if chosen[0].biases is not None:
        _spread(parameters[network.names[0]], *bounds())
    return parameters


def _spread(layer: dict[str, Any], low: np.ndarray, high: np.ndarray) -> None:
    """Move units that lie evenly over inputs from -1 to 1 to where the inputs are."""
    half = np.where(high > low, (high - low) / 2.0, 1.0)
    layer["weights"] = layer["weights"] / half[:, None]
    layer["bias"] = layer["bias"] - (low + high) / 2.0 @ layer["weights"]


def _usual_law(activation: Activation, plan: Plan) -> str:
    """The law that fits a hidden layer; batch solvers fit functions best from Nguyen-Widrow's."""
    curve = plan.whole and plan.objective.loss.name == "squared_error"
    return "nguyen_widrow" if curve and activation.name == "tanh" else activation.initializer


def loss_of(settings: Settings, usual: str) -> Loss:
    """The loss; "auto" is the usual one."""
    auto = isinstance(settings.loss, str) and settings.loss == "auto"
    return LOSSES.resolve(usual if auto else settings.loss)


def output_of(settings: Settings, usual: str) -> Activation:
    """The output unit; "auto" is the usual one."""
    auto = isinstance(settings.output_activation, str) and settings.output_activation == "auto"
    return ACTIVATIONS.resolve(usual if auto else settings.output_activation)


def check_parts(settings: Settings, plan: Plan, rows: int, validated: bool) -> None:
    """Warn of what trains but gets stuck, and of parameters that nothing reads.

    Arguments:
        settings: the parameters.
        plan: what was made of them.
        rows: number of training rows.
        validated: whether there are validation data.

    Raises:
        ParameterError: a loss that is not defined for the output unit, or a solver that cannot
            train what the parameters describe.
    """
    network, loss = plan.objective.network, plan.objective.loss
    raise_together(_refused(settings, plan), ParameterError, "the solver")
    if isinstance(plan.solver, FullBatch):
        if plan.solver.residuals:
            gauss_newton.check(loss, network.output, plan.solver.name)
        itemsize = 4 if settings.dtype == "float32" else 8
        observations = rows * network.widths[-1]
        check_capacity(plan.solver, network.size, observations, itemsize=itemsize)
    if plan.solver is bayesian.BAYESIAN:
        bayesian.check(loss, network.output)
    for sentence in _stuck(network, loss):
        warn(sentence, StuckWarning)
    for sentence in _ignored(settings, plan, validated):
        warn(sentence, IgnoredParameterWarning)


def _stuck(network: Network, loss: Loss) -> list[str]:
    found = [check_pair(loss, network.output)]
    if network.collapses():
        found.append(
            "without a non-linear activation the layers collapse into one linear map: "
            "hidden layers add nothing. Use activation='relu' or 'tanh', or "
            "hidden_layer_sizes=() for a linear model."
        )
    steps = [n for n, layer in network.layers[:-1] if layer.activation.name == "step"]
    if steps:
        found.append(
            f"activation='step' has slope 0 everywhere: no gradient passes {steps[-1]}, so the "
            "layers up to it keep their first weights. Use a sigmoid or 'relu' to train them."
        )
    return [sentence for sentence in found if sentence]


def _refused(settings: Settings, plan: Plan) -> list[str]:
    """What a batch solver cannot do; it takes its steps from the objective's own gradient."""
    solver = plan.solver
    if not isinstance(solver, FullBatch):
        return []
    found = []
    if settings.dropout:
        found.append(
            f"solver={solver.name!r} needs an objective that does not change from step to step; "
            f"dropout was {settings.dropout}. Set dropout=0, or take a first-order solver."
        )
    if settings.slope_offset and (solver.monotone or solver.residuals):
        found.append(
            f"solver={solver.name!r} needs the true gradient; slope_offset was "
            f"{settings.slope_offset}. Set slope_offset=0, or take one of {_inexact()}."
        )
    return found


def _inexact() -> str:
    """Solvers that can do with a changed gradient."""
    exact = (
        s for s in SOLVERS.values() if isinstance(s, FullBatch) and (s.monotone or s.residuals)
    )
    return ", ".join(name for name in SOLVERS if name not in {s.name for s in exact})


def _ignored(settings: Settings, plan: Plan, validated: bool) -> list[str]:
    changed = {f.name for f in parameters_of(type(settings)) if _differs(settings, f)}
    schedule = SCHEDULES.resolve(settings.learning_rate)
    scheduled = {name for each in SCHEDULES.values() for name in each.uses}
    found = [
        f"{name} is ignored by solver={plan.solver.name!r}; it is read by "
        f"{', '.join(READERS[name])}."
        for name in sorted(changed & READERS.keys() - set(plan.solver.reads))
    ]
    found += [
        f"{name} is ignored by learning_rate={schedule.name!r}."
        for name in sorted(changed & scheduled - set(schedule.uses))
    ]
    network = plan.objective.network
    units = [layer.activation for _, layer in network.layers[:-1]]
    if network.output.name not in plan.objective.loss.fused:
        units.append(network.output)
    if settings.dropout and len(network.layers) == 1:
        found.append("dropout is ignored: there is no hidden layer.")
    if "validation_fraction" in changed and not settings.early_stopping:
        found.append("validation_fraction is ignored: early_stopping is off.")
    if "monitor" in changed and not validated:
        found.append("monitor is ignored: there are no validation data.")
    if settings.slope_offset and not any(unit.sigmoidal for unit in units):
        found.append("slope_offset is ignored: no unit on the way back is a sigmoid.")
    return found


def _differs(settings: Settings, field: Any) -> bool:
    value = getattr(settings, field.name)
    return not (value is field.default or bool(np.all(value == field.default)))
