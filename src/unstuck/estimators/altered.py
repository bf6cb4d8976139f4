"""A fitted network with other weights, or without its first layers: copies that predict, and that
go on training with a fresh memory of the solver."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from unstuck.estimators.given_weights import NONE_GIVEN
from unstuck.estimators.model import Model
from unstuck.layers.network import Network, Packed, Parameters, parts_of
from unstuck.rows.scaling import Scaler
from unstuck.training.course import Course, Marks, Tally
from unstuck.training.stopping import Stalls


def copy_with(estimator: Any, models: Sequence[Model]) -> Any:
    """A copy of a fitted estimator with other networks, which is watched no more."""
    found: Any = copy.copy(estimator)
    for name in ("_diagnosed", "_watched"):
        found.__dict__.pop(name, None)
    found.__dict__.update(NONE_GIVEN)
    found._others = tuple(models[1:])
    found._publish(models[0], estimator.stop_reason_)
    return found


def course_of(course: Course, network: Network, parameters: Parameters) -> Course:
    """A course that goes on from other parameters; the solver's memory was of those before."""
    kept, vector = course.kept, None
    if kept is not None:
        dtype = parts_of(kept.vector)[0].dtype
        vector = _packed(network, parameters, dtype)
        kept = kept._replace(vector=vector)
    return replace(
        course, vector=vector, memory=None, marks=Marks(), kept=kept, stalls=Stalls(),
        tally=Tally(), history=course.history.copy(),
    )  # fmt: skip


def _packed(network: Network, parameters: Parameters, dtype: np.dtype) -> Packed:
    return network.pack(
        {
            name: {kind: np.asarray(array, dtype) for kind, array in own.items()}
            for name, own in parameters.items()
        }
    )


def with_weights(
    estimator: Any, coefs: Sequence[np.ndarray], intercepts: Sequence[np.ndarray]
) -> Any:
    """A copy of a fitted estimator with other weights and biases.

    Arguments:
        estimator: a fitted network, one that is not averaged. Stays as it is.
        coefs, intercepts: in the shapes of its ``coefs_`` and ``intercepts_``.
    """
    model = estimator._model
    given = {"weight": iter(coefs), "bias": iter(intercepts)}
    parameters: Parameters = {name: dict(own) for name, own in model.parameters.items()}
    for name, kind, weight in model.network.paths():
        if weight.role in given:
            parameters[name][kind] = np.array(next(given[weight.role]), float)
    course = course_of(model.course, model.network, parameters)
    changed = replace(model, parameters=parameters, course=course, posterior=None)
    return copy_with(estimator, [changed])


def without_first(estimator: Any, layers: int) -> Any:
    """A copy of a fitted estimator without its first layers, which takes what these would give.

    Arguments:
        estimator: a fitted network, one that is not averaged. Stays as it is.
        layers: how many are left out; one stays at least.
    """
    model = estimator._model
    network, width = model.network, model.network.widths[layers]
    rest = Network(network.specs()[layers], network.layers[layers:])
    parameters = {name: model.parameters[name] for name in rest.names}
    tail = replace(
        model,
        network=rest,
        parameters=parameters,
        inputs=Scaler.identity(width),
        course=course_of(replace(model.course, kept=None), rest, parameters),
        posterior=None,
    )
    found = copy_with(estimator, [tail])
    found.__dict__.pop("feature_names_in_", None)
    found.n_features_in_, found.table_ = width, None
    return found
