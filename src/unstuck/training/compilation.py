"""With which precision JAX computes."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Iterator

import numpy as np

from unstuck import forks
from unstuck.lazy import jax
from unstuck.training.program_cache import use_cache


@contextlib.contextmanager
def precision(dtype: np.dtype) -> Iterator[None]:
    """JAX with 64-bit numbers exactly where ``dtype`` is float64, in this thread only."""
    forks.check()
    use_cache()
    with jax.enable_x64(dtype == np.float64):
        yield


_COMPILED = "/jax/core/compile/backend_compile_duration"
"""What JAX tells of every program that it hands to its compiler."""


class Compilations:
    """Counts the programs that JAX compiles, or finds compiled in the cache folder, from now on.

    Example:
        >>> counted = compilations()
        >>> before = counted.total
        >>> counted.total - before
        0
    """

    def __init__(self) -> None:
        self.total, self._lock = 0, threading.Lock()
        jax.monitoring.register_event_duration_secs_listener(self._take)

    def _take(self, event: str, duration_secs: float, **details: str | int) -> None:
        del duration_secs, details
        if event == _COMPILED:
            with self._lock:
                self.total += 1


@functools.cache
def compilations() -> Compilations:
    """The counter of the process; its total grows from the first call on."""
    return Compilations()
