"""Losses: one record each, fused with the output units they belong to.

A loss is written once against an array namespace ``xp``. ``fused`` holds the forms that work on
pre-activations directly: exact where the output unit rounds to 0 or 1, and with the gradient
``z - y`` instead of a quotient of vanishing numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from unstuck.activations import Activation, Array
from unstuck.choices import Choices, Named, Own
from unstuck.errors import ParameterError
from unstuck.lazy import jax, jnp


@dataclass(frozen=True, repr=False)
class Loss(Named):
    """A loss per example, ``L(y, z)``, summed over the outputs.

    Attributes:
        name: as in scikit-learn where it has one.
        value: ``value(y, z, xp)`` on outputs ``z`` of shape (n, k), returns (n,); ``None`` where
            the loss exists only for certain output units.
        fused: output unit's name -> ``form(y, t, xp)`` on pre-activations ``t``.
        slope: ``slope(y, z, xp)`` of shape (n, k), its derivative with respect to the outputs; at
            a kink JAX's convention. ``None`` for a user's own function, which JAX differentiates.
        fused_slope: output unit's name -> ``slope(y, z, xp)``, its derivative with respect to the
            pre-activations, where the unit's slope cancels.
        partners: output units the loss belongs to; the first is the usual one.
        sticks: output units with which it is defined but stops learning while wrong.
        floor: ``floor(y, output, xp)``, the smallest value per row over all outputs (entropy of
            the targets for cross-entropy).
        variance: output unit's name (or "any") -> ``v(y, z, xp)`` of shape (n, k), the variance
            that the loss assumes for targets around outputs z: its generalized Gauss-Newton
            matrix over pre-activations is ``S^T S`` with ``S = v^(-1/2) dz/dt``.
        formula: as text.
        tasks: ``"classification"`` and/or ``"regression"``.
        targets: the targets it accepts, ``"any"``, ``"non-negative"`` or ``"probabilities"``.
        aliases, when, reference, parameter, constant, parameter_range: as in ``Activation``.

    Example:
        >>> import numpy as np
        >>> from unstuck import ACTIVATIONS, LOSSES
        >>> t = np.array([[0.0, 0.0]])
        >>> LOSSES["cross_entropy"].of(np.array([[1.0, 0.0]]), t, ACTIVATIONS["softmax"]).round(4)
        array([0.6931])
    """

    name: str
    value: Callable[..., Array] | None
    partners: tuple[str, ...]
    fused: Mapping[str, Callable[..., Array]] = field(default_factory=dict, hash=False)
    sticks: tuple[str, ...] = ()
    floor: Callable[..., Array] | None = None
    variance: Mapping[str, Callable[..., Array]] = field(default_factory=dict, hash=False)
    formula: str = ""
    tasks: tuple[str, ...] = ("classification", "regression")
    targets: str = "any"
    aliases: tuple[str, ...] = ()
    when: str = "a function of your own"
    reference: str = ""
    parameter: str | None = None
    constant: float = math.nan
    parameter_range: tuple[float, float] = (0.0, 0.0)
    slope: Callable[..., Array] | None = None
    fused_slope: Mapping[str, Callable[..., Array]] = field(default_factory=dict, hash=False)

    @property
    def constants(self) -> tuple[float, ...]:
        """The value of the shape parameter, as trailing arguments of ``value`` and ``slope``."""
        return () if self.parameter is None else (self.constant,)

    def of(
        self,
        y: Array,
        t: Array,
        output: Activation,
        xp: Any = np,
        z: Array | None = None,
    ) -> Array:
        """Loss of every row for pre-activations ``t`` (n, k) of the output units.

        Arguments:
            y: targets, shape (n, k).
            t: pre-activations, shape (n, k).
            output: the output unit.
            xp: NumPy or ``jax.numpy``.
            z: the outputs for ``t`` where they are known, shape (n, k).
        """
        fused = self.fused.get(output.name) or self.fused.get("any")
        if fused is not None:
            return fused(y, t, xp)
        assert self.value is not None, f"{self.name} with {output.name} passed check_pair"
        return self.value(y, output(t, xp) if z is None else z, xp, *self.constants)

    def on_preactivations(self, output: Activation) -> bool:
        """Whether, with such output units, it reads pre-activations: their slope cancels."""
        return output.name in self.fused or "any" in self.fused

    def error(self, y: Array, t: Array, output: Activation) -> Array:
        """``dL/dt`` of every row's own loss with respect to the output units' pre-activations.

        Arguments:
            y: targets, shape (n, k).
            t: pre-activations, shape (n, k).
            output: the output unit.

        Returns:
            Shape (n, k), NumPy's.

        Example:
            >>> from unstuck import ACTIVATIONS, LOSSES
            >>> LOSSES["mse"].error(np.array([[1.0]]), np.zeros((1, 1)), ACTIVATIONS["tanh"])
            array([[-1.]])
        """
        z = output(t)
        if output.name in self.fused_slope:
            return self.fused_slope[output.name](y, z, np)
        if self.slope is None:
            return _own_error(self, y, t, output)
        return output.through(self.slope(y, z, np, *self.constants), t, z)


def _own_error(loss: Loss, y: Array, t: Array, output: Activation) -> Array:
    with jax.enable_x64(True):
        law = jax.grad(lambda t: loss.of(y, t, output, jnp, output.differentiable()(t)).sum())
        return np.asarray(law(jnp.array(t)))


def own_loss(function: Callable[[Array, Array], Array]) -> Loss:
    """The record of a user's own ``loss(target, preactivation)``, per row, in ``jax.numpy``."""
    name = LOSSES.own_name(function)
    form = Own(function, _on_rows)
    return Loss(name, form, partners=("any",), fused={"any": form})


def _on_rows(function: Callable[[Array, Array], Array], y: Array, t: Array, xp: Any) -> Array:
    if xp is not np:
        found = jax.vmap(function)(y, t)
        if found.ndim != 1:
            raise ParameterError(
                f"loss: the function gave the shape {found.shape[1:]} for a row; expected one "
                "number: sum over the outputs."
            )
        return found
    with jax.enable_x64(True):
        put = (jax.device_put(np.asarray(a, np.float64)) for a in (y, t))
        return np.asarray(jax.vmap(function)(*put))


def _log_sum_exp(t: Array, xp: Any) -> Array:
    top = t.max(-1, keepdims=True)
    return xp.log(xp.exp(t - top).sum(-1)) + top[..., 0]


def _x_log_x(y: Array, xp: Any) -> Array:
    return xp.where(y > 0, y * xp.log(xp.where(y > 0, y, 1.0)), 0.0)


def _entropy(y: Array, xp: Any, exclusive: bool) -> Array:
    both = _x_log_x(y, xp) if exclusive else _x_log_x(y, xp) + _x_log_x(1.0 - y, xp)
    return -both.sum(-1)


def cross_entropy_floor(y: Array, output: Activation, xp: Any = np) -> Array:
    """Entropy of the targets per row: the smallest cross-entropy there is.

    Arguments:
        y: targets, shape (n, k).
        output: softmax (targets of a row are one distribution) or logistic (k of them).

    Example:
        >>> from unstuck import ACTIVATIONS
        >>> cross_entropy_floor(np.array([[0.5, 0.5]]), ACTIVATIONS["softmax"]).round(4)
        array([0.6931])
    """
    return _entropy(y, xp, exclusive=output.name == "softmax")


def _zero_floor(y: Array, output: Activation, xp: Any = np) -> Array:
    del output
    return xp.zeros(y.shape[0])


def _pinball(y: Array, z: Array, xp: Any, q: float) -> Array:
    e = y - z
    return xp.where(e > 0, q * e, (q - 1.0) * e).sum(-1)


def _huber(y: Array, z: Array, xp: Any, d: float) -> Array:
    e = xp.abs(y - z)
    inside = xp.minimum(e, d)
    return (inside * (e - 0.5 * inside)).sum(-1)


UNBOUNDED = ("identity", "relu", "leaky_relu", "elu", "softplus", "exponential")
BOUNDED = ("logistic", "softmax", "tanh", "symmetric_sigmoid")

LOSSES: Choices[Loss] = Choices(
    "loss",
    (
        Loss(
            name="cross_entropy",
            aliases=("log_loss", "ce"),
            value=None,
            fused={
                "softmax": lambda y, t, xp: y.sum(-1) * _log_sum_exp(t, xp) - (y * t).sum(-1),
                "logistic": lambda y, t, xp: (
                    xp.maximum(t, 0.0) - y * t + xp.log1p(xp.exp(-xp.abs(t)))
                ).sum(-1),
            },
            fused_slope={
                "softmax": lambda y, z, xp: y.sum(-1, keepdims=True) * z - y,
                "logistic": lambda y, z, xp: z - y,
            },
            partners=("softmax", "logistic"),
            floor=cross_entropy_floor,
            variance={
                "softmax": lambda y, z, xp: z / y.sum(-1, keepdims=True),
                "logistic": lambda y, z, xp: z * (1.0 - z),
            },
            formula="-sum_i y_i log z_i",
            tasks=("classification", "regression"),
            targets="probabilities",
            when="Classification, and regression of probabilities: an output unit cannot get "
            "stuck, its gradient is z - y.",
            reference="Bishop 1995, section 6.7",
        ),
        Loss(
            name="squared_error",
            aliases=("mse", "least_squares"),
            value=lambda y, z, xp: 0.5 * ((y - z) ** 2).sum(-1),
            slope=lambda y, z, xp: z - y,
            partners=UNBOUNDED,
            sticks=BOUNDED,
            floor=_zero_floor,
            variance={"any": lambda y, z, xp: xp.ones_like(z)},
            formula="1/2 sum_i (y_i - z_i)^2",
            when="Regression with noise of constant size.",
            reference="Bishop 2006, section 5.2",
        ),
        Loss(
            name="absolute_error",
            aliases=("mae", "l1"),
            value=lambda y, z, xp: xp.abs(y - z).sum(-1),
            slope=lambda y, z, xp: xp.where(z > y, 1.0, -1.0),
            partners=UNBOUNDED,
            sticks=BOUNDED,
            floor=_zero_floor,
            formula="sum_i |y_i - z_i|",
            tasks=("regression",),
            when="Regression with outliers: predicts the median.",
            reference="Huber 1964",
        ),
        Loss(
            name="huber",
            value=_huber,
            slope=lambda y, z, xp, d: xp.clip(z - y, -d, d),
            partners=UNBOUNDED,
            sticks=BOUNDED,
            floor=_zero_floor,
            formula="sum_i (e^2 / 2 if e <= d else d (e - d / 2)), e = |y_i - z_i|",
            tasks=("regression",),
            when="Regression with a few outliers; d in units of the (scaled) target.",
            reference="Huber 1964",
            parameter="d",
            constant=1.0,
            parameter_range=(1e-9, 1e9),
        ),
        Loss(
            name="quantile",
            aliases=("pinball",),
            value=_pinball,
            slope=lambda y, z, xp, q: xp.where(y > z, -q, 1.0 - q),
            partners=UNBOUNDED,
            sticks=BOUNDED,
            floor=_zero_floor,
            formula="sum_i (q e if e > 0 else (q - 1) e), e = y_i - z_i",
            tasks=("regression",),
            when="Predicts the quantile q, such as the upper end of an interval.",
            reference="Koenker and Bassett 1978",
            parameter="q",
            constant=0.5,
            parameter_range=(0.0, 1.0),
        ),
        Loss(
            name="poisson",
            value=lambda y, z, xp: (z - y + _x_log_x(y, xp) - y * xp.log(xp.maximum(z, 1e-30))).sum(
                -1
            ),
            slope=lambda y, z, xp: 1.0 - y / xp.maximum(z, 1e-30),
            fused={
                "exponential": lambda y, t, xp: (xp.exp(t) - y * t + _x_log_x(y, xp) - y).sum(-1)
            },
            fused_slope={"exponential": lambda y, z, xp: z - y},
            partners=("exponential", "softplus"),
            floor=_zero_floor,
            variance={"any": lambda y, z, xp: z},
            formula="sum_i (z_i - y_i + y_i log(y_i / z_i))",
            tasks=("regression",),
            targets="non-negative",
            when="Counts and rates; half the Poisson deviance.",
            reference="McCullagh and Nelder 1989",
        ),
    ),
    from_function=own_loss,
)
"""Every loss, by name."""
