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
        scaled: whether the vector is in units of its own: their sizes are then the first of the
            arguments.
    """

    function: Callable[..., Any]
    structure: Any
    shapes: tuple[tuple[int, ...], ...]
    scaled: bool = False

    def __call__(self, p: Array, *arguments: Any) -> Any:
        if self.scaled:
            scale, *arguments = arguments  # type: ignore[assignment]
            p = p * scale
        return self.function(self.tree(p), *arguments)

    def tree(self, p: Array) -> Any:
        """The pytree of a vector (P,), in the units of the function."""
        leaves, end = [], 0
        for shape in self.shapes:
            start, end = end, end + math.prod(shape)
            leaves.append(p[start:end].reshape(shape) if shape else p[start])
        return self.structure.unflatten(leaves)

    def flat(self, tree: Any, name: str) -> np.ndarray:
        """A pytree of numbers as a vector (P,): one number for all, or for each leaf, is repeated.

        Arguments:
            tree: of the parameters' structure, or one number.
            name: what an error calls it.

        Raises:
            ParameterError: it does not fit the parameters, or holds NaN.
        """
        leaves, structure = jax.tree.flatten(np.array(tree) if _of_numbers(tree) else tree)
        if len(leaves) == 1 and tree is leaves[0] and not np.ndim(tree):
            leaves = leaves * len(self.shapes)
        elif structure != self.structure:
            raise ParameterError(
                f"{name} is {structure}; expected one number, or the structure of the start: "
                f"{self.structure}."
            )
        return np.concatenate(
            [_repeated(leaf, shape, name) for leaf, shape in zip(leaves, self.shapes, strict=True)]
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The path of each number, as ``height`` or ``weights[0][1]``."""
        tree = self.structure.unflatten(range(len(self.shapes)))
        paths = [path for path, _ in jax.tree_util.tree_flatten_with_path(tree)[0]]
        return tuple(
            _path(path) + "".join(f"[{i}]" for i in index)
            for path, shape in zip(paths, self.shapes, strict=True)
            for index in np.ndindex(shape)
        )


def _path(path: tuple[Any, ...]) -> str:
    """A path as text: the first key by itself."""
    first = jax.tree_util.keystr(path[:1], simple=True)
    return (
        first + jax.tree_util.keystr(path[1:])
        if first and not first.isdigit()
        else f"p{jax.tree_util.keystr(path)}"
    )


def _repeated(leaf: Any, shape: tuple[int, ...], name: str) -> np.ndarray:
    found = np.asarray(leaf)
    if found.dtype.kind not in "iuf" or np.isnan(found).any() or found.shape not in ((), shape):
        raise ParameterError(
            f"{name} holds {found.dtype} of shape {found.shape}, NaN: "
            f"{found.dtype.kind == 'f' and bool(np.isnan(found).any())}; expected numbers of shape "
            f"{shape}, or one for all."
        )
    return np.broadcast_to(found, shape).ravel().astype(np.float64)


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
