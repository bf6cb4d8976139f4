"""Solvers: how the weights move, at what rate, and why a fit ends.

``minimize`` and ``least_squares`` use them on any JAX function.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unstuck.solvers.descent import Minimum
    from unstuck.solvers.functions import least_squares, minimize

_HOMES = {
    "Minimum": "unstuck.solvers.descent",
    "least_squares": "unstuck.solvers.functions",
    "minimize": "unstuck.solvers.functions",
}

__all__ = ["Minimum", "least_squares", "minimize"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'unstuck.solvers' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
