"""Mini-batch and full-batch solvers behind one door: what the training loop asks of a solver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from unstuck import collector
from unstuck.activations import Array
from unstuck.layers.network import Packed, Parameters
from unstuck.lazy import jax, jnp
from unstuck.solvers.last_look import Around
from unstuck.solvers.pace import Pace
from unstuck.training.plan import Plan, State

Run = Callable[..., tuple[State, Array, Array]]
"""``run(state, batches, traced, count)``: up to ``count`` steps; the state after them, a row of
numbers for each (loss, gradient norm, the stepper's ``columns``), and whether all parameters are
finite."""


@dataclass(frozen=True)
class Stepper:
    """The compiled steps of a plan.

    Attributes:
        plan: what is compiled.
        full: whether every step takes all rows: an epoch is a step.
        room: most steps of one call.
        ahead: whether a call may be made before the results of the last have come.
        reads: names of numbers of the task that the program reads, beside the solver's.
        tol: smallest progress of an epoch that counts, unless another is given.
        relative: whether that is a share of the loss.
    """

    plan: Plan

    full: ClassVar[bool]
    room: ClassVar[int]
    ahead: ClassVar[bool]
    reads: ClassVar[tuple[str, ...]]
    tol: ClassVar[float]
    relative: ClassVar[bool]

    @property
    def columns(self) -> tuple[str, ...]:
        """What a step measures beside loss and gradient norm: columns of the history."""
        raise NotImplementedError

    def batch_size(self, count: int, wanted: int) -> int:
        """Rows of one step, of ``count`` in all."""
        raise NotImplementedError

    def pack(self, parameters: Parameters) -> Packed:
        """The parameters as they are trained."""
        raise NotImplementedError

    def memory_shapes(self, dtype: np.dtype, rows: int) -> Any:
        """Shapes of the solver's memory, for batches of so many rows, with padding."""
        raise NotImplementedError

    def run(self) -> Run:
        """The compiled program."""
        raise NotImplementedError

    def done(self, measured: np.ndarray) -> int:
        """How many of the steps that were asked for were done."""
        return len(measured)

    def promised(self, row: list[float]) -> float | None:
        """Where the solver found no step that lowers the loss: what the gradient promises.

        It is for a step of the parameters' size. ``None``: the solver goes on.
        """
        del row
        return None

    def around(self, state: State, batches: Any, traced: Any) -> Around | None:
        """What is around a place where the solver finds no step down; ``None``: not looked.

        Arguments:
            state: the place.
            batches: its rows, as the program takes them.
            traced: the numbers of the program.
        """
        del state, batches, traced
        return None

    def memory(self, dtype: np.dtype, rows: int) -> Any:
        """The solver's memory before the first step: zeros, made without compiling anything."""
        with collector.paused():
            shapes = self.memory_shapes(dtype, rows)
        return jax.tree.map(lambda leaf: np.zeros(leaf.shape, leaf.dtype), shapes)

    def pace(self, rows: int) -> Pace:
        """How many steps a call may do on so many rows: between calls the user is heard.

        Where calls end changes no bit of what comes out.
        """
        raise NotImplementedError


def finite(vector: Packed) -> Array:
    """Whether all parameters are finite; traced."""
    return jnp.stack([jnp.isfinite(part).all() for part in jax.tree.leaves(vector)]).all()
