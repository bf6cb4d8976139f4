"""A function of pytrees as a function of one float64 vector, every entry with its path."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.errors import DataError, ParameterError
from unstuck.lazy import jax, jnp


class VectorFunction:
    """``function(*arguments)`` as a function of the floating leaves of some arguments.

    Everything is converted to float64. Other leaves (integers, keys, functions) stay as they are.
    Use it where JAX has 64-bit numbers: ``with jax.enable_x64(True):``.

    Arguments:
        function: written with ``jax.numpy``.
        arguments: pytrees to call it with.
        argnums: which of them vary.

    Attributes:
        vector: the varying leaves, one after the other, shape (size,), float64.
        names: path of every varying leaf; it begins with the argument's name.
        shapes: shape of every varying leaf.

    Raises:
        ParameterError: ``argnums`` names no argument.
        DataError: nothing varies, or a varying leaf is complex or not finite.
    """

    def __init__(
        self, function: Callable[..., Any], arguments: Sequence[Any], argnums: Sequence[int] = (0,)
    ) -> None:
        self._check_argnums(arguments, argnums)
        self.function = function
        self._names = argument_names(function, len(arguments))
        paths, self._tree = jax.tree_util.tree_flatten_with_path(tuple(arguments))
        self._leaves = [leaf for _, leaf in paths]
        varying = {argnum % len(arguments) for argnum in argnums}
        self._varies = [
            i for i, (path, leaf) in enumerate(paths) if path[0].idx in varying and _floating(leaf)
        ]
        self._held = [i for i, leaf in enumerate(self._leaves) if self._is_held(i, leaf)]
        self.names = tuple(self._name(paths[i][0]) for i in self._varies)
        self.shapes = tuple(np.shape(self._leaves[i]) for i in self._varies)
        self._check_leaves()
        self.vector = np.concatenate([_float64(self._leaves[i]).ravel() for i in self._varies])
        self.held = [_float64(self._leaves[i]) for i in self._held]

    def __call__(self, vector: Array, held: Sequence[Array]) -> Any:
        """What the function returns; ``held`` are the arrays that do not vary."""
        leaves = list(self._leaves)
        for i, part, shape in zip(self._varies, self.split(vector), self.shapes, strict=True):
            leaves[i] = part.reshape(shape)
        for i, array in zip(self._held, held, strict=True):
            leaves[i] = array
        return self.function(*jax.tree.unflatten(self._tree, leaves))

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of entries of every varying leaf."""
        return tuple(math.prod(shape) for shape in self.shapes)

    def split(self, vector: Array) -> list[Array]:
        """The leaves' parts of a vector, flat."""
        ends = np.cumsum(self.sizes)
        starts = ends - np.array(self.sizes)
        return [vector[start:end] for start, end in zip(starts, ends, strict=True)]

    def rebuilt(self, vector: np.ndarray, argnum: int = 0) -> Any:
        """One argument with the entries of ``vector``."""
        leaves = list(self._leaves)
        for i, part, shape in zip(self._varies, self.split(vector), self.shapes, strict=True):
            leaves[i] = part.reshape(shape)
        return jax.tree.unflatten(self._tree, leaves)[argnum]

    def _is_held(self, index: int, leaf: Any) -> bool:
        """Arrays that do not vary are passed: as constants they would be compiled in."""
        plain = isinstance(leaf, (np.ndarray, np.generic, jax.Array))
        return plain and index not in self._varies

    def _name(self, path: tuple[Any, ...]) -> str:
        inner = jax.tree_util.keystr(path[1:], simple=True, separator="/")
        return "/".join(part for part in (self._names[path[0].idx], inner) if part)

    @staticmethod
    def _check_argnums(arguments: Sequence[Any], argnums: Sequence[int]) -> None:
        count = len(arguments)
        if not argnums or not all(-count <= argnum < count for argnum in argnums):
            raise ParameterError(
                f"argnums was {tuple(argnums)}; expected positions of the {count} arguments that "
                "the function is called with, counted from 0."
            )

    def _check_leaves(self) -> None:
        if not self._varies:
            raise DataError(
                "the arguments to differentiate hold no floating-point number, so there is no "
                "derivative to look at. Pass floats, or name other arguments with argnums."
            )
        for name, i in zip(self.names, self._varies, strict=True):
            values = np.asarray(self._leaves[i])
            if values.dtype.kind == "c":
                raise DataError(
                    f"{name} is complex; expected real numbers. Pass its real and imaginary part "
                    "as two arrays."
                )
            if not np.isfinite(_float64(values)).all():
                raise DataError(
                    f"{name} holds NaN or infinity; derivatives exist only at finite numbers."
                )


def argument_names(function: Callable[..., Any], count: int) -> list[str]:
    """The names under which a function receives ``count`` positional arguments.

    Example:
        >>> argument_names(lambda weights, *rows: 0.0, 3)
        ['weights', 'rows1', 'rows2']
    """
    try:
        known = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        known = []
    names = [p.name for p in known if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    rest = [p.name for p in known if p.kind is p.VAR_POSITIONAL]
    names += [f"{name}{i + 1}" for name in rest for i in range(count - len(names))]
    names += [f"x{i + 1}" for i in range(len(names), count)]
    return names[:count]


def compiled(function: Callable[..., Any], *example: Any) -> Callable[..., Any]:
    """The function, compiled; as it is where Python must see its numbers."""
    program = jax.jit(function)
    try:
        program(*example)
    except (jax.errors.JAXTypeError, jax.errors.JAXIndexError):
        return function
    return program


def called(function: Callable[..., Any]) -> str:
    """What a function is called in texts."""
    name = getattr(function, "__name__", type(function).__name__)
    return "the function" if name == "<lambda>" else name


def _floating(leaf: Any) -> bool:
    dtype = getattr(leaf, "dtype", None)
    if dtype is None:
        return isinstance(leaf, (float, complex))
    return bool(jnp.issubdtype(dtype, jnp.inexact))


def _float64(leaf: Any) -> Any:
    """An array as float64 where it is floating."""
    if not _floating(leaf) or np.asarray(leaf).dtype.kind == "c":
        return leaf
    return np.asarray(leaf, np.float64)
