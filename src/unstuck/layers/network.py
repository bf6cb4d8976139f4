"""A network: named layers in series, and the one vector its parameters are trained in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.activations import Activation, Array
from unstuck.initializers import Initializer
from unstuck.layers.flow import Flow
from unstuck.layers.layer import Layer, Own, Spec, Weight, is_linear
from unstuck.readable import Facts, Readable

Parameters = dict[str, Own]
Packed = Array | tuple[Array, ...]

LARGEST_VECTOR = 1 << 16


@dataclass(frozen=True, repr=False)
class Network(Readable):
    """Layers in series, without their weights.

    Attributes:
        inputs: what one example looks like; a number stands for so many columns.
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

    inputs: Spec
    layers: tuple[tuple[str, Layer], ...]

    def __init__(self, inputs: Spec | int, layers: tuple[tuple[str, Layer], ...]):
        spec = Spec((inputs,)) if isinstance(inputs, int) else inputs
        object.__setattr__(self, "inputs", spec)
        object.__setattr__(self, "layers", layers)

    @property
    def output(self) -> Activation:
        """The output unit."""
        return self.layers[-1][1].unit

    @property
    def outputs(self) -> Spec:
        """What the network makes of one example."""
        return self.specs()[-1]

    @property
    def names(self) -> tuple[str, ...]:
        """The layers' names, from input to output."""
        return tuple(name for name, _ in self.layers)

    @property
    def hidden(self) -> tuple[tuple[str, Layer], ...]:
        """All layers but the last."""
        return self.layers[:-1]

    def specs(self) -> list[Spec]:
        """What enters the first layer, and what leaves every layer."""
        found = [self.inputs]
        for _, layer in self.layers:
            found.append(layer.outputs(found[-1]))
        return found

    @property
    def widths(self) -> tuple[int, ...]:
        """Width of the inputs and of every layer."""
        return tuple(spec.width for spec in self.specs())

    def weights(self) -> dict[str, dict[str, Weight]]:
        """Every parameter, by layer and name."""
        return {
            name: layer.weights(spec)
            for (name, layer), spec in zip(self.layers, self.specs(), strict=False)
        }

    def shapes(self) -> dict[str, dict[str, tuple[int, ...]]]:
        """Shape of every parameter, by layer and name."""
        return {
            name: {kind: weight.shape for kind, weight in own.items()}
            for name, own in self.weights().items()
        }

    def paths(self) -> list[tuple[str, str, Weight]]:
        """Layer, name and parameter in the order in which the vector holds them."""
        return [
            (name, kind, weight)
            for name, own in self.weights().items()
            for kind, weight in own.items()
        ]

    @property
    def size(self) -> int:
        """Number of parameters."""
        return sum(weight.size for *_, weight in self.paths())

    def initialize(self, laws: Sequence[Initializer], rng: np.random.Generator) -> Parameters:
        """First parameters, one law a layer, float64."""
        return {
            name: _first(own, law, rng)
            for (name, own), law in zip(self.weights().items(), laws, strict=True)
        }

    def flatten(self, parameters: Parameters, xp: Any = np) -> Array:
        """All parameters in one vector. One vector makes one kernel of each solver operation."""
        return xp.concatenate([parameters[name][kind].ravel() for name, kind, _ in self.paths()])

    def unflatten(self, vector: Array) -> Parameters:
        """The parameters that ``flatten`` put into a vector."""
        parameters: Parameters = {name: {} for name in self.names}
        start = 0
        for name, kind, weight in self.paths():
            stop = start + weight.size
            parameters[name][kind] = vector[start:stop].reshape(weight.shape)
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

    def whole(self, tree: Parameters) -> Parameters:
        """Arrays that are broadcast against the parameters, in their shapes."""
        return {
            name: {kind: np.broadcast_to(tree[name][kind], shape) for kind, shape in own.items()}
            for name, own in self.shapes().items()
        }

    def marked(self, *roles: str) -> Parameters:
        """Where the parameters have one of these roles: arrays of truth values in their shapes."""
        found: Parameters = {name: {} for name in self.names}
        for name, kind, weight in self.paths():
            found[name][kind] = np.full(weight.shape, weight.role in roles)
        return found

    def weight_mask(self) -> Packed:
        """1 where ``pack`` holds a weight, 0 where it holds a bias or a gain."""
        return self.pack(self.marked("weight"))

    def squared_norm(self, parameters: Parameters) -> Array:
        """Squared norm of all weights (not of biases and gains)."""
        return sum(
            (parameters[name][kind] ** 2).sum()
            for name, kind, weight in self.paths()
            if weight.role == "weight"
        )

    def run(self, parameters: Parameters, x: Array, flow: Flow) -> Array:
        """The forward pass; ``flow.seen`` holds what the layers let it see.

        Arguments:
            parameters: by layer and name.
            x: inputs, shape (n, ...), or whatever the first layer can multiply.
            flow: what to compute with.

        Returns:
            The outputs, shape (n, outputs).
        """
        for index, (name, layer) in enumerate(self.layers):
            with flow.within(name, index, index == len(self.layers) - 1):
                x = layer(parameters[name], x, flow)
            x = flow.output(x)
        return x

    def __call__(self, parameters: Parameters, x: Array, xp: Any = np) -> Array:
        """The outputs, shape (n, outputs)."""
        return self.run(parameters, x, Flow(xp, keeps=()))

    def collapses(self) -> bool:
        """Whether several layers amount to one linear map: every hidden one says it is linear."""
        return bool(self.hidden) and all(is_linear(layer) for _, layer in self.hidden)

    def _told(self) -> Facts:
        rows = [("layer", "unit", "shape", "parameters"), *self._rows()]
        rows.append(("total", "", "", f"{self.size:,}"))
        return Facts("Network", rows=rows, words=3)

    def _rows(self) -> Iterator[tuple[str, str, str, str]]:
        """A line for every layer: name, unit, shape of its first parameter, parameters."""
        for (name, layer), own in zip(self.layers, self.weights().values(), strict=True):
            shape = next((str(weight.shape) for weight in own.values()), "")
            yield name, _unit(layer), shape, f"{sum(weight.size for weight in own.values()):,}"


def _unit(layer: Layer) -> str:
    """A layer in a word or two: its own ones, or its unit and its kind."""
    told = type(layer).__str__ is not object.__str__
    return str(layer) if told else f"{type(layer).__name__} of {layer.unit.name}"


def parts_of(packed: Packed) -> tuple[Array, ...]:
    """The arrays that packed parameters consist of."""
    return packed if isinstance(packed, tuple) else (packed,)


def _first(own: dict[str, Weight], law: Initializer, rng: np.random.Generator) -> Own:
    """First parameters of one layer."""
    drawn = {
        name: law.first_weights(rng, (weight.fan_in, weight.fan_out)).reshape(weight.shape)
        for name, weight in own.items()
        if weight.role == "weight"
    }
    return {name: drawn.get(name, _free(weight, law, drawn, rng)) for name, weight in own.items()}


def _free(weight: Weight, law: Initializer, drawn: Own, rng: np.random.Generator) -> Array:
    """A parameter that is no weight; biases lie where the law of the layer's one matrix wants."""
    if weight.role == "gain":
        return np.ones(weight.shape)
    if weight.role != "bias" or len(drawn) != 1:
        return np.zeros(weight.shape)
    (weights,) = drawn.values()
    return law.first_biases(rng, weights, weight.shape)
