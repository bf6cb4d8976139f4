"""Pieces of sentences."""

from __future__ import annotations

from collections.abc import Sequence

MOST_LISTED = 6


def counted(count: int, noun: str) -> str:
    """A number of things.

    >>> counted(1, "unit"), counted(3, "unit")
    ('1 unit', '3 units')
    """
    return f"{count:,} {noun}{'s' * (count != 1)}"


def listed(names: Sequence[object]) -> str:
    """Names with commas, the first of many.

    >>> listed(["a", "b"]), listed(range(9))
    ('a, b', '0, 1, 2, 3, 4, 5 and 3 more')
    """
    shown = ", ".join(map(str, names[:MOST_LISTED]))
    more = len(names) - MOST_LISTED
    return shown + (f" and {more} more" if more > 0 else "")


def share(value: float) -> str:
    """A share in whole per cent, where it is as much.

    >>> share(0.256), share(0.004)
    ('26 %', '0.4 %')
    """
    percent = 100 * value
    return f"{percent:.0f} %" if percent >= 1 or percent == 0 else f"{percent:.1g} %"
