"""Imported when first used: JAX (``from unstuck.lazy import jax, jnp, lax``) and public names.

Importing JAX takes longer than all the rest, and reading a table, asking for ``--help`` or
predicting in NumPy does not need it. These names stand for the modules from the start and pass
every attribute on, so a file says once at its top what it uses; type checkers see the modules.

``importlib.util.LazyLoader`` and libraries on it put an empty ``jax`` into ``sys.modules``
instead: scikit-learn and SciPy then take JAX for loaded and load it, and two threads that use it
first at the same time meet a half-made module. Here nothing is in ``sys.modules`` before its
time, and the import itself is Python's own, with its locks.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

import lazy_loader

from unstuck import collector, interruption

__all__ = ["attached", "jax", "jnp", "lax", "lazy"]


@functools.cache
def _module(name: str) -> ModuleType:
    with collector.paused(), interruption.held():
        return importlib.import_module(name)


class _Lazy:
    """Stands for a module. (As a ``ModuleType``, each look-up would take twice as long: 2 µs.)"""

    __slots__ = ("__name__",)

    def __init__(self, name: str):
        self.__name__ = name

    def __getattr__(self, name: str) -> Any:
        return getattr(_module(self.__name__), name)

    def __dir__(self) -> list[str]:
        return dir(_module(self.__name__))

    def __repr__(self) -> str:
        return f"<lazy module {self.__name__!r}>"


def lazy(name: str) -> Any:
    """The module ``name``, imported when something of it is first asked for.

    Example:
        >>> import sys
        >>> from unstuck.lazy import lazy
        >>> sound = lazy("wave")
        >>> "wave" in sys.modules, sound.open.__module__, "wave" in sys.modules
        (False, 'wave', True)
    """
    return _Lazy(name)


if TYPE_CHECKING:
    import jax
    import jax.numpy as jnp
    from jax import lax
else:
    jax, jnp, lax = lazy("jax"), lazy("jax.numpy"), lazy("jax.lax")


def attached(
    package: str, file: str
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """What makes the names in a package's ``__init__.pyi`` those of the package.

    Arguments:
        package: its ``__name__``.
        file: its ``__file__``; the list stands beside it.

    Returns:
        ``__getattr__``, which imports a name when it is first asked for, ``__dir__``, ``__all__``.
    """
    found, _, names = lazy_loader.attach_stub(package, file)

    def get(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with collector.paused():
            return found(name)

    def listed() -> list[str]:
        return sorted({*vars(sys.modules[package]), *names})

    return get, listed, names
