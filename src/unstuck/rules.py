"""What a parameter may be: rules as data, from which messages and command-line flags are made."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Protocol

import numpy as np

from unstuck.choices import Choices
from unstuck.errors import ParameterError, did_you_mean, raise_together


class Rule(Protocol):
    """Whether a value is allowed, what is allowed, and what a text on the command line means."""

    def accepts(self, value: Any) -> bool:
        """Whether the value is allowed."""

    def expected(self) -> str:
        """What is allowed, for a message."""

    def parse(self, text: str) -> Any:
        """The value that a text stands for; the text itself where it stands for none."""


@dataclass(frozen=True)
class Number:
    """A real number (or an integer) in an interval, open or closed at each end."""

    low: float = -math.inf
    high: float = math.inf
    closed: str = "both"
    whole: bool = False

    def accepts(self, value: Any) -> bool:
        if isinstance(value, (bool, np.bool_)) or not isinstance(
            value, Integral if self.whole else Real
        ):
            return False
        try:
            number = float(value)
        except OverflowError:  # a whole number of hundreds of digits
            return False
        above = number >= self.low if self.closed in ("left", "both") else number > self.low
        below = number <= self.high if self.closed in ("right", "both") else number < self.high
        return above and below and not math.isinf(number)

    def expected(self) -> str:
        kind = "an integer" if self.whole else "a number"
        low = ">=" if self.closed in ("left", "both") else ">"
        high = "<=" if self.closed in ("right", "both") else "<"
        style = ".0f" if self.whole else "g"
        parts = [f"{low} {self.low:{style}}"] if self.low > -math.inf else []
        parts += [f"{high} {self.high:{style}}"] if self.high < math.inf else []
        return " ".join([kind, " and ".join(parts)]).strip()

    def parse(self, text: str) -> Any:
        try:
            return int(text) if self.whole else float(text)
        except ValueError:
            return text


COUNT = Number(1, whole=True)


@dataclass(frozen=True)
class Boolean:
    """True or False."""

    def accepts(self, value: Any) -> bool:
        return isinstance(value, (bool, np.bool_))

    def expected(self) -> str:
        return "True or False"

    def parse(self, text: str) -> Any:
        known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        return known.get(text.lower(), text)


@dataclass(frozen=True)
class Words:
    """One of some words, or one of some fixed values such as ``None``."""

    values: tuple[Any, ...]

    def accepts(self, value: Any) -> bool:
        texts = [v for v in self.values if isinstance(v, (str, float))]
        equal = any(isinstance(value, type(v)) and bool(value == v) for v in texts)
        return equal or any(value is v for v in self.values)

    def expected(self) -> str:
        return " or ".join(map(repr, self.values))

    def parse(self, text: str) -> Any:
        named = {str(v).lower(): v for v in self.values}
        return named.get(text.lower(), text)


@dataclass(frozen=True)
class Entry:
    """A name from a table, a record, or (where the table allows it) a function."""

    table: Choices[Any]

    def accepts(self, value: Any) -> bool:
        try:
            self.table.resolve(value)
        except ParameterError:
            return False
        return True

    def expected(self) -> str:
        return self.table.expected()

    def hint(self, value: Any) -> str:
        """A name near to a mistyped one."""
        return did_you_mean(value, self.table.known) if isinstance(value, str) else ""

    def parse(self, text: str) -> Any:
        return text


@dataclass(frozen=True)
class Several:
    """A sequence of values under one rule."""

    rule: Rule
    noun: str
    length: int | None = None

    def accepts(self, value: Any) -> bool:
        sequence = isinstance(value, Sequence) and not isinstance(value, (str, bytes))
        sequence = sequence or (isinstance(value, np.ndarray) and value.ndim == 1)
        return (
            sequence
            and (self.length is None or len(value) == self.length)
            and all(self.rule.accepts(v) for v in value)
        )

    def expected(self) -> str:
        if isinstance(self.rule, Entry):
            return f"a sequence of {self.noun}"
        count = "a sequence of" if self.length is None else str(self.length)
        return f"{count} {self.noun}, each {self.rule.expected()}"

    def parse(self, text: str) -> Any:
        inside = re.fullmatch(r"\s*(?:\((.*)\)|\[(.*)\])\s*", text)
        listed = text if inside is None else inside[1] or inside[2] or ""
        parts = [part.strip() for part in listed.split(",") if part.strip()]
        return tuple(self.rule.parse(part) for part in parts)


@dataclass(frozen=True)
class Pairs:
    """A dict of values under one rule; in a text ``a:1,b:2``, where a name may hold commas."""

    rule: Rule
    noun: str

    def accepts(self, value: Any) -> bool:
        return isinstance(value, dict) and all(map(self.rule.accepts, value.values()))

    def expected(self) -> str:
        return f"a dict {{{self.noun}: {self.rule.expected().removeprefix('a ')}}}"

    def parse(self, text: str) -> Any:
        found = [each.rpartition(":") for each in re.findall(r"\s*(.*?:[^:,]*)(?:,|$)", text)]
        if ",".join("".join(each) for each in found) != re.sub(r",\s+", ",", text.strip()):
            return text
        return {name.strip(): self.rule.parse(value.strip()) for name, _, value in found}


@dataclass(frozen=True)
class Whatever:
    """A value that another library checks."""

    noun: str
    test: Callable[[Any], bool]

    def accepts(self, value: Any) -> bool:
        return self.test(value)

    def expected(self) -> str:
        return self.noun

    def parse(self, text: str) -> Any:
        return text


@dataclass(frozen=True)
class AnyOf:
    """The first rule that accepts the value."""

    rules: tuple[Rule, ...]

    def accepts(self, value: Any) -> bool:
        return any(rule.accepts(value) for rule in self.rules)

    def expected(self) -> str:
        return ", or ".join(rule.expected() for rule in self.rules)

    def hint(self, value: Any) -> str:
        """The hint of the first rule that has one."""
        return next(filter(None, (hint_of(rule, value) for rule in self.rules)), "")

    def parse(self, text: str) -> Any:
        for rule in self.rules:
            value = rule.parse(text)
            if rule.accepts(value):
                return value
        return text


def any_of(*rules: Rule) -> AnyOf:
    """A rule that accepts what one of several rules accepts."""
    return AnyOf(rules)


def hint_of(rule: Rule, value: Any) -> str:
    """A rule's suggestion for a value it refuses, or nothing."""
    hint = getattr(rule, "hint", None)
    return hint(value) if hint else ""


def mistakes_in(values: Mapping[str, Any], rules: Mapping[str, Rule]) -> list[str]:
    """What is wrong with values: one sentence for each that its rule refuses.

    Arguments:
        values: by name.
        rules: by name, of some of the values or of all.

    Example:
        >>> mistakes_in({"seeds": 0, "share": 0.5}, {"seeds": COUNT, "share": Number(0, 1)})
        ['seeds was 0; expected an integer >= 1.']
    """
    return [
        f"{name} was {values[name]!r:.300}; expected {rule.expected()}."
        f"{hint_of(rule, values[name])}"
        for name, rule in rules.items()
        if not rule.accepts(values[name])
    ]


def check_whole(caller: str, least: int = 1, **values: Any) -> None:
    """Refuse what is no whole number, or too small; all mistakes are raised in one error.

    Arguments:
        caller: what was called.
        least: what is allowed at least.
        values: by name.

    Raises:
        ParameterError: names every wrong value and what was expected.

    Example:
        >>> check_whole("lesion", seeds=3, places=8)
    """
    rules = dict.fromkeys(values, Number(least, whole=True))
    raise_together(mistakes_in(values, rules), ParameterError, caller)
