"""What a fit keeps of its rows, so that the network can be diagnosed when somebody asks."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from unstuck.estimators.examples import Examples
from unstuck.estimators.seeds import Seeds
from unstuck.rows.probe import probe_indices

TRAINING_ROWS, VALIDATION_ROWS = 1500, 1000
LEAST_ROWS = 50
MOST_ENTRIES = 2_000_000
"""Inputs and targets that are kept at most, unless these are fewer than ``LEAST_ROWS`` rows."""


@dataclass(frozen=True)
class Watched:
    """A sample of the rows of a fit, and what the fit was. The rows are copies: the user's arrays
    are not kept alive by it.

    Attributes:
        training: rows that were trained on, at even distances.
        validating: rows that were validated on; ``None`` without.
        settings: the parameters of the fit, whatever the estimator's are by now.
        seeds: of the fit; with ``n_restarts``, of the start that was kept.
        rows, weight: number of all training rows, and the sum of their weights.
        partial: whether this was a call of ``partial_fit``.
    """

    training: Examples
    validating: Examples | None
    settings: Mapping[str, Any]
    seeds: Seeds
    rows: int
    weight: float
    partial: bool

    @classmethod
    def of(
        cls,
        examples: Examples,
        validating: Examples | None,
        settings: Mapping[str, Any],
        seeds: Seeds,
        partial: bool = False,
    ) -> Self:
        """What is kept of a fit.

        Arguments:
            examples: all training rows.
            validating: all validation rows; ``None`` without.
            settings: parameters by name.
            seeds: of the fit.
            partial: whether it was a call of ``partial_fit``.
        """
        return cls(
            training=_sample(examples, TRAINING_ROWS),
            validating=None if validating is None else _sample(validating, VALIDATION_ROWS),
            settings={name: _own(value) for name, value in settings.items()},
            seeds=seeds,
            rows=len(examples),
            weight=float(examples.w.sum()),
            partial=partial,
        )


def _sample(examples: Examples, most: int) -> Examples:
    """Rows of a positive weight, at even distances: those of weight zero would say nothing. Those
    of a sparse matrix count as if they were dense, which they become where they are looked at."""
    across = examples.x.shape[1] + examples.y.shape[1]
    most = min(most, max(MOST_ENTRIES // across, LEAST_ROWS))
    counted = np.flatnonzero(examples.w > 0)
    return examples.take(counted[probe_indices(len(counted), most)])


def _own(value: Any) -> Any:
    """A value that later changes of the user's do not reach."""
    return copy.copy(value) if isinstance(value, (list, dict, np.ndarray)) else value
