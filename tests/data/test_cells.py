"""The form of a CSV file: separators, lines and names."""

from __future__ import annotations

import pytest

from unstuck.data.cells import cells_of
from unstuck.errors import DataError


def cells(text):
    frame, _ = cells_of(text.encode())
    return frame.columns, frame.rows()


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        (
            '"Weight, kg";"Height, cm";y\n1;2;0\n',
            ["Weight, kg", "Height, cm", "y"],
            [("1", "2", "0")],
        ),
        ("income, EUR\ty\n1\t0\n2\t1\n", ["income, EUR", "y"], [("1", "0"), ("2", "1")]),
        ("a;b\n1,5;2,5\n", ["a", "b"], [("1,5", "2,5")]),
        ("one, two;b\n1,5;x\n", ["one, two", "b"], [("1,5", "x")]),
        ("sep=;\r\na;b\r\n1;2\r\n", ["a", "b"], [("1", "2")]),
        ('"sep=|"\na|b\n1|2\n', ["a", "b"], [("1", "2")]),
        ("size\n1,5\n\n2,5\n\n", ["size"], [("1,5",), (None,), ("2,5",)]),
        ("a,b\r1,2\r3,4\r", ["a", "b"], [("1", "2"), ("3", "4")]),
        ("\n\na,b\n1,2\n \n\n3,4\n\n  \n", ["a", "b"], [("1", "2"), ("3", "4")]),
        ("a;b;c\n1;2;3\n;;4\n;;\n;;\n", ["a", "b", "c"], [("1", "2", "3"), (None, None, "4")]),
        ('a,b\n"x\n\ny",2\n\n1,"say ""z"""\n', ["a", "b"], [("x\n\ny", "2"), ("1", 'say "z"')]),
        (",b, c \n0,x,y\n", ["Unnamed: 0", "b", "c"], [("0", "x", "y")]),
        ("a,b\n 007 ,None\n", ["a", "b"], [("007", "None")]),
        ('a;b\n1;2\n;\n"";\n3;\n', ["a", "b"], [("1", "2"), ("3", None)]),
        ("a,b\n1,2,\n3,,\n", ["a", "b"], [("1", "2"), ("3", None)]),
        ("sep=;\r\n\r\na;b\r\n1;2\r\n", ["a", "b"], [("1", "2")]),
        ("sep=\na;b\n1;2\n", ["a", "b"], [("1", "2")]),
    ],
)
def test_what_is_a_cell(text, columns, rows):
    assert cells(text) == (columns, rows)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b,a,b\n1,2,3,4\n", "several columns of the name 'a', 'b'; expected different"),
        ("a,b\n1,2\n3\n4,\n5\n", "rows 2, 4 below the column names: received 1 value, expected 2"),
        ("a,b\n1,2\n3,4,5\n", "row 2 below the column names: received 3 values, expected 2"),
        ('a,b\n"1\n,5",2\n3,"x,y",5\n', "row 2 below .* received 3 values, expected 2"),
        ("sep=;", "nothing but blank lines"),
        ("\n \n\n", "nothing but blank lines"),
    ],
)
def test_what_is_no_table(text, message):
    with pytest.raises(DataError, match=message):
        cells(text)
