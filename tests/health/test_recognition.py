"""By what a disease is recognized is said of every one, and of no other."""

from __future__ import annotations

from unstuck.health.recognition import RECOGNIZED_BY
from unstuck.health.table import DISEASES


def test_every_disease_says_by_what_it_is_recognized():
    assert set(RECOGNIZED_BY) == set(DISEASES)
    assert [code for code, told in RECOGNIZED_BY.items() if told.endswith(".")] == []
