"""Settings from a file: the ``settings.json`` of a run, or parameters by name."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from unstuck.cli.assignment import Asked
from unstuck.cli.division import Division
from unstuck.cli.flags import SHORT, flags
from unstuck.cli.names import ELSEWHERE, NOT_TYPED, hint
from unstuck.cli.terminal import say
from unstuck.errors import FileError, ParameterError, raise_together

LONG = {short.lstrip("-"): name for name, short in SHORT.items()}
EXPECTED = (
    "expected the settings.json of a run, or an object of parameters such as "
    '{"solver": "lm", "hidden_layer_sizes": [20]}'
)


def read(path: Path) -> tuple[Asked, dict[str, Any]]:
    """What a file asks for of the data, and parameters of the estimator.

    Raises:
        FileError: it cannot be read, or holds something else.
        ParameterError: names that are unknown; tells the near ones.
    """
    found = _object(path)
    if isinstance(found.get("parameters"), dict):
        asked, parameters = asked_of(found, path), found["parameters"]
    else:
        named = {_long(name): value for name, value in found.items()}
        known = {each.name for each in fields(Asked)}
        asked = _asked({k: v for k, v in named.items() if k in known}, path)
        parameters = {k: v for k, v in named.items() if k not in known}
    if found.get("resumed"):
        went_on = f"the run of {path} went on from {found['resumed']}; this one begins anew."
        say("note", f"{went_on} To go on, use --resume.", "yellow")
    _check_names(parameters, path)
    values = {k: _typed(v) for k, v in parameters.items() if k not in NOT_TYPED}
    return asked, values


def over(typed: Asked, written: Asked) -> Asked:
    """What was typed, and else what was written."""
    given = {k: v for k, v in vars(typed).items() if v is not None}
    return replace(written, **given)


def merged(typed: dict[str, Any], written: dict[str, Any], task: str) -> dict[str, Any]:
    """Parameters as they were typed, and else as they were written; those of the other task are
    left out where they are what they are anyway."""
    idle = {
        flag.field.name
        for flag in flags()
        if task not in flag.tasks and written.get(flag.field.name) == _typed(flag.default)
    }
    kept = {name: value for name, value in written.items() if name not in idle}
    return {**typed, **{k: v for k, v in kept.items() if typed.get(k) is None}}


def _object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except OSError as problem:
        raise FileError(
            f"--config {str(path)!r} cannot be read: {problem.strerror}; {EXPECTED}."
        ) from problem
    except RecursionError as problem:
        raise FileError(
            f"--config {str(path)!r} holds lists in lists, too deep to be read; {EXPECTED}."
        ) from problem
    except ValueError as problem:
        raise FileError(
            f"--config {str(path)!r} holds no JSON ({problem}); {EXPECTED}."
        ) from problem
    if not isinstance(found, dict):
        raise FileError(f"--config {str(path)!r} holds {found!r:.60}; {EXPECTED}.")
    return found


def asked_of(found: dict[str, Any], path: Path) -> Asked:
    """What a run was asked for; an option that its version did not have is left out.

    Arguments:
        found: what its settings.json holds.
        path: of that.

    Raises:
        FileError: it is damaged.
        ParameterError: it asks for what is no text, number or list where one is expected.
    """
    data, division = found.get("data", {}), found.get("division")
    if not isinstance(data, dict):
        raise FileError(f"{path} is damaged: 'data' was {data!r:.60}; expected an object.")
    given = {
        "target": found.get("target"),
        "task": found.get("task"),
        "preset": found.get("preset"),
        "ignore": found.get("ignored"),
        "rows": data.get("rows_asked"),
        "data_seed": data.get("data_seed"),
        "noise": data.get("noise"),
        "drop_missing_target": bool(found.get("dropped_without_target")) or None,
        "divide": None if division is None else Division.written(division, path).spelled(),
    }
    return _asked(given, path)


def _asked(given: dict[str, Any], path: Path) -> Asked:
    """Checked: what is no text, number or list where one is expected is refused."""
    kinds: dict[str, tuple[type, ...]] = {
        "target": (str,),
        "task": (str,),
        "preset": (str,),
        "ignore": (str, list),
        "divide": (str, list),
        "rows": (int,),
        "data_seed": (int,),
        "noise": (int, float),
        "drop_missing_target": (bool,),
    }
    for name, value in given.items():
        right = value is None or type(value) in kinds[name]
        right = right and not (
            name == "ignore" and not all(isinstance(e, str) for e in value or [])
        )
        if not right:
            expected = " or ".join(kind.__name__ for kind in kinds[name])
            raise ParameterError(
                f"--config {str(path)!r}: {name!r} was {value!r}; expected {expected}."
            )
    values = dict(given)
    if isinstance(values.get("ignore"), str):
        values["ignore"] = [values["ignore"]]
    if values.get("ignore") is not None:
        values["ignore"] = tuple(values["ignore"])
    if isinstance(values.get("divide"), list):
        values["divide"] = ",".join(map(str, values["divide"]))
    return Asked(**values)


def _check_names(parameters: dict[str, Any], path: Path) -> None:
    known = {flag.field.name for flag in flags()} | NOT_TYPED
    options = [flag.name for flag in flags()]
    options += [f"--{each.name.replace('_', '-')}" for each in fields(Asked)]
    mistakes = [
        f"there is no parameter {name!r}.{hint(name, options).replace('--', '')}"
        for name in parameters
        if name not in known
    ]
    mistakes += [
        f"{name!r} cannot be given here: {ELSEWHERE[name]}."
        for name in sorted(NOT_TYPED & parameters.keys())
        if not isinstance(parameters[name], bool | None)  # what a run has written may stand there
    ]
    raise_together(mistakes, ParameterError, f"--config {str(path)!r}")


def _long(name: str) -> str:
    long = name.lstrip("-").replace("-", "_")
    return LONG.get(long, long)


def _typed(value: Any) -> Any:
    """A value as ``flags.chosen`` takes it."""
    if value is None:
        return "none"
    return tuple(map(_typed, value)) if isinstance(value, (list, tuple)) else value
