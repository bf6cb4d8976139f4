"""The JSON text of a file's header, and what is asked of it before it is believed.

What ``text_of`` would not have written is not read: 1e999, NaN, 1.50, other spaces, keys twice.
What a hostile text can cost is bounded before anything is made of it.
"""

from __future__ import annotations

import json
import math
from typing import Any

from unstuck.errors import FileError

MAX_PARTS = 2**19
"""Most lists, dicts and commas: each value costs one, and makes up to 250 bytes of objects."""
MAX_DEPTH = 64
MAX_INTEGER_BITS = 4096
RESTORE = "Restore it from a copy, or fit and save again."

_NONFINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
_ESCAPES = (["float"], ["dict"])


class UnreadableError(ValueError):
    """Bytes that ``write`` would not have written; the message becomes a FileError's."""


def text_of(value: Any) -> str:
    """JSON in its one spelling: no spaces, ASCII, no NaN."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def has_many_parts(text: bytes | str) -> bool:
    """Whether a text may hold more than ``MAX_PARTS`` values; those in strings count, too."""
    marks: tuple[Any, ...] = ("[", "{", ",") if isinstance(text, str) else (b"[", b"{", b",")
    return sum(text.count(mark) for mark in marks) > MAX_PARTS


def parsed(text: bytes | str) -> Any:
    """The values of a JSON text, in memory of the text's size and a constant.

    Raises:
        UnreadableError: it holds too many values, or names something twice.
        ValueError, RecursionError: it is no JSON, or none that anybody would write.
    """
    if has_many_parts(text):
        raise UnreadableError(
            f"it is damaged or not a file of unstuck (its header has more than {MAX_PARTS} parts). "
            f"{RESTORE}"
        )
    return json.loads(text, object_pairs_hook=_without_duplicates)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadableError(f"its header names something twice. {RESTORE}")
    return found


def encoded(value: Any, place: str, depth: int, mistakes: list[str]) -> Any:
    """``value`` with JSON's gaps filled; what cannot be stored is added to ``mistakes``.

    JSON has no inf and NaN: ``{"float": "inf"}`` stands for them, and ``{"dict": {...}}`` for a
    dict that would look like one of these two.
    """
    if depth > MAX_DEPTH:
        # Raised at once: a list that contains itself twice would be followed 2**64 times.
        raise FileError(f"Cannot store {place[:40]}...: it is nested deeper than {MAX_DEPTH}.")
    if isinstance(value, dict):
        items = {
            key: encoded(item, f"{place}.{key}", depth + 1, mistakes)
            for key, item in value.items()
            if _is_key(key, place, mistakes)
        }
        return {"dict": items} if list(items) in _ESCAPES else items
    if isinstance(value, (list, tuple)):
        return [
            encoded(item, f"{place}[{index}]", depth + 1, mistakes)
            for index, item in enumerate(value)
        ]
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": float.__repr__(value)}
    if reason := _why_not(value):
        mistakes.append(f"{place} {reason}")
    return value


def _is_key(key: object, place: str, mistakes: list[str]) -> bool:
    if isinstance(key, str) and is_unicode(key):
        return True
    mistakes.append(f"{place} has the key {key!r}; keys are str.")
    return False


def _why_not(value: Any) -> str | None:
    """Why a value that is no container cannot be stored; None if it can."""
    if isinstance(value, str) and not is_unicode(value):
        return f"is {value!r}, which holds half of a character; expected valid Unicode."
    if isinstance(value, int) and value.bit_length() > MAX_INTEGER_BITS:
        return f"is an integer of more than {MAX_INTEGER_BITS} bits."
    if value is None or isinstance(value, (str, int, float)):
        return None
    return f"is of type {type(value).__name__}; expected str, int, float, bool, None, list or dict."


def is_unicode(text: str) -> bool:
    """Whether a text holds no half characters: two of them in a row come back as one whole."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def decoded(text: str) -> dict[str, Any]:
    """The header that ``text_of(encoded(header, ...))`` is the text of.

    Raises:
        UnreadableError: no header has this text.
    """
    found = parsed(text)
    if text_of(found) != text:
        raise _foreign()
    found = _decoded(found, 0)
    if not isinstance(found, dict):
        raise _foreign()
    return found


def _decoded(value: Any, depth: int) -> Any:
    """What ``encoded`` made ``value`` of; in place, because a copy takes memory once more."""
    if depth > MAX_DEPTH:
        raise _foreign()
    if isinstance(value, list):
        for index, item in enumerate(value):
            value[index] = _decoded(item, depth + 1)
        return value
    if not isinstance(value, dict):
        if _why_not(value):
            raise _foreign()
        return value
    if len(value) == 1 and "float" in value:
        return _NONFINITE[value["float"]]
    if len(value) == 1 and "dict" in value:
        value = value["dict"]
        if not (isinstance(value, dict) and list(value) in _ESCAPES):
            raise _foreign()
    for key, item in value.items():
        if not is_unicode(key):
            raise _foreign()
        value[key] = _decoded(item, depth + 1)
    return value


def _foreign() -> UnreadableError:
    return UnreadableError(f"its header is not written as unstuck writes it. {RESTORE}")
