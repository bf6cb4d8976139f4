"""What there is to see, by name."""

from __future__ import annotations

from typing import Any, NamedTuple

from unstuck.errors import ParameterError, did_you_mean
from unstuck.lazy import lazy
from unstuck.shows.show import Show


class Listed(NamedTuple):
    """A module of this package that has a function ``show() -> Show``, and what it shows."""

    about: str
    module: Any


SHOWS = {
    "threshold": Listed("what one threshold unit computes", lazy("unstuck.shows.threshold")),
    "perceptron": Listed("the perceptron and its mistakes", lazy("unstuck.shows.perceptron")),
    "logistic": Listed("the logistic unit beside others", lazy("unstuck.shows.logistic")),
    "xor": Listed("no single unit, but two layers", lazy("unstuck.shows.xor")),
    "spikes": Listed("spiking neurons, their rates", lazy("unstuck.shows.spikes")),
    "signs": Listed("units that only excite or only inhibit", lazy("unstuck.shows.signs")),
    "feedback": Listed("errors through random weights", lazy("unstuck.shows.feedback")),
    "sparse": Listed("how many units are active at once", lazy("unstuck.shows.sparse")),
    "hebb": Listed("units that learn without an error", lazy("unstuck.shows.hebb")),
    "memory": Listed("a pattern from a part of it", lazy("unstuck.shows.memory")),
    "lesion": Listed("parts removed, and what is left", lazy("unstuck.shows.lesion")),
    "limits": Listed("multiplication, by a network and not", lazy("unstuck.shows.limits")),
    "choose": Listed("a parameter chosen by leave-one-out", lazy("unstuck.shows.choose")),
    "approximation": Listed("units one after another", lazy("unstuck.shows.approximation")),
    "barron": Listed("errors beside Barron's bound", lazy("unstuck.shows.barron")),
    "errors": Listed("what a network, few rows and a solver cost", lazy("unstuck.shows.errors")),
}
"""By name: units, neurobiology, choosing a model, and why networks can fit at all."""


def show(name: str) -> Show:
    """What there is to see of a name.

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
    found: Show = SHOWS[name].module.show()
    return found
