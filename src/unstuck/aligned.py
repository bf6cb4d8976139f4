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
    width: int = WIDTH,
) -> list[str]:
    """A line a row, the columns two blanks apart.

    Arguments:
        rows: texts, of the same number in every row; the first row holds the headings.
        words: so many columns, from the first, start at the left; the others, numbers, end at the
            right. All start at the left if not given.
        narrowest: makes the lines fit a terminal: the widest of the columns with these headings is
            cut first, down to so many characters. Nothing else is cut: half of a number is another
            number. Lines are longer where that is not enough.
        width: of the terminal's line.

    Example:
        >>> for line in aligned([("layer", "units"), ("hidden_1", "7")], words=1):
        ...     print(line)
        layer     units
        hidden_1      7
    """
    columns = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    if narrowest is not None:
        _narrow(widths, [narrowest.get(column[0], math.inf) for column in columns], width)
    left = len(widths) if words is None else words
    return [
        "  ".join(
            cut(text, size).ljust(size) if i < left else cut(text, size).rjust(size)
            for i, (text, size) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def folded(rows: Sequence[Sequence[str]], width: int, least: int) -> list[str]:
    """The same, of names and numbers: columns that do not fit beside the others stand below them,
    with the names again.

    Arguments:
        rows: as for ``aligned``; the first column holds the names.
        width: of a line.
        least: characters that are left of a name.

    Example:
        >>> for line in folded([("", "rows", "accuracy"), ("test", "75", "0.86")], 12, 8):
        ...     print(line)
              rows
        test    75
        <BLANKLINE>
              accuracy
        test      0.86
    """
    blocks: list[list[str]] = []
    first, columns = 1, len(rows[0])
    while first < columns:
        for end in range(columns, first, -1):
            part = [(row[0], *row[first:end]) for row in rows]
            block = aligned(part, words=1, narrowest={rows[0][0]: least}, width=width)
            if max(map(len, block)) <= width:
                break
        blocks.append(block)
        first = end
    return [line for i, block in enumerate(blocks) for line in [""] * (i > 0) + block]


def _narrow(widths: list[int], least: Sequence[float], width: int) -> None:
    space = width - 2 * (len(widths) - 1)
    while sum(widths) > space:
        cuttable = [i for i, each in enumerate(widths) if each > least[i]]
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
