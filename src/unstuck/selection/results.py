"""What was measured of candidates, and which of them are the best."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from unstuck.health.spelling import number
from unstuck.selection.candidate import Candidate, spelled

ROUNDING = 1e-12
"""Share of the largest error below which another is 0; of the smallest one, by which another is the
same."""


@dataclass(frozen=True, repr=False)
class Measured:
    """Candidates with their errors. What each attribute holds is said where it is public, of
    ``ValidationTable``.
    """

    candidates: Sequence[Candidate]
    measure: str
    folds: str = ""
    asked: int = 0
    seconds: float = 0.0
    compilations: int | None = None
    used_up: int = 0
    estimator: Any = None

    @property
    def names(self) -> list[str]:
        """Of the parameters."""
        return list(dict.fromkeys(name for each in self.candidates for name in each.params))

    def label(self, name: str) -> str:
        """A parameter as it is shown: without the step of a pipeline, where that is enough."""
        short = name.rpartition("__")[2]
        return short if sum(n.rpartition("__")[2] == short for n in self.names) == 1 else name

    def told(self, params: Mapping[str, Any]) -> str:
        """Parameters as they stand in a sentence."""
        told = (f"{self.label(name)} = {spelled(params[name])}" for name in params)
        return ", ".join(told) or "the parameters as they are"

    @property
    def optimum(self) -> Candidate | None:
        """The smallest validation error, the first of those that differ by rounding; of a search in
        rounds, in the last one. Nothing where no candidate is complete."""
        last = max((each.rows or 0 for each in self.candidates), default=0)
        whole = [each for each in self.candidates if each.complete and (each.rows or 0) == last]
        least = min((each.validation_error for each in whole), default=math.nan)
        most = least + ROUNDING * abs(least)
        return next((each for each in whole if each.validation_error <= most), None)

    @property
    def one_standard_error(self) -> Candidate | None:
        """Of the candidates whose validation error is within one standard error of the smallest,
        the one that fits its rows least closely: the largest training error. Nothing where one of
        these is not known.

        Reference: Breiman, Friedman, Olshen and Stone 1984.
        """
        best = self.optimum
        if best is None or not math.isfinite(best.standard_error + best.training_error):
            return None
        most = best.validation_error + best.standard_error
        near = [
            each
            for each in self.candidates
            if each.complete and each.rows == best.rows and each.validation_error <= most
        ]
        return max(near, key=lambda each: each.training_error)

    @property
    def fits(self) -> int:
        """That were made."""
        return sum(len(each.validation) for each in self.candidates) if self.asked else 0

    def number(self, error: float) -> str:
        """An error as it is told: given ones as they are."""
        return number(self.rounded(error), 4 if self.spread else 6)

    def rounded(self, error: float) -> float:
        """An error; 0 where it is what is left of the arithmetic."""
        largest = max((abs(e.validation_error) for e in self.candidates if e.complete), default=0.0)
        return 0.0 if abs(error) < ROUNDING * largest else error

    @property
    def spread(self) -> bool:
        """Whether a standard error is known of any."""
        return any(math.isfinite(each.standard_error) for each in self.candidates)

    @property
    def rounds(self) -> bool:
        """Whether a search went through rounds with more and more rows."""
        return any(each.rows is not None for each in self.candidates)
