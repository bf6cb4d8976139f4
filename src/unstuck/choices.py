"""A table of records that a user chooses from by name, by alias, or by bringing a function."""

from __future__ import annotations

import copyreg
import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from unstuck import readable
from unstuck.errors import ParameterError, did_you_mean
from unstuck.readable import Facts, Readable


class Choice(Protocol):
    """What a table needs of its records."""

    @property
    def name(self) -> str: ...
    @property
    def aliases(self) -> tuple[str, ...]: ...


R = TypeVar("R", bound=Choice)


class Named:
    """A record of a table. It is pickled and copied as its name, not as the functions it holds."""

    def __reduce__(self) -> Any:
        own = [v for v in vars(self).values() if isinstance(v, Own)]
        if own:
            return _from_own, (type(self), own[0].function)
        if self.table_name is not None:
            return _from_name, (type(self), self.table_name)
        return copyreg.__newobj__, (type(self),), dict(vars(self))  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        known = self.table_name
        changed = (
            "" if known or any(isinstance(v, Own) for v in vars(self).values()) else ", changed"
        )
        return f"<{_TABLES[type(self)].noun} {known or self.name}{changed}>"  # type: ignore[attr-defined]

    def _told(self) -> Facts:
        """What its texts say."""
        told = [(name, text) for name, text in vars(self).items() if text and isinstance(text, str)]
        rows = [
            ("", ""),
            *((name.replace("_", " "), text) for name, text in told if name != "name"),
        ]
        return Facts(repr(self)[1:-1], rows=rows, words=2)

    _repr_html_ = readable.html

    @property
    def table_name(self) -> str | None:
        """The text by which the table gives this very record; ``None`` where none does."""
        table, spelling = _TABLES[type(self)], spelled(self)
        known = spelling.partition("(")[0] in table
        return spelling if known and table[spelling] == self else None


@dataclasses.dataclass(frozen=True)
class Own:
    """A user's function and the way to call it: equal when the functions are the same.

    Attributes:
        function: the function.
        call: ``call(function, *arguments)``; it holds no function itself, so that all that holds
            a user's function can be found.
    """

    function: Callable[..., Any]
    call: Callable[..., Any] = dataclasses.field(compare=False)

    def __call__(self, *arguments: Any) -> Any:
        return self.call(self.function, *arguments)


def _from_name(kind: type, spelling: str) -> Any:
    return _TABLES[kind][spelling]


def _from_own(kind: type, function: Callable[..., Any]) -> Any:
    return _TABLES[kind].resolve(function)


SHOWN = ("formula", "law", "description", "acts_on", "when")
"""What a table shows of its records beside their names."""
_HEADINGS = {"formula": "what it is", "law": "what it is", "description": "what it is"}
_HEADINGS["acts_on"] = "acts on stuck"

_TABLES: dict[type, Choices[Any]] = {}


class Choices(Readable, Generic[R]):
    """Records by name, in the order they were written; the only list there is.

    A record with a field ``parameter`` (its name) and ``constant`` (its value) is also found as
    ``"name(value)"``, so that a grid or a command line can search over it.

    Arguments:
        noun: what one record is called in messages, such as ``"activation"``.
        records: the records; their names and aliases must all differ.
        from_function: makes a record of a user's own function, where that is allowed.
    """

    def __init__(
        self,
        noun: str,
        records: tuple[R, ...],
        from_function: Callable[[Callable[..., Any]], R] | None = None,
    ):
        self.noun = noun
        self._records = {record.name: record for record in records}
        self._from_function = from_function
        self._names = {
            known: record for record in records for known in (record.name, *record.aliases)
        }
        count = sum(1 + len(record.aliases) for record in records)
        if len(self._names) != count:
            raise ValueError(f"two {noun} records share a name or an alias")
        self._kinds = tuple({type(record) for record in records})
        _TABLES.update(dict.fromkeys(self._kinds, self))

    def __getitem__(self, name: str) -> R:
        return self.resolve(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def resolve(self, choice: Any) -> R:
        """The record that a name, a record or a function stands for.

        Raises:
            ParameterError: no such name; the nearest one is suggested.
        """
        if isinstance(choice, str):
            return self._by_name(choice)
        if isinstance(choice, self._kinds):
            return choice
        foreign = isinstance(choice, Named)  # some records can be called, too
        if callable(choice) and not foreign and self._from_function is not None:
            return self._from_function(choice)
        raise ParameterError(f"{self.noun}={choice!r} is not {self.expected()}.")

    @property
    def known(self) -> tuple[str, ...]:
        """Every name and alias."""
        return tuple(self._names)

    def values(self) -> tuple[R, ...]:
        """Every record, in order."""
        return tuple(self._records.values())

    def _told(self) -> Facts:
        columns = [c for c in SHOWN if any(getattr(each, c, "") for each in self.values())]
        rows = [[each.name, *(getattr(each, c, "") for c in columns)] for each in self.values()]
        headings = ["name", *(_HEADINGS.get(c, c) for c in columns)]
        said = (f"{len(self)} choices of {self.noun!r}",)
        return Facts(type(self).__name__, said, [headings, *rows], words=len(headings))

    def own_name(self, function: Callable[..., Any]) -> str:
        """The name of a user's function, told apart from the records' names."""
        name = getattr(function, "__name__", "own")
        return f"{name} (own)" if name in self else name

    def expected(self) -> str:
        """What may be given, for a message."""
        own = " or a function of your own" if self._from_function else ""
        return f"one of {', '.join(map(repr, self))}{own}"

    def _by_name(self, text: str) -> R:
        matched = re.fullmatch(r"\s*(\w+)\s*(?:\(\s*([^()\s]+)\s*\))?\s*", text)
        name, number = matched.groups() if matched else (text, None)
        record = self._names.get(name)
        if record is None:
            hint = did_you_mean(name, self._names)
            raise ParameterError(
                f"{self.noun}={text!r} is not known; expected {self.expected()}.{hint}"
            )
        return record if number is None else self._with_constant(record, text, number)

    def _with_constant(self, record: R, text: str, number: str) -> R:
        any_record: Any = record
        if getattr(record, "parameter", None) is None:
            raise ParameterError(
                f"{self.noun}={text!r}: {record.name} has no parameter; write {record.name!r}."
            )
        try:
            value = float(number)
        except ValueError:
            value = float("nan")
        low, high = any_record.parameter_range
        if not low <= value <= high:
            raise ParameterError(
                f"{self.noun}={text!r}: the parameter {any_record.parameter} of {record.name} "
                f"was {number!r}; expected a number from {low:g} to {high:g}."
            )
        varies = getattr(record, "varies", None)
        changed = varies(value) if varies else {}
        return dataclasses.replace(any_record, constant=value, **changed)


def spelled(record: Any) -> str:
    """The text that names a record in a file or a table: ``relu``, ``leaky_relu(0.1)``."""
    if getattr(record, "parameter", None) is None:
        return record.name
    return f"{record.name}({record.constant!r})"
