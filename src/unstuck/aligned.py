"""Rows of text as columns side by side, in characters of one width."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

WIDTH = 80
"""Characters of a terminal's line."""


def aligned(
    rows: Sequence[Sequence[str]],
    *,
    words: int | None = None,
    narrowest: Mapping[str, int] | None = None,
) -> list[str]:
    """A line a row, the columns two blanks apart.

    Arguments:
        rows: texts, of the same number in every row; the first row holds the headings.
        words: so many columns, from the first, start at the left; the others, numbers, end at the
            right. All start at the left if not given.
        narrowest: makes the lines fit a terminal: the widest of the columns with these headings is
            cut first, down to so many characters. Nothing else is cut: half of a number is another
            number. Lines are longer where that is not enough.

    Example:
        >>> for line in aligned([("layer", "units"), ("hidden_1", "7")], words=1):
        ...     print(line)
        layer     units
        hidden_1      7
    """
    columns = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    if narrowest is not None:
        _narrow(widths, [narrowest.get(column[0], math.inf) for column in columns])
    left = len(widths) if words is None else words
    return [
        "  ".join(
            cut(text, width).ljust(width) if i < left else cut(text, width).rjust(width)
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _narrow(widths: list[int], least: Sequence[float]) -> None:
    space = WIDTH - 2 * (len(widths) - 1)
    while sum(widths) > space:
        cuttable = [i for i, width in enumerate(widths) if width > least[i]]
        if not cuttable:
            return
        widths[max(cuttable, key=lambda i: widths[i])] -= 1


def cut(text: str, width: int) -> str:
    """A text without its middle, where it is longer than ``width``.

    Example:
        >>> cut("parameters/hidden_1/weights", 15)
        'paramet…weights'
    """
    if len(text) <= width:
        return text
    end = (width - 1) // 2
    return f"{text[: width - 1 - end]}…{text[len(text) - end :]}"
