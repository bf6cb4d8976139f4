"""A treatment: parameters of an estimator that are changed together, under a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


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
        return all(mine[name] == theirs[name] for name in mine.keys() & theirs.keys())

    def adds(self, other: Treatment) -> bool:
        """Whether both together are more than either alone."""
        mine, theirs = self.parameters.items(), other.parameters.items()
        return bool(theirs - mine) and bool(mine - theirs)

    def __add__(self, other: Treatment) -> Treatment:  # type: ignore[override]
        """Both together."""
        return Treatment(f"{self.name} + {other.name}", {**self.parameters, **other.parameters})


UNTREATED = Treatment("as it is")
