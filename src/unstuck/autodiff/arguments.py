"""Arguments of a function taken apart: arrays and numbers, their names, and the rest."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.autodiff.assemble import Leaf
from unstuck.autodiff.jaxprs import Program
from unstuck.autodiff.propagate import is_continuous
from unstuck.errors import ParameterError
from unstuck.lazy import jax, jnp


@dataclass(frozen=True)
class Arguments:
    """What a function is called with.

    Attributes:
        all: every leaf.
        tree: the structure of the arguments.
        which: positions of the arrays and numbers among the leaves.
        named: a name and a role for each of them.
    """

    all: list[Any]
    tree: Any
    which: list[int]
    named: list[Leaf]

    @staticmethod
    def of(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Arguments:
        """Those of ``function(*arguments)``."""
        leaves: list[Any] = []
        which: list[int] = []
        named: list[Leaf] = []
        for position, (name, argument) in enumerate(
            zip(argument_names(function, len(arguments)), arguments, strict=True)
        ):
            for path, given in jax.tree_util.tree_flatten_with_path(argument)[0]:
                leaf = _as_array(given)
                if is_array(leaf):
                    inside = jax.tree_util.keystr(path, simple=True, separator="/")
                    full = f"{name}/{inside}" if path else name
                    which.append(len(leaves))
                    named.append(Leaf(full, "input" if position else "parameter"))
                leaves.append(leaf)
        return Arguments(leaves, jax.tree.structure(arguments), which, named)

    @property
    def leaves(self) -> list[Any]:
        """The arrays and numbers."""
        return [self.all[i] for i in self.which]

    def holding(self, held: Callable[[Any], bool]) -> Arguments:
        """The same with some numbers handed on as they are, so that Python can count with them."""
        kept = [k for k, i in enumerate(self.which) if not held(self.all[i])]
        which, named = [self.which[k] for k in kept], [self.named[k] for k in kept]
        return Arguments(self.all, self.tree, which, named)

    def rebuilt(self, leaves: Sequence[Any]) -> tuple[Any, ...]:
        """The arguments with other arrays."""
        every = list(self.all)
        for i, leaf in zip(self.which, leaves, strict=True):
            every[i] = leaf
        return jax.tree.unflatten(self.tree, every)

    def arrays(self, program: Program) -> list[Array]:
        """The arrays as a program takes them; copies, since the user's may be written to."""
        made = []
        for leaf, kind in zip(self.leaves, program.types, strict=True):
            is_key = jax.dtypes.issubdtype(kind.dtype, jax.dtypes.prng_key)
            made.append(leaf if is_key else jnp.array(leaf, kind.dtype))
        return made

    def along(self, tangents: Any, arrays: Sequence[Array]) -> list[Array | None]:
        """The direction, leaf by leaf; ``None`` for what stays as it is or is an integer."""
        structures = [self.tree, *self.tree.children()[:1]]
        given, structure = jax.tree.flatten(tangents)
        if structure not in structures:
            raise ParameterError(
                f"trace: tangents have the structure {structure}; expected that of the arguments, "
                f"{self.tree}, or of the first alone."
            )
        along: list[Array | None] = []
        for i, leaf, array in zip(self.which, self.named, arrays, strict=True):
            if i >= len(given) or not is_continuous(array):
                along.append(None)
                continue
            try:
                along.append(jnp.broadcast_to(jnp.asarray(given[i], array.dtype), array.shape))
            except (TypeError, ValueError) as problem:
                raise ParameterError(
                    f"trace: the tangent of {leaf.name} has shape {np.shape(given[i])}; expected "
                    f"{array.shape}."
                ) from problem
        return along


def is_array(leaf: Any) -> bool:
    """Whether a leaf becomes a node: an array or a number, but no truth value of Python."""
    if isinstance(leaf, np.ndarray | np.generic):
        return leaf.dtype.kind in "biufcV" and leaf.dtype.names is None
    return isinstance(leaf, jax.Array | int | float | complex) and not isinstance(leaf, bool)


def is_count(leaf: Any) -> bool:
    """Whether a leaf is a whole number of Python or NumPy: perhaps a shape, or how often."""
    return isinstance(leaf, int | np.integer) and not isinstance(leaf, bool)


def is_counts(leaf: Any) -> bool:
    """Whether a leaf is one, or an array of them."""
    array = isinstance(leaf, np.ndarray | jax.Array)
    return is_count(leaf) or (array and jnp.issubdtype(leaf.dtype, jnp.integer))


def _as_array(leaf: Any) -> Any:
    """What holds numbers in the form of another library (a Series), as an array."""
    if is_array(leaf) or isinstance(leaf, type) or not hasattr(leaf, "__array__"):
        return leaf
    array = np.asarray(leaf)
    return array if array.ndim and is_array(array) else leaf


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


@contextlib.contextmanager
def numbers(leaves: Sequence[Any]) -> Iterator[None]:
    """JAX with 64-bit numbers where an argument has them, or where only Python numbers are."""
    from unstuck.training.program_cache import use_cache

    use_cache()
    python = [leaf for leaf in leaves if isinstance(leaf, float | complex)]
    typed = {str(leaf.dtype) for leaf in leaves if hasattr(leaf, "dtype")}
    small = {name for name in typed if name.startswith(("float", "bfloat", "complex"))}
    wide = bool(small & {"float64", "complex128"}) or bool(python and not small)
    with jax.enable_x64(True) if wide else contextlib.nullcontext():
        yield
