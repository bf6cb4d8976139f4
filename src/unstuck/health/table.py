"""Everything that can be wrong, in the order of judgement: the only list."""

from __future__ import annotations

from types import MappingProxyType

from unstuck.health.disease import STAGES
from unstuck.health.diseases import capacity, data, depth, scales, steps, structure, targets, units

_ALL = [
    disease
    for module in (data, structure, targets, scales, units, depth, steps, capacity)
    for disease in module.DISEASES
]

DISEASES = MappingProxyType(
    {disease.code: disease for disease in sorted(_ALL, key=lambda d: STAGES.index(d.stage))}
)
"""Every disease, by code."""
