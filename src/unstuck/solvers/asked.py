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
        ParameterError: ``function`` is none, or ``start`` or ``scale`` cannot be used.
    """
    if not callable(function):
        raise ParameterError(f"the first argument was {function!r}; expected a JAX function.")
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
