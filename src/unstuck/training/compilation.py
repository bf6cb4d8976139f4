"""What JAX compiles, where it is kept, and how a user is told."""

from __future__ import annotations

import contextlib
import functools
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from unstuck import collector, forks
from unstuck.errors import UnstuckWarning, warn

CACHE_VARIABLE = "UNSTUCK_CACHE"
"""Environment variable: a folder for compiled programs, or ``off``."""


@contextlib.contextmanager
def precision(dtype: np.dtype) -> Iterator[None]:
    """JAX with 64-bit numbers exactly where ``dtype`` is float64, in this thread only."""
    forks.check()
    with collector.paused():
        import jax

    use_cache()
    with jax.enable_x64(dtype == np.float64):
        yield


@functools.cache
def use_cache() -> Path | None:
    """Keep compiled programs in the user's cache folder; the folder, or ``None`` where off.

    The folder is readable by its owner alone, because a compiled program is code. A cache that
    the user has set up in JAX is left alone.
    """
    import jax

    config: Any = jax.config
    if config.jax_compilation_cache_dir or not config.jax_enable_compilation_cache:
        return None
    folder = _cache_folder()
    if folder is not None:
        jax.config.update("jax_compilation_cache_dir", str(folder))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    return folder


def _cache_folder() -> Path | None:
    import platformdirs

    chosen = os.environ.get(CACHE_VARIABLE, "")
    if chosen.lower() in {"off", "0", "no"}:
        return None
    folder = Path(chosen) if chosen else Path(platformdirs.user_cache_dir("unstuck")) / "programs"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = folder.stat()
        if hasattr(os, "getuid") and found.st_uid != os.getuid():
            raise PermissionError(f"it belongs to user {found.st_uid}")
        if stat.S_IMODE(found.st_mode) & 0o077:
            folder.chmod(0o700)
    except OSError as problem:
        warn(
            f"compiled programs are not kept: the cache folder {folder} cannot be used "
            f"({problem}). Set {CACHE_VARIABLE} to another folder, or to 'off'.",
            UnstuckWarning,
        )
        return None
    return folder
