"""A fitted estimator from its file. Nothing in a file names code to run."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from unstuck.activations import ACTIVATIONS
from unstuck.errors import FileError
from unstuck.estimators.classifier import NetClassifier
from unstuck.estimators.encoding import Functions, decode, record_of
from unstuck.estimators.model import Model
from unstuck.estimators.posterior import Posterior
from unstuck.estimators.regressor import NetRegressor
from unstuck.estimators.restarts import Start
from unstuck.estimators.scaling import Scaler
from unstuck.layers.dense import Dense
from unstuck.layers.network import Network
from unstuck.losses import LOSSES, check_pair
from unstuck.persistence.container import read
from unstuck.settings import check
from unstuck.solvers.bayesian import BAYESIAN
from unstuck.solvers.solver import Batch
from unstuck.solvers.stop import Stop, StopReason
from unstuck.solvers.table import SOLVERS
from unstuck.training.history import EPOCH_COLUMNS, History
from unstuck.training.programs import SIGNALS

ESTIMATORS = {kind.__name__: kind for kind in (NetClassifier, NetRegressor)}
LARGEST = 2**31 - 1
COLUMNS = {*EPOCH_COLUMNS, "validation_failures"}.union(
    *(getattr(solver, "columns", ()) for solver in SOLVERS.values())
)
"""Columns of a history; a fit that went on with another solver has those of both."""


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
    estimator.solver_, estimator.solver_reason_ = map(_text, header["solver"])
    _expect(estimator.solver_ in list(SOLVERS), "the solver")
    model = _model(header, arrays, functions)
    estimator._model, estimator._seed = model, model.seed
    _targets(estimator, header["targets"], model)
    estimator.n_features_in_ = model.network.inputs
    if header["feature_names"] is not None:
        names = _names(header["feature_names"], model.network.inputs)
        estimator.feature_names_in_ = np.array(names, dtype=object)
    estimator._publish(_stop(*header["stop"]))
    starts = _restarts(header["restarts"], arrays, estimator.n_iter_)
    if starts:
        estimator.restarts_ = starts
    if header["table"] is not None:
        from unstuck.data.table import TableEncoder

        estimator.table_ = TableEncoder.from_header(header["table"])
    _expect(not arrays, f"an array named {min(arrays, default='')!r:.80}")
    return estimator


def _model(header: dict[str, Any], arrays: dict[str, np.ndarray], functions: Functions) -> Model:
    network = _network(header["network"], functions)
    loss = record_of(header["loss"], LOSSES, functions)
    check_pair(loss, network.output)
    parameters: dict[str, dict[str, np.ndarray]] = {name: {} for name in network.names}
    for name, kind, shape in network.paths():
        parameters[name][kind] = _array(arrays, f"parameters/{name}/{kind}", shape)
    return Model(
        network=network,
        loss=loss,
        parameters=parameters,
        inputs=_scaler(arrays, "inputs", network.inputs),
        targets=_scaler(arrays, "targets", network.widths[-1]),
        seed=_count(header["seed"], 0, LARGEST),
        step=_count(header["step"], 0, LARGEST),
        memory=_memory(header, arrays),
        history=_history(arrays, len(network.layers)),
        posterior=_posterior(header, arrays, network.size),
    )


def _network(found: dict[str, Any], functions: Functions) -> Network:
    layers = []
    for name, units, activation, norm in found["layers"]:
        _expect(isinstance(norm, bool), "a layer's norm")
        unit = record_of(activation, ACTIVATIONS, functions)
        layers.append((_text(name), Dense(_count(units), unit, norm)))
    network = Network(_count(found["inputs"]), tuple(layers))
    _expect(len(set(network.names)) == len(layers) > 0, "the layers")
    return network


def _targets(estimator: Any, facts: dict[str, Any], model: Model) -> None:
    """What the targets are; and that outputs are not scaled where nothing would scale them."""
    estimator._restore_targets(facts, model.network)
    _expect(repr(estimator._target_facts()) == repr(facts), "the targets")
    linear = isinstance(estimator, NetRegressor) and model.network.output.name == "identity"
    if not linear:
        plain = (model.targets.mean == 0).all() and (model.targets.scale == 1).all()
        _expect(bool(plain), "the scale of targets")
    if isinstance(estimator, NetClassifier):
        classes = estimator.classes_
        _expect(bool(np.array_equal(np.unique(classes), classes)), "the order of the classes")


def _names(found: Any, inputs: int) -> list[str]:
    names = [_text(name) for name in found]
    _expect(len(names) == inputs, "the number of feature names")
    _expect(len(set(names)) == inputs, "a feature name that stands twice")
    return names


def _stop(reason: Any, sentence: Any) -> Stop:
    return Stop(StopReason[_text(reason).upper()], _text(sentence))


def _restarts(starts: list[Any], arrays: dict[str, np.ndarray], epochs: int) -> list[Start]:
    costs = _array(arrays, "restarts/cost", (len(starts),), finite=False).tolist()
    found = [
        Start(_count(seed, 0, LARGEST), cost, _count(n_iter, 0), _stop(*stop))
        for (seed, n_iter, *stop), cost in zip(starts, costs, strict=True)
    ]
    if found:
        # The best is the model; it may have gone on since.
        best = found[int(np.argmin(costs))]
        _expect(best.n_iter <= epochs, "the best of the starts")
    return found


def _memory(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> list[np.ndarray] | None:
    """The solver's memory; whether it fits to rows and parameters, the fit that goes on asks."""
    if header["memory"] is None:
        return None
    found = [arrays.pop(f"memory/{i}") for i in range(_count(header["memory"], 0))]
    if isinstance(SOLVERS[header["solver"][0]], Batch) and found:
        mark = found[-1]
        _expect(mark.shape == () and mark.dtype == np.int64, "the mark of the solver's memory")
    return found


def _posterior(
    header: dict[str, Any], arrays: dict[str, np.ndarray], size: int
) -> Posterior | None:
    numbers = header["posterior"]
    if numbers is None:
        return None
    _expect(header["solver"][0] == BAYESIAN.name, "the solver of the posterior")
    _expect(
        len(numbers) == len(Posterior._fields) - 1 and all(type(n) is float for n in numbers),
        "the posterior",
    )
    factor = _array(arrays, "posterior/factor", (size, size))
    return Posterior(**dict(zip(Posterior._fields, numbers, strict=False)), factor=factor)


def _history(arrays: dict[str, np.ndarray], layers: int) -> History:
    epochs = len(arrays["history/loss"])
    look = arrays.pop("history/look_epoch")
    _expect(look.ndim == 1 and look.dtype == np.int64, "the epochs of the looks")
    within = not look.size or (look[0] >= 0 and look[-1] <= epochs)
    _expect(bool(within and (np.diff(look) >= 0).all()), "the epochs of the looks")
    found = {"look_epoch": look}
    for name in SIGNALS:
        found[name] = _array(arrays, f"history/{name}", (len(look), layers), finite=False)
    known = {key.removeprefix("history/") for key in arrays if key.startswith("history/")}
    _expect(known <= COLUMNS, "a column of the history")
    for name in known | set(EPOCH_COLUMNS):
        found[name] = _array(arrays, f"history/{name}", (epochs,), finite=False)
    return History.from_arrays(found)


def _array(
    arrays: dict[str, np.ndarray], name: str, shape: tuple[int, ...], finite: bool = True
) -> np.ndarray:
    """An array that is needed; it is taken away, so that what is left is what nobody needs."""
    array = arrays.pop(name)
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


def _text(value: Any) -> str:
    _expect(isinstance(value, str), f"{value!r:.40} in the place of a text")
    return str(value)


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise FileError(f"the file contradicts itself: {what} is not what the rest requires.")
