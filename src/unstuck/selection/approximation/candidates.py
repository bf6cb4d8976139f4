"""Hidden units that may be taken next: their weights and biases, drawn over a cube."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from unstuck.activations import ACTIVATIONS, Activation
from unstuck.errors import ParameterError

STEEPEST = 32.0
"""Of activations whose shape depends on the scale: slopes between 1 and so many, where the cube is
2 wide."""


class Units(NamedTuple):
    """Hidden units.

    Attributes:
        w: weights, shape (inputs, units).
        b: biases, shape (units,).
    """

    w: np.ndarray
    b: np.ndarray

    def of(self, x: np.ndarray, activation: Callable[..., Any]) -> np.ndarray:
        """What they answer to rows, shape (n, units)."""
        return np.asarray(activation(x @ self.w + self.b), float)

    def taken(self, which: Any) -> Units:
        """Some of them."""
        return Units(self.w[:, which], self.b[which])


class Candidates:
    """Where units may be: every kink or center lies in the cube, or in one input a little below.

    Arguments:
        activation: a function of an array.
        low, high: ends of the cube along each input.
        inputs: how many.
        shifts_only: weights of 1, so that only the biases differ: ``activation(x + b)``.

    Example:
        >>> relu = Candidates(lambda a: np.maximum(a, 0), -1.0, 1.0, 1, True)
        >>> relu.scaled, relu.drawn(5, np.random.default_rng(0)).w.tolist()
        (False, [[1.0, 1.0, 1.0, 1.0, 1.0]])
    """

    def __init__(
        self,
        activation: Callable[..., Any],
        low: float,
        high: float,
        inputs: int,
        shifts_only: bool = False,
    ):
        self.low, self.high, self.inputs = low, high, inputs
        self.half = (high - low) / 2
        a = np.linspace(-3.0, 3.0, 13)
        self.homogeneous = np.allclose(activation(2 * a), 2 * activation(a), atol=1e-12)
        """As ReLU: scaled inputs scale the outputs."""
        self.fixed = shifts_only
        self.scaled = not self.homogeneous and not shifts_only
        """Whether units differ by more than direction and place: ReLU's steepness is its weight."""

    def drawn(self, count: int, rng: np.random.Generator) -> Units:
        """So many units: evenly in one input, at random in more."""
        if self.inputs == 1:
            return self._even(count)
        directions = rng.standard_normal((self.inputs, count))
        directions /= np.sqrt((directions**2).sum(0))
        places = rng.uniform(self.low, self.high, (self.inputs, count))
        steepness = STEEPEST ** rng.uniform(0, 1, count) / self.half if self.scaled else 1.0
        w = directions * steepness
        return Units(w, -(w * places).sum(0))

    def near(self, unit: Units, reach: float, count: int, rng: np.random.Generator) -> Units:
        """Units around one, as far as a share of the cube and of its steepness."""
        moved = unit.w + 0.0 * unit.b
        size = np.sqrt((moved**2).sum(0))
        w = np.repeat(moved, count, 1)
        if self.inputs > 1:
            w = w + reach * size * rng.standard_normal(w.shape)
        if self.scaled:
            w = w * np.exp(reach * rng.standard_normal(count))
        elif not self.fixed:
            w = w * size / np.sqrt((w**2).sum(0))  # a direction: its length is the output's weight
        # The place that stays where it is: the one nearest to the center.
        center = np.full((self.inputs, 1), (self.low + self.high) / 2)
        foot = center - unit.w * (((unit.w * center).sum(0) + unit.b) / size**2)
        shift = reach * self.half * rng.standard_normal(count) * np.sqrt((w**2).sum(0))
        return Units(w, -(w * foot).sum(0) + shift)

    def _even(self, count: int) -> Units:
        if not self.scaled:
            places = np.linspace(self.low - self.half, self.high, count, endpoint=False)
            return Units(np.ones((1, count)), -places)
        levels = max(1, int(count**0.5) // 3)
        steepness = np.geomspace(1.0, STEEPEST, levels) / self.half
        places = np.linspace(self.low, self.high, count // levels)
        w = np.repeat(steepness, len(places))
        return Units(w[None], -w * np.tile(places, levels))


@dataclass(frozen=True)
class OwnActivation:
    """A user's function as an activation, computed in NumPy.

    Attributes:
        name: of the function.
        function: of an array.
    """

    name: str
    function: Callable[..., Any]

    def __call__(self, a: np.ndarray) -> np.ndarray:
        return np.asarray(self.function(a), float)


def activation_of(choice: Any, name: str) -> Activation | OwnActivation:
    """The record of a name, or a function that works on every number of an array.

    Raises:
        ParameterError: there is none of that name, it is none of single numbers (softmax), or the
            function does not answer with an array of the same shape.

    Example:
        >>> activation_of(np.tanh, "example").name, activation_of("relu", "example").name
        ('tanh', 'relu')
    """
    own = callable(choice) and not isinstance(choice, Activation)
    found: Any = OwnActivation(getattr(choice, "__name__", "function"), choice) if own else None
    found = found or ACTIVATIONS.resolve(choice)
    a = np.linspace(-2.0, 2.0, 6).reshape(2, 3)
    try:
        z = np.asarray(found(a), float)
    except Exception as problem:  # of whatever function
        raise ParameterError(
            f"{name}: activation {found.name} cannot be called with an array: "
            f"{type(problem).__name__}: {problem}. Expected a function such as np.tanh."
        ) from problem
    if z.shape != a.shape or not np.isfinite(z).all() or found.name == "softmax":
        raise ParameterError(
            f"{name}: activation was {found.name}; expected one that answers to every number of an "
            "array with a finite number, as relu or np.tanh do."
        )
    return found
