"""The threshold logic unit: the first mathematical model of a neuron."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.errors import DataError, ParameterError
from unstuck.neuro.boolean import letters, rows_of
from unstuck.readable import Facts, Readable
from unstuck.summary import number


@dataclass(frozen=True, repr=False)
class ThresholdLogicUnit(Readable):
    """A unit that fires, 1, where ``w·x + b >= 0``, and else is 0; its inputs are 0 or 1.

    McCulloch and Pitts (1943), A logical calculus of the ideas immanent in nervous activity.

    Arguments:
        weights: w, one for each input.
        bias: b; the unit's threshold is -b.

    Raises:
        ParameterError: weights or the bias are no finite numbers, or there are no weights.

    Example:
        >>> either = ThresholdLogicUnit([1, 1], -0.5)
        >>> either(0, 1), either([0, 0, 1, 1], [0, 1, 0, 1])
        (1, array([0, 1, 1, 1]))
        >>> either
        1[a + b - 0.5 >= 0]
    """

    weights: Sequence[float]
    bias: float

    def __post_init__(self) -> None:
        try:
            weights = tuple(map(float, self.weights))
            bias = float(self.bias)
        except (TypeError, ValueError, OverflowError):
            weights, bias = (), np.nan
        if not weights or not np.isfinite([*weights, bias]).all():
            raise ParameterError(
                f"ThresholdLogicUnit: the weights were {self.weights!r} and the bias "
                f"{self.bias!r}; expected a list of finite numbers, one for each input, and a "
                "finite number."
            )
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "bias", bias)

    def __call__(self, *inputs: Any) -> Any:
        """What the unit answers: 0 or 1.

        Arguments:
            inputs: one for each weight: 0 or 1, or arrays of them that fit each other.

        Returns:
            A whole number, or an array in the shape of the inputs.

        Raises:
            DataError: another number of inputs, or inputs that are not 0 or 1.
        """
        if len(inputs) != len(self.weights):
            raise DataError(
                f"the unit got {len(inputs)} inputs; expected {len(self.weights)}, one for each "
                "weight."
            )
        for given in inputs:
            if not np.isin(given, (0, 1)).all():
                raise DataError(
                    f"an input was {str(given)[:40]}; expected 0 or 1 (False or True): a threshold "
                    "logic unit takes nothing else. neuro.Perceptron takes any numbers."
                )
        total = sum((w * np.asarray(x, float) for w, x in zip(self.weights, inputs, strict=True)),
                    start=np.float64(self.bias))  # fmt: skip
        fires = np.asarray(total >= 0).astype(int)
        return int(fires) if fires.ndim == 0 else fires

    @property
    def truth_table(self) -> np.ndarray:
        """Its answers to all rows of inputs, counted up, shape (2^inputs,)."""
        return self(*rows_of(len(self.weights)).T)

    def _told(self) -> Facts:
        return Facts(
            "Threshold logic unit", (f"1[{self.sum_of(letters(len(self.weights)))} >= 0]",)
        )

    def sum_of(self, names: Sequence[str]) -> str:
        """Its sum in words of its inputs: ``a + b - 0.5``."""
        terms = [(w, name) for w, name in zip(self.weights, names, strict=True) if w]
        terms += [(self.bias, "")] if self.bias or not terms else []
        text = ""
        for value, name in terms:
            size = "" if name and abs(value) == 1 else number(abs(value))
            term = f"{size} {name}".strip()
            sign = "-" if value < 0 else "+"
            text += f" {sign} {term}" if text else f"{'-' if value < 0 else ''}{term}"
        return text


GATES = {
    "or": ThresholdLogicUnit((1, 1), -0.5),
    "and": ThresholdLogicUnit((1, 1), -1.5),
    "not": ThresholdLogicUnit((-1,), 0.5),
}
"""OR, AND and NOT as units."""
