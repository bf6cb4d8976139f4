"""What a user wants to be tried, as treatments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, count
from typing import Any

from unstuck.choices import spelled
from unstuck.errors import ParameterError
from unstuck.remedies.table import REMEDIES, TOGETHER
from unstuck.remedies.treatment import UNTREATED, Treatment

PLUS = " + "
"""Between the names of remedies that are applied together."""
PAIRS = "pairs"
"""Asks for every two of what is tried."""


def treatment_of(given: Any) -> Treatment:
    """A treatment, from the name of a remedy, several names joined by ``+``, or parameters.

    Raises:
        ParameterError: it is none of these, a remedy is not known, or two do not go together.

    Example:
        >>> treatment_of("weights + relu").parameters
        {'initializer': 'fan_in', 'activation': 'relu'}
        >>> treatment_of({"momentum": 0.5}).name
        'momentum=0.5'
    """
    if isinstance(given, str):
        found = _named(TOGETHER.get(given, given))
        return found._replace(name=given) if given in TOGETHER else found
    if isinstance(given, Treatment):
        return given
    if isinstance(given, Mapping) and given:
        name = ", ".join(f"{name}={_short(value)}" for name, value in given.items())
        return Treatment(name, dict(given))
    raise ParameterError(
        f"the remedy {given!r:.100} is none; expected a name of REMEDIES or a dict of parameters."
    )


def renamed(treatment: Treatment, known: Mapping[str, Treatment]) -> Treatment:
    """The same under a name of its own, where another one has it already.

    Example:
        >>> clipped = treatment_of("clipping")
        >>> renamed(clipped, {"clipping": treatment_of("relu")}).name
        'clipping (2)'
    """
    taken = {UNTREATED.name: UNTREATED, **known}
    name, names = treatment.name, (f"{treatment.name} ({i})" for i in count(2))
    while name in taken and not taken[name].alike(treatment):
        name = next(names)
    return treatment._replace(name=name)


def pairs_of(wanted: Sequence[Any]) -> list[Treatment]:
    """Every two that go together and are more than each alone.

    Example:
        >>> [each.name for each in pairs_of(["weights", "relu", "elu"])]
        ['weights + relu', 'weights + elu']
    """
    found = [treatment_of(each) for each in wanted]
    return [a + b for a, b in combinations(found, 2) if a.agrees(b) and a.adds(b)]


def _named(names: str) -> Treatment:
    first, *others = (REMEDIES[each.strip()].treatment for each in names.split(PLUS.strip()))
    for each in others:
        if not first.agrees(each):
            raise ParameterError(
                f"{names!r} would give one parameter two values; expected remedies that can be "
                "applied together."
            )
        first = first + each
    return first


def _short(value: Any) -> str:
    return spelled(value) if hasattr(value, "name") else f"{value!r:.40}"
