"""Keywords that are listed once: defaults, rules, and what ``help`` shows."""

from __future__ import annotations

import inspect
from typing import Annotated, Any, TypedDict, Unpack

import pytest

from unstuck.errors import ParameterError
from unstuck.rules import Number
from unstuck.solvers.keywords import Keyword, checked, keywords, shows


class Sizes(TypedDict, total=False):
    width: Annotated[int, Keyword(80, Number(1, whole=True))]
    scale: Annotated[float | None, Keyword(1.5, Number(0))]


SIZES = keywords(Sizes)


def test_defaults_and_values():
    assert checked({}, SIZES, "draw") == {"width": 80, "scale": 1.5}
    assert checked({"scale": 2.0, "colour": "red"}, SIZES, "draw") == {"width": 80, "scale": 2.0}


def test_all_mistakes_are_told():
    with pytest.raises(ParameterError) as error:
        checked({"width": 0, "scale": -1}, SIZES, "draw")
    assert str(error.value) == (
        "draw: 2 mistakes\n"
        "  - width was 0; expected an integer >= 1.\n"
        "  - scale was -1; expected a number >= 0."
    )


def test_signatures_show_them():
    @shows(Sizes, "others")
    def draw(what: Any, *, where: str = "here", **given: Unpack[Sizes]) -> None:
        """Draw."""

    found = inspect.signature(draw)
    assert str(found) == (
        "(what: 'Any', *, where: 'str' = 'here', width: int = 80, scale: float | None = 1.5, "
        "**others: Any) -> 'None'"
    )
    assert draw("it", width=3) is None
