"""Choosing a model, and why networks can fit at all.

Names are imported when they are first used. ``__init__.pyi`` lists them.
"""

from __future__ import annotations

from unstuck.lazy import attached

__getattr__, __dir__, __all__ = attached(__name__, __file__)
