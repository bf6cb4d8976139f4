"""Columns of a table, named on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from unstuck.errors import DataError, did_you_mean


def columns_named(
    texts: Iterable[str], columns: Sequence[str], option: str, among: str = "of the table"
) -> list[str]:
    """The columns that texts with commas name; a name may hold commas itself.

    Arguments:
        texts: as they were typed.
        columns: that there are.
        option: after which they were typed.
        among: which columns these are, in words.

    Raises:
        DataError: there is no such column; tells the near one, or all.

    Example:
        >>> columns_named(["b, income, EUR"], ["income, EUR", "b"], "--ignore")
        ['b', 'income, EUR']
    """
    return [name for text in texts for name in _named(text, columns, option, among)]


def _named(text: str, columns: Sequence[str], option: str, among: str) -> list[str]:
    if text in columns:
        return [text]
    found, pieces = [], text.split(",") if text.strip() else []
    while pieces:
        longest = range(len(pieces), 0, -1)
        names = [(",".join(pieces[:end]).strip(), end) for end in longest]
        name, end = next(((name, end) for name, end in names if name in columns), names[-1])
        if name not in columns and name:
            hints = (did_you_mean(near, columns) for near, _ in reversed(names))
            listed = f" There are {', '.join(map(repr, columns))}."
            hint = next(filter(None, hints), listed)
            raise DataError(f"{option} {name!r} is no column {among}.{hint}")
        found += [name] if name else []
        pieces = pieces[end:]
    return found
