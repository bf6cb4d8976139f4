"""Variations: what a training pass does otherwise than the plain network.

A variation is one record. It is part of what is compiled; its numbers are traced, so that changing
them compiles nothing. Predictions, validation and the health signals are made without those that
draw at random.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from unstuck.activations import Activation, Array
from unstuck.initializers import INITIALIZERS
from unstuck.lazy import jax

Tree = dict[str, dict[str, Array]]
"""Arrays by layer and name."""


class Trains(Protocol):
    """What a variation needs to know of a solver; see ``Solver``."""

    @property
    def full(self) -> bool: ...
    @property
    def exact(self) -> bool: ...
    @property
    def bounds(self) -> bool: ...


@dataclass(frozen=True)
class Variation:
    """One thing that training does otherwise; this one does nothing.

    Attributes:
        setting: the estimator's parameter that asks for it, and ``off``: its value without.
        cannot: what a solver cannot do that does not allow it.
        numbers: the estimator's parameters that it reads as traced numbers, from ``flow.numbers``.
        steady: whether the objective is the same function in every step.
    """

    setting: ClassVar[str] = ""
    off: ClassVar[Any] = None
    cannot: ClassVar[str] = ""
    numbers: ClassVar[tuple[str, ...]] = ()
    steady: ClassVar[bool] = True

    @staticmethod
    def allows(solver: Trains) -> bool:
        """Whether a solver can train with it."""
        del solver
        return True

    def slope_offset(self, unit: Activation) -> float:
        """What is added to the slope of a unit in the backward pass."""
        del unit
        return 0.0

    def output(self, z: Array, flow: Any) -> Array:
        """The outputs that the next layer gets, for outputs ``z`` of the layer ``flow.layer``."""
        del flow
        return z

    def product(self, x: Array, weights: Array, flow: Any) -> Array | None:
        """``x W`` of the layer ``flow.layer`` with another derivative; ``None``: the usual."""
        del x, weights, flow
        return None

    def arrays(self, network: Any, seed: int) -> dict[str, Array]:
        """What it reads beside ``numbers``, by name: drawn once, from the seed of the fit."""
        del network, seed
        return {}

    def bounds(self, network: Any) -> tuple[Tree, Tree] | None:
        """Between what the parameters stay in every step; ``None`` where they are free.

        Returns:
            The lower and the upper bounds, by layer and name, each broadcast against its parameter.
        """
        del network
        return None

    def first(self, parameters: Tree) -> Tree:
        """First parameters, by layer and name, made of those that were drawn."""
        return parameters


@dataclass(frozen=True)
class SlopeOffset(Variation):
    """Adds a constant to the slope of sigmoids in the backward pass, so that it never vanishes.

    ``delta = (h'(a) + c) sum_k w_k delta_k``; the gradient is no longer that of the loss.

    Attributes:
        offset: the constant c, 0.1 in the books.

    Reference: Fahlman 1988.
    """

    setting: ClassVar[str] = "slope_offset"
    off: ClassVar[Any] = 0
    cannot: ClassVar[str] = "needs the true gradient"

    offset: float

    @staticmethod
    def allows(solver: Trains) -> bool:
        return not solver.exact

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
    off: ClassVar[Any] = 0
    cannot: ClassVar[str] = "needs an objective that does not change from step to step"
    numbers: ClassVar[tuple[str, ...]] = ("dropout",)
    steady: ClassVar[bool] = False

    @staticmethod
    def allows(solver: Trains) -> bool:
        return not solver.full

    def output(self, z: Array, flow: Any) -> Array:
        if flow.key is None or flow.last:
            return z

        keep = 1.0 - flow.numbers["dropout"]
        kept: Any = jax.random.bernoulli(jax.random.fold_in(flow.key, flow.index), keep, z.shape)
        return flow.xp.where(kept, z / keep, 0.0)


@dataclass(frozen=True)
class UnitSigns(Variation):
    """Every hidden unit excites or inhibits all that it leads to (Dale's principle).

    The outgoing weights of an excitatory unit are at least 0 throughout, those of an inhibitory one
    at most 0. Each step ends at the nearest weights that are (a projected gradient), so a weight
    rests at exactly 0 where the loss asks for the other sign. First weights take their unit's sign.
    Where fewer units inhibit, their first weights are larger, so that what a unit receives is
    balanced: where one of five inhibits they are 4 times as large, at the same sum of squares.

    Attributes:
        signs: pairs of the layer that receives and the signs of the units that lead to it: 1
            excites, -1 inhibits, 0 is free.

    Reference: Dale 1935; Eccles 1976; Bertsekas 1976 (projected gradients).
    """

    setting: ClassVar[str] = "unit_signs"
    cannot: ClassVar[str] = "cannot keep weights at the signs of their units"

    signs: tuple[tuple[str, tuple[int, ...]], ...]

    @staticmethod
    def allows(solver: Trains) -> bool:
        return solver.bounds or not solver.full

    def bounds(self, network: Any) -> tuple[Tree, Tree] | None:
        shapes = network.shapes().items()
        low = {name: dict.fromkeys(own, np.array(-np.inf)) for name, own in shapes}
        high = {name: dict.fromkeys(own, np.array(np.inf)) for name, own in shapes}
        for name, sign in self._columns():
            low[name]["weights"] = np.where(sign > 0, 0.0, -np.inf)
            high[name]["weights"] = np.where(sign < 0, 0.0, np.inf)
        return low, high

    def first(self, parameters: Tree) -> Tree:
        found = {name: dict(own) for name, own in parameters.items()}
        for name, sign in self._columns():
            drawn = found[name]["weights"]
            found[name]["weights"] = np.where(sign == 0, drawn, _sizes(sign) * sign * np.abs(drawn))
        return found

    def _columns(self) -> list[tuple[str, Array]]:
        return [(name, np.array(signs)[:, None]) for name, signs in self.signs]


def _sizes(sign: Array) -> Array:
    """Factors on the first weights: both kinds of units sum up to the same, and so do squares."""
    excite, inhibit = int((sign > 0).sum()), int((sign < 0).sum())
    ratio = np.sqrt(excite / inhibit) if excite and inhibit else 1.0
    return np.where(sign < 0, ratio, 1.0 / ratio)


@dataclass(frozen=True)
class RandomFeedback(Variation):
    """Errors come back through fixed random weights in place of the layer's own (feedback
    alignment).

    ``delta_j = h'(a_j) sum_k b_jk delta_k`` with B drawn once by the law of Glorot and Bengio; what
    follows for a layer's own weights is as usual. No unit has to know what weights others give to
    what it sends, which no neuron could.

    Reference: Lillicrap, Cownden, Tweed and Akerman 2016.
    """

    setting: ClassVar[str] = "feedback"
    off: ClassVar[Any] = "transposed"
    cannot: ClassVar[str] = "needs the true gradient"

    @staticmethod
    def allows(solver: Trains) -> bool:
        return not solver.exact

    def arrays(self, network: Any, seed: int) -> dict[str, Array]:
        rng = np.random.default_rng((seed, FEEDBACK))
        law = INITIALIZERS["glorot_uniform"]
        shapes = {name: own["weights"].shape for name, own in network.weights().items()}
        return {_place(name): law.first_weights(rng, shapes[name]) for name in network.names[1:]}

    def matrices(self, network: Any, seed: int) -> dict[str, Array]:
        """The weights of the way back, by layer."""
        arrays = self.arrays(network, seed)
        return {name: arrays[_place(name)] for name in network.names[1:]}

    def product(self, x: Array, weights: Array, flow: Any) -> Array | None:
        back = flow.numbers.get(_place(flow.layer))
        return None if back is None else _product()(x, weights, back)


FEEDBACK = 2016
"""Beside the seed of the fit, so that these draws are others than those of the first weights."""


def _place(layer: str) -> str:
    return f"feedback/{layer}"


@functools.cache
def _product() -> Callable[..., Array]:
    """``x W``, whose derivative with respect to x goes through other weights."""

    @jax.custom_vjp
    def product(x: Array, weights: Array, back: Array) -> Array:
        del back
        return x @ weights

    def forward(x: Array, weights: Array, back: Array) -> Any:
        return x @ weights, (x, back)

    def backward(seen: Any, adjoint: Array) -> Any:
        x, back = seen
        return adjoint @ back.T, x.T @ adjoint, 0.0 * back

    product.defvjp(forward, backward)
    return product
