"""No warnings, in however many threads.

Filters of warnings are those of the process. ``warnings.catch_warnings`` puts back what it found:
where two threads enter it in turn, the one that leaves last puts back what the other had set, and
the process is silent for good.
"""

from __future__ import annotations

import contextlib
import threading
import warnings
from collections.abc import Iterator

_lock = threading.Lock()
_inside: list[tuple[type[Warning], ...]] = []
_before = warnings.catch_warnings()
_filters: list = []


@contextlib.contextmanager
def silenced(*kinds: type[Warning]) -> Iterator[None]:
    """Inside, no warnings are shown; afterwards they are as before, once no thread is inside.

    Arguments:
        kinds: of warnings; all, if not given.

    Example:
        >>> with silenced():
        ...     warnings.warn("is not shown")
    """
    own = kinds or (Warning,)
    _enter(own)
    try:
        yield
    finally:
        _leave(own)


def _enter(kinds: tuple[type[Warning], ...]) -> None:
    global _before
    with _lock:
        if not _inside:
            _before = warnings.catch_warnings()
            _before.__enter__()
            _filters[:] = warnings.filters
        _inside.append(kinds)
        _ignore(kinds)


def _leave(kinds: tuple[type[Warning], ...]) -> None:
    with _lock:
        _inside.remove(kinds)
        if not _inside:
            _before.__exit__(None, None, None)
            return
        warnings.filters[:] = _filters  # type: ignore[index]
        for each in _inside:
            _ignore(each)


def _ignore(kinds: tuple[type[Warning], ...]) -> None:
    for kind in kinds:
        warnings.simplefilter("ignore", kind)
