"""From parameters to parts: the network, its objective, its solver, and the task of a fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any

import numpy as np
from scipy import sparse

from unstuck.activations import ACTIVATIONS, Activation
from unstuck.choices import spelled
from unstuck.errors import (
    IgnoredParameterWarning,
    ParameterError,
    StuckWarning,
    UnstuckWarning,
    raise_together,
    warn,
)
from unstuck.estimators.choosing import is_open
from unstuck.estimators.examples import Examples
from unstuck.estimators.feedback_layers import check_feedback
from unstuck.estimators.model import Model
from unstuck.estimators.own_layers import check_own_layers
from unstuck.estimators.unit_signs import signs_of
from unstuck.initializers import INITIALIZERS, Initializer
from unstuck.layers.dense import Dense
from unstuck.layers.layer import Layer
from unstuck.layers.network import Network, Parameters
from unstuck.layers.winners import Winners
from unstuck.losses import Loss
from unstuck.pairs import check_pair
from unstuck.rows.pieces import FEWEST, MOST_PIECES, Inputs, Pieces
from unstuck.rows.scaling import Scaler
from unstuck.settings import Settings, parameters_of
from unstuck.solvers import bayesian, gauss_newton
from unstuck.solvers.capacity import check_capacity, slow
from unstuck.solvers.schedules import SCHEDULES
from unstuck.solvers.solver import Solver
from unstuck.solvers.stopping_rules import STOPPING_RULES
from unstuck.solvers.table import READERS, SOLVERS
from unstuck.training.objective import Objective
from unstuck.training.plan import Plan
from unstuck.training.stepper import Stepper
from unstuck.training.steppers import stepper_of
from unstuck.variations import Dropout, RandomFeedback, SlopeOffset, Variation

AUTO_BATCH = 200


def objective_of(
    settings: Settings, inputs: int, outputs: int, output: Activation, loss: Loss
) -> Objective:
    """What is trained.

    Raises:
        ParameterError: parts that do not belong together, all of them in one message.
    """
    network = _network(settings, inputs, outputs, output)
    check_own_layers(network)
    return Objective(network, loss, variations_of(settings, network))


def inputs_of(settings: Settings, examples: Examples) -> Inputs:
    """How inputs are standardized and, where they are dense, cut into pieces."""
    x, w = examples.x, examples.w
    scaler = Scaler.of(x, w) if settings.scale_inputs else Scaler.identity(x.shape[1])
    if not settings.n_pieces or sparse.issparse(x):
        return scaler
    return Pieces.of(scaler, x, w, settings.n_pieces)


def width_of(settings: Settings, examples: Examples) -> int:
    """Columns of the network's inputs; nothing is standardized to know them."""
    if not settings.n_pieces or sparse.issparse(examples.x):
        return int(examples.x.shape[1])
    return inputs_of(settings, examples).width


def check_pieces(settings: Settings, inputs: Inputs, examples: Examples) -> None:
    """Warn where no pieces come of ``n_pieces``, though there are numbers."""
    if not settings.n_pieces or (isinstance(inputs, Pieces) and len(inputs.column)):
        return
    columns = examples.x.shape[1]
    if sparse.issparse(examples.x):
        warn("n_pieces is ignored: the inputs are sparse.", IgnoredParameterWarning)
    elif columns > MOST_PIECES // FEWEST:
        warn(
            f"n_pieces is ignored: there are {columns} columns, and more than "
            f"{MOST_PIECES // FEWEST} would make the network too wide.",
            IgnoredParameterWarning,
        )


def check_same(settings: Settings, model: Model, described: Network, name: str) -> None:
    """Refuse to go on with another network than the fitted one.

    Raises:
        ParameterError: shows both.
    """
    fitted, pieces = model.network, isinstance(model.inputs, Pieces)
    if pieces and not settings.n_pieces:
        raise ParameterError(
            f"{name}: the fitted network takes pieces of numbers, and n_pieces is 0 now, so the "
            "fit cannot go on. Set n_pieces as it was, or warm_start=False."
        )
    if fitted != described:
        raise ParameterError(
            f"{name}: the fitted network is not the one the parameters describe, so the fit cannot "
            f"go on. Fitted:\n{fitted}\nDescribed:\n{described}\nSet warm_start=False, or use a "
            "new estimator."
        )


def variations_of(settings: Settings, network: Network) -> tuple[Variation, ...]:
    """What training does otherwise than the plain network.

    Raises:
        ParameterError: it cannot be done with these layers.
    """
    found: list[Variation] = []
    if settings.slope_offset:
        found.append(SlopeOffset(float(settings.slope_offset)))
    if settings.dropout:
        found.append(Dropout())
    if settings.feedback == "random" and network.hidden:
        check_feedback(network)
        found.append(RandomFeedback())
    if settings.unit_signs is not None and network.hidden:
        found.append(signs_of(settings.unit_signs, network))
    return tuple(found)


def plan_of(settings: Settings, objective: Objective, solver: Solver) -> Plan:
    """What a training program is compiled for."""
    options = tuple((name, getattr(settings, name)) for name in solver.static)
    return Plan(objective, solver, options)


def hidden_layers(settings: Settings) -> tuple[Layer, ...]:
    """The hidden layers: a number of units stands for a dense layer, a layer for itself."""
    sizes = _sizes(settings)
    activations = _one_per_layer(settings.activation, ACTIVATIONS, sizes, "activation")
    return tuple(
        _hidden(settings, int(size), activation) if isinstance(size, Integral) else size
        for size, activation in zip(sizes, activations, strict=True)
    )


def _hidden(settings: Settings, units: int, activation: Activation) -> Layer:
    if settings.active_share == 1:
        return Dense(units, activation, settings.layer_norm)
    return Winners(units, activation, float(settings.active_share), settings.layer_norm)


def _sizes(settings: Settings) -> tuple[Any, ...]:
    given = settings.hidden_layer_sizes
    return tuple(given) if isinstance(given, (list, tuple, np.ndarray)) else (given,)


def _network(settings: Settings, inputs: int, outputs: int, output: Activation) -> Network:
    hidden = [(f"hidden_{i + 1}", layer) for i, layer in enumerate(hidden_layers(settings))]
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
        names = [_usual_law(layer.unit, plan) for _, layer in network.hidden]
        return [INITIALIZERS[name] for name in (*names, network.output.initializer)]
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
    if chosen[0].spreads and isinstance(network.layers[0][1], Dense):
        _spread(parameters[network.names[0]], *bounds())
    for variation in plan.objective.variations:
        parameters = variation.first(parameters)
    return parameters


def _spread(layer: dict[str, Any], low: np.ndarray, high: np.ndarray) -> None:
    """Move units that lie evenly over inputs from -1 to 1 to where the inputs are."""
    half = np.where(high > low, (high - low) / 2.0, 1.0)
    layer["weights"] = layer["weights"] / half[:, None]
    layer["bias"] = layer["bias"] - (low + high) / 2.0 @ layer["weights"]


def _usual_law(activation: Activation, plan: Plan) -> str:
    """The law that fits a hidden layer; all rows fit curves best from Nguyen-Widrow's."""
    curve = plan.solver.full and plan.objective.loss.name == "squared_error"
    return "nguyen_widrow" if curve and activation.name == "tanh" else activation.initializer


def check_parts(
    settings: Settings, plan: Plan, rows: int, validated: bool, partial: bool = False
) -> None:
    """Warn of what trains but gets stuck, and of parameters that nothing reads.

    Arguments:
        settings: the parameters.
        plan: what was made of them.
        rows: number of training rows.
        validated: whether there are validation data.
        partial: whether the fit is one call of ``partial_fit``.

    Raises:
        ParameterError: a loss that is not defined for the output unit, or a solver that cannot
            train what the parameters describe.
    """
    network, loss = plan.objective.network, plan.objective.loss
    raise_together(_refused(settings, plan), ParameterError, "the solver")
    if plan.solver.residuals:
        gauss_newton.check(loss, network.output, plan.solver.name)
    itemsize = 4 if settings.dtype == "float32" else 8
    observations = rows * network.outputs.width
    together = batch_size(settings, stepper_of(plan), rows)
    passed = together * sum(network.widths[1:]) * dtype_of(settings, together >= rows).itemsize
    check_capacity(
        plan.solver, network.size, observations, itemsize=itemsize, passed=passed, rows=together,
        networks=1 if partial else max(settings.n_restarts, settings.n_ensemble),
    )  # fmt: skip
    if plan.solver is bayesian.BAYESIAN:
        bayesian.check(loss, network.output)
    _tell_of_time(settings, plan, observations, partial)
    for sentence in _stuck(network, loss):
        warn(sentence, StuckWarning)
    for sentence in _ignored(settings, plan, validated or partial):
        warn(sentence, IgnoredParameterWarning)


def batch_size(settings: Settings, stepper: Stepper, rows: int) -> int:
    """Rows of one step, of so many in all."""
    wanted = settings.batch_size
    return stepper.batch_size(rows, AUTO_BATCH if wanted == "auto" else wanted)


def dtype_of(settings: Settings, single: bool) -> np.dtype:
    """Of training: float64 where one batch holds all rows, unless it was chosen."""
    chosen = settings.dtype
    return np.dtype(("float64" if single else "float32") if chosen == "auto" else chosen)


def _tell_of_time(settings: Settings, plan: Plan, observations: int, partial: bool) -> None:
    """Warn of a fit that takes minutes or hours, unless its time is limited."""
    if partial or settings.max_time is not None:
        return
    iterations = int(settings.max_iter) * max(settings.n_restarts, settings.n_ensemble)
    size = plan.objective.network.size
    sentence = slow(plan.solver, size, observations, iterations)
    if sentence:
        warn(sentence, UnstuckWarning)


def _stuck(network: Network, loss: Loss) -> list[str]:
    found = [check_pair(loss, network.output)]
    if network.collapses():
        found.append(
            "without a non-linear activation the layers collapse into one linear map: "
            "hidden layers add nothing. Use activation='relu' or 'tanh', or "
            "hidden_layer_sizes=() for a linear model."
        )
    steps = [name for name, layer in network.hidden if layer.unit.name == "step"]
    if steps:
        found.append(
            f"activation='step' has slope 0 everywhere: no gradient passes {steps[-1]}, so the "
            "layers up to it keep their first weights. Use a sigmoid or 'relu' to train them."
        )
    return [sentence for sentence in found if sentence]


def _refused(settings: Settings, plan: Plan) -> list[str]:
    """What the solver cannot do of what training does otherwise."""
    solver, found = plan.solver, []
    for each in plan.objective.variations:
        if not each.allows(solver):
            able = ", ".join(other.name for other in SOLVERS.values() if each.allows(other))
            found.append(
                f"solver={solver.name!r} {each.cannot}; {each.setting} was "
                f"{getattr(settings, each.setting)!r:.100}. Set {each.setting}={each.off!r}, or "
                f"take one of {able}."
            )
    return found


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
    sizes = _sizes(settings)
    if sizes and not any(isinstance(size, Integral) for size in sizes):
        found += [
            f"{name} is ignored: hidden_layer_sizes holds layers, which have their own, and no "
            "number of units."
            for name in sorted(changed & {"activation", "active_share", "layer_norm"})
        ]
    network = plan.objective.network
    units = [layer.unit for _, layer in network.hidden]
    if network.output.name not in plan.objective.loss.fused:
        units.append(network.output)
    if not network.hidden:
        found += [
            f"{name} is ignored: there is no hidden layer."
            for name in sorted(changed & {"active_share", "dropout", "feedback", "unit_signs"})
        ]
    if "validation_fraction" in changed and not (settings.early_stopping or validated):
        found.append("validation_fraction is ignored: early_stopping is off.")
    rule, early = STOPPING_RULES.resolve(settings.stopping_rule), is_open(settings)
    if "stopping_rule" in changed and not (settings.early_stopping or early):
        found.append("stopping_rule is ignored: early_stopping is off.")
    if "strip_length" in changed and not rule.whole:
        found.append(f"strip_length is ignored by stopping_rule={spelled(rule)!r}.")
    starts = max(settings.n_restarts, settings.n_ensemble)
    if {"initializer", "coefs_init", "intercepts_init"} <= changed and starts == 1:
        found.append(
            "initializer is ignored: coefs_init and intercepts_init are all first weights."
        )
    if "monitor" in changed and not validated:
        found.append("monitor is ignored: there are no validation data.")
    if settings.slope_offset and not any(unit.sigmoidal for unit in units):
        found.append("slope_offset is ignored: no unit on the way back is a sigmoid.")
    return found


def _differs(settings: Settings, field: Any) -> bool:
    value = getattr(settings, field.name)
    if field.default is None:
        return value is not None
    return not (value is field.default or bool(np.all(value == field.default)))
