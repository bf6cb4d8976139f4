"""The folder in which compiled programs are kept from one process to the next."""

from __future__ import annotations

import contextlib
import functools
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from unstuck.errors import UnstuckWarning, warn
from unstuck.lazy import jax, lazy

CACHE_VARIABLE = "UNSTUCK_CACHE"
"""Environment variable: a folder for compiled programs, or ``off``."""


@functools.cache
def use_cache() -> Path | None:
    """Keep compiled programs in the user's cache folder; the folder, or ``None`` where off.

    The folder is the user's alone, because a compiled program is code. A cache that the user has
    set up in JAX is left alone.
    """
    config: Any = jax.config
    if config.jax_compilation_cache_dir or not config.jax_enable_compilation_cache:
        return None
    folder = _cache_folder()
    if folder is not None:
        jax.config.update("jax_compilation_cache_dir", str(folder))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
        _mend_entries(folder)
    return folder


def _cache_folder() -> Path | None:
    import platformdirs

    chosen = os.environ.get(CACHE_VARIABLE, "")
    if chosen.lower() in {"off", "0", "no"}:
        return None
    folder = Path(chosen) if chosen else Path(platformdirs.user_cache_dir("unstuck")) / "programs"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _private(folder)
    except OSError as problem:
        _not_kept(f"the cache folder {folder} cannot be used ({problem})")
        return None


def _private(folder: Path) -> Path:
    """The folder where it is the user's alone, else one inside it; no permissions are changed.

    Raises:
        OSError: there is none that others cannot put programs into.
    """
    found = folder.stat()
    if not hasattr(os, "getuid") or _is_private(found):
        return folder
    if found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX:
        # Others could put another folder in the place of ours.
        raise PermissionError("others may change what is in it")
    own = folder / f"unstuck-{os.getuid()}"
    own.mkdir(exist_ok=True, mode=0o700)
    if not _is_private(own.lstat()):
        raise PermissionError(f"{own.name} in it is not yours alone")
    return own


def _is_private(found: os.stat_result) -> bool:
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return mine and not found.st_mode & 0o077


def _mend_entries(folder: Path) -> None:
    """Remove a program that cannot be read (a full disk or a killed process cut it short).

    JAX would warn of it in every process and never replace it. It has no public place to step in;
    a JAX that names these functions otherwise goes on as it does.
    """
    compilation_cache: Any = lazy("jax._src.compilation_cache")
    for name, mended in (
        ("get_executable_and_time", _mended_reading),
        ("put_executable_and_time", _mended_writing),
    ):
        original = getattr(compilation_cache, name, None)
        if original is not None:
            setattr(sys.modules[compilation_cache.__name__], name, mended(original, folder))


def _mended_reading(read: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    @functools.wraps(read)
    def get(cache_key: str, *more: Any, **named: Any) -> Any:
        try:
            return read(cache_key, *more, **named)
        except Exception:  # whatever JAX, zlib and XLA make of half a program
            _remove(folder, cache_key)
            return None, None  # not there: JAX compiles it and keeps it again

    return get


def _mended_writing(write: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    @functools.wraps(write)
    def put(cache_key: str, *more: Any, **named: Any) -> Any:
        try:
            return write(cache_key, *more, **named)
        except OSError as problem:
            _remove(folder, cache_key)
            _say_once(folder, problem.strerror or str(problem))

    return put


def _remove(folder: Path, cache_key: str) -> None:
    """Call where an entry failed; raises again where the cache is not ours any more."""
    config: Any = jax.config
    if config.jax_compilation_cache_dir != str(folder):
        raise  # the error that is being handled
    with contextlib.suppress(OSError):
        (folder / f"{cache_key}-cache").unlink(missing_ok=True)


@functools.cache
def _say_once(folder: Path, problem: str) -> None:
    _not_kept(f"the cache folder {folder} cannot be written to ({problem})")


def _not_kept(why: str) -> None:
    warn(
        f"compiled programs are not kept: {why}. Set {CACHE_VARIABLE} to another folder, or to "
        "'off'.",
        UnstuckWarning,
    )
