"""A Jacobian that the user has written, as one matrix."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from unstuck.activations import Array
from unstuck.errors import ParameterError
from unstuck.lazy import jax, jnp
from unstuck.solvers.vector import OfVector


@dataclass(frozen=True)
class JacobianOfVector:
    """A Jacobian by the leaves of a pytree as one matrix (N, P).

    Attributes:
        jacobian: ``jacobian(tree, *arguments)``, with leaves of the residuals' shape and then that
            of the parameters' leaf, as ``jax.jacobian`` gives it.
        of: the vector.
    """

    jacobian: Callable[..., Any]
    of: OfVector

    def __call__(self, p: Array, *arguments: Any) -> Array:
        scale: Any = 1.0
        if self.of.scaled:
            scale, *arguments = arguments  # type: ignore[assignment]
        found = self.jacobian(self.of.tree(p * scale), *arguments)
        leaves, structure = jax.tree.flatten(found)
        if structure != self.of.structure:
            raise ParameterError(
                f"jacobian returns {structure}; expected the structure of the start: "
                f"{self.of.structure}."
            )
        pairs = zip(leaves, self.of.shapes, strict=True)
        return jnp.concatenate([_matrix(*pair) for pair in pairs], axis=1) * scale


def _matrix(leaf: Any, shape: tuple[int, ...]) -> Array:
    leaf = jnp.asarray(leaf)
    if jnp.iscomplexobj(leaf):
        raise ParameterError(f"jacobian returns {leaf.dtype}; expected real numbers.")
    if tuple(leaf.shape[leaf.ndim - len(shape) :]) != shape:
        raise ParameterError(
            f"jacobian returns an array of shape {leaf.shape} for parameters of shape {shape}; "
            "expected the shape of the residuals and then that of the parameters."
        )
    return leaf.reshape(-1, math.prod(shape))
