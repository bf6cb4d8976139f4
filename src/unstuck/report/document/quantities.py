"""Distributions of what layers compute and receive back: quantiles, and histograms on shared edges.

The figures of Glorot and Bengio (2010) are made of these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from unstuck.record import Array, LayerRecord, Record
from unstuck.report.document.contents import Bins, Quantity

LEVELS = (0.02, 0.25, 0.5, 0.75, 0.98)
"""Quantiles that are told."""
BINS = 40
OUTSIDE = 0.005
"""Share of the numbers beyond either end of a histogram."""
SMALLEST = 1e-30
"""Numbers nearer to 0 count as 0: float32 has none."""


class Law(NamedTuple):
    """A quantity.

    Attributes:
        name: of it, in words.
        of: its numbers in a layer.
        sizes: whether they are told by their sizes, in powers of ten.
    """

    name: str
    of: Callable[[LayerRecord], Array]
    sizes: bool


LAWS = {
    "preactivation": Law("pre-activation", lambda layer: layer.values["preactivation"], False),
    "output": Law("activation", lambda layer: layer.values["output"], False),
    "adjoint": Law("adjoint", lambda layer: layer.adjoints["preactivation"], True),
    "gradient": Law("weight gradient", lambda layer: _joined(layer.gradients), True),
}
"""What is told of every layer, by name."""


def _joined(arrays: Mapping[str, Array]) -> Array:
    return np.concatenate([np.ravel(each) for each in arrays.values()] or [np.empty(0)])


def quantities(records: Mapping[str, Record]) -> dict[str, Quantity]:
    """Every quantity of every layer, by name.

    Arguments:
        records: by moment.
    """
    return {name: quantity(law, records) for name, law in LAWS.items()}


def quantity(law: Law, records: Mapping[str, Record]) -> Quantity:
    """One quantity of every layer.

    Arguments:
        law: says which.
        records: by moment.

    Example:
        >>> from unstuck.report.document.quantities import LAWS, quantity
        >>> found = quantity(LAWS["adjoint"], {})
        >>> found.bins.edges.shape
        (41,)
    """
    numbers, zeros = {}, {}
    for moment, record in records.items():
        all_of = [_finite(law.of(layer)) for layer in record.layers]
        zeros[moment] = np.array([_mean(np.abs(each) <= SMALLEST) for each in all_of])
        numbers[moment] = [_sizes(each) if law.sizes else each for each in all_of]
    edges = _edges([each for found in numbers.values() for each in found])
    return Quantity(
        {moment: np.array([_quantiles(e) for e in found]) for moment, found in numbers.items()},
        Bins(
            edges,
            {
                moment: np.array([_shares(e, edges) for e in found])
                for moment, found in numbers.items()
            },
        ),
        zeros,
    )


def _finite(array: Array) -> np.ndarray:
    numbers = np.ravel(np.asarray(array, float))
    return numbers[np.isfinite(numbers)]


def _mean(array: np.ndarray) -> float:
    return float(array.mean()) if array.size else float("nan")


def _sizes(numbers: np.ndarray) -> np.ndarray:
    """Powers of ten; what is 0 has none."""
    sizes = np.abs(numbers)
    return np.log10(sizes[sizes > SMALLEST])


def _quantiles(numbers: np.ndarray) -> np.ndarray:
    return np.quantile(numbers, LEVELS) if numbers.size else np.full(len(LEVELS), np.nan)


def _edges(found: Sequence[np.ndarray]) -> np.ndarray:
    """From the least to the largest quantile of any layer, or around the only number."""
    ends = [np.quantile(each, (OUTSIDE, 1 - OUTSIDE)) for each in found if each.size]
    low, high = (min(e[0] for e in ends), max(e[1] for e in ends)) if ends else (0.0, 0.0)
    if not high - low > 1e-9 * max(abs(low), abs(high)):
        low, high = low - 0.5 * max(abs(low), 1.0), high + 0.5 * max(abs(high), 1.0)
    return np.linspace(low, high, BINS + 1)


def _shares(numbers: np.ndarray, edges: np.ndarray) -> np.ndarray:
    if not numbers.size:
        return np.zeros(len(edges) - 1)
    return np.histogram(np.clip(numbers, edges[0], edges[-1]), edges)[0] / numbers.size
