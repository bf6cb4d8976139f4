"""One derivative, analytically and by central differences, as a text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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
            derivative (1 where its slope has a kink), 0 for a wrong one or a kink, -1 for a jump
            or noise; else NaN.
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
