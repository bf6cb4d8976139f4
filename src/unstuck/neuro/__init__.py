"""Where networks come from: units, spikes, Hebb's rule, associative memory, lesions.

    from unstuck import neuro

    print(neuro.representable("0110"))  # XOR: no unit, and why

Names are imported when they are first used. ``__init__.pyi`` lists them.
"""

from __future__ import annotations

from unstuck.lazy import attached

__getattr__, __dir__, __all__ = attached(__name__, __file__)
