"""Times as whole numbers of steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from unstuck.errors import ParameterError
from unstuck.neuro.given import shown

SECOND = 1000.0
"""Milliseconds."""
ROUNDING = 1e-6
"""Share of a step by which a multiple of it may be off."""


MOST_STEPS = 2**31 - 1000
"""Of a run: their numbers are int32."""


def whole_steps(given: Any, step: float, name: str, least: int = 1, most: float = np.inf) -> int:
    """A time in steps.

    Arguments:
        given: the time, and ``step``: in the same unit.
        name: what it is called in an error.
        least, most: steps.

    Raises:
        ParameterError: it is no multiple of the step, or not of so many.

    Example:
        >>> whole_steps(2.0, 0.1, "refractory")
        20
    """
    try:
        count = float(given) / step
    except (TypeError, ValueError, OverflowError):
        count = np.nan
    whole = np.rint(count)
    if not np.isfinite(count) or isinstance(given, bool) or whole < least \
            or abs(count - whole) > ROUNDING * max(1.0, whole):  # fmt: skip
        low = "0" if least == 0 else f"{least * step:g}"
        near = f", such as {whole * step:g}" if np.isfinite(count) and whole >= least else ""
        unit = "" if step == 1 else f" of the step {step:g} ms"
        what = "whole number" if step == 1 else "multiple"
        said = f"expected a {what}{unit}, {low} or more{near}."
        raise ParameterError(f"{name} was {shown(given)}; {said}")
    if whole > most:
        raise ParameterError(
            f"{name} was {shown(given)}, {whole:.3g} steps; expected {most * step:g} at most: "
            f"{most:,} steps."
        )
    return int(whole)
