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
    """A function around a point: value, gradient, and products of the Hessian with vectors.

    Attributes:
        point: shape (P,).
        here: the value there.
        gradient: shape (P,).
        bend: the curvature along the gradient.
    """

    def __init__(self, flat: VectorFunction) -> None:
        self.point = flat.vector
        if not len(self.point):
            raise DataError("the parameters hold no numbers, so there is no curvature.")
        self._held = flat.held
        self._program = compiled(flat, flat.vector, flat.held)
        _check_scalar(self._program(flat.vector, flat.held), called(flat.function))
        self.here = self.value(self.point) + 0.0
        self.gradient, self._push = self._derivatives(flat)
        self.bend = bend_along(self)
        if not (np.isfinite(self.gradient).all() and np.isfinite(self.bend)):
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


class InUnits:
    """The same around the same point, of parameters that are measured in units of their own.

    Attributes are those of ``Around``.

    Arguments:
        around: the function.
        units: what is 1 of each parameter, shape (P,).
    """

    def __init__(self, around: Around, units: np.ndarray) -> None:
        self._around, self.units = around, units
        self.point, self.here = around.point / units, around.here
        self.gradient = around.gradient * units
        self.bend = bend_along(self)

    def value(self, point: np.ndarray) -> float:
        """The function."""
        return self._around.value(point * self.units)

    def push(self, direction: np.ndarray) -> np.ndarray:
        """The Hessian times a vector."""
        return self.units * self._around.push(self.units * direction)


def bend_along(around: Around | InUnits) -> float:
    """The curvature along the gradient; 0 where that is 0, NaN where it is not finite."""
    norm = length(around.gradient)
    if not np.isfinite(norm):
        return np.nan
    unit = around.gradient / (norm or 1.0)
    return float(unit @ around.push(unit))


def length(vector: np.ndarray) -> float:
    """The Euclidean norm, where squares overflow or vanish too.

    Example:
        >>> f"{length(np.array([3e200, 4e200])):.3g}"
        '5e+200'
    """
    largest = float(np.abs(vector).max(initial=0.0))
    if not 0.0 < largest < np.inf:
        return largest
    return largest * float(np.linalg.norm(vector / largest))


def _check_scalar(output: Any, name: str) -> None:
    leaves = jax.tree.leaves(output)
    if len(leaves) != 1 or np.size(leaves[0]) != 1 or np.iscomplexobj(leaves[0]):
        raise DataError(
            f"{name} returns {len(leaves)} arrays of shapes {[np.shape(z) for z in leaves]}; "
            "expected one real number."
        )
    if not np.isfinite(leaves[0]).all():
        raise DataError(f"{name} is {float(np.ravel(leaves[0])[0])} here; expected a finite value.")
