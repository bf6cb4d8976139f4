"""Several networks as one: what is averaged, and how far they are apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import logsumexp

from unstuck.activations import Array
from unstuck.estimators.model import Model
from unstuck.estimators.restarts import Trained


def mean(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """The mean of arrays of one shape; the array itself where there is one."""
    return arrays[0] if len(arrays) == 1 else np.mean(arrays, axis=0)


def log_mean(logarithms: Sequence[np.ndarray]) -> np.ndarray:
    """The logarithm of the mean, from logarithms, however small the numbers are.

    >>> log_mean([np.array([-1000.0]), np.array([-1000.0])])
    array([-1000.])
    """
    if len(logarithms) == 1:
        return logarithms[0]
    return logsumexp(logarithms, axis=0) - np.log(len(logarithms))


def deviation(models: Sequence[Model], rows: Array, noise: np.ndarray | None) -> np.ndarray:
    """Standard deviation of a new observation, shape (n, outputs).

    Its square is what observations scatter about a network, plus the scatter of the networks:
    ``noise^2 + (1 + 1/m) var_i f_i(x)``. After Bayesian regularization every network knows its own:
    ``mean_i s_i(x)^2 + var_i f_i(x)``.

    Arguments:
        models: m networks.
        rows: shape (n, inputs).
        noise: shape (outputs,); ``None`` where each network has its posterior.
    """
    if noise is None:
        own = mean([model.deviations(rows) ** 2 for model in models])
        return np.sqrt(own + _scatter(models, rows, 0))
    return np.sqrt(noise**2 + (1.0 + 1.0 / len(models)) * _scatter(models, rows, 1))


def noise_of(trained: Sequence[Trained]) -> np.ndarray | None:
    """What targets scatter about the mean of networks, shape (outputs,); ``None`` without
    validation data.

    A network's mean squared error on its own validation rows is this scatter, and that of the
    networks among each other, which is taken off.
    """
    models, squares = [each.model for each in trained], []
    scale = models[0].targets.scale
    with np.errstate(over="ignore", invalid="ignore"):
        for each in trained:
            held = each.validation
            if held is None:
                return None
            w = held.w / held.w.max()
            error = ((held.y - each.model.outputs(held.x)) / scale) ** 2
            error -= _scatter(models, held.x, 1) / scale**2
            squares.append(w @ error / w.sum())
        noise = scale * np.sqrt(np.maximum(np.mean(squares, axis=0), 0.0))
    return noise if np.isfinite(noise).all() else None


def _scatter(models: Sequence[Model], rows: Array, taken: int) -> np.ndarray | float:
    """Variance of the networks' outputs, with ``m - taken`` in the denominator; 0 for one."""
    if len(models) == 1:
        return 0.0
    return np.var([model.outputs(rows) for model in models], axis=0, ddof=taken)
