"""Compiled programs that are kept: how many, and for how long.

A compiled program takes some 3 MB and a hundred memory maps, of which Linux allows a process
65,530. JAX frees it together with the function that it compiled; so all that is needed is to hold
few of those, and to hold no user's function longer than the user does.
"""

from __future__ import annotations

import dataclasses
import functools
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Any, Generic, ParamSpec, TypeVar

from unstuck import forks

P = ParamSpec("P")
R = TypeVar("R")

MOST_MAPS = 30_000
"""Memory maps of the process from which half of what is kept is let go; deep networks have many."""


def kept(most: int) -> Callable[[Callable[P, R]], Kept[P, R]]:
    """Keep the values of a function for the last used arguments, as ``functools.lru_cache`` does.

    A program that is let go is freed where nobody uses it, and compiled again when it is asked
    for. Functions of a user's own in the arguments are not kept alive: stand-ins that call them are
    handed on, and what was made goes when they do.

    Arguments:
        most: how many are kept. Values of ``jax.jit`` count as often as JAX has prepared a call of
            them: once or twice for each shape.

    Example:
        >>> @kept(most=2)
        ... def square(x):
        ...     print("made")
        ...     return x * x
        >>> square(2), square(2)
        made
        (4, 4)
    """
    return lambda make: Kept(make, most)


@dataclasses.dataclass
class _Entry:
    value: Any
    users: list[Borrowed]
    size: int = 1


class Kept(Generic[P, R]):
    """A function that keeps its last used values; see ``kept``."""

    def __init__(self, make: Callable[P, R], most: int):
        functools.update_wrapper(self, make)
        self._make, self._most = make, most
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self._stale = False
        _ALL.append(self)

    def __call__(self, *arguments: P.args, **named: P.kwargs) -> R:
        assert not named, "arguments by name would be kept twice"
        forks.check()
        entry = self._entries.get(arguments)
        if entry is None:
            entry = self._made(arguments)
            if _jitted(entry.value) and _maps() > MOST_MAPS:
                for each in _ALL:
                    each.halve()
        with self._lock:
            self._used(arguments, entry)
        self._tidy()
        return entry.value

    def cache_clear(self) -> None:
        """Let go of everything."""
        self._drop(len(self._entries))

    def halve(self) -> None:
        """Let go of the half that was not used for longest."""
        self._drop(len(self._entries) // 2)

    def __len__(self) -> int:
        return self._size

    def _made(self, arguments: tuple[Any, ...]) -> _Entry:
        """Make a value, outside the lock: of two threads, one's is taken by both."""
        users: list[Borrowed] = []
        borrowed = _borrowed(arguments, users, self._notice)
        entry = _Entry(self._make(*borrowed), users)  # type: ignore[call-arg]
        with self._lock:
            first = self._entries.setdefault(borrowed, entry)
            self._size += first is entry
        return first

    def _used(self, arguments: Hashable, entry: _Entry) -> None:
        """Take note of a use, and of what was compiled since the last; let go of the oldest."""
        if self._entries.get(arguments) is not entry:
            return  # another thread has let it go
        size = max(1, sum(each._cache_size() for each in _jitted(entry.value)))
        self._size += size - entry.size
        entry.size = size
        self._entries.move_to_end(arguments)
        while self._size > self._most and (len(self._entries) > 1 or size > self._most):
            self._size -= self._entries.popitem(last=False)[1].size

    def _drop(self, count: int) -> None:
        with self._lock:
            for _ in range(min(count, len(self._entries))):
                self._size -= self._entries.popitem(last=False)[1].size

    def _notice(self, _: object) -> None:
        """A user's function is gone. That is told at any time, even while the lock is held here."""
        self._stale = True
        self._tidy()

    def _tidy(self) -> None:
        """Let go of what was made for functions that are gone; who holds the lock does it after."""
        while self._stale and self._lock.acquire(blocking=False):
            try:
                self._stale = False
                entries = self._entries.items()
                for key in [key for key, each in entries if any(user.gone for user in each.users)]:
                    self._size -= self._entries.pop(key).size
            finally:
                self._lock.release()


_ALL: list[Kept[Any, Any]] = []


class Borrowed:
    """A user's function, held only as long as somebody else holds it; it equals the function.

    Arguments:
        function: the function.
        tell: called when it is gone.
    """

    def __init__(self, function: Callable[..., Any], tell: Callable[[object], None]):
        self._reference, self._hash = weakref.ref(function, tell), hash(function)
        self.__name__ = getattr(function, "__name__", type(function).__name__)

    @property
    def gone(self) -> bool:
        """Whether nobody holds the function any more."""
        return self._reference() is None

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        function = self._reference()
        if function is None:
            raise ReferenceError(f"the function {self.__name__} does not exist any more")
        return function(*arguments, **named)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Borrowed):
            other = self if other is self else other._reference()
        return other is self or (other is not None and other is self._reference())


def _borrowed(value: Any, users: list[Borrowed], tell: Callable[[object], None]) -> Any:
    """A value with stand-ins for the functions of a user's own in its tuples and records."""
    if isinstance(value, Borrowed):
        value = value._reference()
    if type(value) is tuple:
        return tuple(_borrowed(each, users, tell) for each in value)
    if type(value) is dict:
        return {key: _borrowed(each, users, tell) for key, each in value.items()}
    if dataclasses.is_dataclass(value) and _ours(type(value)):
        return _record(value, users, tell)
    if callable(value) and not isinstance(value, type) and not _ours(value):
        if type(value).__eq__ is object.__eq__ and type(value).__weakrefoffset__:
            users.append(Borrowed(value, tell))
            return users[-1]
    return value


def _record(value: Any, users: list[Borrowed], tell: Callable[[object], None]) -> Any:
    changed = {}
    for field in dataclasses.fields(value):
        before = getattr(value, field.name)
        after = _borrowed(before, users, tell)
        if after is not before:
            changed[field.name] = after
    return dataclasses.replace(value, **changed) if changed else value


def _ours(thing: Any) -> bool:
    """Whether a class or function is defined in this package; those live as long as the process."""
    return (getattr(thing, "__module__", None) or "").partition(".")[0] == "unstuck"


def _jitted(value: Any) -> list[Any]:
    parts = value if isinstance(value, tuple) else (value,)
    return [part for part in parts if hasattr(part, "_cache_size")]


def _maps() -> int:
    """Memory maps of this process; 0 where the system does not tell."""
    try:
        with open("/proc/self/maps", "rb") as file:
            return sum(1 for _ in file)
    except OSError:
        return 0


_used_with: weakref.WeakKeyDictionary[Any, set[Hashable]] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def first_use(program: Any, *shapes: Hashable) -> bool:
    """Whether a program of ``jax.jit`` is used with these shapes for the first time.

    It will be compiled then. A program that was let go and made again is another one.
    """
    with _lock:
        used = _used_with.setdefault(program, set())
        fresh = shapes not in used
        used.add(shapes)
        return fresh
