"""The parameters of the estimators: name, default, rule and explanation, once.

Constructors, their checks, the command line's flags and the table in the docs are made from
these fields. Nothing here imports scikit-learn or JAX, so ``--help`` stays quick.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

import numpy as np

from unstuck.activations import ACTIVATIONS, Activation
from unstuck.errors import ParameterError, raise_together
from unstuck.initializers import INITIALIZERS, Initializer
from unstuck.layers.layer import Layer, is_layer
from unstuck.losses import LOSSES, Loss
from unstuck.near_names import tells_near_names
from unstuck.rules import (
    COUNT,
    Boolean,
    Entry,
    Number,
    Pairs,
    Rule,
    Several,
    Whatever,
    Words,
    any_of,
    mistakes_in,
)
from unstuck.solvers.hyperparameters import HYPERPARAMETERS
from unstuck.solvers.schedules import SCHEDULES, Schedule
from unstuck.solvers.solver import Solver
from unstuck.solvers.stopping_rules import STOPPING_RULES, StoppingRule
from unstuck.solvers.table import SOLVERS


def setting(default: Any, rule: Rule, help: str) -> Any:
    """A parameter: its default, its rule, what it does."""
    return dataclasses.field(default=default, metadata={"rule": rule, "help": help})


def hyperparameter(name: str, help: str) -> Any:
    """A parameter that solvers read; its default and rule are the solvers'."""
    return setting(*HYPERPARAMETERS[name], help)


def _is_seed(value: Any) -> bool:
    allowed = (np.random.RandomState,)
    return (
        value is None
        or isinstance(value, allowed)
        or Number(0, 2**32 - 1, whole=True).accepts(value)
    )


SEED = any_of(Words((None,)), Number(0, 2**32 - 1, whole=True), Whatever("a seed", _is_seed))
"""What scikit-learn takes for a ``random_state``."""


def _is_array(value: Any) -> bool:
    if isinstance(value, str):
        return False
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):  # rows of different lengths
        return False
    if array.ndim == 0 or array.dtype.kind not in "iuf":
        return False
    with np.errstate(over="ignore"):  # of more than double precision
        return bool(np.isfinite(array.astype(np.float64)).all())


def _are_signs(value: Any) -> bool:
    return _is_array(value) and np.ndim(value) == 1 and bool(np.isin(value, (-1, 0, 1)).all())


AUTO = Words(("auto",))
POSITIVE = Number(0, closed="neither")
SHARE = Number(0, 1, closed="left")
LAYER = Whatever("a layer", is_layer)
ARRAYS = any_of(
    Words((None,)), Several(Whatever("an array of finite numbers", _is_array), "arrays")
)

Function = Callable[..., Any]
Auto = Literal["auto"]
Unit = str | Activation | Function
Law = str | Initializer | Function


@dataclass(eq=False, repr=False)
class Settings:
    """Parameters that classifier and regressor share."""

    hidden_layer_sizes: int | Sequence[int | Layer] = setting(
        (100,),
        any_of(Several(any_of(COUNT, LAYER), "integers or layers"), COUNT),
        "units of each hidden layer, or layers; () for none",
    )
    _: KW_ONLY
    activation: Unit | Sequence[Unit] = setting(
        "relu",
        any_of(Entry(ACTIVATIONS), Several(Entry(ACTIVATIONS), "activations")),
        "of the hidden layers: one for all, or one per layer",
    )
    output_activation: Unit = setting(
        "auto",
        any_of(AUTO, Entry(ACTIVATIONS)),
        "output unit; auto: linear for regression (exponential with loss 'poisson'), logistic for "
        "two classes and multi-label, else softmax, which gives two classes two outputs",
    )
    loss: str | Loss | Function = setting(
        "auto",
        any_of(AUTO, Entry(LOSSES)),
        "auto: cross_entropy for classes, squared_error for numbers",
    )
    initializer: Law | Sequence[Law] = setting(
        "auto",
        any_of(AUTO, Entry(INITIALIZERS), Several(Entry(INITIALIZERS), "initializers")),
        "law of the first weights; auto: the one that fits each layer's activation",
    )
    coefs_init: Sequence[Any] | None = setting(
        None,
        ARRAYS,
        "first weights of the first start, an array for each layer, shaped as the fitted ones and, "
        "as those, for scaled inputs; None draws them",
    )
    intercepts_init: Sequence[Any] | None = setting(
        None, ARRAYS, "first biases of the first start, shaped as the fitted ones; None draws them"
    )
    layer_norm: bool = setting(False, Boolean(), "standardize each hidden layer's pre-activations")
    active_share: float = setting(
        1.0,
        Number(0, 1, closed="right"),
        "share of each hidden layer's units that may be active at once: those with the largest "
        "sums; the others are 0 (0.01 to 0.04 in brains)",
    )
    dropout: float = setting(0.0, SHARE, "share of hidden outputs dropped in training")
    solver: str | Solver = setting(
        "adam",
        any_of(Entry(SOLVERS), AUTO),
        "how the weights move; auto: what suits the sizes of data and network",
    )
    alpha: float = setting(1e-4, Number(0), "strength of the l2 penalty on the weights")
    batch_size: int | Auto = setting(
        "auto", any_of(AUTO, COUNT), "examples per step; auto: min(200, number of examples)"
    )
    learning_rate: str | Schedule = setting(
        "constant", Entry(SCHEDULES), "schedule of the learning rate"
    )
    learning_rate_init: float = hyperparameter(
        "learning_rate_init", "learning rate before its schedule"
    )
    power_t: float = setting(0.5, Number(0), "exponent of the schedule 'invscaling'")
    max_iter: int = setting(200, COUNT, "most epochs")
    shuffle: bool = setting(True, Boolean(), "a new order of the examples in every epoch")
    random_state: int | np.random.RandomState | None = setting(
        None,
        SEED,
        "seed of weights, order, split and dropout",
    )
    tol: float | Auto = setting(
        "auto",
        any_of(AUTO, Number(0)),
        "smallest progress of an epoch that counts; auto: 1e-4, and for full-batch solvers, where "
        "it is a share of the loss, 1e-9",
    )
    loss_goal: float | None = setting(
        None, any_of(Words((None,)), Number()), "training loss at which the fit ends"
    )
    gradient_goal: float | None = setting(
        None, any_of(Words((None,)), Number(0)), "norm of the gradient at which the fit ends"
    )
    max_time: float | None = setting(
        None, any_of(Words((None,)), POSITIVE), "most seconds of the fit"
    )
    verbose: bool | int = setting(
        False, any_of(Boolean(), Number(0, whole=True)), "show the progress of the fit"
    )
    watch: bool = setting(
        True,
        Boolean(),
        "keep what a diagnosis needs: looks at every layer, and a sample of the rows",
    )
    repair: bool = setting(
        False,
        Boolean(),
        "diagnose the network, try remedies by experiment, and keep one that is trained with what "
        "was confirmed",
    )
    n_restarts: int = setting(
        1, COUNT, "starts from different first weights, in parallel threads; the best is kept"
    )
    n_ensemble: int = setting(
        1,
        COUNT,
        "how many networks are averaged; with early_stopping each holds out rows of its own",
    )
    warm_start: bool = setting(False, Boolean(), "go on from the last fit")
    momentum: float = hyperparameter("momentum", "of sgd")
    nesterovs_momentum: bool = hyperparameter("nesterovs_momentum", "Nesterov's momentum, of sgd")
    early_stopping: bool = setting(
        False,
        Boolean(),
        "stop when the validation data say so; splits them off where none are given",
    )
    validation_fraction: float = setting(
        0.1, Number(0, 1, "neither"), "share of the examples split off by early_stopping"
    )
    monitor: Literal["loss", "score"] = setting(
        "loss", Words(("loss", "score")), "what is followed on the validation data"
    )
    stopping_rule: str | StoppingRule = setting(
        "patience", Entry(STOPPING_RULES), "when the validation data of early_stopping end the fit"
    )
    strip_length: int = setting(5, COUNT, "epochs of a strip, of the stopping rules pq and up")
    beta_1: float = hyperparameter(
        "beta_1", "decay of the gradient's mean, of adam and its relatives"
    )
    beta_2: float = hyperparameter("beta_2", "decay of its mean square, of adam and its relatives")
    epsilon: float = hyperparameter("epsilon", "added to a denominator, of adaptive solvers")
    rho: float = hyperparameter("rho", "decay of the mean square gradient, of rmsprop and adadelta")
    weight_decay: float = hyperparameter("weight_decay", "of adamw and lion")
    conjugate: str = hyperparameter("conjugate", "formula of cg")
    history_size: int = hyperparameter("history_size", "steps that lbfgs remembers")
    damping: float = hyperparameter(
        "damping", "first damping, of lm and br; in units of the largest curvature"
    )
    damping_decrease: float = hyperparameter(
        "damping_decrease", "factor on the damping where a step was good, of lm and br"
    )
    damping_increase: float = hyperparameter(
        "damping_increase", "factor on it where the step was refused, of lm and br"
    )
    geodesic_acceleration: bool = hyperparameter(
        "geodesic_acceleration", "follow the bend of the path, of lm and br"
    )
    first_step: float = hyperparameter("first_step", "first step of every weight, of rprop")
    step_increase: float = hyperparameter(
        "step_increase", "factor on it while the slope keeps its sign, of rprop"
    )
    step_decrease: float = hyperparameter(
        "step_decrease", "factor on it where the sign changes, of rprop"
    )
    smallest_step: float = hyperparameter("smallest_step", "bound on the steps of rprop")
    largest_step: float = hyperparameter("largest_step", "bound on the steps of rprop")
    largest_growth: float = hyperparameter(
        "largest_growth", "most that a step grows from one to the next, of quickprop (mu)"
    )
    n_iter_no_change: float = setting(
        10, any_of(COUNT, Words((math.inf,))), "epochs without progress before the fit ends"
    )
    plateau_patience: int = setting(
        5, COUNT, "epochs without progress before the schedule 'plateau' lowers the rate"
    )
    plateau_factor: float = setting(
        0.5, Number(0, 1, "neither"), "what the schedule 'plateau' multiplies the rate by"
    )
    clip_norm: float | None = setting(
        None, any_of(Words((None,)), POSITIVE), "largest norm of a step's gradient"
    )
    slope_offset: float = setting(
        0.0, Number(0), "added to the slope of sigmoids in the backward pass (0.1 in the books)"
    )
    feedback: Literal["transposed", "random"] = setting(
        "transposed",
        Words(("transposed", "random")),
        "what errors come back through: transposed: the weights themselves (backpropagation); "
        "random: fixed random weights (feedback alignment)",
    )
    unit_signs: float | Sequence[Any] | None = setting(
        None,
        any_of(
            Words((None,)),
            Number(0, 1),
            Several(Whatever("an array of 1, -1, 0", _are_signs), "arrays"),
        ),
        "share of every hidden layer's units that inhibit, such as 0.2: their outgoing weights "
        "stay <= 0, those of the others >= 0; or for each hidden layer 1, -1 or 0 (free) a unit",
    )
    scale_inputs: bool = setting(
        True, Boolean(), "standardize the inputs, but for columns of zeros and ones"
    )
    n_pieces: int = setting(
        0,
        Number(0, whole=True),
        "most pieces that each number of dense inputs is also given as; 0 for none",
    )
    dtype: Literal["auto", "float32", "float64"] = setting(
        "auto",
        Words(("auto", "float32", "float64")),
        "precision of training; auto: float64 when one batch holds all examples, else float32",
    )


@tells_near_names
@dataclass(eq=False, repr=False)
class ClassifierSettings(Settings):
    """Parameters of the classifier."""

    _: KW_ONLY
    class_targets: Sequence[float] = setting(
        (0.0, 1.0),
        Several(Number(), "numbers", 2),
        "targets of a wrong and of the right class, such as 0.15,0.85",
    )
    class_weight: Literal["balanced"] | dict[Any, Any] | None = setting(
        None,
        any_of(Words((None, "balanced")), Pairs(Number(0), "class")),
        "weights of the classes: 'balanced', or a dict",
    )


@tells_near_names
@dataclass(eq=False, repr=False)
class RegressorSettings(Settings):
    """Parameters of the regressor."""

    _: KW_ONLY
    scale_targets: bool = setting(
        True, Boolean(), "standardize the targets of linear outputs; undone on the way out"
    )


def parameters_of(settings: type[Settings]) -> tuple[dataclasses.Field[Any], ...]:
    """The parameters of an estimator, in order."""
    return dataclasses.fields(settings)


def check(settings: Settings, subject: str) -> None:
    """Check every parameter against its rule; all mistakes are raised in one error.

    Raises:
        ParameterError: names every wrong parameter, its value and what was expected.
    """
    rules = {field.name: field.metadata["rule"] for field in dataclasses.fields(settings)}
    raise_together(mistakes_in(vars(settings), rules), ParameterError, subject)
