"""Compiled programs that are kept: how many, and for how long.

A compiled program takes some 3 MB and a hundred memory maps, of which Linux allows a process
65,530. JAX frees it together with the function that it compiled; so all that is needed is to hold
few of those, and to hold no user's function longer than the user does.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import threading
import weakref
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Generic, ParamSpec, TypeVar

from unstuck import forks
from unstuck.lazy import lazy

P = ParamSpec("P")
R = TypeVar("R")

MOST_MAPS = 30_000
"""Memory maps of the process from which half of what is kept is let go; deep networks have many."""

TRACES = 64
"""New programs between two times when JAX's notes on the pieces of programs are freed."""


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


class _Entry:
    """A value, the functions it was made for, how often it counts, and when it was last used."""

    def __init__(self, value: Any, users: list[Borrowed]):
        self.value, self.users = value, users
        parts = value if isinstance(value, tuple) else (value,)
        self.programs = [part for part in parts if hasattr(part, "_cache_size")]
        self.size, self.used = 1, 0

    def measure(self) -> int:
        return max(1, sum([program._cache_size() for program in self.programs]))


class Kept(Generic[P, R]):
    """A function that keeps its last used values; see ``kept``."""

    def __init__(self, make: Callable[P, R], most: int):
        functools.update_wrapper(self, make)
        self._make, self._most, self._size = make, most, 0
        self._entries: dict[Hashable, _Entry] = {}
        self._lock, self._wanted = threading.Lock(), list[int]()
        _ALL.append(self)

    def __call__(self, *arguments: P.args, **named: P.kwargs) -> R:
        assert not named, "arguments by name would be kept twice"
        forks.check()
        entry = self._entries.get(arguments) or self._made(arguments)
        entry.used = next(_clock)
        if entry.measure() != entry.size:
            self._let_go()
        return entry.value

    def cache_clear(self) -> None:
        """Let go of everything."""
        self._let_go(most=0)

    def halve(self) -> None:
        """Let go of the half that was not used for longest."""
        self._let_go(most=self._size // 2)

    def __len__(self) -> int:
        return self._size

    def _made(self, arguments: tuple[Any, ...]) -> _Entry:
        """Make a value, outside the lock: of two threads, one's is taken by both."""
        users: list[Borrowed] = []
        borrowed = _borrowed(arguments, users, self._notice)
        entry = _Entry(self._make(*borrowed), users)  # type: ignore[call-arg]
        entry.used = next(_clock)
        if entry.programs:
            _make_room()
        with self._lock:
            entry = self._entries.setdefault(borrowed, entry)
        self._let_go()
        return entry

    def _let_go(self, most: int | None = None) -> None:
        """Let go of what was made for functions that are gone, and of the oldest above ``most``.

        Whoever holds the lock does it for all: a function may go at any time, even inside of here.
        """
        self._wanted.append(self._most if most is None else most)
        while self._wanted and self._lock.acquire(blocking=False):
            try:
                self._shrink()
            finally:
                self._lock.release()

    def _shrink(self) -> None:
        """With the lock: do what is wanted so far."""
        most, size = self._most, 0
        while self._wanted:
            most = min(most, self._wanted.pop())
        for key, entry in sorted(self._entries.items(), key=lambda e: -e[1].used):
            entry.size = entry.measure()
            if size + entry.size > most or any(user.gone for user in entry.users):
                del self._entries[key]
            else:
                size += entry.size
        self._size = size

    def _notice(self, _: object) -> None:
        self._let_go()


_ALL: list[Kept[Any, Any]] = []
_clock = itertools.count()
_programs_made = itertools.count(1)


def _make_room() -> None:
    """Before a program is compiled: free what fills up beside the programs themselves."""
    if next(_programs_made) % TRACES == 0:
        _forget_traces()
    if _maps() > MOST_MAPS:
        for each in _ALL:
            each.halve()


def _forget_traces() -> None:
    """Free JAX's notes on the pieces of programs: 0.4 MB for each shape, kept without a bound.

    Compiled programs stay, ours and all others. JAX has no public way to do just this.
    """
    notes: Any = getattr(lazy("jax._src.interpreters.partial_eval"), "trace_to_jaxpr", None)
    if hasattr(notes, "cache_clear"):
        notes.cache_clear()


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

    def each(parts: Iterable[Any]) -> list[Any]:
        return [_borrowed(part, users, tell) for part in parts]

    kind = type(value)
    if kind is Borrowed:
        return _borrowed(value._reference(), users, tell)
    if kind is tuple:
        return tuple(each(value))
    if kind is dict:
        return dict(zip(value, each(value.values()), strict=True))
    if dataclasses.is_dataclass(kind) and _from(kind, "unstuck"):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        before = len(users)
        changed = dict(zip(fields, each(fields.values()), strict=True))
        return dataclasses.replace(value, **changed) if len(users) > before else value
    if not callable(value) or kind is type or _from(value, "unstuck", "optax"):  # those stay anyway
        return value
    if kind.__eq__ is not object.__eq__ or not kind.__weakrefoffset__:  # an equal one may come
        return value
    users.append(Borrowed(value, tell))
    return users[-1]


def _from(thing: Any, *packages: str) -> bool:
    return (getattr(thing, "__module__", None) or "").partition(".")[0] in packages


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
