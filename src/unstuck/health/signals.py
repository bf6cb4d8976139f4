"""Health signals: one number for every layer, measured now and then during a fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.record import Array, LayerRecord

FLAT = 0.02
"""A slope under this share of the largest counts as flat."""


@dataclass(frozen=True)
class Signal:
    """One number of a layer.

    Attributes:
        name: its column in ``history_``.
        law: ``law(layer, xp)`` for a ``LayerRecord``, in NumPy or ``jax.numpy``.
        says: what it is, in words.
    """

    name: str
    law: Callable[[LayerRecord, Any], Array]
    says: str


def _norm(arrays: dict[str, Array], xp: Any) -> Array:
    return xp.sqrt(sum((each**2).sum() for each in arrays.values()))


def _rms(array: Array, layer: LayerRecord, xp: Any) -> Array:
    return xp.sqrt(layer.mean(array**2))


def _flat_share(layer: LayerRecord, xp: Any) -> Array:
    largest = layer.unit.largest_slope
    bound = FLAT * (largest if 0.0 < largest < np.inf else 1.0)
    return layer.mean(xp.abs(layer.slopes) < bound)


SIGNALS = (
    Signal(
        "layer_gradient_norm",
        lambda layer, xp: _norm(layer.gradients, xp),
        "norm of the weights' gradient",
    ),
    Signal("layer_weight_norm", lambda layer, xp: _norm(layer.weights, xp), "norm of the weights"),
    Signal(
        "layer_preactivation_rms",
        lambda layer, xp: _rms(layer.values["preactivation"], layer, xp),
        "root mean square of the pre-activations",
    ),
    Signal(
        "layer_adjoint_rms",
        lambda layer, xp: _rms(layer.adjoints["preactivation"], layer, xp),
        "root mean square of the adjoints of the pre-activations, each of its example's own loss",
    ),
    Signal(
        "layer_mean_slope",
        lambda layer, xp: layer.mean(xp.abs(layer.slopes)),
        "mean slope of the activation",
    ),
    Signal(
        "layer_flat_share",
        _flat_share,
        "share of (example, unit) pairs on a flat part: slope under 2 % of the largest",
    ),
)
"""Every signal, in the order in which they are measured."""

NAMES = tuple(signal.name for signal in SIGNALS)
