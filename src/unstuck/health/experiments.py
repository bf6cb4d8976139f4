"""From parameters of an estimator to the experiment that changes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unstuck.health.subject import Change, Facts

ALIKE: Mapping[str, tuple[Any, str]] = {
    "scale_inputs": (True, "inputs"),
    "scale_targets": (True, "targets"),
    "initializer": ("auto", "start"),
    "class_weight": ("balanced", "balanced"),
}
"""Parameters with the values that a field of ``Change`` stands for: an experiment that was made to
find something is the same one, and not made again."""
ENDS = {"tol", "n_iter_no_change", "stopping_rule", "max_time"}
"""Parameters that end a fit early: every experiment goes on to its last epoch."""


def experiment(parameters: Mapping[str, Any], facts: Facts) -> Change | None:
    """What is trained again to try parameters; ``None`` where they are none that training reads.

    Arguments:
        parameters: by name, with the values to try; those of ``None`` have none.
        facts: of the training.

    Example:
        >>> facts = Facts(rates={"learning_rate_init": 0.02}, limit=100)
        >>> print(experiment({"scale_inputs": True, "learning_rate_init": 0.2}, facts))
        with 10 times the learning rate, on standardized inputs
        >>> print(experiment({"activation": "relu", "tol": 0.0}, facts))
        with activation='relu'
        >>> print(experiment({"max_iter": 400}, facts), experiment({"alpha": None}, facts))
        with 4 times the epochs None
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    if not given:
        return None
    fields: dict[str, Any] = {}
    settings = {}
    for name, value in given.items():
        found = _field(name, value, facts)
        if found is None:
            settings[name] = value
        else:
            fields |= found
    if facts.restraints and all(settings.get(name) == 0 for name in facts.restraints):
        settings = {name: value for name, value in settings.items() if name not in facts.restraints}
        fields["penalized"] = False
    return Change(**fields, settings=tuple(sorted(settings.items())))


def _field(name: str, value: Any, facts: Facts) -> dict[str, Any] | None:
    """The field of a ``Change`` that says the same; nothing of what no experiment heeds."""
    if name in ENDS:
        return {}
    if name in ALIKE and value == ALIKE[name][0]:
        return {ALIKE[name][1]: True}
    if name in facts.rates:
        return {"rate": float(f"{value / facts.rates[name]:.2g}")}
    if name == "max_iter":
        return {"longer": max(1, round(value / facts.limit))}
    if name == "solver":
        return {"solver": value}
    if name == "hidden_layer_sizes" and (times := _times(facts.settings.get(name), value)):
        return {"wider": times}
    return None


def _times(before: Any, after: Any) -> int:
    """How many times as wide layers are, where that is the same of all; else 0."""
    if not isinstance(before, (list, tuple)):
        before = (before,)
    if not after or len(before) != len(after) or not all(isinstance(n, int) for n in before):
        return 0
    times, rest = divmod(after[0], before[0])
    return 0 if rest or tuple(times * n for n in before) != tuple(after) else times
