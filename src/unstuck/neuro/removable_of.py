"""Which parts can be removed of what."""

from __future__ import annotations

from typing import Any

from sklearn.utils.validation import check_is_fitted

from unstuck.errors import ParameterError, did_you_mean
from unstuck.neuro.circuit import Circuit
from unstuck.neuro.networks import hidden_units, is_network
from unstuck.neuro.removable import Removable
from unstuck.neuro.removable_others import (
    coefficients,
    gates,
    inner_nodes,
    is_linear,
    stored_rows,
)
from unstuck.neuro.removable_units import of_all, units, weights

NETWORK = {"units": units, "weights": weights}


def removable(estimator: Any, X: Any, what: str | None, layers: Any) -> Removable:
    """The parts of a fitted thing that can be removed.

    Arguments:
        estimator: as of ``lesion``, without a pipeline around it.
        X: rows that it predicts on.
        what: of a network, which parts; units where there are hidden ones, else weights, if not
            given.
        layers: of a network, of which layers.

    Raises:
        ParameterError: nothing of it is known to be removable.
        NotFittedError: it is not fitted.
    """
    if what is not None and (not isinstance(what, str) or what not in NETWORK):
        raise ParameterError(
            f"lesion: what was {what!r}; expected one of {list(NETWORK)}."
            f"{did_you_mean(what, NETWORK)}"
        )
    if isinstance(estimator, Circuit):
        return gates(estimator, X)
    kinds = {"get_depth": inner_nodes, "kneighbors": stored_rows}
    found = next((read for name, read in kinds.items() if hasattr(estimator, name)), None)
    if is_network(estimator):
        check_is_fitted(estimator)
        read = NETWORK[what or ("units" if hidden_units(estimator) else "weights")]
        several = len(getattr(estimator, "members_", ())) > 1
        return of_all(read, estimator, X, layers) if several else read(estimator, X, layers)
    if found is None and is_linear(estimator):
        found = coefficients
    if found is None or isinstance(estimator, type):
        raise ParameterError(
            f"lesion received {type(estimator).__name__} {estimator!r:.60}; expected a fitted "
            "NetClassifier, NetRegressor, MLP, linear model, decision tree or nearest-neighbor "
            "estimator, a pipeline or search that ends in one, or a Circuit."
        )
    check_is_fitted(estimator)
    return found(estimator, X)
