"""Settings that do well together, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "table": MappingProxyType(
            {
                "hidden_layer_sizes": (64, 64),
                "alpha": 1.0,
                "batch_size": 100,
                "learning_rate_init": 3e-3,
                "n_ensemble": 5,
                "early_stopping": True,
                "validation_fraction": 0.15,
                "n_pieces": 8,
            }
        ),
        "plain": MappingProxyType({}),
    }
)
"""``"table"``: what does best on tables of everyday work, and what ``unstuck train`` takes: five
networks averaged, each with rows of its own held out, numbers also as pieces. ``"plain"``: the
defaults of the constructors, which are scikit-learn's.

Example:
    >>> from sklearn.datasets import load_iris
    >>> from unstuck import PRESETS, NetClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> net = NetClassifier(**PRESETS["table"], random_state=0).fit(X, y)
    >>> len(net.members_), net.score(X, y) > 0.95
    (5, True)

Measured on 24 tables, ``python -m benchmarks.tables``.
"""
