"""What ``unstuck show NAME`` shows: a text for the terminal, and a figure for a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from unstuck.errors import ParameterError, did_you_mean


class Show(NamedTuple):
    """What is shown of a unit.

    Attributes:
        text: for a terminal: tables, and the figure in characters where that is possible.
        save: ``save(path)`` writes the figure to an SVG or PNG file.
    """

    text: str
    save: Callable[[Path], Any]


def show(name: str) -> Show:
    """What there is to see of a unit.

    Arguments:
        name: of ``SHOWS``.

    Raises:
        ParameterError: there is nothing of that name.

    Example:
        >>> print(show("threshold").text.splitlines()[0])
        One unit computes 14 of the 16 Boolean functions of two inputs.
    """
    if name not in SHOWS:
        raise ParameterError(
            f"there is nothing called {name!r} to show; expected one of {', '.join(SHOWS)}."
            f"{did_you_mean(name, SHOWS)}"
        )
    return SHOWS[name]()


def _threshold() -> Show:
    from unstuck.neuro.circuit import circuit_of
    from unstuck.neuro.representable import functions_of_two, representable

    circuit = circuit_of("0110")
    parts = [
        functions_of_two(),
        f"a xor b\n{representable('0110')}",
        f"a xor b\n{circuit}",
        circuit.graph(),
    ]
    return Show("\n\n".join(map(str, parts)), circuit.draw)


SHOWS: dict[str, Callable[[], Show]] = {
    "threshold": _threshold,
}
"""By name."""
