"""How far a finding is to be trusted: how many of its kind were right on the benchmark."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

COUNTED: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "class_imbalance": (35, 35),
        "conflicting_labels": (40, 40),
        "constant_inputs": (25, 25),
        "constant_targets": (25, 25),
        "dead_units": (35, 36),
        "disconnected_parameters": (60, 60),
        "exploding_activations": (33, 33),
        "exploding_gradient": (50, 50),
        "initial_scale": (107, 108),
        "learning_rate_too_high": (86, 86),
        "learning_rate_too_low": (70, 70),
        "loss_output_mismatch": (60, 60),
        "no_nonlinearity": (40, 40),
        "non_finite": (71, 76),
        "oscillation": (44, 45),
        "overfitting": (40, 40),
        "plateau": (1, 2),
        "saturated_units": (30, 30),
        "unbroken_symmetry": (45, 45),
        "underfitting": (59, 61),
        "unrelated_targets": (46, 46),
        "unscaled_inputs": (54, 54),
        "unscaled_targets": (40, 43),
        "vanishing_gradient": (39, 39),
        "wrong_gradient": (65, 65),
    }
)
"""By code: findings that were right, of how many, in ``python -m benchmarks.diagnosis``, on both
sets of settings."""


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
