"""Solvers: how the weights move, at what rate, and why a fit ends.

``minimize`` and ``least_squares`` use them on any JAX function.
"""

from __future__ import annotations

from unstuck.lazy import attached

__getattr__, __dir__, __all__ = attached(__name__, __file__)
