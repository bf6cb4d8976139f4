"""What a fit with Bayesian regularization knows beside the weights: how sure it is of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from unstuck.activations import Array
from unstuck.layers.network import Network, Parameters
from unstuck.solvers import bayesian
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

    @classmethod
    def of(
        cls, task: Task, outcome: Outcome, network: Network, parameters: Parameters
    ) -> Posterior:
        """The posterior at the end of a fit."""
        _, iterate = outcome.state.memory
        measured = dict(zip(bayesian.BAYESIAN.columns, map(float, iterate.measured), strict=True))
        numbers = {name: measured[name] for name in cls._fields if name != "factor"}
        batches = task.batches
        factor = bayesian.posterior(
            network,
            parameters,
            batches.rows(np.arange(batches.count)),
            batches.w,
            numbers["prior_precision"],
            numbers["noise_precision"],
        )
        return cls(**numbers, factor=factor)

    def deviation(self, network: Network, parameters: Parameters, x: Array) -> np.ndarray:
        """Standard deviation of new observations, shape (n, outputs), for standardized inputs."""
        variance = bayesian.predictive_variance(
            network, parameters, x, self.factor, self.noise_precision
        )
        return np.sqrt(variance)
