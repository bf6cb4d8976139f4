"""Ctrl-C as a flag: long work reads it where it can end well.

A ``KeyboardInterrupt`` appears at whatever line Python happens to be: inside another library's
callback, where it is lost, or between two lines that belong together. Inside ``heeded`` the signal
sets a flag instead.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

INSISTS = 3
"""The so manieth Ctrl-C is no longer only noted, in case that the work does not end."""


class Interruption:
    """Whether Ctrl-C was pressed since the work began.

    Attributes:
        pressed: how often.
        taken: whether the work has ended because of it, and said so.
        firm: whether it is noted however often it comes: what is being done now is short, and must
            not be lost.
    """

    def __init__(self) -> None:
        self.pressed = 0
        self.taken = False
        self.firm = False

    @property
    def asked(self) -> bool:
        """Whether the work is asked to end."""
        return self.pressed > 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """The handler of the signal."""
        del number, frame
        self.pressed += 1
        if self.pressed >= INSISTS and not self.firm:
            raise KeyboardInterrupt


class _Followed(Interruption):
    """For work in another thread: it ends with the main thread's, and takes nothing from it.

    Arguments:
        main: the main thread's.
    """

    def __init__(self, main: Interruption) -> None:
        super().__init__()
        self._main = main

    @property
    def asked(self) -> bool:
        """Whether the main thread's work is asked to end."""
        return self._main.asked


class _Raised(Interruption):
    """The handler of a program: it raises at once, and remembers that it did.

    Attributes:
        ready: whether ``KeyboardInterrupt`` is understood by now. Before, while packages are
            imported, the program is left.
        over: whether all is done, and nothing is left to be interrupted.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ready = self.over = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self.over:
            return
        self.pressed += 1
        raise KeyboardInterrupt if self.ready else SystemExit(128 + number)


raised = _Raised()
"""Stands for Python's own handler where the program is the command line."""

_current: Interruption | None = None
_entire = False


@contextlib.contextmanager
def heeded() -> Iterator[Interruption]:
    """Inside, Ctrl-C is noted; work inside other such work shares its flag.

    Where it came too late to be heeded, ``KeyboardInterrupt`` is raised at the end. In a thread
    other than the main one, and where a program has a handler of its own, nothing is changed; work
    in another thread is asked to end with the main one's.

    Example:
        >>> with heeded() as interruption:
        ...     signal.raise_signal(signal.SIGINT)
        ...     interruption.taken = interruption.asked
        >>> interruption.taken
        True
    """
    global _current
    if threading.current_thread() is not threading.main_thread():
        main = _current
        yield Interruption() if main is None else _Followed(main)
        return
    before, outer = signal.getsignal(signal.SIGINT), _current
    if before is not outer and before not in (signal.default_int_handler, raised):
        yield Interruption()
        return
    own = outer or Interruption()
    try:  # already here: Ctrl-C may come between these lines
        _current = own
        # Set again also inside: a library may have put a handler of the system's in its place.
        signal.signal(signal.SIGINT, own)
        yield own
    finally:
        _current = outer
        signal.signal(signal.SIGINT, outer or before)
    if outer is None and own.asked and (_entire or not own.taken):
        raise KeyboardInterrupt


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Inside, Ctrl-C waits until all is done: for what no exception may break off, such as an
    import of compiled code, which ends the whole process there."""
    before = signal.getsignal(signal.SIGINT)
    main = threading.current_thread() is threading.main_thread()
    if not main or before not in (signal.default_int_handler, raised):
        yield
        return
    pressed: list[tuple[int, FrameType | None]] = []
    try:
        signal.signal(signal.SIGINT, lambda *given: pressed.append(given))
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed and callable(before):
        before(*pressed[0])


@contextlib.contextmanager
def entire() -> Iterator[None]:
    """Inside, work that Ctrl-C ended early raises ``KeyboardInterrupt``, and gives no part of it.

    For what fits again and again: with a fit that was cut off, its numbers would be wrong. Another
    thread than the main one, where nothing is raised, changes nothing.

    Example:
        >>> try:
        ...     with entire(), heeded() as interruption:
        ...         signal.raise_signal(signal.SIGINT)
        ...         interruption.taken = interruption.asked
        ... except KeyboardInterrupt:
        ...     print("nothing of it")
        nothing of it
    """
    global _entire
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = _entire
    try:
        try:  # already here: Ctrl-C may come between these lines
            _entire = True
            yield
        finally:
            _entire = before
    finally:  # also where it came before the line above
        _entire = before
