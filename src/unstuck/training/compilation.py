"""What JAX compiles, and with which precision."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Hashable, Iterator

import numpy as np

from unstuck.lazy import jax
from unstuck.training.program_cache import use_cache

_seen: set[Hashable] = set()
_lock = threading.Lock()


def first_use(program: Hashable) -> bool:
    """Whether a program is used for the first time in this process (so it will be compiled)."""
    with _lock:
        if program in _seen:
            return False
        _seen.add(program)
        return True


@contextlib.contextmanager
def precision(dtype: np.dtype) -> Iterator[None]:
    """JAX with 64-bit numbers exactly where ``dtype`` is float64, in this thread only."""
    use_cache()
    with jax.enable_x64(dtype == np.float64):
        yield
