"""Examples as they come from the user, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.activations import Array


@dataclass(frozen=True)
class Examples:
    """Rows, their targets and weights.

    Attributes:
        x: inputs, shape (n, inputs), dense or CSR, in the user's units.
        y: targets for the loss, shape (n, outputs), in the user's units.
        w: weights, shape (n,).
        labels: the targets as the user gave them, for scores.
    """

    x: Array
    y: np.ndarray
    w: np.ndarray
    labels: Any

    def __len__(self) -> int:
        return len(self.y)

    def take(self, indices: np.ndarray) -> Examples:
        """Some of the examples."""
        return Examples(*(part[indices] for part in (self.x, self.y, self.w, self.labels)))
