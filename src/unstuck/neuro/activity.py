"""How many units of a network are active at once: exact zeros, counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.validation import _num_samples, check_is_fitted

from unstuck.errors import DataError, ParameterError
from unstuck.neuro.networks import hidden_output, hidden_units, is_network
from unstuck.piped import unwrapped
from unstuck.readable import Facts, Readable


class LayerActivity(NamedTuple):
    """One hidden layer on some rows. A unit is active on a row where its output is not exactly 0.

    Attributes:
        name: of the layer.
        units: in it.
        active_at_once: mean over the rows of the share of units that are active.
        least, most: of the rows.
        ever: share of the units that are active on some row: the rest are dead, or never win.
        by_unit: share of the rows on which each unit is active, shape (units,).
    """

    name: str
    units: int
    active_at_once: float
    least: float
    most: float
    ever: float
    by_unit: np.ndarray


@dataclass(frozen=True, repr=False)
class Activity(Readable):
    """How sparse and how distributed the codes of a network's hidden layers are.

    Attributes:
        layers: of each hidden layer, from the first.
        rows: so many were looked at.
    """

    layers: tuple[LayerActivity, ...]
    rows: int

    def _told(self) -> Facts:
        table: list[tuple[str, ...]] = [
            ("layer", "units", "active at once", "least", "most", "active on some row")
        ]
        for each in self.layers:
            shares = each.active_at_once, each.least, each.most, each.ever
            table.append((each.name, f"{each.units:,}", *(f"{share:.1%}" for share in shares)))
        said = f"Units whose output is not exactly 0, on {self.rows:,} rows."
        return Facts("Activity", (said,), table)


def activity(network: Any, X: Any) -> Activity:
    """Which share of each hidden layer's units is active at once.

    Biological neurons encode sparsely: 1 to 4 % of them are active at the same time. A ReLU, or a
    unit that loses against others (``active_share``), is exactly 0; a sigmoid or tanh never is.

    Arguments:
        network: fitted: one of ours (the first, where several are averaged), or scikit-learn's
            ``MLPClassifier`` or ``MLPRegressor``; or a pipeline or search that ends in one.
        X: rows, shape (n, inputs).

    Raises:
        ParameterError: it is neither, or has no hidden layer.
        DataError: there are no rows.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> from unstuck import NetClassifier
        >>> from unstuck.neuro import activity
        >>> X, y = load_iris(return_X_y=True)
        >>> net = NetClassifier(100, active_share=0.03, tol=1e-2, random_state=0).fit(X, y)
        >>> activity(net, X).layers[0].most
        0.03

    Reference: Lennie 2003, The cost of cortical computation; Olshausen and Field 2004.
    """
    outputs = hidden_outputs(network, X)
    rows = len(outputs[0])
    layers = tuple(_of(f"hidden_{i + 1}", z) for i, z in enumerate(outputs))
    return Activity(layers, rows)


def hidden_outputs(network: Any, X: Any) -> list[np.ndarray]:
    """The outputs of every hidden layer of a network of either kind, each of shape (n, units)."""
    network, X = unwrapped(network, X)
    if not is_network(network):
        raise ParameterError(
            f"activity: the network was {network!r:.100}; expected a fitted NetClassifier, "
            "NetRegressor, MLPClassifier or MLPRegressor, or a pipeline or search that ends in one."
        )
    check_is_fitted(network)
    count = len(hidden_units(network))
    if not count:
        raise ParameterError("activity: the network has no hidden layer, so nothing to look at.")
    try:
        rows = _num_samples(X)
    except TypeError as problem:
        raise DataError(
            f"activity: X was {type(X).__name__} {X!r:.60}; expected rows, such as an array or a "
            "frame."
        ) from problem
    if not rows:
        raise DataError("activity: X has no rows; expected one at least.")
    return [hidden_output(network, X, layer) for layer in range(count)]


def _of(name: str, z: np.ndarray) -> LayerActivity:
    active = z != 0
    at_once = active.mean(1)
    return LayerActivity(
        name,
        z.shape[1],
        float(at_once.mean()),
        float(at_once.min()),
        float(at_once.max()),
        float(active.any(0).mean()),
        active.mean(0),
    )
