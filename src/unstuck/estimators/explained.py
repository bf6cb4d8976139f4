"""Docstrings of the estimators: every parameter from ``settings.py``, every fitted attribute.

Written when a class is made, so that ``help(NetClassifier)`` and ``NetClassifier?`` say what is
checked and what the command line says, and no list can grow old.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterable
from typing import TypeVar

from unstuck.settings import Settings, parameters_of

WIDTH = 92

ATTRIBUTES = {
    "stop_reason_": "why the fit ended, a ``Stop``: ``name``, and a sentence where it is printed.",
    "diagnosis_": "what is wrong with the network, where, and what to do: a ``Diagnosis``.",
    "history_": "losses, gradient norms, rates and the state of each layer, as arrays by name.",
    "network_": "the layers; prints as a table.",
    "coefs_": "weight matrices of the layers, (fan-in, fan-out), float64; for scaled inputs.",
    "intercepts_": "biases of the layers, (fan-out,), float64.",
    "parameters_": "all parameters by layer and name, those of layers of your own too.",
    "loss_curve_": "the objective, epoch by epoch.",
    "loss_": "the last of them.",
    "best_loss_": "the smallest of them.",
    "validation_scores_": "score (or minus the loss) of the validation data, epoch by epoch; "
    "``None`` without such data.",
    "best_validation_score_": "the best of them; ``None`` without such data.",
    "best_epoch_": "the epoch, from 1, whose weights are kept: with the best validation result, or "
    "the last.",
    "solver_": "name of the solver, the one that ``solver='auto'`` took.",
    "solver_reason_": "why ``solver='auto'`` took it.",
    "restarts_": "of ``n_restarts``: seed, cost, epochs and end of every start.",
    "members_": "the networks that are averaged, the best first, each as an estimator of its own.",
    "n_iter_": "epochs of the last call of ``fit`` or ``partial_fit``; ``loss_curve_`` has all.",
    "n_layers_": "layers, with that of the inputs.",
    "n_outputs_": "output units.",
    "out_activation_": "name of the output unit.",
    "n_features_in_": "columns of ``X``.",
    "table_": "the ``TableEncoder`` that was saved with a loaded network; else ``None``.",
    "feature_names_in_": "their names, where ``X`` was a frame with texts as names.",
}
"""The fitted attributes that classifier and regressor share."""

Kind = TypeVar("Kind", bound=type[Settings])


def explained(kind: Kind) -> Kind:
    """The class, with ``{parameters}`` and ``{attributes}`` in its docstring filled in.

    Example:
        >>> from unstuck import NetRegressor
        >>> print(NetRegressor.__doc__.partition("max_iter: ")[2].splitlines()[0])
        most epochs. Allowed: an integer >= 1. Default: 200.
    """
    if kind.__doc__ is not None:  # there are none with python -OO
        text = inspect.cleandoc(kind.__doc__)
        text = text.replace("    {parameters}", lines(_parameters(kind)))
        kind.__doc__ = text.replace("    {attributes}", lines(ATTRIBUTES.items()))
    return kind


def _parameters(kind: type[Settings]) -> Iterable[tuple[str, str]]:
    """Names of parameters, and what is to be said of each."""
    for field in parameters_of(kind):
        allowed, help = field.metadata["rule"].expected(), field.metadata["help"]
        yield field.name, f"{help}. Allowed: {allowed}. Default: {field.default!r}."


def lines(entries: Iterable[tuple[str, str]]) -> str:
    """Names and texts as a section of a docstring."""
    return "\n".join(
        textwrap.fill(
            f"{name}: {text}",
            WIDTH,
            initial_indent=" " * 4,
            subsequent_indent=" " * 8,
            break_on_hyphens=False,
            break_long_words=False,
        )
        for name, text in entries
    )
