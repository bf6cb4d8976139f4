"""What a solver is asked: a function of a vector, where it starts, and what does not change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.errors import ParameterError
from unstuck.lazy import jax
from unstuck.solvers.problem import Problem
from unstuck.solvers.vector import OfVector, of_vector


@dataclass(frozen=True)
class Asked:
    """A function of a pytree, ready for a solver.

    Attributes:
        kind: ``kind(function, arguments)`` is the problem.
        function: of the vector of the solver's parameters.
        start: the vector, shape (P,), in units of ``scale``.
        arguments: of the function, pytrees of arrays.
        scale: size of each parameter, (P,) or 1.
    """

    kind: Callable[..., Problem]
    function: OfVector
    start: np.ndarray
    arguments: tuple[Any, ...]
    scale: Any = 1.0

    @property
    def problem(self) -> Problem:
        """The problem; its methods are called inside compiled programs."""
        return self.kind(self.function, self.arguments)

    def tree(self, p: Array) -> Any:
        """The pytree of a vector of the solver, in the units of the function."""
        return self.function.tree(p * self.scale)


def ask(
    kind: Callable[..., Problem],
    function: Callable[..., Any],
    start: Any,
    arguments: tuple[Any, ...],
    scale: Any = None,
) -> Asked:
    """What a user asks of a function of a pytree.

    Arguments:
        kind: as in ``Asked``.
        function: ``function(tree, *arguments)``.
        start: the pytree at the start.
        arguments: pytrees of arrays and numbers.
        scale: sizes of the parameters, shaped as the start, or one number; ``None``: 1.

    Raises:
        ParameterError: ``function`` is none, or ``start``, ``arguments`` or ``scale`` cannot be
            used.
    """
    if not callable(function):
        raise ParameterError(f"the first argument was {function!r}; expected a JAX function.")
    _check_arrays(start, arguments)
    flat, p = of_vector(function, start)
    # JAX remembers a NumPy array that a compiled function held at the precision it had there.
    fresh = jax.tree.map(lambda x: x.copy() if isinstance(x, np.ndarray) else x, arguments)
    if scale is None:
        return Asked(kind, flat, p, fresh)
    sizes = flat.flat(scale, "scale").astype(p.dtype)
    if not ((sizes > 0) & np.isfinite(sizes)).all():
        raise ParameterError(
            f"scale holds {sizes.min():g}; expected sizes of parameters, positive and finite."
        )
    scaled = OfVector(flat.function, flat.structure, flat.shapes, scaled=True)
    return Asked(kind, scaled, p / sizes, (sizes, *fresh), sizes)


def _check_arrays(start: Any, arguments: tuple[Any, ...]) -> None:
    """Whether everything has values, and all arguments are numbers."""
    if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves((start, arguments))):
        raise ParameterError(
            "a solver was called inside jax.jit, jax.grad, jax.vmap or the like, where arrays have "
            "no values; it decides by values when to end. Call it outside: its iterations are "
            "compiled anyway."
        )
    for i, argument in enumerate(arguments, start=1):
        for leaf in jax.tree.leaves(argument):
            if not _of_numbers(leaf):
                raise ParameterError(
                    f"argument {i} after the start holds {type(leaf).__name__} {leaf!r:.60}; "
                    "expected arrays and numbers. Let the function hold it: "
                    "lambda p: function(p, ...)."
                )


def _of_numbers(leaf: Any) -> bool:
    if isinstance(leaf, (np.ndarray, np.generic)):
        return leaf.dtype.kind not in "OSUmM"
    return isinstance(leaf, (bool, int, float, complex, jax.Array)) or hasattr(
        leaf, "__jax_array__"
    )
