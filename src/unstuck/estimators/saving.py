"""A fitted estimator as one file. A file holds names and numbers, never code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from unstuck.errors import FileError, UnstuckWarning, warn
from unstuck.estimators.course_file import arrays_of, numbers_of
from unstuck.estimators.encoding import encode, encode_layer, name_of
from unstuck.estimators.given_weights import ROLES
from unstuck.estimators.model import Model
from unstuck.estimators.posterior import Posterior
from unstuck.estimators.restarts import Start
from unstuck.persistence.container import write
from unstuck.rows.pieces import Pieces
from unstuck.settings import check, parameters_of
from unstuck.solvers.stop import Stop

ESTIMATORS = ("NetClassifier", "NetRegressor")
"""Names of the classes that a file can hold, as this package has them."""
USED_METHODS = ("predict", "score", "features")
"""Methods that a loaded estimator is used by."""


def save(estimator: Any, path: str | Path, table: Any = None) -> None:
    """Write a fitted estimator; see ``NetClassifier.save``."""
    model, kind = estimator._model, loaded_as(type(estimator))
    check(estimator, kind.__name__)
    names = [field.name for field in parameters_of(kind)]
    header = {
        "estimator": kind.__name__,
        "params": {name: _param(estimator, name) for name in names},
        "network": {
            "inputs": list(model.network.inputs.shape),
            "layers": [[name, encode_layer(layer)] for name, layer in model.network.layers],
        },
        "loss": name_of(model.loss, "loss"),
        **_own(model),
        "others": [_own(each) for each in estimator._others],
        "noise": _noise(estimator),
        "solver": [estimator.solver_, estimator.solver_reason_],
        "stop": _stop(estimator.stop_reason_),
        "restarts": [[s.seed, s.n_iter, *_stop(s.stop_reason)] for s in _restarts(estimator)],
        "targets": estimator._targets.facts(),
        "feature_names": _names(estimator),
        "table": None if table is None else table.to_header(),
    }
    arrays = _learned(model) | _shared(model)
    for i, each in enumerate(estimator._others):
        arrays |= {f"others/{i}/{name}": array for name, array in _learned(each).items()}
    arrays |= _given_weights(estimator)
    arrays["restarts/cost"] = np.array([start.cost for start in _restarts(estimator)], np.float64)
    write(path, header, arrays)


def loaded_as(kind: Any) -> Any:
    """The class of unstuck that ``load`` makes of an estimator of this class: its nearest base.

    Raises:
        FileError: that class could not do what this one does.
    """
    base = next((each for each in kind.__mro__ if _is_ours(each)), None)
    if base is None or kind._kind is not base._kind:
        raise FileError(
            f"a file is loaded as one of {', '.join(ESTIMATORS)}, and {kind.__name__} is none of "
            "them. Derive it from one of these, or pickle the estimator."
        )
    own = sorted(set(kind._get_param_names()) - set(base._get_param_names()))
    if own:
        raise FileError(
            f"{kind.__name__} has parameters of its own ({', '.join(own)}), and a file is loaded "
            f"as {base.__name__}, which has none such. Pickle the estimator."
        )
    _tell_of_methods(kind, base)
    return base


def _is_ours(kind: type) -> bool:
    return kind.__name__ in ESTIMATORS and kind.__module__.startswith("unstuck.estimators.")


def _tell_of_methods(kind: Any, base: Any) -> None:
    own = [name for name in USED_METHODS if getattr(kind, name) is not getattr(base, name)]
    if own:
        warn(
            f"{kind.__name__} has methods of its own ({', '.join(own)}), and a file is loaded as "
            f"{base.__name__}, which has others. To keep them, pickle the estimator.",
            UnstuckWarning,
        )


def _param(estimator: Any, name: str) -> Any:
    """A parameter as the header has it; of first weights that are given, how many arrays."""
    value = getattr(estimator, name)
    given = name in ROLES and value is not None
    return {"arrays": len(value)} if given else encode(value, name)


def _given_weights(estimator: Any) -> dict[str, np.ndarray]:
    return {
        f"params/{name}/{i}": np.asarray(array, np.float64)
        for name in ROLES
        if getattr(estimator, name) is not None
        for i, array in enumerate(getattr(estimator, name))
    }


def _restarts(estimator: Any) -> list[Start]:
    return getattr(estimator, "restarts_", [])


def _stop(stop: Stop) -> list[str]:
    return [stop.name, stop.sentence]


def _posterior(posterior: Posterior | None) -> dict[str, float] | None:
    """All of it that is a number."""
    if posterior is None:
        return None
    return {name: value for name, value in posterior._asdict().items() if name != "factor"}


def _noise(estimator: Any) -> list[float] | None:
    found = getattr(estimator, "noise_", None)
    return None if found is None else found.tolist()


def _own(model: Model) -> dict[str, Any]:
    """What the header keeps of one network."""
    return {
        "seeds": model.seeds._asdict(),
        "course": numbers_of(model.course),
        "posterior": _posterior(model.posterior),
    }


def _learned(model: Model) -> dict[str, np.ndarray]:
    """What one network has learned."""
    found = {
        f"parameters/{layer}/{kind}": np.asarray(array)
        for layer, kinds in model.parameters.items()
        for kind, array in kinds.items()
    }
    if model.posterior is not None:
        found["posterior/factor"] = model.posterior.factor
    return found | arrays_of(model.course)


def _shared(model: Model) -> dict[str, np.ndarray]:
    """How inputs and targets are standardized: the same for all networks that are averaged."""
    found, inputs = {}, model.inputs
    if isinstance(inputs, Pieces):
        found = {f"pieces/{name}": getattr(inputs, name) for name in ("column", "low", "high")}
        inputs = inputs.scaler
    for name, scaler in (("inputs", inputs), ("targets", model.targets)):
        found |= {f"{name}/mean": scaler.mean, f"{name}/scale": scaler.scale}
    return found


def _names(estimator: Any) -> list[str] | None:
    names = getattr(estimator, "feature_names_in_", None)
    return None if names is None else [str(name) for name in names]
