"""Rows that are looked at, not trained on: validation data and the probe of the health signals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unstuck.activations import Array
from unstuck.training import programs
from unstuck.training.objective import Objective

BLOCK_ROWS = 128
BLOCKS = 32
PROBE_ROWS = 128


@dataclass
class HeldOut:
    """Rows in blocks of one fixed shape, so that any number of them uses one program.

    Attributes:
        blocks: pieces of up to 32 blocks: inputs, targets, weights (on the device), and how many
            blocks are filled.
        weight: sum of the row weights.
    """

    blocks: list[tuple[Array, Array, Array, np.int32]]
    weight: float

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray, w: np.ndarray) -> HeldOut:
        """Cut rows into blocks and put them on the device."""
        import jax

        piece = BLOCK_ROWS * BLOCKS
        blocks = []
        for start in range(0, len(y), piece):
            part = [a[start : start + piece] for a in (x, y, w)]
            filled = np.int32(-(-len(part[1]) // BLOCK_ROWS))
            blocked = [jax.device_put(_padded(a, piece).reshape(_shape(a))) for a in part]
            blocks.append((*blocked, filled))
        return cls(blocks, float(w.sum(dtype=np.float64)))

    def losses(self, objective: Objective, vector: Array) -> list[Array]:
        """Sums of losses as promises: they are computed while the caller goes on."""
        program = programs.evaluation(objective)
        return [program(vector, *block) for block in self.blocks]

    def loss(self, objective: Objective, vector: Array) -> float:
        """Weighted mean loss of the rows (without the penalty)."""
        return self.mean(self.losses(objective, vector))

    def mean(self, losses: list[Array]) -> float:
        """The weighted mean that these sums make."""
        return sum(float(each) for each in losses) / self.weight


def probe_rows(count: int) -> np.ndarray:
    """Up to 128 rows at even distances: what the health signals are measured on."""
    return np.unique(np.linspace(0, count - 1, min(PROBE_ROWS, count)).round().astype(int))


def probe(*parts: np.ndarray) -> tuple[np.ndarray, ...]:
    """Inputs, targets and weights of the probe, padded with weight 0 to one fixed size."""
    return tuple(_padded(part, PROBE_ROWS) for part in parts)


def _padded(a: np.ndarray, rows: int) -> np.ndarray:
    return np.pad(a, [(0, rows - len(a))] + [(0, 0)] * (a.ndim - 1))


def _shape(a: np.ndarray) -> tuple[int, ...]:
    return (BLOCKS, BLOCK_ROWS, *a.shape[1:])
