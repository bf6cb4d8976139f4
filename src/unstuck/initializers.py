"""Initializers: the law from which a layer's first weights are drawn.

The tables' laws draw with NumPy on the host: nothing has to be compiled before a fit can start.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.choices import Choices, Named, Own
from unstuck.errors import ParameterError
from unstuck.lazy import jax


@dataclass(frozen=True, repr=False)
class Initializer(Named):
    """A law for the weights of a layer, shape (fan-in, fan-out).

    Attributes:
        name: the entry's name.
        draw: ``draw(rng, shape)`` with a ``numpy.random.Generator``, float64 weights.
        law: the variance law as text.
        biases: ``biases(rng, weights)``, or ``None`` where they start at 0.
        spreads: whether its units lie over inputs from -1 to 1, so that those of the first layer
            are moved to where the inputs are. Else weights and biases are taken as drawn.
        aliases, when, reference, parameter, constant, parameter_range, varies: as in
            ``Activation``.

    Example:
        >>> import numpy as np
        >>> from unstuck import INITIALIZERS
        >>> weights = INITIALIZERS["fan_in"].draw(np.random.default_rng(0), (400, 100))
        >>> bool(abs(weights.std() * np.sqrt(400) - 1) < 0.02)
        True
    """

    name: str
    draw: Callable[[np.random.Generator, tuple[int, int]], Array]
    law: str = "a function of your own"
    biases: Callable[[np.random.Generator, Array], Array] | None = None
    spreads: bool = False
    aliases: tuple[str, ...] = ()
    when: str = ""
    reference: str = ""
    parameter: str | None = None
    constant: float = math.nan
    parameter_range: tuple[float, float] = (0.0, 0.0)
    varies: Callable[[float], dict[str, Any]] | None = None

    def first_weights(self, rng: np.random.Generator, shape: tuple[int, int]) -> Array:
        """Weights as ``draw`` gives them, float64.

        Raises:
            ParameterError: their shape is another one, or they are not finite.
        """
        return self._checked(self.draw(rng, shape), shape, "weights")

    def first_biases(
        self, rng: np.random.Generator, weights: Array, shape: tuple[int, ...]
    ) -> Array:
        """Biases as ``biases`` gives them for these weights, or 0, float64.

        Raises:
            ParameterError: their shape is another one, or they are not finite.
        """
        if self.biases is None:
            return np.zeros(shape)
        return self._checked(self.biases(rng, weights), shape, "biases")

    def _checked(self, drawn: Any, shape: tuple[int, ...], noun: str) -> Array:
        found = np.asarray(drawn, np.float64)
        finite = bool(np.isfinite(found).all())
        if found.shape == shape and finite:
            return found
        raise ParameterError(
            f"the initializer {self.name!r} returned {noun} of shape {found.shape}, finite: "
            f"{finite}; expected finite {noun} of shape {shape}."
        )


def _normal(variance: Callable[[int, int], float]) -> Callable[..., Array]:
    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
        return rng.normal(0.0, math.sqrt(variance(*shape)), shape)

    return draw


def _uniform(variance: Callable[[int, int], float]) -> Callable[..., Array]:
    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
        limit = math.sqrt(3.0 * variance(*shape))
        return rng.uniform(-limit, limit, shape)

    return draw


@functools.cache
def _alike(deviation: float) -> Callable[..., Array]:
    """The same law for the same number: records of equal deviation are equal."""
    return _normal(lambda i, o: deviation**2)


def _orthogonal(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    tall = rng.normal(size=(max(shape), min(shape)))
    q, r = np.linalg.qr(tall)
    q *= np.sign(np.diag(r))  # makes the law uniform over orthogonal matrices
    return q if shape[0] >= shape[1] else q.T


def _nguyen_widrow_scale(shape: tuple[int, int]) -> float:
    return 0.7 * shape[1] ** (1.0 / shape[0])


def _nguyen_widrow(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    directions = rng.uniform(-1.0, 1.0, shape)
    norms = np.sqrt((directions**2).sum(0, keepdims=True))
    return _nguyen_widrow_scale(shape) * directions / norms


def _nguyen_widrow_biases(rng: np.random.Generator, weights: Array) -> Array:
    scale = _nguyen_widrow_scale(weights.shape)
    if weights.shape[1] == 1:
        return np.zeros(1)
    # The active regions of the units lie evenly over the range of the inputs.
    return scale * np.linspace(-1.0, 1.0, weights.shape[1]) * np.sign(weights[0])


def own_initializer(function: Callable[..., Array]) -> Initializer:
    """The record of a user's own ``f(key, shape, dtype)`` with a JAX key."""
    return Initializer(INITIALIZERS.own_name(function), Own(function, _own_draw))


def _own_draw(
    function: Callable[..., Array], rng: np.random.Generator, shape: tuple[int, int]
) -> Array:
    seed = int(rng.integers(2**31))
    return np.asarray(function(jax.random.key(seed), shape, np.float32), np.float64)


INITIALIZERS: Choices[Initializer] = Choices(
    "initializer",
    (
        Initializer(
            "fan_in",
            _normal(lambda i, o: 1.0 / i),
            "normal, variance 1 / fan-in",
            aliases=("lecun_normal", "lecun"),
            when="Linear, sigmoid and ReLU units: the sum of the incoming weights has variance 1.",
            reference="LeCun et al. 1998, Efficient BackProp, section 4.6",
        ),
        Initializer(
            "glorot_uniform",
            _uniform(lambda i, o: 2.0 / (i + o)),
            "uniform, variance 2 / (fan-in + fan-out)",
            aliases=("xavier_uniform", "glorot", "xavier"),
            when="tanh and logistic units: keeps the size of values and of adjoints.",
            reference="Glorot and Bengio 2010",
        ),
        Initializer(
            "glorot_normal",
            _normal(lambda i, o: 2.0 / (i + o)),
            "normal, variance 2 / (fan-in + fan-out)",
            aliases=("xavier_normal",),
            when="As glorot_uniform.",
            reference="Glorot and Bengio 2010",
        ),
        Initializer(
            "he_uniform",
            _uniform(lambda i, o: 2.0 / i),
            "uniform, variance 2 / fan-in",
            aliases=("kaiming_uniform",),
            when="As he_normal.",
            reference="He et al. 2015",
        ),
        Initializer(
            "he_normal",
            _normal(lambda i, o: 2.0 / i),
            "normal, variance 2 / fan-in",
            aliases=("kaiming_normal", "he", "kaiming"),
            when="ReLU and its relatives: makes up for the half that is cut off.",
            reference="He et al. 2015",
        ),
        Initializer(
            "lecun_uniform",
            _uniform(lambda i, o: 1.0 / i),
            "uniform, variance 1 / fan-in",
            when="As fan_in.",
            reference="LeCun et al. 1998, Efficient BackProp",
        ),
        Initializer(
            "orthogonal",
            _orthogonal,
            "uniform over matrices with orthonormal rows or columns",
            when="Deep linear or tanh networks: lengths pass unchanged at the start.",
            reference="Saxe, McClelland and Ganguli 2014",
        ),
        Initializer(
            "nguyen_widrow",
            _nguyen_widrow,
            "columns of norm 0.7 h^(1 / fan-in), biases spread evenly over the input range",
            biases=_nguyen_widrow_biases,
            spreads=True,
            when="One hidden layer of tanh units for fitting functions of few inputs.",
            reference="Nguyen and Widrow 1990",
        ),
        Initializer(
            "normal",
            _alike(1.0),
            "normal, variance s^2 whatever the fan-in",
            aliases=("random_normal",),
            when="Experiments: too small, and units stay alike for long; too large, and sigmoids "
            "start on their flat parts.",
            reference="Rumelhart, Hinton and Williams 1986",
            parameter="s",
            constant=1.0,
            parameter_range=(0.0, 1e6),
            varies=lambda s: {"draw": _alike(s)},
        ),
    ),
    from_function=own_initializer,
)
"""Every initializer, by name."""
