"""An estimator whose score is known: noise by its seed, and what its parameters are worth."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

X = np.zeros((200, 1))
Y = np.arange(200) % 2


class Noisy(ClassifierMixin, BaseEstimator):
    """Scores ``0.5 + worth + noise``.

    Arguments:
        worth: what is gained by it.
        useless: nothing is.
        max_iter: nor by this.
        breaks: whether its fit raises.
        deviation: of the noise.
    """

    fits = 0

    def __init__(
        self,
        worth=0.0,
        useless=0,
        max_iter=100,
        breaks=False,
        deviation=0.05,
        random_state=None,
    ):
        self.worth, self.useless, self.max_iter = worth, useless, max_iter
        self.breaks, self.deviation, self.random_state = breaks, deviation, random_state

    def fit(self, X, y, sample_weight=None):
        """Learn nothing."""
        del sample_weight
        type(self).fits += 1
        if self.breaks:
            raise ValueError("it broke")
        self.classes_ = np.unique(y)
        self.n_iter_ = self.max_iter
        self.rows_ = len(X)
        return self

    def score(self, X, y, sample_weight=None):
        """Noise that belongs to the seed and the parameters."""
        del y, sample_weight
        facts = (self.random_state, self.useless, round(1e6 * self.worth), len(X))
        noise = np.random.default_rng(facts).normal(scale=self.deviation)
        return 0.5 + self.worth + float(noise)
