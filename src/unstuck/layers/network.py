"""A network: named layers in series, and the one vector its parameters are trained in."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from unstuck.activations import Activation, Array
from unstuck.initializers import Initializer
from unstuck.layers.dense import Dense

Parameters = dict[str, dict[str, Array]]
Packed = Array | tuple[Array, ...]

LARGEST_VECTOR = 1 << 16


class Pass(NamedTuple):
    """What one layer did in a forward pass."""

    name: str
    preactivation: Array
    output: Array


@dataclass(frozen=True)
class Network:
    """Layers in series, without their weights.

    Attributes:
        inputs: width of the inputs.
        layers: pairs of a name and a layer; the last is the output layer.

    Example:
        >>> from unstuck import ACTIVATIONS
        >>> from unstuck.layers.dense import Dense
        >>> network = Network(2, (("hidden_1", Dense(3, ACTIVATIONS["tanh"])),
        ...                       ("output", Dense(1, ACTIVATIONS["identity"]))))
        >>> print(network)
        layer     unit      shape    parameters
        hidden_1  tanh      (2, 3)            9
        output    identity  (3, 1)            4
        total                                13
    """

    inputs: int
    layers: tuple[tuple[str, Dense], ...]

    @property
    def output(self) -> Activation:
        """The output unit."""
        return self.layers[-1][1].activation

    @property
    def names(self) -> tuple[str, ...]:
        """The layers' names, from input to output."""
        return tuple(name for name, _ in self.layers)

    @property
    def widths(self) -> tuple[int, ...]:
        """Width of the inputs and of every layer."""
        return (self.inputs, *(layer.units for _, layer in self.layers))

    def shapes(self) -> dict[str, dict[str, tuple[int, ...]]]:
        """Shape of every parameter, by layer and name."""
        return {
            name: layer.shapes(fan_in)
            for (name, layer), fan_in in zip(self.layers, self.widths, strict=False)
        }

    def paths(self) -> list[tuple[str, str, tuple[int, ...]]]:
        """Layer, parameter and shape in the order in which the vector holds them."""
        return [
            (name, kind, shape)
            for name, shapes in self.shapes().items()
            for kind, shape in shapes.items()
        ]

    @property
    def size(self) -> int:
        """Number of parameters."""
        return sum(math.prod(shape) for *_, shape in self.paths())

    def initialize(self, laws: Sequence[Initializer], rng: np.random.Generator) -> Parameters:
        """First parameters, one law a layer."""
        return {
            name: layer.initialize(fan_in, law, rng)
            for (name, layer), fan_in, law in zip(self.layers, self.widths, laws, strict=False)
        }

    def flatten(self, parameters: Parameters, xp: Any = np) -> Array:
        """All parameters in one vector. One vector makes one kernel of each solver operation."""
        return xp.concatenate([parameters[name][kind].ravel() for name, kind, _ in self.paths()])

    def unflatten(self, vector: Array) -> Parameters:
        """The parameters that ``flatten`` put into a vector."""
        parameters: Parameters = {name: {} for name in self.names}
        start = 0
        for name, kind, shape in self.paths():
            stop = start + math.prod(shape)
            parameters[name][kind] = vector[start:stop].reshape(shape)
            start = stop
        return parameters

    @property
    def large(self) -> bool:
        """Whether it has too many parameters to train them in one vector."""
        return self.size > LARGEST_VECTOR

    def pack(self, parameters: Parameters, xp: Any = np) -> Packed:
        """The parameters as they are trained: one vector, or one array each in a large network.

        One vector makes one kernel of each solver operation: 0.8 of the time of a step for
        20-32-3. Cutting large matrices out of it costs more than that: 784-512-512-10 takes 1.5
        times as long.
        """
        if not self.large:
            return self.flatten(parameters, xp)
        return tuple(parameters[name][kind] for name, kind, _ in self.paths())

    def unpack(self, packed: Packed) -> Parameters:
        """The parameters that ``pack`` put together."""
        if not isinstance(packed, tuple):
            return self.unflatten(packed)
        parameters: Parameters = {name: {} for name in self.names}
        for (name, kind, _), array in zip(self.paths(), packed, strict=True):
            parameters[name][kind] = array
        return parameters

    def weight_mask(self) -> Packed:
        """1 where ``pack`` holds a weight, 0 where it holds a bias or a gain."""
        masks = {
            name: {kind: np.full(shape, kind == "weights") for kind, shape in shapes.items()}
            for name, shapes in self.shapes().items()
        }
        return self.pack(masks)

    def passes(
        self,
        parameters: Parameters,
        x: Array,
        xp: Any = np,
        slope_offset: float = 0.0,
        drop: Callable[[Array, int], Array] | None = None,
        probes: Sequence[Array] | None = None,
        first_shift: Array | None = None,
    ) -> Iterator[Pass]:
        """The forward pass, layer by layer.

        Arguments:
            parameters: by layer and name.
            x: inputs, shape (n, inputs); a sparse matrix where ``xp`` is NumPy.
            xp: NumPy (prediction) or ``jax.numpy`` (training, with the records' derivatives).
            slope_offset: added to the slope of sigmoidal units in the backward pass.
            drop: applied to the outputs of hidden layer i, for dropout.
            probes: zeros added to the pre-activations: the derivative with respect to a probe is
                the layer's adjoint.
            first_shift: added to the first layer's products ``x W``, shape (units,): the part of
                inputs that were not centered.
        """
        last = len(self.layers) - 1
        for index, (name, layer) in enumerate(self.layers):
            function = (
                layer.activation if xp is np else layer.activation.differentiable(slope_offset)
            )
            with named(name, xp):
                a = layer.preactivation(parameters[name], x, xp, first_shift)
                first_shift = None
                if probes is not None:
                    a = a + probes[index]
                x = function(a)
            yield Pass(name, a, x)
            if drop is not None and index < last:
                x = drop(x, index)

    def __call__(self, parameters: Parameters, x: Array, xp: Any = np) -> Array:
        """The outputs, shape (n, outputs)."""
        *_, last = self.passes(parameters, x, xp)
        return last.output

    def collapses(self) -> bool:
        """Whether several layers amount to one linear map: no hidden unit is non-linear."""
        hidden = [layer for _, layer in self.layers[:-1]]
        return bool(hidden) and all(
            not layer.layer_norm
            and (
                layer.activation.name == "identity"
                or (layer.activation.name == "leaky_relu" and layer.activation.constant == 1.0)
            )
            for layer in hidden
        )

    def __str__(self) -> str:
        rows = [("layer", "unit", "shape", "parameters")]
        for (name, layer), shapes in zip(self.layers, self.shapes().values(), strict=True):
            count = sum(math.prod(shape) for shape in shapes.values())
            rows.append((name, str(layer), str(shapes["weights"]), f"{count:,}"))
        rows.append(("total", "", "", f"{self.size:,}"))
        width = [max(len(row[i]) for row in rows) for i in range(4)]
        return "\n".join(
            f"{a:<{width[0]}}  {b:<{width[1]}}  {c:<{width[2]}}  {d:>{width[3]}}"
            for a, b, c, d in rows
        )


def named(part: str, xp: Any) -> Any:
    """A context in which JAX writes a name beside each operation, for graphs and profiles."""
    if xp is np:
        return contextlib.nullcontext()
    import jax

    return jax.named_scope(part)
