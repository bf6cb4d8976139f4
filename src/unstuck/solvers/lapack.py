"""LAPACK on one thread, while a solver's matrices are factored.

A few matrices of some hundred rows are factored in every iteration. OpenBLAS divides each among
its threads, and these go on waiting busily for the next, on cores that the compiled iterations
need. With 1-60-1 on 2,000 rows and two cores, an iteration of ``lm`` took 9 ms so, and takes 5 ms
on one thread; with fewer than 130 parameters or with 2,000 it makes no difference.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Iterator
from typing import Any

from unstuck.solvers.solver import Solver


def threads_for(solver: Solver) -> contextlib.AbstractContextManager[None]:
    """Inside, LAPACK has the threads that suit a solver; afterwards those that it had before.

    The number belongs to the whole process: it is changed by the first who comes and put back by
    the last who goes, in whatever threads and order. A number that the caller holds with
    threadpoolctl goes before it.

    Example:
        >>> from threadpoolctl import threadpool_info
        >>> from unstuck import SOLVERS
        >>> with threads_for(SOLVERS["lm"]):
        ...     {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}
        {1}
    """
    if solver.residuals:
        return one_thread()
    return contextlib.nullcontext()


class _Holder(threading.Thread):
    """Keeps LAPACK on one thread until it ends.

    It limits and restores in a thread of its own, because threadpoolctl lets only the thread that
    has set a number set another, and the last who goes may not be the first who came.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.holds, self.ends = threading.Event(), threading.Event()

    def run(self) -> None:
        try:
            with _blas().limit(limits=1):
                self.holds.set()
                self.ends.wait()
        finally:
            self.holds.set()

    def begin(self) -> None:
        """Hold, if it does not yet."""
        if not self.ident:
            self.start()
        self.holds.wait()

    def finish(self) -> None:
        """Put back what there was; waits until it is done."""
        self.ends.set()
        with contextlib.suppress(RuntimeError):  # Ctrl-C came before it was started
            self.join()


_LOCK = threading.Lock()
_INSIDE: set[object] = set()
_HOLDER = [_Holder()]
"""Who is inside, and who holds LAPACK for them; the first holder never starts."""


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Inside, products and factors of matrices are computed by the thread that asks for them."""
    _blas()
    me = object()
    try:  # Ctrl-C may come in any line: nothing is begun here that is not ended below
        with _LOCK:
            if not _INSIDE:
                _HOLDER[0].finish()
                _HOLDER[0] = _Holder()
            _INSIDE.add(me)
            _HOLDER[0].begin()
        yield
    finally:
        with _LOCK:
            _INSIDE.discard(me)
            if not _INSIDE:
                _HOLDER[0].finish()


@functools.cache
def _blas() -> Any:
    import scipy.linalg  # noqa: F401  (JAX calls LAPACK through it)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")
