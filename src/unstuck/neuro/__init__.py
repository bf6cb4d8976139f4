"""Where networks come from: the threshold unit, the perceptron, the logistic unit, and XOR.

    from unstuck import neuro

    print(neuro.representable("0110"))  # XOR: no unit, and why

Names are imported when they are first used. ``__init__.pyi`` lists them.
"""

from __future__ import annotations

from unstuck.lazy import attached

__getattr__, __dir__, __all__ = attached(__name__, __file__)
