"""Columns side by side: numbers to the right, words cut before numbers."""

from __future__ import annotations

import pytest

from unstuck.aligned import aligned, cut

ROWS = [("name", "size"), ("a", "1"), ("bcdef", "22222")]


def test_words_to_the_left_and_numbers_to_the_right():
    assert aligned(ROWS, words=1) == ["name    size", "a          1", "bcdef  22222"]


def test_all_to_the_left():
    assert aligned(ROWS) == ["name   size", "a      1", "bcdef  22222"]


def test_nothing_is_cut_without_widths():
    assert len(aligned([("name",), ("x" * 200,)])[1]) == 200


def test_words_are_cut_first():
    rows = [("name", "value"), ("n" * 60, "v" * 60)]
    line = aligned(rows, narrowest={"name": 10})[1]
    assert len(line) == 80
    assert line.endswith("  " + "v" * 60)


def test_numbers_never_are_the_line_is_longer_then():
    rows = [("name", "value"), ("n" * 60, "v" * 90)]
    line = aligned(rows, narrowest={"name": 10})[1]
    name, value = line.split("  ")
    assert (len(name), value) == (10, "v" * 90)


@pytest.mark.parametrize(("width", "text"), [(6, "abcdef"), (5, "ab…ef"), (4, "ab…f"), (1, "…")])
def test_a_cut_text_has_its_ends(width, text):
    assert cut("abcdef", width) == text
