"""A fitted estimator from its file. Nothing in a file names code to run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from unstuck.activations import ACTIVATIONS
from unstuck.errors import FileError
from unstuck.estimators.classifier import NetClassifier
from unstuck.estimators.model import Model
from unstuck.estimators.posterior import Posterior
from unstuck.estimators.regressor import NetRegressor
from unstuck.estimators.restarts import Start
from unstuck.estimators.scaling import Scaler
from unstuck.layers.dense import Dense
from unstuck.layers.network import Network
from unstuck.losses import LOSSES
from unstuck.persistence.container import read
from unstuck.settings import check
from unstuck.solvers.stop import Stop, StopReason
from unstuck.solvers.table import SOLVERS
from unstuck.training.history import EPOCH_COLUMNS, History
from unstuck.training.programs import SIGNALS

ESTIMATORS = {kind.__name__: kind for kind in (NetClassifier, NetRegressor)}
LARGEST = 2**31 - 1
Functions = Mapping[str, Callable[..., Any]]


def load(path: str | Path, functions: Functions | None = None) -> Any:
    """Read an estimator that ``save`` wrote.

    Arguments:
        path: the file, or the run folder that holds it as ``model.safetensors``.
        functions: the functions of your own that the estimator was built with, by name.

    Returns:
        The fitted estimator; ``table_`` is its ``TableEncoder`` where one was saved.

    Raises:
        FileError: the file is missing, damaged, of another kind, or needs ``functions``.

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
        return _decoded(header, arrays, functions or {})
    except FileError as problem:
        raise FileError(f"{path}: {problem}") from problem
    except Exception as problem:  # whatever a hostile header makes of Python's parts
        raise FileError(
            f"{path} is not a model that this version of unstuck can read "
            f"({type(problem).__name__}: {problem}). Save it again, or update unstuck."
        ) from problem


def _decoded(header: dict[str, Any], arrays: dict[str, np.ndarray], functions: Functions) -> Any:
    params = {name: decode(value, functions) for name, value in header["params"].items()}
    estimator = ESTIMATORS[header["estimator"]](**params)
    check(estimator, header["estimator"])
    model = _model(header, arrays, functions)
    estimator._model, estimator._seed = model, model.seed
    estimator._restore_targets(header["targets"], model.network)
    estimator.n_features_in_ = model.network.inputs
    if header["feature_names"] is not None:
        names = [str(name) for name in header["feature_names"]]
        _expect(len(names) == model.network.inputs, "the number of feature names")
        estimator.feature_names_in_ = np.array(names, dtype=object)
    estimator.solver_, estimator.solver_reason_ = map(str, header["solver"])
    _expect(estimator.solver_ in SOLVERS, "the solver")
    estimator._publish(_stop(*header["stop"]))
    if header["restarts"]:
        estimator.restarts_ = _restarts(header["restarts"], arrays)
    if header["table"] is not None:
        from unstuck.data.table import TableEncoder

        estimator.table_ = TableEncoder.from_header(header["table"])
    return estimator


def _model(header: dict[str, Any], arrays: dict[str, np.ndarray], functions: Functions) -> Model:
    layers = tuple(
        (str(name), Dense(_count(units), _record(activation, ACTIVATIONS, functions), norm is True))
        for name, units, activation, norm in header["network"]["layers"]
    )
    network = Network(_count(header["network"]["inputs"]), layers)
    _expect(len(set(network.names)) == len(layers) > 0, "the layers")
    parameters: dict[str, dict[str, np.ndarray]] = {name: {} for name in network.names}
    for name, kind, shape in network.paths():
        parameters[name][kind] = _array(arrays, f"parameters/{name}/{kind}", shape)
    memory = header["memory"]
    return Model(
        network=network,
        loss=_record(header["loss"], LOSSES, functions),
        parameters=parameters,
        inputs=_scaler(arrays, "inputs", network.inputs),
        targets=_scaler(arrays, "targets", network.widths[-1]),
        seed=_count(header["seed"], 0, LARGEST),
        step=_count(header["step"], 0, LARGEST),
        memory=None
        if memory is None
        else [arrays[f"memory/{i}"] for i in range(_count(memory, 0))],
        history=_history(arrays, len(layers)),
        posterior=_posterior(header["posterior"], arrays, network.size),
    )


def _stop(reason: Any, sentence: Any) -> Stop:
    return Stop(StopReason[str(reason).upper()], str(sentence))


def _restarts(starts: list[Any], arrays: dict[str, np.ndarray]) -> list[Start]:
    costs = _array(arrays, "restarts/cost", (len(starts),), finite=False).tolist()
    return [
        Start(_count(seed, 0, LARGEST), cost, _count(epochs, 0), _stop(*stop))
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


def decode(value: Any, functions: Functions) -> Any:
    """The value that ``encode`` made JSON of."""
    if isinstance(value, list):
        return [decode(each, functions) for each in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "tuple":
        return tuple(decode(each, functions) for each in content)
    if kind == "dict":
        return {decode(k, functions): decode(v, functions) for k, v in content}
    return _function(kind, content, functions)


def _record(name: Any, table: Any, functions: Functions) -> Any:
    return table.resolve(decode(name, functions) if isinstance(name, dict) else str(name))


def _function(kind: str, name: Any, functions: Functions) -> Any:
    if kind != "function" or not isinstance(name, str):
        raise FileError(f"the file holds a value of an unknown kind, {kind!r}.")
    if name not in functions:
        raise FileError(
            f"the model uses a function or record of your own, {name!r}. Pass it: "
            f"load(path, functions={{{name!r}: {name}}})."
        )
    return functions[name]
