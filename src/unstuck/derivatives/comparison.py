"""One derivative, analytically and by central differences, and what their difference means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unstuck.derivatives.differences import EPSILON, LARGEST, SAFETY, STEP, Line, Slope
from unstuck.derivatives.modes import Along

SHIFTS = (1e-3, 1e-4, 1e-5, 1e-6)
HIDDEN = 0.1
DUST = 1e3 * EPSILON

KINDS = {
    "right": "agree with central differences",
    "wrong": "do not",
    "kink": "at a kink (one-sided differences differ): right on both sides, a convention at it",
    "jump": "at a jump of the function: not judged",
    "edge": "at the edge of where the function is finite: not judged",
    "noise": "hidden by the function's noise: not judged",
}
"""What a comparison may find."""


@dataclass(frozen=True)
class Comparison:
    """One derivative, both ways.

    Attributes:
        parameter: path of the leaf.
        index: of the entry; ``None`` for a random direction through the whole leaf.
        mode: ``"reverse"`` or ``"forward"``.
        analytic, numeric: the derivative.
        step: of the difference, in the parameter's units.
        error: relative error; what central differences cannot resolve is not counted.
        order: power of the step with which the error falls, where it was measured: 2 for a right
            derivative, 0 for a wrong one or a kink, -1 for a jump or noise; else NaN.
        kind: a key of ``KINDS``.
    """

    parameter: str
    index: tuple[int, ...] | None
    mode: str
    analytic: float
    numeric: float
    step: float
    error: float
    order: float
    kind: str

    @property
    def place(self) -> str:
        """The entry as a person writes it."""
        if self.index is None:
            return f"{self.parameter} (random direction)"
        return self.parameter + (f"[{', '.join(map(str, self.index))}]" if self.index else "")

    def __str__(self) -> str:
        order = "" if math.isnan(self.order) else f", error ~ step^{round(self.order, 1) + 0.0}"
        return (
            f"{self.place}, {self.mode} mode: analytic {self.analytic:.6g}, numeric "
            f"{self.numeric:.6g}\n  relative error {self.error:.1e}, step {self.step:.1e}{order}"
        )


def compare(
    line: Line, along: Along, scale: float, tolerance: float
) -> tuple[float, Slope, float, float, str]:
    """The analytic derivative along a line beside the numeric one.

    Arguments:
        line: through the point.
        along: the analytic derivative.
        scale: the largest derivative of the function in its other directions.
        tolerance: largest relative error that counts as agreement.

    Returns:
        Analytic, numeric, relative error, order and kind.
    """
    with np.errstate(all="ignore"):
        analytic = along(line.point, line.direction)
        slope = line.quick()
        if _agrees_at_once(analytic, slope, scale, tolerance):
            error = _relative(analytic, slope, slope.error, tolerance)
            bent = _bent(line, max(abs(analytic), scale))
            return analytic, slope, error, math.nan, "kink" if bent else "right"
        best = line.best()
        if best is None:
            return analytic, Slope(math.nan, math.inf, line.steps[-1]), math.nan, math.nan, "edge"
        error = _relative(analytic, best, SAFETY * best.error, tolerance)
        kind = _kind(line, along, analytic, best, scale, error <= tolerance)
        return analytic, best, error, line.order(analytic), kind


def _relative(analytic: float, slope: Slope, unresolved: float, tolerance: float) -> float:
    """Relative error that is at most ``tolerance`` where the rest may be unresolved."""
    gap = abs(analytic - slope.value)
    size = max(abs(analytic), abs(slope.value)) + unresolved / tolerance
    return math.inf if not math.isfinite(gap) else gap / size if gap else 0.0


def _agrees_at_once(analytic: float, slope: Slope, scale: float, tolerance: float) -> bool:
    gap, size = abs(analytic - slope.value), max(abs(analytic), abs(slope.value))
    return gap <= tolerance * size or (gap <= slope.error and slope.error <= 1e-4 * scale)


def _bent(line: Line, size: float) -> bool:
    """Whether left and right slopes stay apart although their mean is the analytic one."""
    wide, half, narrow = (line.bend(STEP / k) for k in (1, 2, 64))
    near = abs(half) > 0.75 * abs(wide) and abs(narrow) > 0.75 * abs(half)
    return bool(near and abs(half) > 1e-3 * size and abs(narrow) * STEP / 64 > 16.0 * line.noise)


def _kind(
    line: Line, along: Along, analytic: float, best: Slope, scale: float, agrees: bool
) -> str:
    size = max(abs(analytic), abs(best.value))
    if agrees:
        hidden = SAFETY * best.error > HIDDEN * size
        around = np.nanmax(np.abs([line.at(t) for t in (-LARGEST, 0.0, LARGEST)]))
        dust = size <= max(1e-3 * scale, DUST * around)
        if dust or not hidden:
            return "right"
        return "jump" if line.jumps() else "noise"
    if line.jumps():
        return "jump"
    return "kink" if _right_beside(line, along, abs(analytic - best.value)) else "wrong"


def _right_beside(line: Line, along: Along, gap: float) -> bool:
    """Whether the analytic derivative is right a little before the point and a little after it."""
    return any(
        8.0 * line.noise / t <= HIDDEN * gap
        and all(_gap_at(line, along, side * t) <= HIDDEN * gap for side in (-1.0, 1.0))
        for t in SHIFTS
    )


def _gap_at(line: Line, along: Along, t: float) -> float:
    beside = line.point + t * line.direction
    return abs(along(beside, line.direction) - line.central(abs(t) / 2.0, t))


def hint(wrong: Sequence[Comparison]) -> str:
    """What the ratios of wrong derivatives to the right ones look like.

    Example:
        >>> flipped = Comparison("w", (0,), "reverse", -2.0, 2.0, 1e-6, 2.0, 0.0, "wrong")
        >>> hint([flipped])
        'analytic = -1 x numeric: a flipped sign'
    """
    if not all(math.isfinite(each.analytic) for each in wrong):
        return "the analytic derivative is not finite"
    ratios = np.array([each.analytic / each.numeric for each in wrong if each.numeric])
    if not len(ratios) or np.ptp(ratios) > 1e-3 * abs(ratios).max() + 1e-9:
        return "no common factor: a term is missing or wrong"
    ratio = float(np.round(np.median(ratios), 4))
    meaning = {-1.0: "a flipped sign", 0.0: "nothing arrives; is it detached (stop_gradient)?"}
    return f"analytic = {ratio:g} x numeric: {meaning.get(ratio, 'a wrong factor')}"
