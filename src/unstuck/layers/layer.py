"""What a layer is: a record without weights that says what it takes, holds and computes."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, NamedTuple, Protocol, runtime_checkable

from unstuck.activations import Activation, Array
from unstuck.layers.flow import Flow

Own = dict[str, Array]
"""The parameters of one layer, by name."""


class Spec(NamedTuple):
    """What one example looks like where it enters or leaves a layer.

    Attributes:
        shape: of the array.

    Example:
        >>> Spec((20,)).width
        20
    """

    shape: tuple[int, ...]

    @property
    def width(self) -> int:
        """Numbers along the last axis: units of a dense layer, columns of a table."""
        return self.shape[-1]


class Weight(NamedTuple):
    """One parameter of a layer.

    Attributes:
        shape: of the array.
        role: ``"weight"``: drawn by the layer's initializer and penalized by ``alpha``; ``"bias"``:
            starts at 0 or where the initializer puts it, free; ``"gain"``: starts at 1, free.
        fan_in, fan_out: of a weight, what its initializer goes by.
    """

    shape: tuple[int, ...]
    role: str = "weight"
    fan_in: int = 0
    fan_out: int = 0

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


class Derivative(NamedTuple):
    """Derivatives with respect to one parameter, row by row, as factors.

    Attributes:
        adjoint: shape (n, m, ...): of what the parameter was added to or multiplied into, m for
            each of n rows.
        inputs: shape (n, i), what multiplied it; ``None`` where nothing did.
    """

    adjoint: Array
    inputs: Array | None = None

    def by_row(self) -> Array:
        """The derivatives of every row, flat, shape (n, m, size)."""
        rows, several = self.adjoint.shape[:2]
        if self.inputs is None:
            return self.adjoint.reshape(rows, several, -1)
        outer = self.inputs[:, None, :, None] * self.adjoint[:, :, None, :]
        return outer.reshape(rows, several, -1)

    def total(self) -> Array:
        """Their sum over the rows, in the parameter's shape; for m = 1."""
        adjoint = self.adjoint[:, 0]
        return adjoint.sum(0) if self.inputs is None else self.inputs.T @ adjoint


@runtime_checkable
class Layer(Protocol):
    """A layer: any frozen dataclass with these. Its fields are what a file keeps of it.

    A layer may also have

    * ``pull(own, x, adjoint, xp) -> (adjoint, {name: Derivative})``: from adjoints (n, m, units) of
      its pre-activations to those of its inputs ``x`` (n, fan-in), and its parameters' derivatives.
      Levenberg-Marquardt uses it where every layer has it; JAX differentiates the others.
      ``backpropagation`` shows networks whose layers all have it.
    * ``linear``: whether its outputs are a linear map of its inputs; without it they are not.

    Attributes:
        unit: the activation function at its end. The initializer, the slopes of the health
            signals and the pair with the loss follow from it. What ``unit`` receives must be
            kept with ``flow.see("preactivation", a)``.
    """

    @property
    def unit(self) -> Activation:
        """The activation function at its end."""
        ...

    def weights(self, inputs: Spec) -> dict[str, Weight]:
        """Its parameters by name, for such inputs."""
        ...

    def outputs(self, inputs: Spec) -> Spec:
        """What it makes of such inputs."""
        ...

    def __call__(self, own: Own, x: Array, flow: Flow) -> Array:
        """Its outputs for rows ``x`` (n, ...), with its parameters.

        It computes with ``flow.xp``, NumPy or ``jax.numpy``; ends with ``flow.activate``; and keeps
        with ``flow.see`` what is worth a look.
        """
        ...


def is_layer(value: Any) -> bool:
    """Whether a value is a layer: a record with what ``Layer`` asks for."""
    record = dataclasses.is_dataclass(value) and not isinstance(value, type)
    return record and isinstance(value, Layer)


def can_pull(layer: Any) -> bool:
    """Whether a layer brings its own backward law."""
    return hasattr(layer, "pull")


def is_linear(layer: Any) -> bool:
    """Whether a layer says that its outputs are a linear map of its inputs."""
    return bool(getattr(layer, "linear", False))
