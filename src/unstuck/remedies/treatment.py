"""A treatment: parameters of an estimator that are changed together, under a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from unstuck.choices import spelled


class Treatment(NamedTuple):
    """What an experiment changes.

    Attributes:
        name: in a few words.
        parameters: for ``set_params``; none where nothing is changed.
    """

    name: str
    parameters: Mapping[str, Any] = {}

    def agrees(self, other: Treatment) -> bool:
        """Whether both can be applied together: no parameter would get two values."""
        mine, theirs = self.parameters, other.parameters
        return all(same(mine[name], theirs[name]) for name in mine.keys() & theirs.keys())

    def covers(self, other: Treatment) -> bool:
        """Whether it changes all that another one does, to the same."""
        mine, theirs = self.parameters, other.parameters
        return theirs.keys() <= mine.keys() and all(same(mine[k], v) for k, v in theirs.items())

    def alike(self, other: Treatment) -> bool:
        """Whether both change the same."""
        return self.covers(other) and other.covers(self)

    def adds(self, other: Treatment) -> bool:
        """Whether both together are more than either alone."""
        return not self.covers(other) and not other.covers(self)

    def plain(self) -> dict[str, Any]:
        """Its parameters as plain data, for JSON."""
        return {name: plain(value) for name, value in self.parameters.items()}

    def __add__(self, other: Treatment) -> Treatment:  # type: ignore[override]
        """Both together."""
        return Treatment(f"{self.name} + {other.name}", {**self.parameters, **other.parameters})


UNTREATED = Treatment("as it is")


def same(one: Any, other: Any) -> bool:
    """Whether two values of a parameter are the same, also in lists, tuples and arrays.

    Example:
        >>> same((1, 2), [1, 2]), same([np.zeros(2)], [np.ones(2)]), same(np.zeros(2), None)
        (True, False, False)
    """
    if any(isinstance(each, np.ndarray) for each in (one, other)):
        return np.array_equal(one, other)
    if all(isinstance(each, (list, tuple)) for each in (one, other)):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def plain(value: Any) -> Any:
    """A parameter's value as plain data; a record by its name, other things as they print."""
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    if isinstance(value, (bool, int, float, str, type(None))):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return spelled(value) if hasattr(value, "name") else repr(value)
