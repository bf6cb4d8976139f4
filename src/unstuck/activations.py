"""Activation functions: one record each, value and derivative side by side.

Every function is written once, against an array namespace ``xp`` (NumPy or ``jax.numpy``):
training runs it compiled, prediction runs it in NumPy. The derivative law in the record is the
one that training uses, so the convention at a kink is stated here and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.choices import Choices, Named, Own
from unstuck.kept import kept
from unstuck.lazy import jax, jnp

Array = Any


@dataclass(frozen=True, repr=False)
class Activation(Named):
    """An activation function ``z = f(a)`` and what is known about it.

    Attributes:
        name: as in scikit-learn where it has one.
        value: ``value(a, xp)``, the outputs, in the shape of the pre-activations ``a``.
        slope: ``slope(a, z, xp)``, the derivative dz/da (the Jacobian's diagonal for softmax);
            ``None`` for a user's own function, which JAX differentiates.
        product: ``product(z, d, xp)``, the (symmetric) Jacobian times ``d``, where an output
            depends on all pre-activations; ``None`` where it is ``slope * d``.
        formula: the value as text.
        derivative: the derivative law as text.
        aliases: names used elsewhere.
        kink: the convention where the derivative does not exist.
        largest_slope: the supremum of the absolute slope.
        bounds: infimum and supremum of the outputs.
        saturates: ``"both"``, ``"left"``, ``"right"`` or ``"never"``: towards which side of the
            inputs the slope tends to 0.
        saturated_beyond: absolute pre-activation from which the slope on a saturating side is
            under 2 % of the largest.
        linear_within: absolute pre-activation up to which the function differs from its tangent
            at 0 by less than 1 % of its slope times a (0 where there is no such interval).
        most_curved: outputs at which the second derivative is extreme.
        can_die: whether a unit can output a constant with slope 0 for every example.
        sigmoidal: an S shape; ``slope_offset`` is added to the slope of these.
        odd: ``f(-a) = -f(a)``.
        cost: time of one evaluation relative to ReLU (float32, measured by
            ``docs/figures/activations.py``).
        initializer: the fitting entry of ``INITIALIZERS``.
        when: one comment on when to use it.
        reference: the source.
        parameter, constant, parameter_range: the shape parameter, if there is one.
        varies: the attributes that change with the constant.

    Example:
        >>> import numpy as np
        >>> from unstuck import ACTIVATIONS
        >>> ACTIVATIONS["leaky_relu(0.1)"](np.array([-1.0, 2.0]))
        array([-0.1,  2. ])
    """

    name: str
    value: Callable[..., Array]
    slope: Callable[..., Array] | None
    formula: str = "f(a)"
    derivative: str = "by automatic differentiation"
    aliases: tuple[str, ...] = ()
    kink: str = "none"
    largest_slope: float = math.inf
    bounds: tuple[float, float] = (-math.inf, math.inf)
    saturates: str = "never"
    saturated_beyond: float = math.inf
    linear_within: float = 0.0
    most_curved: tuple[float, ...] = ()
    can_die: bool = False
    sigmoidal: bool = False
    odd: bool = False
    cost: float = math.nan
    initializer: str = "glorot_uniform"
    when: str = "a function of your own"
    reference: str = ""
    parameter: str | None = None
    constant: float = math.nan
    parameter_range: tuple[float, float] = (0.0, 0.0)
    varies: Callable[[float], dict[str, Any]] | None = None
    product: Callable[..., Array] | None = None

    @property
    def constants(self) -> tuple[float, ...]:
        """The value of the shape parameter, as trailing arguments of ``value`` and ``slope``."""
        return () if self.parameter is None else (self.constant,)

    def __call__(self, a: Array, xp: Any = np) -> Array:
        """The outputs for pre-activations ``a`` (any shape; softmax works on the last axis)."""
        return self.value(a, xp, *self.constants)

    def slope_at(self, a: Array, xp: Any = np) -> Array:
        """The derivative at pre-activations ``a``, in their shape."""
        if self.slope is None:
            return _own_slope(self, a, xp)
        return self.slope(a, self(a, xp), xp, *self.constants)

    def through(self, d: Array, a: Array, z: Array, xp: Any = np, offset: float = 0.0) -> Array:
        """``dz/da`` times ``d``: adjoints of outputs into those of pre-activations.

        Every activation's Jacobian is symmetric, so this takes a direction forward, too.

        Arguments:
            d: adjoints or a direction, broadcast against ``a``.
            a, z: pre-activations and outputs, of one shape.
            xp: NumPy or ``jax.numpy``.
            offset: added to the slope.
        """
        if self.product is not None:
            return self.product(z, d, xp)
        if self.slope is None:
            return self.slope_at(a, xp) * d
        slope = self.slope(a, z, xp, *self.constants)
        return (slope + offset if offset else slope) * d

    def differentiable(self, slope_offset: float = 0.0) -> Callable[[Array], Array]:
        """The function for JAX, whose derivative is the record's law (in both modes).

        Arguments:
            slope_offset: added to the slope of a sigmoidal function, in the derivative only.
        """
        return _with_derivative(self, slope_offset if self.sigmoidal else 0.0)


@kept(most=128)
def _with_derivative(activation: Activation, slope_offset: float) -> Callable[[Array], Array]:
    if activation.slope is None:
        return lambda a: activation(a, jnp)

    def value(a: Array) -> Array:
        return activation(a, jnp)

    value.__name__ = activation.name  # JAX shows it
    function = jax.custom_jvp(value)

    @function.defjvp
    def tangent(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
        (a,), (da,) = primals, tangents
        z = function(a)
        return z, activation.through(da, a, z, jnp, slope_offset)

    return function


def _own_slope(activation: Activation, a: Array, xp: Any) -> Array:
    derivative = jax.vmap(jax.grad(lambda s: activation(s, jnp)))
    if xp is not np:
        return derivative(a.ravel()).reshape(a.shape)
    with jax.enable_x64(True):
        flat = np.asarray(a, np.float64).ravel()
        return np.asarray(derivative(jax.device_put(flat))).reshape(a.shape)


def own_activation(function: Callable[[Array], Array]) -> Activation:
    """The record of a user's own function ``f(a)``, written with ``jax.numpy``."""
    return Activation(ACTIVATIONS.own_name(function), Own(function, _own_value), None)


def _own_value(function: Callable[[Array], Array], a: Array, xp: Any) -> Array:
    if xp is not np:
        return function(a)
    with jax.enable_x64(True):
        return np.asarray(function(jax.device_put(np.asarray(a, np.float64))))


def _logistic(a: Array, xp: Any) -> Array:
    e = xp.exp(-xp.abs(a))  # never overflows, and keeps the relative accuracy of both tails
    return xp.where(a >= 0, 1.0, e) / (1.0 + e)


def _softmax(a: Array, xp: Any) -> Array:
    e = xp.exp(a - a.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def _step(a: Array, xp: Any) -> Array:
    low = xp.where(a < 0, xp.zeros_like(a), a)  # NaN passes through
    return xp.where(a >= 0, xp.ones_like(a), low)


def _one(a: Array, z: Array, xp: Any) -> Array:
    del z
    return xp.ones_like(a)


def _leaky_facts(k: float) -> dict[str, Any]:
    if k == 0.0:
        facts = {"bounds": (0.0, math.inf), "saturates": "left", "saturated_beyond": 0.0}
        return {**facts, "can_die": True}
    return {"linear_within": math.inf, "odd": True, "kink": "none"} if k == 1.0 else {}


def _elu_facts(k: float) -> dict[str, Any]:
    steepest = max(1.0, k)
    edge = math.log(max(1.0, k / (0.02 * steepest)))
    beyond = math.ceil(100.0 * edge) / 100.0
    return {"largest_slope": steepest, "bounds": (-k, math.inf), "saturated_beyond": beyond}


def _where(condition: Array, yes: Any, no: Any, a: Array, xp: Any) -> Array:
    return xp.where(condition, yes, no).astype(a.dtype)


ACTIVATIONS: Choices[Activation] = Choices(
    "activation",
    (
        Activation(
            name="identity",
            aliases=("linear",),
            value=lambda a, xp: a,
            slope=_one,
            formula="a",
            derivative="1",
            largest_slope=1.0,
            linear_within=math.inf,
            odd=True,
            cost=1.0,
            initializer="fan_in",
            when="Outputs of a regression. In hidden layers the stack collapses to one linear map.",
            reference="Bishop 2006, section 5.1",
        ),
        Activation(
            name="step",
            aliases=("sign", "threshold"),
            value=_step,
            slope=lambda a, z, xp: xp.zeros_like(a),
            formula="1 if a >= 0 else 0",
            derivative="0",
            kink="1 at a = 0, slope 0 there too",
            largest_slope=0.0,
            bounds=(0.0, 1.0),
            saturates="both",
            saturated_beyond=0.0,
            can_die=True,
            cost=1.7,
            initializer="fan_in",
            when="Threshold units with weights set by hand: no gradient passes, layers before it "
            "do not learn.",
            reference="McCulloch and Pitts 1943",
        ),
        Activation(
            name="logistic",
            aliases=("sigmoid",),
            value=_logistic,
            slope=lambda a, z, xp: z * (1.0 - z),
            formula="1 / (1 + exp(-a))",
            derivative="z (1 - z)",
            largest_slope=0.25,
            bounds=(0.0, 1.0),
            saturates="both",
            saturated_beyond=5.29,
            linear_within=0.34,
            most_curved=(0.5 - math.sqrt(3) / 6, 0.5 + math.sqrt(3) / 6),
            sigmoidal=True,
            cost=3.2,
            initializer="glorot_uniform",
            when="Outputs that are probabilities. In hidden layers tanh learns faster.",
            reference="Rumelhart, Hinton and Williams 1986",
        ),
        Activation(
            name="symmetric_sigmoid",
            aliases=("bipolar_sigmoid",),
            value=lambda a, xp: 2.0 * _logistic(a, xp) - 1.0,
            slope=lambda a, z, xp: 0.5 * (1.0 - z * z),
            formula="2 / (1 + exp(-a)) - 1",
            derivative="(1 - z^2) / 2",
            largest_slope=0.5,
            bounds=(-1.0, 1.0),
            saturates="both",
            saturated_beyond=5.29,
            linear_within=0.34,
            most_curved=(-1 / math.sqrt(3), 1 / math.sqrt(3)),
            sigmoidal=True,
            odd=True,
            cost=3.2,
            initializer="glorot_uniform",
            when="A sigmoid with mean 0; tanh is the same with twice the slope.",
            reference="LeCun et al. 1998, Efficient BackProp",
        ),
        Activation(
            name="tanh",
            value=lambda a, xp: xp.tanh(a),
            slope=lambda a, z, xp: 1.0 - z * z,
            formula="tanh(a) = 2 logistic(2 a) - 1",
            derivative="1 - z^2",
            largest_slope=1.0,
            bounds=(-1.0, 1.0),
            saturates="both",
            saturated_beyond=2.65,
            linear_within=0.17,
            most_curved=(-1 / math.sqrt(3), 1 / math.sqrt(3)),
            sigmoidal=True,
            odd=True,
            cost=1.3,
            initializer="glorot_uniform",
            when="Smooth functions and small networks; preferred to the logistic sigmoid in "
            "hidden layers.",
            reference="LeCun et al. 1998, Efficient BackProp",
        ),
        Activation(
            name="relu",
            aliases=("rectifier", "ramp"),
            value=lambda a, xp: xp.maximum(a, 0.0),
            slope=lambda a, z, xp: _where(a > 0, 1.0, 0.0, a, xp),
            formula="max(a, 0)",
            derivative="1 if a > 0 else 0",
            kink="slope 0 at a = 0 (some texts take 1; jax.nn.relu takes 0, maximum(a, 0) 1/2)",
            largest_slope=1.0,
            bounds=(0.0, math.inf),
            saturates="left",
            saturated_beyond=0.0,
            can_die=True,
            cost=1.0,
            initializer="he_normal",
            when="The first choice for hidden layers: cheap, does not saturate for a > 0.",
            reference="Nair and Hinton 2010; Glorot, Bordes and Bengio 2011",
        ),
        Activation(
            name="leaky_relu",
            aliases=("lrelu",),
            value=lambda a, xp, k: xp.where(a > 0, a, k * a),
            slope=lambda a, z, xp, k: _where(a > 0, 1.0, k, a, xp),
            formula="a if a > 0 else k a",
            derivative="1 if a > 0 else k",
            kink="slope k at a = 0",
            largest_slope=1.0,
            parameter="k",
            constant=0.01,
            parameter_range=(0.0, 1.0),
            varies=_leaky_facts,
            cost=1.0,
            initializer="he_normal",
            when="Where ReLU units die: every unit goes on learning.",
            reference="Maas, Hannun and Ng 2013",
        ),
        Activation(
            name="elu",
            value=lambda a, xp, k: xp.where(a > 0, a, k * xp.expm1(xp.minimum(a, 0.0))),
            slope=lambda a, z, xp, k: _where(a > 0, 1.0, z + k, a, xp),
            formula="a if a > 0 else k (exp(a) - 1)",
            derivative="1 if a > 0 else z + k",
            kink="slope k at a = 0 (no kink for k = 1)",
            largest_slope=1.0,
            bounds=(-1.0, math.inf),
            saturates="left",
            saturated_beyond=3.92,
            parameter="k",
            constant=1.0,
            parameter_range=(1e-3, 1e3),
            varies=_elu_facts,
            cost=4.9,
            initializer="he_normal",
            when="Like ReLU with outputs nearer to mean 0 and units that hardly die.",
            reference="Clevert, Unterthiner and Hochreiter 2016",
        ),
        Activation(
            name="softplus",
            value=lambda a, xp: xp.maximum(a, 0.0) + xp.log1p(xp.exp(-xp.abs(a))),
            slope=lambda a, z, xp: _logistic(a, xp),
            formula="log(1 + exp(a))",
            derivative="logistic(a)",
            largest_slope=1.0,
            bounds=(0.0, math.inf),
            saturates="left",
            saturated_beyond=3.9,
            most_curved=(math.log(2),),
            cost=6.1,
            initializer="he_normal",
            when="A smooth ReLU: positive outputs, second derivatives everywhere.",
            reference="Dugas et al. 2001",
        ),
        Activation(
            name="exponential",
            aliases=("exp",),
            value=lambda a, xp: xp.exp(a),
            slope=lambda a, z, xp: z,
            formula="exp(a)",
            derivative="z",
            bounds=(0.0, math.inf),
            saturates="left",
            cost=1.5,
            initializer="glorot_uniform",
            when="Outputs of a Poisson regression (counts, rates); never in hidden layers.",
            reference="McCullagh and Nelder 1989",
        ),
        Activation(
            name="softmax",
            value=_softmax,
            slope=lambda a, z, xp: z * (1.0 - z),
            formula="exp(a_i) / sum_j exp(a_j)",
            product=lambda z, d, xp: z * (d - (z * d).sum(-1, keepdims=True)),
            derivative="dz_i/da_j = z_i ([i = j] - z_j)",
            largest_slope=0.25,
            bounds=(0.0, 1.0),
            saturates="both",
            cost=2.9,
            initializer="glorot_uniform",
            when="Outputs of a classification into k classes; sums to 1 over the units.",
            reference="Bridle 1990",
        ),
    ),
    from_function=own_activation,
)
"""Every activation function, by name."""
