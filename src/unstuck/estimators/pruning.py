"""A fitted network without the units that do nothing on some rows."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from unstuck.activations import Array
from unstuck.errors import DataError, ParameterError
from unstuck.estimators.altered import copy_with, course_of
from unstuck.estimators.base import BaseNet
from unstuck.estimators.model import Model
from unstuck.estimators.posterior import Posterior
from unstuck.estimators.unit_signs import kept_signs
from unstuck.layers.dense import Dense
from unstuck.layers.layer import Layer
from unstuck.layers.network import Network
from unstuck.readable import Facts, Readable
from unstuck.symmetry.pruning import Cut, carried, cuts, smaller

COLUMNS = ("layer", "why no more", "units", "left", "same for all rows", "passed on to nobody")
WHY = 1
"""Its column is left out where there is nothing to say."""


class PrunedLayer(NamedTuple):
    """What became of a hidden layer.

    Attributes:
        name: such as ``"hidden_1"``.
        before, after: its units.
        constant: units that were taken out because they give the same for all rows; of several
            networks, of the first.
        unheard: those that were because no unit that stays receives them.
        left: why none can be taken out; empty where some can.
    """

    name: str
    before: int
    after: int
    constant: int
    unheard: int
    left: str


@dataclass(frozen=True, repr=False)
class Pruned(Readable):
    """What was taken out of a network.

    Attributes:
        layers: hidden layers, in order.
        before, after: parameters of all networks.
    """

    layers: tuple[PrunedLayer, ...]
    before: int
    after: int

    @property
    def said(self) -> str:
        """What was taken out, in a sentence."""
        gone = sum(each.before - each.after for each in self.layers)
        if not gone:
            return "Nothing was taken out: every hidden unit does something on these rows."
        units = f"{gone:,} hidden unit{'s' * (gone != 1)}"
        return f"{units} taken out: {self.after:,} parameters of {self.before:,} are left."

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        layers = [each._asdict() for each in self.layers]
        return {"layers": layers, "before": self.before, "after": self.after, "said": self.said}

    def _told(self) -> Facts:
        rows = [(each.name, _why(each), *(f"{n:,}" for n in each[1:5])) for each in self.layers]
        table = [COLUMNS, *rows] if rows else []
        if any(row[WHY] for row in rows):
            return Facts("Pruned", (self.said,), table, words=WHY + 1)
        return Facts("Pruned", (self.said,), [(*r[:WHY], *r[WHY + 1 :]) for r in table], words=WHY)


def _why(layer: PrunedLayer) -> str:
    """Why no more units went, where that is known."""
    return layer.left or ("one has to stay" if layer.after == 1 < layer.before else "")


def prune(estimator: Any, X: Any) -> Any:
    """A copy of a fitted network without the hidden units that do nothing on some rows.

    Units that give the same for all rows (dead ReLU units give 0) go, and what they gave goes into
    the biases of the next layer; so do units whose outgoing weights are all 0. On these rows the
    outputs stay the same, to rounding; on others they may differ, because a unit may be dead on
    some rows and not on others: pass all that the network was trained on.

    Arguments:
        estimator: a fitted ``NetClassifier`` or ``NetRegressor``, a pipeline that ends in one, or
            a search whose best estimator is one of these. Stays as it is.
        X: rows as it takes them, shape (n, inputs), with two different ones at least.

    Returns:
        A fitted copy, which predicts, is saved, and goes on training as the other, with a fresh
        memory of its solver. Its ``hidden_layer_sizes`` are the new ones, and ``unit_signs`` those
        of the units that stay (``None`` where averaged networks differ in them); ``pruned_`` says
        what was taken out of which layer. Layers with layer normalization and your own layers stay
        as they are, and one unit of a layer stays. Networks that are averaged keep as many units
        a layer as the one that needs most.

    Raises:
        ParameterError: it is no such estimator.
        DataError: rows that it does not take, or that are all the same.
        NotFittedError: it is not fitted.

    Example:
        >>> import numpy as np
        >>> from unstuck import NetRegressor, prune
        >>> X = np.linspace(-1, 1, 40)[:, None]
        >>> net = NetRegressor((16,), max_iter=400, tol=1e-3, random_state=0).fit(X, X[:, 0] ** 2)
        >>> net.parameters_["hidden_1"]["bias"][:6] = -100.0  # dead on every row
        >>> small = prune(net, X)
        >>> small.hidden_layer_sizes
        (10,)
        >>> print(small.pruned_.said)
        6 hidden units taken out: 31 parameters of 49 are left.
    """
    estimator = getattr(estimator, "best_estimator_", estimator)
    if getattr(estimator, "steps", None):
        check_is_fitted(estimator)
        *before, (name, last) = estimator.steps
        found = copy.copy(estimator)
        found.steps = [*before, (name, prune(last, estimator[:-1].transform(X) if before else X))]
        return found
    if not isinstance(estimator, BaseNet):
        raise ParameterError(
            f"prune received {type(estimator).__name__} {estimator!r}; expected a fitted "
            "NetClassifier or NetRegressor, or a pipeline or search that ends in one."
        )
    check_is_fitted(estimator)
    rows = estimator._rows(X)
    if not _differ(rows):
        count = rows.shape[0]
        what = "X has one row" if count == 1 else f"all {count:,} rows of X are the same"
        raise DataError(
            f"prune: {what}, so that every unit gives the same; expected the rows that the "
            "network was trained on."
        )
    return _without(estimator, rows)


def _differ(rows: Array) -> bool:
    """Whether there are two different rows."""
    if sparse.issparse(rows):
        return bool((rows.max(axis=0) != rows.min(axis=0)).nnz)
    return bool((rows != rows[:1]).any())


def _without(estimator: BaseNet, rows: Array) -> Any:
    models: Sequence[Model] = estimator._models
    network = models[0].network
    found = cuts(network, [each.parameters for each in models], models[0]._received(rows))
    fewer = smaller(network, found[0])
    made = [_model(each, fewer, cut) for each, cut in zip(models, found, strict=True)]
    small = copy_with(estimator, made)
    given = zip(_given(estimator), fewer.hidden, strict=True)
    small.hidden_layer_sizes = tuple(_size(size, layer) for size, (_, layer) in given)
    kept = [{name: cut.kept[name] for name, _ in network.hidden} for cut in found]
    small.unit_signs = kept_signs(estimator.unit_signs, network, kept)
    small.pruned_ = _report(network, fewer, found[0], len(models))
    return small


def _given(estimator: Any) -> tuple[Any, ...]:
    sizes = estimator.hidden_layer_sizes
    return tuple(sizes) if isinstance(sizes, (list, tuple, np.ndarray)) else (sizes,)


def _size(given: Any, layer: Layer) -> Any:
    """The parameter for a layer: a number of units stays one, a layer a layer."""
    return layer.units if isinstance(given, Integral) and isinstance(layer, Dense) else layer


def _model(model: Model, network: Network, cut: Cut) -> Model:
    parameters = carried(model.network, model.parameters, cut)
    return replace(
        model,
        network=network,
        parameters=parameters,
        course=course_of(model.course, network, parameters),
        posterior=_posterior(model, network, cut),
    )


def _posterior(model: Model, network: Network, cut: Cut) -> Posterior | None:
    """The Gaussian of the parameters that are left: ``T C C^T T^T``, for they are ``T`` times the
    old ones."""
    posterior = model.posterior
    if posterior is None:
        return None
    whole = model.network
    columns = [carried(whole, whole.unflatten(column), cut) for column in posterior.factor.T]
    transposed = np.stack([network.flatten(each) for each in columns])
    return posterior._replace(factor=np.linalg.qr(transposed).R.T)


def _report(network: Network, fewer: Network, cut: Cut, networks: int) -> Pruned:
    layers = []
    for (name, _), before, after in zip(
        network.hidden, network.widths[1:], fewer.widths[1:], strict=False
    ):
        constant, why = int(cut.folded[name].sum()), cut.left.get(name, "")
        unheard = before - after - constant
        layers.append(PrunedLayer(name, before, after, constant, unheard, why))
    return Pruned(tuple(layers), networks * network.size, networks * fewer.size)
