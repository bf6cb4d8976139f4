"""One pass through a network: what it computes with, what it does otherwise, what it keeps."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unstuck.activations import Activation, Array
from unstuck.lazy import jax
from unstuck.variations import Variation

Seen = dict[str, dict[str, Array]]
"""What was kept of a pass, by layer and by what it is."""


@dataclass
class Flow:
    """One pass. Layers compute with it and let it see what they compute.

    A zero added to a value is a way to ask for its adjoint: the derivative of the loss with respect
    to that zero. So values and adjoints of any layer come from one mechanism, ``see``.

    Attributes:
        xp: NumPy (prediction) or ``jax.numpy`` (training, with the records' derivatives).
        variations: what this pass does otherwise than the plain network.
        key: a random key of JAX; ``None`` where nothing is drawn.
        numbers: traced numbers that variations read.
        zeros: by layer and what, added to what is seen.
        keeps: what is kept, such as ``("preactivation", "output")``; ``None`` keeps everything.
        only: the one layer of which it is kept; empty for all.
        seen: what was kept.
        layer, index, last: the layer that is computed, and whether it is the last.
    """

    xp: Any = np
    variations: tuple[Variation, ...] = ()
    key: Any = None
    numbers: Mapping[str, Any] = field(default_factory=dict)
    zeros: Mapping[str, Mapping[str, Array]] = field(default_factory=dict)
    keeps: Collection[str] | None = None
    only: str = ""
    seen: Seen = field(default_factory=dict)
    layer: str = ""
    index: int = 0
    last: bool = False

    @contextlib.contextmanager
    def within(self, layer: str, index: int, last: bool) -> Any:
        """Inside, a layer is computed; its operations carry its name in a traced graph."""
        self.layer, self.index, self.last = layer, index, last
        self.seen[layer] = {}
        with named(layer, self.xp):
            yield

    def see(self, what: str, value: Array) -> Array:
        """Keep a value under a name; returns it, to compute on with."""
        zeros = self.zeros.get(self.layer, {})
        if what in zeros:
            value = value + zeros[what]
        if (self.keeps is None or what in self.keeps) and self.only in ("", self.layer):
            self.seen[self.layer][what] = value
        return value

    def product(self, x: Array, weights: Array) -> Array:
        """``x W``, with the derivative that this pass gives it."""
        if self.xp is not np:
            for variation in self.variations:
                found = variation.product(x, weights, self)
                if found is not None:
                    return found
        return x @ weights

    def activate(self, unit: Activation, a: Array) -> Array:
        """The outputs of units that receive ``a``."""
        return self.function(unit)(a)

    def function(self, unit: Activation) -> Callable[[Array], Array]:
        """The activation with the derivative that this pass gives it."""
        if self.xp is np:
            return unit
        return unit.differentiable(sum((v.slope_offset(unit) for v in self.variations), 0.0))

    def output(self, z: Array) -> Array:
        """What a layer hands on: its outputs as the variations leave them."""
        z = self.see("output", z)
        for variation in self.variations:
            z = variation.output(z, self)
        return z


def named(part: str, xp: Any) -> Any:
    """Under JAX a scope, so that a trace of the program shows which part an operation is of."""
    if xp is np:
        return contextlib.nullcontext()

    return jax.named_scope(part)
