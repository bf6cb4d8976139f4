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
import sys
import warnings
from collections.abc import Iterable, Sequence


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
    """Warn at the line of the user's code that led here, however deep libraries are nested."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and _inside(frame.f_globals.get("__name__", "")):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def _inside(module: str) -> bool:
    return module.partition(".")[0] in ("unstuck", "sklearn", "contextlib")
