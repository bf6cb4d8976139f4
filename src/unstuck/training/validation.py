"""Validation rows: looked at after every epoch, never trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.kept import kept
from unstuck.layers.network import Packed
from unstuck.lazy import jax, jnp, lax
from unstuck.rows.padding import padded
from unstuck.rows.rows import Rows
from unstuck.training.objective import Objective

BLOCK_ROWS = 128
BLOCKS = 32


@dataclass
class Validation:
    """Rows in blocks of one fixed shape, so that any number of them uses one program.

    Attributes:
        blocks: pieces of up to 32 blocks: inputs, targets, weights (on the device), and how many
            blocks are filled.
        weight: sum of the row weights.
        score: score of these rows for parameters as they are trained; ``None`` where the loss alone
            is followed.
    """

    blocks: list[tuple[Array, Array, Array, np.int32]]
    weight: float
    score: Callable[[Packed], float] | None = None

    @classmethod
    def of(cls, rows: Rows, score: Callable[[Packed], float] | None = None) -> Validation:
        """Cut rows into blocks and put them on the device."""
        piece = BLOCK_ROWS * BLOCKS
        blocks = []
        for start in range(0, rows.count, piece):
            part = rows.take(slice(start, start + piece))
            filled = np.int32(-(-len(part.y) // BLOCK_ROWS))
            blocked = [jax.device_put(_blocked(padded(each, piece))) for each in part]
            blocks.append((*blocked, filled))
        return cls(blocks, rows.weight, score)

    def losses(self, objective: Objective, vector: Packed) -> list[Array]:
        """Sums of losses as promises: they are computed while the caller goes on."""
        program = evaluation(objective)
        return [program(vector, *block) for block in self.blocks]

    def loss(self, objective: Objective, vector: Packed) -> float:
        """Weighted mean loss of the rows (without the penalty)."""
        return self.mean(self.losses(objective, vector))

    def mean(self, losses: list[Array]) -> float:
        """The weighted mean that these sums make."""
        return sum(float(each) for each in losses) / self.weight


def _blocked(array: np.ndarray) -> np.ndarray:
    return array.reshape(BLOCKS, BLOCK_ROWS, *array.shape[1:])


@kept(most=48)
def evaluation(objective: Objective) -> Callable[..., Array]:
    """``sum(vector, x, y, w, count)``: weighted sum of the losses over ``count`` blocks of rows."""

    def total(vector: Any, x: Array, y: Array, w: Array, count: Array) -> Array:
        parameters = objective.network.unpack(vector)

        def body(i: Array, total: Array) -> Array:
            losses = objective.losses(parameters, x[i], y[i], jnp)
            return total + (w[i] * losses).sum()

        return lax.fori_loop(np.int32(0), count, body, jnp.zeros((), y.dtype))

    return jax.jit(total)
