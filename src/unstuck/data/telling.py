"""What was done to a table, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from unstuck.data.columns import Column, NumberColumn, TextColumn
from unstuck.data.times import FORMS, ISO
from unstuck.health.spelling import shell

NAMES_LISTED = 6


IDENTITIES = {
    "row number": "looks like a row number",
    "in order": "looks like a row number, in the order of the rows",
    "id": "looks like an id, another one in every row",
}
"""Remarks on columns that name the rows, in words."""


def summary(
    columns: Sequence[Column], left_out: Sequence[tuple[str, str]], typed: bool = False
) -> list[str]:
    """One sentence for each thing that was done.

    Arguments:
        columns: how each column is encoded.
        left_out: pairs of a column and why.
        typed: whether what to do about it is told as a flag of ``unstuck train``.

    Example:
        >>> summary([NumberColumn("size", "number", 2.0, missing=1)], [("id", "it has no values")])
        ['size: 1 missing value imputed with 2', 'id: left out, because it has no values']
    """
    texts = [each for each in columns if isinstance(each, TextColumn)]
    numbers = [each for each in columns if isinstance(each, NumberColumn)]
    constant = [each.name for each in numbers if each.remark == "constant"]
    return [
        *_one_hot(texts),
        *[_rare(each) for each in texts if each.rarer],
        *_times(numbers),
        *_written(numbers),
        *[_imputed(each) for each in numbers if each.missing],
        *([f"{count(len(constant), 'constant column')}: {listed(constant)}"] if constant else []),
        *[_identity(each, typed) for each in numbers if each.remark in IDENTITIES],
        *[f"{name}: left out, because {why}" for name, why in left_out],
    ]


def count(number: int, noun: str) -> str:
    """A number of things.

    Example:
        >>> count(1, "row"), count(2, "row")
        ('1 row', '2 rows')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are.

    Example:
        >>> listed(["a", "b"])
        'a, b'
    """
    more = f" and {len(names) - NAMES_LISTED} more" if len(names) > NAMES_LISTED else ""
    return ", ".join(names[:NAMES_LISTED]) + more


def _one_hot(texts: list[TextColumn]) -> list[str]:
    if not texts:
        return []
    width = count(sum(len(each.names) for each in texts), "one-hot column")
    names = listed([each.name for each in texts])
    return [f"{count(len(texts), 'text column')} became {width}: {names}"]


def _times(numbers: list[NumberColumn]) -> list[str]:
    times = [e.name for e in numbers if e.kind in ("date", "clock", "duration", "time")]
    said = [f"times in seconds (dates since 1970): {listed(times)}"] if times else []
    for form, words in FORMS.items():
        names = [e.name for e in numbers if e.reader.form == form != ISO]
        said += [f"dates read as {words}: {listed(names)}"] if names else []
    return said


def _written(numbers: list[NumberColumn]) -> list[str]:
    """Numbers that were not written as programs do."""
    said = []
    for words, names in (
        ("a comma is the decimal sign", [e.name for e in numbers if e.reader.decimal == ","]),
        (
            "a comma parts thousands",
            [e.name for e in numbers if e.reader.grouped and e.reader.decimal == "."],
        ),
        ("12 % is 12", [e.name for e in numbers if e.reader.unit == "%"]),
        (
            "the currency is left out",
            [f"{e.name} ({e.reader.unit})" for e in numbers if e.reader.unit not in ("", "%")],
        ),
    ):
        said += [f"{words}: {listed(names)}"] if names else []
    return said


def _imputed(each: NumberColumn) -> str:
    return f"{each.name}: {count(each.missing, 'missing value')} imputed with {each.fill:g}"


def _identity(each: NumberColumn, typed: bool) -> str:
    how = f": --ignore {shell(each.name)}" if typed else ""
    return f"{each.name}: {IDENTITIES[each.remark]}; better left out{how}"


def _rare(each: TextColumn) -> str:
    return f"{each.name}: its {each.rarer} rarest levels share zeros"
