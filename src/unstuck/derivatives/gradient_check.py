"""What a check of derivatives found, as a value and as a text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from unstuck.aligned import aligned
from unstuck.derivatives.comparison import KINDS, Comparison, hint
from unstuck.errors import DataError, GradientError

SHOWN = 12


@dataclass(frozen=True, eq=False, repr=False)
class GradientCheck:
    """What a check of derivatives found; prints as a text.

    Attributes:
        function: its name.
        comparisons: every derivative that was compared, in every mode.
        missing: mode -> why JAX does not have it for this function.
        order: power of the step with which the error of central differences falls along one
            random direction through all parameters: 2 where derivatives are right; NaN where
            nothing but rounding is left at every step.
        steps, errors: that course; a step of 1 changes every parameter by its own size.
    """

    function: str
    comparisons: tuple[Comparison, ...]
    missing: dict[str, str]
    order: float
    steps: np.ndarray = field(repr=False)
    errors: np.ndarray = field(repr=False)

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes that were checked."""
        return tuple(dict.fromkeys(each.mode for each in self.comparisons))

    def of(self, kind: str) -> tuple[Comparison, ...]:
        """The comparisons of a kind ("right", "wrong", "kink", "jump", "edge", "noise")."""
        found = [each for each in self.comparisons if each.kind == kind]
        return tuple(sorted(found, key=_badness, reverse=True))

    @property
    def verdict(self) -> str:
        """``"right"``, ``"wrong"``, or ``"undecided"`` where nothing could be judged."""
        if self.of("wrong"):
            return "wrong"
        return "right" if self.of("right") else "undecided"

    @property
    def ok(self) -> bool:
        """Whether no derivative is wrong, and some are shown to be right."""
        return self.verdict == "right"

    @property
    def worst(self) -> Comparison:
        """The largest relative error of a wrong derivative; if none is wrong, of a right one."""
        if not self.comparisons:
            raise DataError(
                f"{self.function}: there is no worst derivative, the arguments hold no numbers."
            )
        return (self.of("wrong") or self.of("right") or self.comparisons)[0]

    @property
    def wrong_parameters(self) -> tuple[str, ...]:
        """Paths of the parameters with a wrong derivative."""
        return tuple(dict.fromkeys(c.parameter for c in self.comparisons if c.kind == "wrong"))

    def raise_if_wrong(self) -> None:
        """Raise where a derivative is wrong.

        Raises:
            GradientError: names the parameters, with both numbers.
        """
        if self.verdict == "wrong":
            raise GradientError(str(self))

    def __str__(self) -> str:
        return "\n".join(
            [self._headline(), *self._wrongs(), *self._others(), *self._table(), *self._course()]
        )

    __repr__ = __str__

    def _headline(self) -> str:
        if not self.comparisons:
            return f"{self.function}: nothing to check, the arguments hold no numbers"
        modes = " and ".join(self.modes)
        if self.verdict == "wrong":
            return f"{self.function}: WRONG derivatives of {', '.join(self.wrong_parameters)}"
        if self.verdict == "undecided":
            return f"{self.function}: no derivative could be judged ({modes} mode)"
        return f"{self.function}: derivatives are right ({modes} mode)"

    def _wrongs(self) -> Iterator[str]:
        wrong = self.of("wrong")
        groups = dict.fromkeys((each.parameter, each.mode) for each in wrong)
        for group in list(groups)[:SHOWN]:
            mine = [each for each in wrong if (each.parameter, each.mode) == group]
            yield f"{mine[0]}\n  {hint(mine)}"
        if len(groups) > SHOWN:
            yield f"... and in {len(groups) - SHOWN} more"

    def _others(self) -> Iterator[str]:
        for kind in ("kink", "jump", "edge", "noise"):
            found = list(dict.fromkeys(each.place for each in self.of(kind)))
            if found:
                more = f" and {len(found) - 3} more" if len(found) > 3 else ""
                yield f"{len(found)} {KINDS[kind]}: {', '.join(found[:3])}{more}"
        for mode, why in self.missing.items():
            yield f"{mode} mode is missing: {why}"

    def _table(self) -> Iterator[str]:
        if not self.comparisons:
            return
        names = list(dict.fromkeys(each.parameter for each in self.comparisons))
        rows = [("parameter", "compared", "right", "largest relative error")]
        for name in names[:SHOWN]:
            mine = [each for each in self.comparisons if each.parameter == name]
            right = sum(each.kind == "right" for each in mine)
            errors = [each.error for each in mine if each.kind in ("right", "wrong")]
            largest = f"{max(errors):.1e}" if errors else "not judged"
            rows.append((name, str(len(mine)), str(right), largest))
        yield from aligned(rows, words=1)
        if len(names) > SHOWN:
            yield f"... and {len(names) - SHOWN} more parameters"

    def _course(self) -> Iterator[str]:
        if math.isfinite(self.order):
            order = round(self.order, 1) + 0.0  # no -0.0
            expected = "" if order > 1.5 else " (2 where all is right and smooth)"
            yield f"In a random direction the error falls as step^{order}{expected}."


def _badness(comparison: Comparison) -> tuple[float, float]:
    """By what comparisons are ordered: the error, and the size where errors are alike."""
    error = -1.0 if math.isnan(comparison.error) else float(f"{comparison.error:.1e}")
    return error, abs(comparison.numeric)
