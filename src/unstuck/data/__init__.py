"""Tables and data sets."""

from __future__ import annotations

from unstuck.lazy import attached

__getattr__, __dir__, __all__ = attached(__name__, __file__)
