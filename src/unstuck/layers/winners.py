"""The layer of sparse codes: units in parallel, few of which may be active at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.activations import Activation, Array
from unstuck.errors import ParameterError
from unstuck.layers.dense import Dense
from unstuck.layers.flow import Flow
from unstuck.layers.layer import Derivative, Own, Spec, Weight
from unstuck.lazy import jnp, lax

PEELED = 64
"""Winners up to which passes over the numbers find the last one sooner than sorting them: of 4 in
200 units 40 times sooner, of 20 in 1,000 ten times."""


@dataclass(frozen=True)
class Winners:
    """A dense layer in which only the units with the largest sums pass them on: k winners take all.

    ``z = f(a m)`` with ``a = x W + b`` and m 1 for the k largest of a row's sums, else 0. Everyone
    else is exactly 0, in training and in prediction, and learns nothing from that row. Of equal
    sums the first wins.

    Attributes:
        units: number of units, the fan-out.
        activation: the record of ``f``; f(0) has to be 0.
        active_share: k / units, above 0 and up to 1; k is rounded, and 1 at least.
        layer_norm: whether sums are standardized over the units of the layer first.

    Raises:
        ParameterError: units, activation, active_share or layer_norm that cannot be.

    Example:
        >>> import numpy as np
        >>> from unstuck import ACTIVATIONS
        >>> from unstuck.layers.winners import Winners
        >>> layer = Winners(4, ACTIVATIONS["relu"], 0.5)
        >>> own = {"weights": np.array([[1.0, 4.0, -1.0, 3.0]]), "bias": np.zeros(4)}
        >>> layer(own, np.array([[1.0], [-1.0]]), Flow(keeps=()))
        array([[0., 4., 0., 3.],
               [0., 0., 1., 0.]])

    Reference: Makhzani and Frey 2014, k-sparse autoencoders.
    """

    units: int
    activation: Activation
    active_share: float
    layer_norm: bool = False

    def __post_init__(self) -> None:
        dense = self._dense  # checks its own
        share = self.active_share
        if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share <= 1:
            raise ParameterError(
                f"Winners: active_share was {share!r}; expected a number above 0, and 1 at most."
            )
        if float(dense.activation(np.zeros(1))[0]) != 0:
            raise ParameterError(
                f"active_share needs units that are silent at 0; activation was "
                f"{dense.activation.name!r}, which is {dense.activation(np.zeros(1))[0]:g} there. "
                "Take relu, tanh, or another that is 0 at 0, or set active_share=1."
            )

    @property
    def _dense(self) -> Dense:
        return Dense(self.units, self.activation, self.layer_norm)

    @property
    def unit(self) -> Activation:
        """The activation function."""
        return self.activation

    @property
    def active(self) -> int:
        """k: so many units of a row may be active."""
        return max(1, round(self.active_share * self.units))

    def weights(self, inputs: Spec) -> dict[str, Weight]:
        """Those of a dense layer."""
        return self._dense.weights(inputs)

    def outputs(self, inputs: Spec) -> Spec:
        """A number for each unit."""
        return self._dense.outputs(inputs)

    def __call__(self, own: Own, x: Array, flow: Flow) -> Array:
        """The outputs, shape (n, units), for inputs (n, fan-in)."""
        a = self._dense.received(own, x, flow.xp, flow.product)
        # Times 0, and not 0: a number that is not finite must not look like one that is.
        a = flow.see("preactivation", a * largest(a, self.active, flow.xp))
        return flow.activate(self.activation, a)

    def pull(
        self, own: Own, x: Array, adjoint: Array, xp: Any = np
    ) -> tuple[Array, dict[str, Derivative]]:
        """The backward law: that of a dense layer, for the winners; the others' adjoint is 0.

        Arguments:
            own: the parameters.
            x: inputs, shape (n, fan-in).
            adjoint: of the pre-activations, shape (n, m, units).
            xp: NumPy or ``jax.numpy``.
        """
        won = largest(self._dense.received(own, x, xp), self.active, xp)
        return self._dense.pull(own, x, adjoint * won[:, None], xp)

    def __str__(self) -> str:
        return f"{self._dense}, {self.active} of {self.units} at once"


def largest(a: Any, k: int, xp: Any = np) -> Array:
    """Where the k largest numbers of each row are; of equal ones the first.

    Arguments:
        a: shape (..., units).
        k: up to the number of units.
        xp: NumPy or ``jax.numpy``.

    Example:
        >>> largest(np.array([[3.0, 5.0, 5.0, 1.0, 5.0]]), 2).astype(int)
        array([[0, 1, 1, 0, 0]])
    """
    if xp is not np:
        a = lax.stop_gradient(a)
    least = np.partition(a, -k, -1)[..., -k, None] if xp is np else _least(a, k)
    above, level = a > least, a == least
    left = k - above.sum(-1, keepdims=True)
    return above | (level & (xp.cumsum(level, -1) <= left))


def _least(a: Any, k: int) -> Any:
    """The k-th largest number of each row, under JAX."""
    if k > PEELED:
        return lax.top_k(a, k)[0][..., -1:]

    def peel(_: Any, least: Any) -> Any:
        below = jnp.where(a < least, a, -jnp.inf).max(-1, keepdims=True)
        return jnp.where((a >= least).sum(-1, keepdims=True) < k, below, least)

    return lax.fori_loop(1, k, peel, a.max(-1, keepdims=True))
