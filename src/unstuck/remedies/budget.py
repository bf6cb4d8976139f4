"""What a repair may cost."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Budget:
    """What experiments may cost.

    Attributes:
        fits: at most, those of fewer epochs as their share.
        seconds: at most.
        began: time of ``time.perf_counter``.
    """

    fits: float = math.inf
    seconds: float = math.inf
    began: float = field(default_factory=time.perf_counter)

    @property
    def spent(self) -> float:
        """Seconds since the beginning."""
        return time.perf_counter() - self.began

    @property
    def left(self) -> float:
        """Seconds."""
        return self.seconds - self.spent

    @property
    def over(self) -> bool:
        """Whether the time is."""
        return self.left <= 0
