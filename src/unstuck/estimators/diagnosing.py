"""Diagnoses of estimators, of pipelines that end in one, and of functions."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from unstuck.autodiff.function_subject import FunctionSubject
from unstuck.errors import ParameterError
from unstuck.estimators.base import BaseNet
from unstuck.estimators.judgment import judgment, subject_of
from unstuck.estimators.say import Say, listener
from unstuck.estimators.watched import Watched
from unstuck.health.diagnosis import Diagnosis
from unstuck.health.subject import Subject
from unstuck.piped import end_of, prefix_of, unwrapped
from unstuck.rows.given import check_sizes


def diagnose(
    network: Any,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    prove: bool = False,
    progress: Say | None = None,
) -> Diagnosis:
    """What is wrong with a network, on what evidence, and what to do about it.

    Arguments:
        network: a ``NetClassifier`` or ``NetRegressor``; a pipeline or a search that ends in one;
            or a function ``loss(parameters, batch)`` of JAX that returns one number. Of what is
            not fitted yet a copy is.
        X: rows that it was trained on, or is to be; of a function its parameters, a pytree.
        y: their targets; of a function its batch, a pytree: such as ``(x, y)``.
        sample_weight: weights of the rows.
        prove: whether to try each finding by experiment: the network is trained again from the
            same start, with its remedy, and with what each of its lookalikes would need. The
            outcome is ``finding.proof``, the numbers are in its evidence. Costs a few fits a
            finding.
        progress: told what is measured, in words; without it that goes to the terminal after two
            seconds.

    Returns:
        Findings, the gravest first. ``print`` shows them; a notebook does by itself.

    Raises:
        ParameterError: the network is none of these.
        DataError: rows that the estimator would not learn from, or with numbers above those of
            float32.

    Example:
        >>> import jax.numpy as jnp
        >>> import numpy as np
        >>> from unstuck import diagnose
        >>> x = np.random.default_rng(0).normal(size=(50, 3))
        >>> def loss(weights, batch):
        ...     x, y = batch
        ...     return ((jnp.tanh(x @ weights["hidden"]) @ weights["output"] - y) ** 2).mean()
        >>> weights = {"hidden": np.ones((3, 4)), "output": np.ones((4, 1))}
        >>> [found.code for found in diagnose(loss, weights, (x, x[:, :1] * x[:, 1:2])).findings]
        ['unbroken_symmetry']
    """
    with listener(progress, "diagnose") as say:
        if not isinstance(prove, (bool, np.bool_)):
            raise ParameterError(f"diagnose: prove was {prove!r}; expected True or False.")
        return judgment(_subject(network, X, y, sample_weight, say), say, bool(prove))


def _subject(network: Any, X: Any, y: Any, weights: Any, say: Say) -> Subject:
    if hasattr(network, "estimator") and not hasattr(network, "best_estimator_"):
        say("fitting the search")
        network = clone(network).fit(X, y, **_given(weights))
    network = getattr(network, "best_estimator_", network)
    if isinstance(network, BaseNet):
        return _of_net(network, X, y, weights, say)
    if isinstance(end_of(network), BaseNet):
        return _end_of_pipeline(network, X, y, weights, say)
    if callable(network) and not isinstance(network, type):
        if weights is not None:
            raise ParameterError(
                "diagnose: a function of JAX has no sample_weight; weigh its rows in it."
            )
        return FunctionSubject.of(network, X, y)
    raise _unknown(network)


def _unknown(network: Any) -> ParameterError:
    return ParameterError(
        f"diagnose: received {type(network).__name__} {network!r}; expected a NetClassifier or "
        "NetRegressor, a pipeline or search that ends in one, or a function "
        "loss(parameters, batch) of JAX."
    )


def _end_of_pipeline(pipeline: Any, X: Any, y: Any, weights: Any, say: Say) -> Subject:
    """The last step, on rows as it receives them."""
    if not hasattr(end_of(pipeline), "_model") or not _transforms(pipeline[:-1], X):
        say("fitting the pipeline")
        pipeline = clone(pipeline).fit(X, y, **_given(weights, prefix_of(pipeline)))
    net, rows = unwrapped(pipeline, X)
    return _of_net(net, rows, y, weights, say)


def _transforms(steps: Any, X: Any) -> bool:
    """Whether the steps before the network are fitted."""
    try:
        if len(steps):
            steps.transform(X[:1])
    except NotFittedError:
        return False
    return True


def _of_net(net: BaseNet, X: Any, y: Any, weights: Any, say: Say) -> Subject:
    if hasattr(net, "_model"):
        examples = net._read(X, y, weights, None, None, reset=False)
        kept = Watched.of(examples, None, net.get_params(deep=False), net._model.seeds)
    else:
        say("fitting the network")
        net = clone(net).set_params(watch=True).fit(X, y, **_given(weights))
        kept = net._watched
    check_sizes(kept.training.x, getattr(net, "feature_names_in_", None))
    return subject_of(net, kept)


def _given(weights: Any, of: str = "") -> dict[str, Any]:
    """Weights as ``fit`` takes them."""
    return {} if weights is None else {f"{of}sample_weight": weights}
