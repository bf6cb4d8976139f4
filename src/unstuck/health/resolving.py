"""Remedies with the values that would do in a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unstuck.health.finding import Remedy
from unstuck.health.subject import Facts


def resolved(remedy: Remedy, values: Mapping[str, Any], facts: Facts) -> Remedy | None:
    """A remedy with the values that would do here; ``None`` where it does nothing here.

    Parameters that the training does not read are left out, and remedies by which none would
    change.

    Arguments:
        remedy: of a disease.
        values: that would do here, by parameter, in place of the remedy's.
        facts: of the training.

    Example:
        >>> remedy = Remedy("Take shorter steps.", "", {"learning_rate_init": None})
        >>> facts = Facts(settings={"learning_rate_init": 0.1})
        >>> dict(resolved(remedy, {"learning_rate_init": 0.01}, facts).parameters)
        {'learning_rate_init': 0.01}
    """
    known = {name: values.get(name, value) for name, value in remedy.parameters.items()}
    given = {name: value for name, value in known.items() if value is not None}
    changed = {
        name: value
        for name, value in given.items()
        if name in facts.settings and facts.settings[name] != value
    }
    if facts.settings and given and not changed:
        return None
    return remedy._replace(parameters=changed)
