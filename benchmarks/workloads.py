"""What is measured: the same data, network and steps for everyone, and the goals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

LEARNING_RATE = 1e-3


class Data(NamedTuple):
    """Training and validation rows: inputs float32, classes int64."""

    x: np.ndarray
    y: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray


@dataclass(frozen=True)
class Goal:
    """A bound on a ratio of times.

    Attributes:
        peer: whose time unstuck's is compared with.
        bound: the number.
        faster: where true, ``peer / unstuck`` is at least the bound; else ``unstuck / peer`` is
            at most the bound.
    """

    peer: str
    bound: float
    faster: bool = True

    def ratio(self, unstuck: float, peer: float) -> float:
        """The ratio that the bound is about."""
        return peer / unstuck if self.faster else unstuck / peer

    def met(self, ratio: float) -> bool:
        """Whether the ratio keeps the bound."""
        return ratio >= self.bound if self.faster else ratio <= self.bound

    def __str__(self) -> str:
        return f">= {self.bound:g}" if self.faster else f"<= {self.bound:g}"


@dataclass(frozen=True)
class Workload:
    """Mini-batch training with Adam: ReLU units, cross-entropy, no penalty, shuffled, float32.

    Attributes:
        widths: of inputs, hidden layers and outputs.
        rows, valid: training and validation rows; validated once an epoch.
        batch, epochs: rows a step, passes over the rows.
        goals: what is wanted.
        also: peers that are measured without a goal.
    """

    widths: tuple[int, ...]
    rows: int
    batch: int
    epochs: int
    valid: int
    goals: tuple[Goal, ...]
    also: tuple[str, ...] = ()

    @property
    def peers(self) -> list[str]:
        """Everyone who does this work, unstuck first."""
        return ["unstuck", *(goal.peer for goal in self.goals), *self.also]

    @property
    def steps(self) -> int:
        """Steps of one fit."""
        return self.epochs * -(-self.rows // self.batch)

    def __str__(self) -> str:
        validation = f", {self.valid:,} validation rows" if self.valid else ""
        network = "-".join(map(str, self.widths))
        return (
            f"{network}, {self.rows:,} rows, batch {self.batch}, {self.epochs} epochs{validation}"
        )

    def data(self) -> Data:
        """Normal inputs; the class is the largest output of a noisy linear teacher."""
        rng = np.random.default_rng(0)
        inputs, outputs, count = self.widths[0], self.widths[-1], self.rows + self.valid
        x = rng.standard_normal((count, inputs)).astype(np.float32)
        scores = x @ rng.standard_normal((inputs, outputs)) / np.sqrt(inputs)
        y = (scores + 0.3 * rng.standard_normal(scores.shape)).argmax(1)
        return Data(x[: self.rows], y[: self.rows], x[self.rows :], y[self.rows :])


WORKLOADS = {
    "small": Workload(
        (20, 32, 3),
        10_000,
        32,
        10,
        2_000,
        (Goal("scikit-learn", 8), Goal("torch", 8), Goal("scan", 1.1, faster=False)),
        ("torch, fused Adam",),
    ),
    "medium": Workload(
        (64, 64, 64, 10),
        10_000,
        32,
        5,
        2_000,
        (Goal("scikit-learn", 5), Goal("torch", 5), Goal("scan", 1.1, faster=False)),
        ("torch, fused Adam",),
    ),
    "few-rows": Workload(
        (4, 16, 3), 150, 32, 100, 0, (Goal("scikit-learn", 5),), ("torch", "scan")
    ),
    "wide": Workload(
        (784, 512, 512, 10),
        20_000,
        128,
        2,
        0,
        (Goal("torch", 1.2), Goal("scikit-learn", 1.5)),
        ("torch, fused Adam", "scan"),
    ),
}
"""Warm fits, the second of a process and later ones, by name."""


def digits() -> Data:
    """scikit-learn's digits, standardized; no validation rows."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    scaled = ((x - x.mean(0)) / np.maximum(x.std(0), 1e-3)).astype(np.float32)
    return Data(scaled, y, scaled[:0], y[:0])
