"""Values of parameters as they are typed after ``--grid``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from unstuck.cli.flags import SHORT, Flag, flags
from unstuck.cli.names import hint
from unstuck.errors import ParameterError, raise_together
from unstuck.rules import hint_of

LONG = {short.lstrip("-"): name for name, short in SHORT.items()}
EXPECTED = "expected a parameter and its values, such as --grid alpha=1e-4,1e-2"
COMMA = re.compile(r",(?![^(\[]*[)\]])")
"""Between values, not within brackets: ``8,[16,16]`` are two."""


def read(typed: Sequence[str], task: str) -> dict[str, list[Any]]:
    """Values by parameter.

    Arguments:
        typed: texts such as ``"hidden=8,16"``; names as on the command line or in Python.
        task: whose parameters they are.

    Raises:
        ParameterError: names everything that is wrong with them.

    Example:
        >>> read(["hidden=8,[16,16]", "alpha=1e-4,0.1"], "regression")
        {'hidden_layer_sizes': [(8,), (16, 16)], 'alpha': [0.0001, 0.1]}
    """
    known = {flag.field.name: flag for flag in flags()}
    found: dict[str, list[Any]] = {}
    mistakes: list[str] = []
    for text in typed:
        given, equals, values = text.partition("=")
        plain = given.strip().lstrip("-").replace("-", "_")
        name = LONG.get(plain, plain)
        if not equals or not plain:
            mistakes.append(f"--grid was {text!r}; {EXPECTED}.")
        elif name not in known:
            options = [*(flag.name for flag in known.values()), *SHORT.values()]
            mistakes.append(f"--grid: {given!r} is no parameter.{hint(given, options)}")
        elif name in found:
            mistakes.append(f"--grid names {given!r} twice; give all its values at once.")
        elif not all(texts := [each.strip() for each in COMMA.split(values)]) and values.strip():
            none = " or write [] for no hidden layer" if name == "hidden_layer_sizes" else ""
            mistakes.append(f"--grid {text!r} has a comma beside nothing; leave it out{none}.")
        else:
            found[name] = [known[name].rule.parse(each) for each in texts if each]
            mistakes += _mistakes(known[name], task, given, found[name])
    raise_together(list(dict.fromkeys(mistakes)), ParameterError, "unstuck choose")
    return found


def _mistakes(flag: Flag, task: str, given: str, values: list[Any]) -> list[str]:
    if task not in flag.tasks:
        return [f"--grid: {given} is for {flag.tasks[0]}, and this is {task}; leave it out."]
    if not values:
        return [f"--grid: {given} has no values; {EXPECTED}."]
    return [
        f"--grid: {given} was {value!r}; expected {flag.rule.expected()}."
        f"{hint_of(flag.rule, value)}"
        for value in values
        if not flag.rule.accepts(value)
    ]
