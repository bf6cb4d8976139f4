"""A fitted estimator from its file. Nothing in a file names code to run."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from unstuck.activations import ACTIVATIONS
from unstuck.errors import FileError
from unstuck.estimators.classifier import NetClassifier
from unstuck.estimators.model import Model
from unstuck.estimators.posterior import Posterior
from unstuck.estimators.regressor import NetRegressor
from unstuck.estimators.restarts import Start
from unstuck.estimators.seeds import Seeds
from unstuck.health.signals import NAMES as SIGNALS
from unstuck.layers.dense import Dense
from unstuck.layers.layer import Layer, Spec, is_layer
from unstuck.layers.network import Network
from unstuck.layers.table import LAYERS
from unstuck.losses import LOSSES
from unstuck.persistence.container import read
from unstuck.rows.scaling import Scaler
from unstuck.settings import check
from unstuck.solvers.stop import Stop, StopReason
from unstuck.solvers.table import SOLVERS
from unstuck.training.course import Course, Kept, Tally
from unstuck.training.history import EPOCH_COLUMNS, History
from unstuck.training.stopping import Stalls

ESTIMATORS = {kind.__name__: kind for kind in (NetClassifier, NetRegressor)}
LARGEST = 2**31 - 1
MOST_STEPS = 2**62
Functions = Mapping[str, Callable[..., Any]]


class Known(NamedTuple):
    """What a file may name beside the tables: functions and layers, by name."""

    functions: Functions
    layers: Mapping[str, type[Layer]]

    @classmethod
    def of(cls, functions: Functions, layers: Sequence[type[Layer]]) -> Known:
        """With the layers of the user's own beside those of the table."""
        return cls(functions, LAYERS | {layer.__name__: layer for layer in layers})


def load(
    path: str | Path,
    functions: Functions | None = None,
    layers: Sequence[type[Layer]] = (),
) -> Any:
    """Read an estimator that ``save`` wrote.

    Arguments:
        path: the file, or the run folder that holds it as ``model.safetensors``.
        functions: the functions of your own that the estimator was built with, by name.
        layers: the classes of layers of your own.

    Returns:
        The fitted estimator; ``table_`` is its ``TableEncoder`` where one was saved.

    Raises:
        FileError: the file is missing, damaged, of another kind, or needs ``functions``
            or ``layers``.

    Example:
        >>> import tempfile, pathlib
        >>> import numpy as np
        >>> from unstuck import NetRegressor, load
        >>> X = np.linspace(0, 1, 50)[:, None]
        >>> net = NetRegressor((4,), max_iter=300, tol=1e-2, random_state=0).fit(X, X[:, 0])
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "line.safetensors"
        >>> net.save(path)
        >>> load(path).n_iter_ == net.n_iter_
        True
    """
    path = Path(path)
    path = path / "model.safetensors" if path.is_dir() else path
    header, arrays = read(path)
    try:
        return _decoded(header, arrays, Known.of(functions or {}, layers))
    except FileError as problem:
        raise FileError(f"{path}: {problem}") from problem
    except Exception as problem:  # whatever a hostile header makes of Python's parts
        raise FileError(
            f"{path} is not a model that this version of unstuck can read "
            f"({type(problem).__name__}: {problem}). Save it again, or update unstuck."
        ) from problem


def _decoded(header: dict[str, Any], arrays: dict[str, np.ndarray], known: Known) -> Any:
    params = {name: decode(value, known) for name, value in header["params"].items()}
    estimator = ESTIMATORS[header["estimator"]](**params)
    check(estimator, header["estimator"])
    model = _model(header, arrays, known)
    outputs = model.network.outputs.width
    estimator._targets = estimator._kind.from_facts(estimator, header["targets"], outputs)
    estimator.n_features_in_ = model.network.inputs.width
    if header["feature_names"] is not None:
        names = [str(name) for name in header["feature_names"]]
        _expect(len(names) == model.network.inputs.width, "the number of feature names")
        estimator.feature_names_in_ = np.array(names, dtype=object)
    estimator.solver_, estimator.solver_reason_ = map(str, header["solver"])
    _expect(estimator.solver_ in SOLVERS, "the solver")
    estimator._publish(model, _stop(*header["stop"]))
    if header["restarts"]:
        estimator.restarts_ = _restarts(header["restarts"], arrays)
    if header["table"] is not None:
        from unstuck.data.table import TableEncoder

        estimator.table_ = TableEncoder.from_header(header["table"])
    return estimator


def _model(header: dict[str, Any], arrays: dict[str, np.ndarray], known: Known) -> Model:
    network = _network(header["network"], known)
    parameters: dict[str, dict[str, np.ndarray]] = {name: {} for name in network.names}
    for name, kind, weight in network.paths():
        parameters[name][kind] = _array(arrays, f"parameters/{name}/{kind}", weight.shape)
    history = _history(arrays, len(network.layers))
    model = Model(
        network=network,
        loss=_record(header["loss"], LOSSES, known),
        parameters=parameters,
        inputs=_scaler(arrays, "inputs", network.inputs.width),
        targets=_scaler(arrays, "targets", network.outputs.width),
        seeds=_seeds(header),
        posterior=_posterior(header["posterior"], arrays, network.size),
    )
    model.course = _course(header, arrays, history, model)
    return model


def _network(header: dict[str, Any], known: Known) -> Network:
    """The layers; in format 1 all are dense, and written as lists."""
    inputs = header["inputs"]
    shape = tuple(map(_count, inputs)) if isinstance(inputs, list) else (_count(inputs),)
    layers = tuple(
        (str(name), _dense(rest, known) if len(rest) == 3 else decode(rest[0], known))
        for name, *rest in header["layers"]
    )
    _expect(all(is_layer(layer) for _, layer in layers), "a layer")
    network = Network(Spec(shape), layers)
    _expect(len(set(network.names)) == len(layers) > 0, "the layers")
    return network


def _dense(written: list[Any], known: Known) -> Dense:
    units, activation, norm = written
    return Dense(_count(units), _record(activation, ACTIVATIONS, known), norm is True)


def _layer(written: list[Any], known: Known) -> Layer:
    name, fields = written
    if name not in known.layers:
        raise FileError(
            f"the model uses a layer of your own, {name!r}. Pass its class: "
            f"load(path, layers=[{name}])."
        )
    kind = known.layers[name]
    expected = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    _expect(list(fields) == expected, f"the fields of {name}")
    found = {field: decode(value, known) for field, value in fields.items()}
    tables = {"activation": ACTIVATIONS, "unit": ACTIVATIONS}
    for field in tables.keys() & found.keys():
        found[field] = tables[field].resolve(found[field])
    return kind(**found)


def _seeds(header: dict[str, Any]) -> Seeds:
    if "seeds" in header:
        return Seeds(*(_count(seed, 0, 2**32 - 1) for seed in header["seeds"]))
    seed = _count(header["seed"], 0, LARGEST)
    return Seeds(seed, seed, seed)


def _course(
    header: dict[str, Any], arrays: dict[str, np.ndarray], history: History, model: Model
) -> Course:
    """What the fit has become; format 1 kept the step and the solver's memory."""
    given = header.get("course") or {"step": header["step"], "memory": header["memory"]}
    memory = given["memory"]
    course = Course(step=_count(given["step"], 0, MOST_STEPS), history=history)
    if memory is not None:
        course.memory = [arrays[f"memory/{i}"] for i in range(_count(memory, 0))]
    if "course" not in header:
        return course
    course.mark, course.horizon = _count(given["mark"], 0), _count(given["horizon"], 0)
    course.looked = _count(given["looked"], -1, MOST_STEPS)
    course.stalls, course.tally = Stalls(*given["stalls"]), Tally(*given["tally"])
    if given["kept"] is not None:
        value, epoch = given["kept"]
        last = [arrays[name] for name in sorted(arrays) if name.startswith("last/")]
        _expect(sum(part.size for part in last) == model.network.size, "the last parameters")
        course.vector = last[0] if len(last) == 1 else tuple(last)
        dtype = last[0].dtype
        packed = model.network.pack(model.cast(dtype))
        course.kept = Kept(packed, float(value), _count(epoch, 0))
    return course


def _stop(reason: Any, sentence: Any) -> Stop:
    return Stop(StopReason[str(reason).upper()], str(sentence))


def _restarts(starts: list[Any], arrays: dict[str, np.ndarray]) -> list[Start]:
    costs = _array(arrays, "restarts/cost", (len(starts),), finite=False).tolist()
    return [
        Start(_count(seed, 0, 2**32 - 1), cost, _count(epochs, 0), _stop(*stop))
        for (seed, epochs, *stop), cost in zip(starts, costs, strict=True)
    ]


def _posterior(numbers: Any, arrays: dict[str, np.ndarray], size: int) -> Posterior | None:
    if numbers is None:
        return None
    _expect(
        len(numbers) == len(Posterior._fields) - 1 and all(type(n) is float for n in numbers),
        "the posterior",
    )
    factor = _array(arrays, "posterior/factor", (size, size))
    return Posterior(**dict(zip(Posterior._fields, numbers, strict=False)), factor=factor)


def _history(arrays: dict[str, np.ndarray], layers: int) -> History:
    epochs = len(arrays["history/loss"])
    looks = len(arrays["history/look_epoch"])
    known = {key.removeprefix("history/") for key in arrays if key.startswith("history/")}
    columns = (known | set(EPOCH_COLUMNS)) - {"look_epoch", *SIGNALS}
    found = {name: _array(arrays, f"history/{name}", (epochs,), finite=False) for name in columns}
    found["look_epoch"] = arrays["history/look_epoch"].reshape(looks)
    for name in SIGNALS:
        found[name] = _array(arrays, f"history/{name}", (looks, layers), finite=False)
    return History.from_arrays(found)


def _array(
    arrays: dict[str, np.ndarray], name: str, shape: tuple[int, ...], finite: bool = True
) -> np.ndarray:
    array = arrays[name]
    _expect(array.shape == shape, f"the shape of {name}")
    _expect(array.dtype == np.float64, f"the type of {name}")
    _expect(not finite or bool(np.isfinite(array).all()), f"the numbers of {name}")
    return array


def _scaler(arrays: dict[str, np.ndarray], name: str, columns: int) -> Scaler:
    scale = _array(arrays, f"{name}/scale", (columns,))
    _expect(bool((scale > 0).all()), f"the scale of {name}")
    return Scaler(_array(arrays, f"{name}/mean", (columns,)), scale)


def _count(value: Any, low: int = 1, high: float = math.inf) -> int:
    _expect(type(value) is int and low <= value <= high, "a whole number")
    return int(value)


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise FileError(f"the file contradicts itself: {what} is not what the rest requires.")


def decode(value: Any, known: Known) -> Any:
    """The value that ``encode`` made JSON of."""
    if isinstance(value, list):
        return [decode(each, known) for each in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "tuple":
        return tuple(decode(each, known) for each in content)
    if kind == "dict":
        return {decode(k, known): decode(v, known) for k, v in content}
    if kind == "layer":
        return _layer(content, known)
    return _function(kind, content, known)


def _record(name: Any, table: Any, known: Known) -> Any:
    return table.resolve(decode(name, known) if isinstance(name, dict) else str(name))


def _function(kind: str, name: Any, known: Known) -> Any:
    if kind != "function" or not isinstance(name, str):
        raise FileError(f"the file holds a value of an unknown kind, {kind!r}.")
    if name not in known.functions:
        raise FileError(
            f"the model uses a function or record of your own, {name!r}. Pass it: "
            f"load(path, functions={{{name!r}: {name}}})."
        )
    return known.functions[name]
