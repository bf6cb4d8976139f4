"""With which precision JAX computes."""

from __future__ import annotations

import contextlib
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
