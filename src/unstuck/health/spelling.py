"""Numbers as people read them, and parameters as they are typed."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Mapping
from typing import Any

from unstuck.health.lines import visible

DIGITS = 3
"""Significant digits of a number."""
SMALLEST, LARGEST = 1e-6, 1e6
"""Numbers between these are written out."""
LONGEST = 72
"""Characters of a line of code."""


def number(value: float, digits: int = DIGITS) -> str:
    """A number for people: written out where that can be read, whole ones in full.

    Example:
        >>> number(0.00001), number(0.12345), number(1797.0), number(12345.6), number(2.5e-9)
        ('0.00001', '0.123', '1797', '12300', '2.5e-9')
    """
    value = float(value)
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinite" if value > 0 else "-infinite"
    if value == int(value) and abs(value) < LARGEST:
        return str(int(value))
    if SMALLEST <= abs(value) < LARGEST:
        rounded = float(f"{value:.{digits}g}")
        places = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
        text = f"{rounded:.{places}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def percent(share: float, digits: int = DIGITS) -> str:
    """A share in per cent; what is not all is not called 100.

    Example:
        >>> percent(0.5), percent(0.98765), percent(0.99999), percent(1.0)
        ('50 %', '98.8 %', 'over 99.9 %', '100 %')
    """
    if not math.isfinite(share):
        return number(share)
    rounded = number(float(f"{100 * share:.{digits}g}"), digits)
    return f"{rounded} %" if rounded != "100" or share >= 1 else "over 99.9 %"


def code(parameters: Mapping[str, Any]) -> list[str]:
    """The call that sets parameters; one line, or one a parameter.

    Example:
        >>> code({"activation": "relu", "learning_rate_init": 1e-5})
        ['.set_params(activation="relu", learning_rate_init=0.00001)']
    """
    parts = arguments(parameters)
    line = f".set_params({', '.join(parts)})"
    if len(line) <= LONGEST:
        return [line]
    return [".set_params(", *(f"    {part}," for part in parts), ")"]


def arguments(parameters: Mapping[str, Any]) -> list[str]:
    """Parameters as they are written in a call."""
    return [f"{name}={_literal(value)}" for name, value in parameters.items()]


def flags(parameters: Mapping[str, Any]) -> list[str]:
    """The same for ``unstuck train``; nothing where a value cannot be typed.

    Example:
        >>> flags({"hidden_layer_sizes": (64, 64), "shuffle": False, "alpha": 1e-5})
        ['--hidden-layer-sizes 64,64', '--no-shuffle', '--alpha 0.00001']
    """
    found = []
    for name, value in parameters.items():
        name, parts = name.replace("_", "-"), value if isinstance(value, (tuple, list)) else [value]
        if not all(each is None or isinstance(each, (bool, int, float, str)) for each in parts):
            return []
        if isinstance(value, bool):
            found.append(f"--{name}" if value else f"--no-{name}")
        else:
            found.append(f"--{name} {','.join(_typed(each) for each in parts)}")
    return found


def literal(text: str) -> str:
    """A text as it is written in Python.

    Example:
        >>> print(literal('a"b'), literal("c\\n"))
        "a\\"b" "c\\n"
    """
    return visible(json.dumps(text, ensure_ascii=False))


def shell(text: str) -> str:
    """A text as it is typed in a shell, on one line.

    Example:
        >>> print(shell("id"), shell("paid late"), shell("c\\n"))
        id 'paid late' $'c\\n'
    """
    if visible(text) == text:
        return shlex.quote(text)
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"$'{visible(escaped)}'"


def _literal(value: Any) -> str:
    """A value as it is written in Python."""
    value = getattr(value, "item", lambda: value)()
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, (tuple, list)):
        inner = ", ".join(map(_literal, value)) + ("," * (len(value) == 1))
        return f"({inner})" if isinstance(value, tuple) else f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, float) and math.isfinite(value):
        text = number(value, 12)
        return text if any(char in text for char in ".e") else f"{text}.0"
    return repr(value)


def _typed(value: Any) -> str:
    """A value as it is typed."""
    return number(value, 12) if isinstance(value, float) else str(value).lower()
