"""Keyword arguments that several functions take: type, default and rule, listed once.

They are the annotated fields of a ``TypedDict``, and functions take them as ``**given:
Unpack[...]``, which type checkers read. ``shows`` makes ``help`` and signatures show them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

from unstuck.errors import ParameterError, raise_together
from unstuck.rules import Rule, hint_of

Function = TypeVar("Function", bound=Callable[..., Any])


class Keyword(NamedTuple):
    """What a keyword argument is unless it is given, and what it may be.

    Attributes:
        default: its value unless another is given.
        rule: what it may be.
    """

    default: Any
    rule: Rule


def keywords(listed: Any) -> dict[str, Keyword]:
    """Default and rule of every keyword that a ``TypedDict`` lists, by name.

    Example:
        >>> from unstuck.solvers.ends import EndKeywords
        >>> keywords(EndKeywords)["max_iter"].default
        1000
    """
    hints = get_type_hints(listed, include_extras=True)
    return {name: get_args(hint)[1] for name, hint in hints.items()}


def checked(
    given: Mapping[str, Any], listed: Mapping[str, Keyword], subject: str
) -> dict[str, Any]:
    """The values of all keywords that are listed: those given, else the defaults.

    Arguments:
        given: names and values; names that are not listed are passed over.
        listed: default and rule by name.
        subject: of the error's sentence.

    Raises:
        ParameterError: values that cannot be used; names all of them.
    """
    found = {name: given.get(name, keyword.default) for name, keyword in listed.items()}
    mistakes = [
        f"{name} was {value!r}; expected {listed[name].rule.expected()}."
        f"{hint_of(listed[name].rule, value)}"
        for name, value in found.items()
        if not listed[name].rule.accepts(value)
    ]
    raise_together(mistakes, ParameterError, subject)
    return found


def shows(listed: Any, rest: str) -> Callable[[Function], Function]:
    """Have ``help`` and signatures name what a function takes as ``**given``, with the defaults.

    Arguments:
        listed: the ``TypedDict`` of the keywords to show.
        rest: a name for the others, which stay behind two stars.
    """

    def shown(function: Function) -> Function:
        signature = inspect.signature(function)
        *own, _ = signature.parameters.values()
        kinds = get_type_hints(listed)
        named = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kinds[name]
            )
            for name, (default, _) in keywords(listed).items()
        ]
        others = inspect.Parameter(rest, inspect.Parameter.VAR_KEYWORD, annotation=Any)
        vars(function)["__signature__"] = signature.replace(parameters=[*own, *named, others])
        return function

    return shown
