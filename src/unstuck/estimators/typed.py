"""A decorator of scikit-learn, with the types that it does not declare."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])

if TYPE_CHECKING:

    def available_if(check: Callable[[Any], bool]) -> Callable[[Method], Method]:
        """A method that is there only where ``check(estimator)`` says so."""
        del check
        return lambda method: method
else:
    from sklearn.utils.metaestimators import available_if

__all__ = ["Method", "available_if"]
