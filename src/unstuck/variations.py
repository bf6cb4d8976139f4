"""Variations: what a training pass does otherwise than the plain network.

A variation is one record. It is part of what is compiled; its numbers are traced, so that changing
them compiles nothing. Predictions, validation and the health signals are made without those that
draw at random.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from unstuck.activations import Activation, Array
from unstuck.lazy import jax


@dataclass(frozen=True)
class Variation:
    """One thing that training does otherwise; this one does nothing.

    Attributes:
        setting: the estimator's parameter that asks for it.
        numbers: the estimator's parameters that it reads as traced numbers, from ``flow.numbers``.
        steady: whether the objective is the same function in every step.
    """

    setting: ClassVar[str] = ""
    numbers: ClassVar[tuple[str, ...]] = ()
    steady: ClassVar[bool] = True

    def slope_offset(self, unit: Activation) -> float:
        """What is added to the slope of a unit in the backward pass."""
        del unit
        return 0.0

    def output(self, z: Array, flow: Any) -> Array:
        """The outputs that the next layer gets, for outputs ``z`` of the layer ``flow.layer``."""
        del flow
        return z


@dataclass(frozen=True)
class SlopeOffset(Variation):
    """Adds a constant to the slope of sigmoids in the backward pass, so that it never vanishes.

    ``delta = (h'(a) + c) sum_k w_k delta_k``; the gradient is no longer that of the loss.

    Attributes:
        offset: the constant c, 0.1 in the books.

    Reference: Fahlman 1988.
    """

    setting: ClassVar[str] = "slope_offset"

    offset: float

    def slope_offset(self, unit: Activation) -> float:
        return self.offset if unit.sigmoidal else 0.0


@dataclass(frozen=True)
class Dropout(Variation):
    """Sets a random share of the hidden outputs to 0, and makes up for it in the others.

    ``z m / (1 - p)`` with ``m`` 0 with probability p, drawn anew for every example and step. The
    share p is the traced number ``dropout``.

    Reference: Srivastava et al. 2014.
    """

    setting: ClassVar[str] = "dropout"
    numbers: ClassVar[tuple[str, ...]] = ("dropout",)
    steady: ClassVar[bool] = False

    def output(self, z: Array, flow: Any) -> Array:
        if flow.key is None or flow.last:
            return z

        keep = 1.0 - flow.numbers["dropout"]
        kept: Any = jax.random.bernoulli(jax.random.fold_in(flow.key, flow.index), keep, z.shape)
        return flow.xp.where(kept, z / keep, 0.0)
