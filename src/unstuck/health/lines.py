"""Lines of a terminal: wrapped between words, aligned in columns, as wide as they look."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

NARROWEST = 18
"""A column of words narrower than this is not worth reading."""
GAP = "  "
TURNS = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Characters that turn the direction of what follows: a name must not hide what is beside it."""


def visible(text: str) -> str:
    """A text on one line, in which nothing commands a terminal.

    Example:
        >>> print(visible("size\\x1b[2J"), visible("a\\nb"))
        size\\x1b[2J a\\nb
    """
    odd = {char for char in text if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")}
    for char in odd | (TURNS & set(text)):
        text = text.replace(char, ascii(char)[1:-1])
    return text


def length(text: str) -> int:
    """How many characters of a terminal a text takes: wide ones two, combining ones none.

    Example:
        >>> length("size"), length("大きさ"), length("e\\u0301")
        (4, 6, 1)
    """
    return sum(
        0
        if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf")
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )


def wrapped(text: str, width: int, before: str = "", under: str | None = None) -> list[str]:
    """A text as lines; a word that is wider than a line has one of its own and is not broken.

    Arguments:
        text: blanks stay as they are, but for those at which a line ends.
        width: of a line, with what stands before it.
        before: what the first line begins with.
        under: what the others begin with; blanks as wide as ``before`` if not given.

    Example:
        >>> wrapped("one two three", 9, "- ")
        ['- one two', '  three']
    """
    under = " " * length(before) if under is None else under
    # A number stays with its sign for per cent.
    words = visible(text).replace(" %", "\u00a0%").split(" ")
    lines = [before + words[0]]
    for word in words[1:]:
        if length(lines[-1]) + 1 + length(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(under + word)
    return [line.replace("\u00a0%", " %").rstrip() for line in lines]


def entries(pairs: Sequence[tuple[str, str]], width: int, before: str = "  ") -> list[str]:
    """Names, and beside each what is said of it; under it where a name is long.

    Example:
        >>> entries([("a", "first"), ("bc", "second")], 40)
        ['  a   first', '  bc  second']
    """
    short = [length(visible(name)) for name, _ in pairs]
    side = max((each for each in short if each <= NARROWEST + 4), default=0)
    margin = " " * (length(before) + (side or 2) + 2)
    found = []
    for name, said in pairs:
        name = before + visible(name)
        if length(name) + len(GAP) > len(margin):
            found += [name, *wrapped(said, width, margin)]
        else:
            found += wrapped(said, width, padded(name, len(margin)), margin)
    return found


def table(rows: Sequence[Sequence[str]], width: int, wide: Sequence[int]) -> list[str] | None:
    """Rows as lines with aligned columns; ``None`` where they do not fit and stay readable.

    Arguments:
        rows: texts; the first row holds the headings.
        width: of a line.
        wide: columns of words, which are wrapped where lines get too long; the others are not.

    Example:
        >>> table([("what", "value"), ("a share", "12 %")], 40, [0])
        ['what     value', 'a share  12 %']
    """
    columns = list(zip(*([visible(cell) for cell in row] for row in rows), strict=True))
    widths = [max(map(length, column)) for column in columns]
    space = width - len(GAP) * (len(widths) - 1)
    while sum(widths) > space:
        widest = max(wide, key=lambda i: widths[i])
        widths[widest] -= 1
        longest = max(length(word) for cell in columns[widest] for word in cell.split(" "))
        if widths[widest] < max(NARROWEST, longest):
            return None
    lines = []
    for row in zip(*columns, strict=True):
        cells = [wrapped(cell, size) for cell, size in zip(row, widths, strict=True)]
        for i in range(max(map(len, cells))):
            parts = [cell[i] if i < len(cell) else "" for cell in cells]
            lines.append(GAP.join(map(padded, parts, widths)).rstrip())
    return lines


def padded(text: str, width: int) -> str:
    """A text with blanks up to a width."""
    return text + " " * (width - length(text))
