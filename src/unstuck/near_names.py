"""Parameters by names that are not theirs: the near one, or the one for what is meant."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, TypeVar

from unstuck.errors import ParameterError, did_you_mean

MEANT: dict[str, tuple[str, ...]] = {
    "max_iter": ("epoch", "epochs", "n_epochs", "max_epochs", "num_epochs", "iterations"),
    "learning_rate_init": ("lr", "eta", "eta0", "step_size"),
    "batch_size": ("batch", "mini_batch", "mini_batch_size"),
    "hidden_layer_sizes": ("hidden", "layers", "units", "hidden_layers", "hidden_units",
                           "hidden_size", "hidden_sizes", "architecture"),
    "activation": ("activations", "activation_function", "transfer_function", "nonlinearity"),
    "solver": ("optimizer", "optimiser", "algorithm", "training_function"),
    "alpha": ("l2", "regularization", "penalty", "lambda", "lambda_"),
    "loss": ("loss_function", "criterion", "objective"),
    "initializer": ("init", "kernel_initializer", "weight_init"),
    "coefs_init": ("coef_init", "initial_weights", "weights_init", "init_weights", "coefs"),
    "intercepts_init": ("intercept_init", "initial_biases", "biases_init", "bias_init"),
    "dropout": ("dropout_rate", "p_dropout"),
    "n_iter_no_change": ("patience", "max_fail"),
    "n_restarts": ("n_init", "restarts"),
    "random_state": ("seed", "random_seed"),
}  # fmt: skip
"""Parameters, with what others call them."""

INSTEAD = {
    "max_fun": "Set max_iter, which bounds the iterations of every solver: lbfgs needs about one "
    "evaluation in each",
    "validation_split": "Set early_stopping=True, and validation_fraction to the share",
    "validation_data": "Give fit the rows, as X_val and y_val",
    "n_jobs": "Starts and networks run in threads of their own",
}
"""What has another form here."""

T = TypeVar("T")


def near(received: str, names: Iterable[str]) -> str:
    """A sentence part that names the parameter which is meant or near, or nothing.

    Example:
        >>> names = ["activation", "max_iter"]
        >>> near("activations", names), near("epochs", names), near("banana", names)
        (" Did you mean 'activation'?", " Did you mean 'max_iter'?", '')
    """
    if received in INSTEAD:
        return f" {INSTEAD[received]}."
    known = list(names)
    meant = next((name for name, others in MEANT.items() if received in others), None)
    return f" Did you mean {meant!r}?" if meant in known else did_you_mean(received, known)


def tells_near_names(cls: type[T]) -> type[T]:
    """A class whose constructor names the near parameter in place of an unknown one."""
    init, names = cls.__init__, tuple(cls.__dataclass_fields__)  # type: ignore[attr-defined]

    @functools.wraps(init)
    def __init__(self: Any, *args: Any, **given: Any) -> None:  # noqa: N807
        _refuse(type(self).__name__, args, given, names)
        init(self, *args, **given)

    cls.__init__ = __init__  # type: ignore[method-assign]
    return cls


def _refuse(
    subject: str, args: Sequence[Any], given: Mapping[str, Any], names: Sequence[str]
) -> None:
    if len(args) > 1:
        raise TypeError(
            f"{subject} takes {names[0]} by its place, and was given {len(args)} values; expected "
            f"all others by name, such as activation={args[1]!r:.60}."
        )
    unknown = [name for name in given if name not in names]
    if unknown:
        said = " ".join(f"{name!r} is no parameter.{near(name, names)}" for name in unknown)
        raise TypeError(f"{subject}: {said}{_where(said)}")


def _where(said: str) -> str:
    return "" if said.endswith("?") else " docs/parameters.md has all that there are."


class NearNames:
    """An estimator whose ``set_params`` names the near parameter, too."""

    def set_params(self, **params: Any) -> Self:
        """Set parameters; see scikit-learn.

        Raises:
            ParameterError: one is unknown; the near one is named.
        """
        names = self.get_params(deep=True)  # type: ignore[attr-defined]
        unknown = [name for name in params if "__" not in name and name not in names]
        if unknown:
            subject = type(self).__name__  # in scikit-learn's words
            said = " ".join(
                f"Invalid parameter {name!r} for estimator {subject}.{near(name, names)}"
                for name in unknown
            )
            raise ParameterError(said + _where(said))
        return super().set_params(**params)  # type: ignore[misc]
