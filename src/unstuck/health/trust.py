"""How far a finding is to be trusted: how many of its kind were right on the benchmark."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

COUNTED: Mapping[str, tuple[int, int]] = MappingProxyType({})
"""By code: findings that were right, of how many, in ``python -m benchmarks.diagnosis``."""


def confidence(code: str) -> float | None:
    """The share of right ones to be expected, by Laplace's rule of succession; ``None`` of a code
    that was never found there.

    Formula:
        (right + 1) / (all + 2)

    Example:
        >>> confidence("of another package") is None
        True
    """
    counted = COUNTED.get(code)
    return None if counted is None else (counted[0] + 1) / (counted[1] + 2)
