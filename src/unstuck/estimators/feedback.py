"""Random feedback beside the true gradient: the angle between them, epoch by epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from unstuck.errors import DataError, ParameterError
from unstuck.estimators.base import BaseNet
from unstuck.estimators.feedback_layers import check_feedback
from unstuck.estimators.inspection import minimized
from unstuck.interruption import entire
from unstuck.layers.flow import Flow
from unstuck.layers.jacobian import backward
from unstuck.layers.network import Parameters
from unstuck.readable import Facts, Readable
from unstuck.rows.rows import Part
from unstuck.rules import check_whole
from unstuck.silence import silenced
from unstuck.training.objective import Objective
from unstuck.variations import RandomFeedback

STILL = 1e-30
"""A step that changes no digit of any weight: the first weights are looked at with it."""
STEPS = ("learning_rate_init", "first_step", "smallest_step")
"""What says how long the first step is, by solver."""
LINES = 10
"""Most epochs that are printed."""


@dataclass(frozen=True, eq=False, repr=False)
class FeedbackCourse(Readable):
    """What became of an estimator in training.

    Attributes:
        layers: names of the hidden layers, from input to output.
        angles: degrees between each one's step and the true gradient, (epochs + 1, layers); the
            first row is before the first step.
        scores: on the rows, (epochs + 1,).
    """

    layers: tuple[str, ...]
    angles: np.ndarray
    scores: np.ndarray

    def _told(self) -> Facts:
        count = len(self.angles)
        shown = sorted({round(i) for i in np.linspace(0, count - 1, min(LINES, count))})
        rows = [("epoch", *self.layers, "score")]
        for i in shown:
            degrees = (f"{each:.0f}°" for each in self.angles[i])
            rows.append((str(i), *degrees, f"{self.scores[i]:.2f}"))
        return Facts("FeedbackCourse", ("angle to the true gradient",), rows)


def feedback_angles(estimator: Any, X: Any, y: Any, sample_weight: Any = None) -> dict[str, float]:
    """How far what random feedback tells each hidden layer is from the true gradient, in degrees.

    ``arccos(f . g / (|f| |g|))`` of the weights' derivatives, f by the estimator's random feedback
    and g by backpropagation, both without the penalty. Below 90 degrees a small step of f is one
    down.

    Arguments:
        estimator: a fitted ``NetClassifier`` or ``NetRegressor``; of one that was trained with
            ``feedback="transposed"`` the angle is that of the matrices it would have.
        X, y, sample_weight: rows as ``fit`` takes them.

    Returns:
        By name of the hidden layer. The output layer, to which nothing comes back, has 0.

    Raises:
        ParameterError: it is no network of ours, the mean of several, or has no hidden layer, or
            one of another kind than dense.
        DataError: rows or targets that the estimator would not learn from, or too large ones.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> from unstuck import NetClassifier, feedback_angles
        >>> X, y = load_iris(return_X_y=True)
        >>> net = NetClassifier((16,), feedback="random", tol=1e-3, learning_rate_init=0.01,
        ...                     random_state=0).fit(X, y)
        >>> feedback_angles(net, X, y)["hidden_1"] < 90
        True

    Reference: Lillicrap, Cownden, Tweed and Akerman 2016.
    """
    _check(estimator, "feedback_angles")
    check_is_fitted(estimator)
    if len(estimator.members_) > 1:
        raise ParameterError(
            f"feedback_angles: the estimator is the mean of {len(estimator.members_)} networks; "
            "take one: net.members_[0]."
        )
    model = estimator._model
    network = model.network
    if not network.hidden:
        raise ParameterError(
            "feedback_angles: the network has no hidden layer, so no error goes back. Set "
            "hidden_layer_sizes."
        )
    check_feedback(network)
    objective, rows, _ = minimized(estimator, X, y, sample_weight)
    own = model.parameters
    back = RandomFeedback().matrices(network, model.seeds.start)
    other = {name: {**own[name], "weights": back.get(name, own[name]["weights"])} for name in own}
    true, random = (_gradient(objective, own, each, rows) for each in (own, other))
    with np.errstate(over="ignore", invalid="ignore"):
        found = {name: _angle(true[name], random[name]) for name, _ in network.hidden}
    if not np.isfinite([*found.values()]).all():
        raise DataError(
            "feedback_angles: the derivatives of these rows are beyond all numbers, so they have "
            "no angle; expected rows of about the size of those in the fit."
        )
    return found


@entire()
def feedback_course(estimator: Any, X: Any, y: Any, epochs: int = 30) -> FeedbackCourse:
    """Train a copy of an estimator, and take the angles before the first and after every epoch.

    Arguments:
        estimator: a ``NetClassifier`` or ``NetRegressor``; stays as it is. Its ``random_state``
            should be a number, so that the copy is the same as a fit.
        X, y: rows as ``fit`` takes them.
        epochs: how many.

    Returns:
        Angles and scores. After each epoch the weights are those of a fit of so many epochs.

    Raises:
        ParameterError: as ``feedback_angles``, and as ``fit``.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> from unstuck import NetClassifier, feedback_course
        >>> X, y = load_iris(return_X_y=True)
        >>> net = NetClassifier((16,), feedback="random", learning_rate_init=0.01, random_state=0)
        >>> course = feedback_course(net, X, y, epochs=20)
        >>> course.angles.shape, bool(course.angles[-1, 0] < 90)
        ((21, 1), True)
    """
    _check(estimator, "feedback_course")
    check_whole("feedback_course", epochs=epochs)
    one = {"max_iter": 1, "watch": False, "verbose": False}
    first = clone(estimator).set_params(**one, **dict.fromkeys(STEPS, STILL))
    net = clone(estimator).set_params(**one, warm_start=True)
    angles, scores = [], []
    with silenced():
        for each in (first, *[net] * epochs):
            each.fit(X, y)
            angles.append(feedback_angles(each, X, y))
            scores.append(each.score(X, y))
    layers = tuple(angles[0])
    table = np.array([[found[name] for name in layers] for found in angles])
    return FeedbackCourse(layers, table, np.array(scores))


def _check(estimator: Any, caller: str) -> None:
    """Raise a ``ParameterError`` for what is no network of ours."""
    if not isinstance(estimator, BaseNet):
        raise ParameterError(
            f"{caller}: received {type(estimator).__name__} {estimator!r:.100}; expected a "
            "NetClassifier or NetRegressor."
        )


def _gradient(
    objective: Objective, own: Parameters, back: Parameters, rows: Part
) -> dict[str, np.ndarray]:
    """Derivatives of the weights, by layer; errors come back through other ones."""
    network, flow = objective.network, Flow()
    network.run(own, rows.x, flow)
    received = flow.seen[network.names[-1]]["preactivation"]
    error = objective.loss.error(rows.y, received, network.output)
    shares = rows.w / rows.w.sum()
    found = backward(network, back, rows.x, flow, (shares[:, None] * error)[:, None])
    pairs = zip(network.names, found, strict=True)
    return {name: derivatives["weights"].total() for name, derivatives in pairs}


def _angle(one: np.ndarray, other: np.ndarray) -> float:
    size = np.linalg.norm(one) * np.linalg.norm(other)
    cosine = float((one * other).sum() / size) if size > 0 else 0.0
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
