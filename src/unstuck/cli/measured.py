"""Scores as texts and as JSON, each with how far it can be trusted."""

from __future__ import annotations

import math
from typing import Any

from unstuck.uncertainty import ROUNDING, Score

LONG = 1e16
"""From where a number is written with its exponent."""
TRUSTED = "± at 95 % confidence"
MOST_PLACES = 9
"""After the point; smaller numbers are told with an exponent."""


def plus_minus(value: float, about: float, signed: bool = False) -> str:
    """A number to the digits that mean something, and its margin to two.

    Example:
        >>> plus_minus(0.84211, 0.11934), plus_minus(5321.4, 208.0), plus_minus(0.105, 0.11, True)
        ('0.84 ± 0.12', '5320 ± 210', '+0.10 ± 0.11')
        >>> plus_minus(1.0, 0.0), plus_minus(0.5, float("inf"))
        ('1', '0.5 ± unknown')
    """
    sign = "+" if signed else ""
    if not math.isfinite(value):
        return "undefined"
    if about <= ROUNDING * abs(value):
        return f"{value:{sign}.4g}"
    if not math.isfinite(about):
        return f"{value:{sign}.4g} ± unknown"
    if max(abs(value), about) >= LONG:
        return f"{value:{sign}.4g} ± {about:.2g}"
    places = 1 - math.floor(math.log10(float(f"{about:.1e}")))
    if places > MOST_PLACES:
        return f"{value:{sign}.2g} ± {about:.2g}"
    shown = [round(each, places) for each in (value, about)]
    return f"{shown[0]:{sign}.{max(places, 0)}f} ± {shown[1]:.{max(places, 0)}f}"


def told(score: Score) -> str:
    """A score with its margin.

    Example:
        >>> import numpy as np
        >>> told(Score("MAE", 2.0, np.array([1.0, -1.0] * 50)))
        '2.00 ± 0.20'
    """
    return plus_minus(score.value, score.margin)


def as_json(value: float, error: float, about: float) -> dict[str, Any]:
    """A number with its standard error and its margin."""
    return {"value": value, "standard_error": error, "margin": about}
