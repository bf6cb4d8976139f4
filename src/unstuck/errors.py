"""Every exception and warning that unstuck raises.

    Exception
    └── UnstuckError                 anything unstuck refuses
        ├── ParameterError           (ValueError)  a constructor parameter or option
        ├── DataError                (ValueError)  rows, targets, weights, tables
        ├── FileError                (ValueError)  a model file or run folder
        └── GradientError            (ArithmeticError)  a derivative is wrong
    UserWarning
    └── UnstuckWarning               the work goes on, but read this
        ├── StuckWarning             a choice that is known to get stuck, or a fit that did
        ├── IgnoredParameterWarning  a parameter that has no effect here
        ├── InterruptedWarning       Ctrl-C: what was learned is kept
        └── DataWarning              a table holds what the fit never saw

A fit that uses up ``max_iter`` warns with scikit-learn's ``ConvergenceWarning``,
so that filters written for scikit-learn go on working.

A message says what was received, what was expected and what to do next.
"""

from __future__ import annotations

import difflib
import math
import re
import sys
import time
import warnings
import weakref
from collections.abc import Iterable, Sequence
from types import FrameType
from typing import Any


class UnstuckError(Exception):
    """Base class of every error that unstuck raises on purpose."""


class ParameterError(UnstuckError, ValueError):
    """One or several parameters have values that cannot be used."""


class DataError(UnstuckError, ValueError):
    """Rows, targets, weights or a table cannot be used."""


class FileError(UnstuckError, ValueError):
    """A model file or run folder is missing, damaged, or of another kind."""


class GradientError(UnstuckError, ArithmeticError):
    """An analytical derivative is not the derivative."""


class UnstuckWarning(UserWarning):
    """Base class of every warning of unstuck."""


class StuckWarning(UnstuckWarning):
    """The chosen parts are known to get stuck, or a fit ended no better than a constant."""


class IgnoredParameterWarning(UnstuckWarning):
    """A parameter was set that nothing reads."""


class InterruptedWarning(UnstuckWarning):
    """The fit was interrupted and keeps what it learned."""


class DataWarning(UnstuckWarning):
    """A table holds levels or gaps that the fit never saw."""


def did_you_mean(received: object, names: Iterable[str]) -> str:
    """A sentence part naming the known name nearest to a mistyped one, or nothing.

    Upper and lower case count as the same.

    >>> did_you_mean("sigmod", ["sigmoid", "tanh"])
    " Did you mean 'sigmoid'?"
    >>> did_you_mean(3, ["sigmoid"])
    ''
    """
    known = {name.lower(): name for name in names}
    near = difflib.get_close_matches(str(received).lower(), list(known), n=1, cutoff=0.6)
    return f" Did you mean {known[near[0]]!r}?" if near else ""


def first_sentence(problem: Exception) -> str:
    """The first sentence of another library's error, or the error's name.

    Example:
        >>> first_sentence(TypeError("no such mode. For details see\\n..."))
        'no such mode.'
    """
    lines = str(problem).strip().splitlines() or [type(problem).__name__]
    return f"{lines[0].partition('. ')[0].rstrip('.')}."


def raise_together(mistakes: Sequence[str], error: type[UnstuckError], subject: str) -> None:
    """Raise one error that lists every mistake; do nothing where there is none.

    >>> raise_together([], ParameterError, "NetClassifier")
    """
    if len(mistakes) == 1:
        raise error(f"{subject}: {mistakes[0]}")
    if mistakes:
        listed = "\n".join(f"  - {mistake}" for mistake in mistakes)
        raise error(f"{subject}: {len(mistakes)} mistakes\n{listed}")


def warn(message: str, category: type[Warning]) -> None:
    """Warn at the line of the user's code that led here, however deep libraries are nested.

    Of the fits of one search (a grid, a cross-validation), the first says it for all.
    """
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and _inside(frame.f_globals.get("__name__", "")):
        level, frame = level + 1, frame.f_back
    search = _search(sys._getframe(1))
    if search is None:
        warnings.warn(message, category, stacklevel=level)
        return
    said = (category, re.sub(r"\d[\d.,e+-]*", "#", message))
    if not _SAID.again(search, said):
        warnings.warn(f"{message} {ONCE}", category, stacklevel=level)
        _SAID.note(search, said)


ONCE = "(Said once, not for every fit of the search.)"
QUIET = 10.0
"""Seconds for which a worker does not say again what it said, counted from the last time it would
have: it does not know which search it works for."""


class _Said:
    """What was said in which search. Python's own memory of warnings is emptied by every fit that
    a search makes."""

    def __init__(self) -> None:
        self._of: weakref.WeakKeyDictionary[Any, set[Any]] = weakref.WeakKeyDictionary()
        self._by_workers: dict[Any, float] = {}

    def again(self, search: Any, said: Any) -> bool:
        if search is not WORKER:
            return said in self._of.get(search, ())
        before = self._by_workers.get(said, -math.inf)
        if quiet := time.monotonic() - before < QUIET:
            self.note(search, said)
        return quiet

    def note(self, search: Any, said: Any) -> None:
        if search is WORKER:
            self._by_workers[said] = time.monotonic()
        else:
            self._of.setdefault(search, set()).add(said)


_SAID = _Said()
WORKER = object()
"""Stands for the search of a thread or process that only works for one."""


def _search(frame: FrameType | None) -> Any:
    """What runs the fits of the search that a fit belongs to; ``None`` outside of searches.

    That is the ``joblib.Parallel`` of its call; the fit to all rows at its end has it as well.
    """
    worker = None
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.partition(".")[0] in ("joblib", "sklearn"):
            held = frame.f_locals.get("self" if module == "joblib.parallel" else "parallel")
            if type(held).__name__ == "Parallel":
                return held
            if type(held).__name__ == "BatchedCalls":
                worker = WORKER
        frame = frame.f_back
    return worker


def _inside(module: str) -> bool:
    return module.partition(".")[0] in ("unstuck", "sklearn", "contextlib", "joblib")
