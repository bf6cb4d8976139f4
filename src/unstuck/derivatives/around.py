"""A function around a point: value, gradient, and products of the Hessian with vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.derivatives.vector import VectorFunction, called, compiled
from unstuck.errors import DataError
from unstuck.lazy import jax


class Around:
    """A function around a point: value, gradient, and products of the Hessian with vectors."""

    def __init__(self, flat: VectorFunction) -> None:
        self.point = flat.vector
        if not len(self.point):
            raise DataError("the parameters hold no numbers, so there is no curvature.")
        self._held = flat.held
        self._program = compiled(flat, flat.vector, flat.held)
        _check_scalar(self._program(flat.vector, flat.held), called(flat.function))
        self.here = self.value(self.point) + 0.0
        self.gradient, self._push = self._derivatives(flat)
        self.pushed = self.push(self.gradient)
        if not (np.isfinite(self.gradient).all() and np.isfinite(self.pushed).all()):
            raise DataError(
                f"the derivatives of {called(flat.function)} are not finite here, so there is no "
                "curvature. check_gradients tells which parameter it is."
            )

    def value(self, point: np.ndarray) -> float:
        """The function."""
        return float(np.asarray(self._program(point, self._held)).reshape(()))

    def push(self, direction: np.ndarray) -> np.ndarray:
        """The Hessian times a vector."""
        return np.asarray(self._push(self.point, direction.astype(np.float64), self._held))

    def _derivatives(self, flat: VectorFunction) -> tuple[np.ndarray, Callable[..., Array]]:
        def scalar(p: Array, held: Any) -> Array:
            return jax.numpy.reshape(jax.tree.leaves(flat(p, held))[0], ())

        def push(p: Array, v: Array, held: Any) -> Array:
            return jax.jvp(lambda q: jax.grad(scalar)(q, held), (p,), (v,))[1]

        def pull(p: Array, v: Array, held: Any) -> Array:
            return jax.grad(lambda q: jax.grad(scalar)(q, held) @ v)(p)

        gradient = np.asarray(
            compiled(jax.grad(scalar), flat.vector, flat.held)(flat.vector, flat.held)
        )
        try:
            return gradient, compiled(push, flat.vector, gradient, flat.held)
        except TypeError:  # no forward mode through a custom_vjp
            return gradient, compiled(pull, flat.vector, gradient, flat.held)


def _check_scalar(output: Any, name: str) -> None:
    leaves = jax.tree.leaves(output)
    if len(leaves) != 1 or np.size(leaves[0]) != 1 or np.iscomplexobj(leaves[0]):
        raise DataError(
            f"{name} returns {len(leaves)} arrays of shapes {[np.shape(z) for z in leaves]}; "
            "expected one real number."
        )
    if not np.isfinite(leaves[0]).all():
        raise DataError(f"{name} is {float(np.ravel(leaves[0])[0])} here; expected a finite value.")
