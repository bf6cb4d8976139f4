"""A function of a pytree as a function of one vector."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.errors import ParameterError
from unstuck.lazy import jax


@dataclass(frozen=True)
class OfVector:
    """A function of a pytree as a function of the vector of all its numbers.

    Two of the same function and shapes are equal, and share their compiled programs.

    Attributes:
        function: ``function(tree, *arguments)``.
        structure: of the pytree, as JAX describes it.
        shapes: of its leaves.
    """

    function: Callable[..., Any]
    structure: Any
    shapes: tuple[tuple[int, ...], ...]

    def __call__(self, p: Array, *arguments: Any) -> Any:
        return self.function(self.tree(p), *arguments)

    def tree(self, p: Array) -> Any:
        """The pytree of a vector (P,)."""
        leaves, end = [], 0
        for shape in self.shapes:
            start, end = end, end + math.prod(shape)
            leaves.append(p[start:end].reshape(shape))
        return self.structure.unflatten(leaves)


def of_vector(function: Callable[..., Any], start: Any) -> tuple[OfVector, np.ndarray]:
    """The function of a vector, and the start as one: float32 if all its floats are, or float64.

    Arguments:
        function: ``function(tree, *arguments)``.
        start: an array, a list of numbers (of equal lists of numbers), which counts as one, or a
            pytree of arrays and numbers.

    Raises:
        ParameterError: the start holds no real numbers.

    Example:
        >>> function, p = of_vector(lambda tree: tree["a"] * tree["b"], {"a": 2.0, "b": [3.0, 4.0]})
        >>> p, float(function.tree(p)["b"][1])
        (array([2., 3., 4.]), 4.0)
    """
    start = np.array(start) if _of_numbers(start) else start
    leaves, structure = jax.tree.flatten(start)
    arrays = [np.asarray(leaf) for leaf in leaves]
    kinds = {array.dtype for array in arrays}
    if not sum(array.size for array in arrays) or {kind.kind for kind in kinds} - set("iuf"):
        found = ", ".join(sorted(map(str, kinds))) or "nothing"
        raise ParameterError(
            f"start holds {found}; expected an array or a pytree of arrays of real numbers."
        )
    narrow = all(kind.kind == "f" and kind.itemsize <= 4 for kind in kinds)
    vector = np.concatenate([array.ravel() for array in arrays])
    shapes = tuple(array.shape for array in arrays)
    try:
        hash(function)
    except TypeError:
        function = functools.partial(function)  # known by its identity
    return (
        OfVector(function, structure, shapes),
        vector.astype(np.float32 if narrow else np.float64),
    )


def _of_numbers(start: Any) -> bool:
    """Whether it is a list of numbers, or of lists of them, that makes an array."""
    if not isinstance(start, list) or any(np.ndim(leaf) for leaf in jax.tree.leaves(start)):
        return False
    try:
        np.array(start)
    except ValueError:  # lists of several lengths: a pytree
        return False
    return all(not isinstance(each, list) or _of_numbers(each) for each in start)
