"""LAPACK on one thread, while a solver's matrices are factored.

A few matrices of some hundred rows are factored in every iteration. OpenBLAS divides each among
its threads, and these go on waiting busily for the next, on cores that the compiled iterations
need. With 1-60-1 on 2,000 rows and two cores, an iteration of ``lm`` took 9 ms so, and takes 5 ms
on one thread; with fewer than 130 parameters or with 2,000 it makes no difference.
"""

from __future__ import annotations

import contextlib
import functools
from typing import Any

from unstuck.solvers.solver import Solver


def threads_for(solver: Solver) -> contextlib.AbstractContextManager[Any]:
    """Inside, LAPACK has the threads that suit a solver; afterwards those that it had before.

    The number belongs to the whole process. Of several that ask at once in several threads
    threadpoolctl heeds the first, so it is asked where a fit begins, not in each of its starts.

    Example:
        >>> from threadpoolctl import threadpool_info
        >>> from unstuck import SOLVERS
        >>> with threads_for(SOLVERS["lm"]):
        ...     {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}
        {1}
    """
    if solver.residuals:
        return _libraries().limit(limits=1, user_api="blas")
    return contextlib.nullcontext()


@functools.cache
def _libraries() -> Any:
    import scipy.linalg  # noqa: F401  (JAX calls LAPACK through it)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
