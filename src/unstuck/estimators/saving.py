"""A fitted estimator as one file. A file holds names and numbers, never code."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from unstuck.choices import Named, Own
from unstuck.errors import FileError
from unstuck.estimators.model import Model
from unstuck.estimators.restarts import Start
from unstuck.layers.layer import Layer, is_layer
from unstuck.layers.network import parts_of
from unstuck.persistence.container import write
from unstuck.solvers.stop import Stop


def save(estimator: Any, path: str | Path, table: Any = None) -> None:
    """Write a fitted estimator; see ``NetClassifier.save``."""
    model = estimator._model
    header = {
        "estimator": type(estimator).__name__,
        "params": {k: encode(v, k) for k, v in estimator.get_params(deep=False).items()},
        "network": {
            "inputs": list(model.network.inputs.shape),
            "layers": [[name, layer_header(layer)] for name, layer in model.network.layers],
        },
        "loss": _name_of(model.loss, "loss"),
        "seeds": list(model.seeds),
        "course": model.course.numbers(),
        "posterior": None if model.posterior is None else list(model.posterior[:-1]),
        "solver": [estimator.solver_, estimator.solver_reason_],
        "stop": _stop(estimator.stop_reason_),
        "restarts": [[s.seed, s.n_iter, *_stop(s.stop_reason)] for s in _restarts(estimator)],
        "targets": estimator._targets.facts(),
        "feature_names": _names(estimator),
        "table": None if table is None else table.to_header(),
    }
    arrays = _arrays(model)
    arrays["restarts/cost"] = np.array([start.cost for start in _restarts(estimator)], np.float64)
    write(path, header, arrays)


def _restarts(estimator: Any) -> list[Start]:
    return getattr(estimator, "restarts_", [])


def _stop(stop: Stop) -> list[str]:
    return [stop.name, stop.sentence]


def _arrays(model: Model) -> dict[str, np.ndarray]:
    found = {
        f"parameters/{layer}/{kind}": np.asarray(array)
        for layer, kinds in model.parameters.items()
        for kind, array in kinds.items()
    }
    for name, scaler in (("inputs", model.inputs), ("targets", model.targets)):
        found |= {f"{name}/mean": scaler.mean, f"{name}/scale": scaler.scale}
    found |= {f"memory/{i}": array for i, array in enumerate(model.course.memory or [])}
    if model.course.vector is not None:
        found |= {f"last/{i}": part for i, part in enumerate(parts_of(model.course.vector))}
    if model.posterior is not None:
        found["posterior/factor"] = model.posterior.factor
    found |= {f"history/{name}": array for name, array in model.course.history.arrays().items()}
    return found


def _names(estimator: Any) -> list[str] | None:
    names = getattr(estimator, "feature_names_in_", None)
    return None if names is None else [str(name) for name in names]


def layer_header(layer: Layer) -> dict[str, Any]:
    """A layer as JSON: its class by name, and its fields."""
    kind, fields = type(layer).__name__, dataclasses.fields(layer)  # type: ignore[arg-type]
    named = {f.name: encode(getattr(layer, f.name), f"{kind}.{f.name}") for f in fields}
    return {"layer": [kind, named]}


def encode(value: Any, where: str) -> Any:
    """A parameter's value as JSON.

    Raises:
        FileError: a function without a name, or a value of a kind that no file can hold.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Named):
        return _name_of(value, where)
    if is_layer(value):
        return layer_header(value)
    if isinstance(value, tuple):
        return {"tuple": [encode(each, where) for each in value]}
    if isinstance(value, (list, np.ndarray)):
        return [encode(each, where) for each in value]
    if isinstance(value, dict):
        return {"dict": [[encode(k, where), encode(v, where)] for k, v in value.items()]}
    if isinstance(value, np.random.RandomState):
        return None  # its draw is in the file as the model's seed
    if callable(value):
        return {"function": _function_name(value, where)}
    raise FileError(f"{where}={value!r} cannot be written to a file; pass a name or a number.")


def _name_of(record: Any, where: str) -> Any:
    own = [value for value in vars(record).values() if isinstance(value, Own)]
    if own:
        return {"function": _function_name(own[0].function, where)}
    if record.table_name is not None:
        return record.table_name
    if not record.name.isidentifier():
        raise FileError(
            f"{where}={record.name!r} is a record of your own, and its name is no Python name. "
            "Rename it, then save; read it back with load(path, functions={name: record})."
        )
    return {"function": record.name}


def _function_name(function: Callable[..., Any], where: str) -> str:
    name = getattr(function, "__name__", "")
    if not name.isidentifier():
        raise FileError(
            f"{where}={function!r} is a function without a name, and a file cannot hold code. "
            f"Define it with 'def my_function', then save; read it back with "
            f"load(path, functions={{'my_function': my_function}})."
        )
    return name
