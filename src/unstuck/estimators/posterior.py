"""What a fit with Bayesian regularization knows beside the weights: how sure it is of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from unstuck import readable
from unstuck.activations import Array
from unstuck.layers.jacobian import jacobian
from unstuck.layers.network import Network, Parameters
from unstuck.readable import Facts
from unstuck.rows.scaling import blocks
from unstuck.solvers.bayesian import BAYESIAN, prior_mask
from unstuck.solvers.gauss_newton import BLOCK
from unstuck.summary import number
from unstuck.training.task import Outcome, Task


class Posterior(NamedTuple):
    """The Gaussian around the trained parameters.

    Attributes:
        effective_parameters: how many parameters the data determine, up to their number P.
        log_evidence: log probability of the targets under the model; compares models.
        prior_precision: of the weights, 1 / variance.
        noise_precision: of the noise, in units of the targets as the network sees them.
        factor: C with the parameters' covariance C C^T, shape (P, P).

    Reference: MacKay 1992.
    """

    effective_parameters: float
    log_evidence: float
    prior_precision: float
    noise_precision: float
    factor: np.ndarray

    def _told(self) -> Facts:
        size = len(self.factor)
        numbers = [
            (name.replace("_", " "), number(each))
            for name, each in self._asdict().items()
            if name != "factor"
        ]
        said = f"Gaussian around {size} parameters, with the covariance factor @ factor.T"
        return Facts("Posterior", (said,), [("", "value"), *numbers])

    def __repr__(self) -> str:
        return readable.text(self)

    def _repr_html_(self) -> str:
        return readable.html(self)

    @classmethod
    def of(
        cls, task: Task, outcome: Outcome, network: Network, parameters: Parameters
    ) -> Posterior | None:
        """The posterior at the end of a fit; ``None`` where no iteration was done, or where numbers
        are too large to tell."""
        begun, iterate = outcome.state.memory
        if not bool(begun) or not outcome.course.history.epochs:
            return None
        measured = dict(zip(BAYESIAN.columns, map(float, iterate.measured), strict=True))
        numbers = {name: measured[name] for name in cls._fields if name != "factor"}
        rows = task.batches.rows.take(slice(None))
        precisions = (numbers["prior_precision"], numbers["noise_precision"])
        factor = covariance_factor(network, parameters, rows.x, rows.w, *precisions)
        known = np.isfinite([*numbers.values()]).all() and np.isfinite(factor).all()
        return cls(**numbers, factor=factor) if known else None

    def deviation(self, network: Network, parameters: Parameters, x: Array) -> np.ndarray:
        """Standard deviation of new observations, shape (n, outputs), for standardized inputs."""
        variance = predictive_variance(network, parameters, x, self.factor, self.noise_precision)
        return np.sqrt(variance)


def covariance_factor(
    network: Network,
    parameters: Parameters,
    x: Array,
    w: Array,
    prior_precision: float,
    noise_precision: float,
) -> np.ndarray:
    """A factor C of the parameters' covariance: ``(beta J^T W J + alpha M)^-1 = C C^T``.

    Arguments:
        network: the network, with linear outputs.
        parameters: by layer and name, where the objective is smallest.
        x: training inputs, shape (n, inputs).
        w: weights of the rows, shape (n,).
        prior_precision: alpha.
        noise_precision: beta, in units of the targets as the network sees them.

    Returns:
        Shape (P, P), float64. Directions that neither data nor penalty determine are held to the
        accuracy of the numbers. NaN where they overflow.
    """
    precision = np.diag(prior_precision * prior_mask(network))
    for part in _blocks(len(x), network):
        rows = jacobian(network, parameters, x[part])
        rows = (rows * np.sqrt(noise_precision * w[part])[:, None, None]).reshape(-1, network.size)
        precision += rows.T @ rows
    if not np.isfinite(precision).all():
        return np.full_like(precision, np.nan)
    curvatures, axes = np.linalg.eigh(precision)
    least = network.size * np.finfo(float).eps * curvatures.max()
    return axes / np.sqrt(np.maximum(curvatures, least))


def predictive_variance(
    network: Network, parameters: Parameters, x: Array, factor: np.ndarray, noise_precision: float
) -> np.ndarray:
    """Variance of new observations: ``1 / beta + j A^-1 j^T`` for every row and output.

    Arguments:
        network: the network, with linear outputs.
        parameters: by layer and name.
        x: inputs, shape (n, inputs).
        factor: what ``covariance_factor`` returned.
        noise_precision: beta.

    Returns:
        Shape (n, outputs), in squared units of the targets as the network sees them.

    Reference: MacKay 1992; Bishop 2006, equation 5.172.
    """
    parts = [
        ((jacobian(network, parameters, x[part]) @ factor) ** 2).sum(-1)
        for part in _blocks(len(x), network)
    ]
    return 1.0 / noise_precision + np.concatenate(parts)


def _blocks(rows: int, network: Network) -> Iterator[slice]:
    """Rows in pieces whose Jacobian is of bounded size."""
    return blocks(rows, max(1, BLOCK // (network.size * network.widths[-1])))
