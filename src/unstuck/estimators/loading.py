"""A fitted estimator from its file. Nothing in a file names code to run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from unstuck.activations import ACTIVATIONS
from unstuck.errors import FileError
from unstuck.estimators.classifier import NetClassifier
from unstuck.estimators.course_file import course_of
from unstuck.estimators.encoding import Functions, Known, OwnLayers, decode, record_of
from unstuck.estimators.file_checks import Arrays, array_of, count, expect, number, text
from unstuck.estimators.given_weights import ROLES
from unstuck.estimators.model import Model
from unstuck.estimators.posterior import Posterior
from unstuck.estimators.regressor import NetRegressor
from unstuck.estimators.restarts import Start, Starts
from unstuck.estimators.seeds import Seeds
from unstuck.layers.dense import Dense
from unstuck.layers.layer import Spec, is_layer
from unstuck.layers.network import Network
from unstuck.losses import LOSSES
from unstuck.pairs import check_pair
from unstuck.persistence.atomic import named_path
from unstuck.persistence.container import read
from unstuck.rows.pieces import Inputs, Pieces
from unstuck.rows.scaling import Scaler
from unstuck.settings import check
from unstuck.solvers.bayesian import BAYESIAN
from unstuck.solvers.stop import Stop, StopReason
from unstuck.solvers.table import SOLVERS

ESTIMATORS = {kind.__name__: kind for kind in (NetClassifier, NetRegressor)}
LARGEST = 2**32 - 1


def load(
    path: str | Path,
    functions: Functions | None = None,
    layers: OwnLayers = (),
) -> NetClassifier | NetRegressor:
    """Read an estimator that ``save`` wrote.

    Arguments:
        path: the file, or the run folder that holds it as ``model.safetensors``.
        functions: the functions of your own that the estimator was built with, by name.
        layers: the classes of layers of your own, or the one class.

    Returns:
        The fitted estimator, a ``NetClassifier`` or ``NetRegressor``, also where one of a class
        derived from them was saved; ``table_`` is its ``TableEncoder`` where one was saved, and
        frames with the columns of that table are encoded by it.

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
    path = Path(named_path(path))
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


def _decoded(header: dict[str, Any], arrays: Arrays, known: Known) -> NetClassifier | NetRegressor:
    params = {name: decode(value, known) for name, value in _params(header, arrays).items()}
    estimator = ESTIMATORS[header["estimator"]](**params)
    check(estimator, header["estimator"])
    estimator.solver_, estimator.solver_reason_ = map(text, header["solver"])
    expect(estimator.solver_ in list(SOLVERS), "the solver")
    model = _model(header, arrays, known)
    estimator._targets = _targets(estimator, header["targets"], model)
    estimator.__dict__.update(estimator._targets.public())
    estimator._others = _others(header, arrays, model)
    if header.get("noise") is not None:
        estimator.noise_ = _noise(header["noise"], model.network.outputs.width)
    estimator.n_features_in_ = model.columns
    if header["feature_names"] is not None:
        names = _names(header["feature_names"], model.columns)
        estimator.feature_names_in_ = np.array(names, dtype=object)
    estimator._publish(model, _stop(*header["stop"]))
    starts = _restarts(header["restarts"], arrays, estimator)
    if starts:
        estimator.restarts_ = starts
    if header["table"] is not None:
        from unstuck.data.table import TableEncoder

        estimator.table_ = TableEncoder.from_header(header["table"])
    expect(not arrays, f"an array named {min(arrays, default='')!r:.80}")
    return estimator


def _params(header: dict[str, Any], arrays: Arrays) -> dict[str, Any]:
    """The parameters as they were written; first weights that were given are arrays of the file."""
    found = dict(header["params"])
    for name in ROLES:
        if isinstance(found.get(name), dict):
            length = count(found[name]["arrays"], 0)
            found[name] = [arrays.pop(f"params/{name}/{i}") for i in range(length)]
    return found


def _model(header: dict[str, Any], arrays: Arrays, known: Known) -> Model:
    network = _network(header["network"], known)
    loss = record_of(header["loss"], LOSSES, known)
    check_pair(loss, network.output)
    inputs, targets = _inputs(arrays, network), _scaler(arrays, "targets", network.outputs.width)
    seeds, solver = _seeds(header), header["solver"]
    model = Model(network, loss, {name: {} for name in network.names}, inputs, targets, seeds)
    return _learned(model, header, arrays, solver)


def _learned(model: Model, header: dict[str, Any], arrays: Arrays, solver: Any) -> Model:
    """The model with what one network has learned."""
    parameters: dict[str, dict[str, np.ndarray]] = {name: {} for name in model.network.names}
    for name, kind, weight in model.network.paths():
        parameters[name][kind] = array_of(arrays, f"parameters/{name}/{kind}", weight.shape)
    posterior = _posterior(header, solver, arrays, model.network.size)
    found = replace(model, parameters=parameters, seeds=_seeds(header), posterior=posterior)
    found.course = course_of(header, arrays, found)
    return found


def _others(header: dict[str, Any], arrays: Arrays, model: Model) -> tuple[Model, ...]:
    """The networks that are averaged with the first; none in files that were written before."""
    found = []
    for i, own in enumerate(header.get("others", [])):
        prefix = f"others/{i}/"
        names = [name for name in arrays if name.startswith(prefix)]
        its = {name.removeprefix(prefix): arrays.pop(name) for name in names}
        found.append(_learned(model, own, its, header["solver"]))
        expect(not its, f"an array named {min(its, default='')!r:.80}")
        expect((found[-1].posterior is None) == (model.posterior is None), "a posterior")
    return tuple(found)


def _noise(found: Any, outputs: int) -> np.ndarray:
    expect(isinstance(found, list) and len(found) == outputs, "the noise")
    noise = np.array([number(each) for each in found])
    expect(bool((np.isfinite(noise) & (noise >= 0)).all()), "the noise")
    return noise


def _inputs(arrays: Arrays, network: Network) -> Inputs:
    """How the inputs are standardized and cut into pieces."""
    if "pieces/column" not in arrays:
        return _scaler(arrays, "inputs", network.inputs.width)
    column = arrays.pop("pieces/column")
    expect(column.ndim == 1 and column.dtype == np.int64, "the columns of the pieces")
    columns = network.inputs.width - len(column)
    expect(columns > 0, "the number of pieces")
    expect(bool(((column >= 0) & (column < columns)).all()), "the columns of the pieces")
    low, high = (array_of(arrays, f"pieces/{end}", column.shape) for end in ("low", "high"))
    with np.errstate(over="ignore"):
        wide = high - low
    expect(bool((low < high).all() and np.isfinite(wide).all()), "the ends of the pieces")
    return Pieces(_scaler(arrays, "inputs", columns), column, low, high)


def _network(found: dict[str, Any], known: Known) -> Network:
    """The layers; in format 1 all are dense, and written as lists of three."""
    inputs = found["inputs"]
    shape = tuple(map(count, inputs)) if isinstance(inputs, list) else (count(inputs),)
    layers = tuple(
        (text(name), _dense(rest, known) if len(rest) == 3 else decode(rest[0], known))
        for name, *rest in found["layers"]
    )
    expect(all(is_layer(layer) for _, layer in layers), "a layer")
    network = Network(Spec(shape), layers)
    expect(len(set(network.names)) == len(layers) > 0, "the layers")
    expect(all(count(width) for width in network.widths), "the width of a layer")
    return network


def _dense(written: list[Any], known: Known) -> Dense:
    units, activation, norm = written
    expect(isinstance(norm, bool), "a layer's norm")
    return Dense(count(units), record_of(activation, ACTIVATIONS, known), norm)


def _seeds(header: dict[str, Any]) -> Seeds:
    """Format 1 kept one seed, and not the random state that it was drawn with."""
    if "seeds" in header:
        return Seeds(**{k: count(seed, 0, LARGEST) for k, seed in header["seeds"].items()})
    seed = count(header["seed"], 0, LARGEST)
    return Seeds(seed, seed, seed)


def _targets(estimator: Any, facts: dict[str, Any], model: Model) -> Any:
    """What the targets are; and that outputs are not scaled where nothing would scale them."""
    found = estimator._kind.from_facts(estimator, facts, model.network.outputs.width)
    expect(repr(found.facts()) == repr(facts), "the targets")
    linear = isinstance(estimator, NetRegressor) and model.network.output.name == "identity"
    if not linear:
        plain = (model.targets.mean == 0).all() and (model.targets.scale == 1).all()
        expect(bool(plain), "the scale of targets")
    return found


def _names(found: Any, inputs: int) -> list[str]:
    names = [text(name) for name in found]
    expect(len(names) == inputs, "the number of feature names")
    expect(len(set(names)) == inputs, "a feature name that stands twice")
    return names


def _stop(reason: Any, sentence: Any) -> Stop:
    return Stop(StopReason[text(reason).upper()], text(sentence))


def _restarts(starts: list[Any], arrays: dict[str, np.ndarray], estimator: Any) -> Starts:
    costs = array_of(arrays, "restarts/cost", (len(starts),), finite=False).tolist()
    found = Starts(
        Start(count(seed, 0, LARGEST), cost, count(n_iter, 0), _stop(*stop))
        for (seed, n_iter, *stop), cost in zip(starts, costs, strict=True)
    )
    seed = estimator._model.seeds.random_state
    for start in found:
        # The model is one of them; it may have gone on since.
        known = start.seed != seed or start.n_iter <= len(estimator.loss_curve_)
        expect(known, "the start that the network comes from")
    return found


def _posterior(
    header: dict[str, Any], solver: Any, arrays: dict[str, np.ndarray], size: int
) -> Posterior | None:
    numbers = header["posterior"]
    if numbers is None:
        return None
    expect(solver[0] == BAYESIAN.name, "the solver of the posterior")
    if isinstance(numbers, list):  # format 1
        numbers = dict(zip(Posterior._fields[:-1], numbers, strict=True))
    expect(all(type(number) is float for number in numbers.values()), "the posterior")
    factor = array_of(arrays, "posterior/factor", (size, size))
    return Posterior(**numbers, factor=factor)


def _scaler(arrays: dict[str, np.ndarray], name: str, columns: int) -> Scaler:
    scale = array_of(arrays, f"{name}/scale", (columns,))
    expect(bool((scale > 0).all()), f"the scale of {name}")
    return Scaler(array_of(arrays, f"{name}/mean", (columns,)), scale)
