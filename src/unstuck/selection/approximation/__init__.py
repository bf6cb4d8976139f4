"""What networks of one hidden layer can approximate, by experiment.

    from unstuck.selection import approximation

    print(approximation.unit_by_unit(np.sin, 16, interval=(-3, 3)))

Names are imported when they are first used. ``__init__.pyi`` lists them.
"""

from __future__ import annotations

from unstuck.lazy import attached

__getattr__, __dir__, __all__ = attached(__name__, __file__)
