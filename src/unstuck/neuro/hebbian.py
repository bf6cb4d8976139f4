"""A layer whose weights follow from what its units do together, without an error to send back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from unstuck.errors import DataError, ParameterError, did_you_mean, raise_together
from unstuck.neuro.given import array_of, check_room, check_seed, shape_of
from unstuck.neuro.given_rows import given_rows
from unstuck.neuro.plasticity import HEBB, RULES, SANGER, coactivity, learn
from unstuck.rules import COUNT, Boolean, Number, Rule, Words, any_of, mistakes_in

NUMBERS: Mapping[str, Rule] = {
    "n_components": COUNT,
    "max_iter": COUNT,
    "lag": Number(0, whole=True),
    "learning_rate": Number(0, closed="neither"),
    "decay": Number(0, 1, closed="left"),
    "connections": Number(0, 1, closed="right"),
    "grow_above": any_of(Words((None,)), Number(0, 1)),
    "reverse": Boolean(),
    "center": Boolean(),
}
"""What they may be."""


class HebbianLayer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Linear units ``y = W (x - mean)`` that learn by Hebb's rule, row after row.

    What fires together, wires together: ``w += rate y x`` (``rule="hebb"``). Alone, that grows
    without bound. Oja's rule, ``w += rate y (x - y w)``, keeps them at length 1, and each unit
    finds the direction of the largest variance, the first principal component. Sanger's rule lets
    every unit see only what those before it leave over: they find the first components, in order.
    ``learning_rate`` of these two is divided by the mean of ``|x - mean|^2``, so the units in which
    inputs are measured do not matter, and by the number of the pass in ``fit``.

    ``reverse=True`` weakens what fires together, as connections that inhibit do: Hebb's rule then
    silences a unit for what is frequent, and Oja's finds the direction of the smallest variance.
    With ``lag``, the output at a time meets the input so many rows before: the layer learns what
    follows what. Rows are then a sequence, and stay in their order.

    Connections may be few at first (``connections``); with ``grow_above`` a unit connects, after
    each pass, to inputs with which it fires together.

    Oja (1982), Simplified neuron model as a principal component analyzer. Sanger (1989), Optimal
    unsupervised learning in a single-layer linear feedforward neural network. Xu, Oja, Suen (1992)
    for the reverse.

    Arguments:
        n_components: number of units.
        rule: ``"sanger"``, ``"oja"`` or ``"hebb"``.
        reverse: learn the reverse; with ``"oja"`` or ``"hebb"``.
        lag: rows between an input and the output it is learned with.
        decay: share of a weight that is lost with each row, from 0 to below 1.
        learning_rate: size of the changes, above 0.
        max_iter: passes through the rows of ``fit``.
        connections: share of the inputs that each unit is connected to at first, above 0, up to 1.
        grow_above: correlation of output and input, from 0 to 1, above which a connection grows;
            ``None``: none does.
        center: subtract the mean of the inputs.
        random_state: seed of the first weights, the connections and the order of the rows.

    Attributes:
        components_: W, shape (n_components, inputs).
        mean_: of the inputs, shape (inputs,); 0 without ``center``.
        connected_: where there are connections, shape (n_components, inputs).
        norms_: lengths of the weights before the first pass and after each, shape
            (passes + 1, n_components).
        n_connections_: their number at the same times.
        n_iter_: passes.
        n_samples_seen_: rows, each counted once a fit.
        n_features_in_, feature_names_in_: inputs seen in the fit.

    Example:
        >>> import numpy as np
        >>> from unstuck.neuro import HebbianLayer
        >>> X = np.random.default_rng(0).normal(size=(500, 3)) * [3, 1, 0.3]
        >>> layer = HebbianLayer(2, random_state=0).fit(X)
        >>> abs(layer.components_).round(1).tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """

    components_: np.ndarray
    _last: np.ndarray

    def __init__(
        self,
        n_components: int = 1,
        *,
        rule: Literal["sanger", "oja", "hebb"] = "sanger",
        reverse: bool = False,
        lag: int = 0,
        decay: float = 0.0,
        learning_rate: float = 0.2,
        max_iter: int = 20,
        connections: float = 1.0,
        grow_above: float | None = None,
        center: bool = True,
        random_state: Any = None,
    ):
        self.n_components = n_components
        self.rule = rule
        self.reverse = reverse
        self.lag = lag
        self.decay = decay
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.connections = connections
        self.grow_above = grow_above
        self.center = center
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, *, outputs: Any = None) -> HebbianLayer:
        """Learn from rows, several passes.

        Arguments:
            X: inputs, shape (n, inputs).
            y: ignored; there for pipelines.
            outputs: what the units do while they learn, shape (n, n_components), such as a 1 for
                the class of a row; weights then begin at 0. Without it they do what their inputs
                make them, and weights begin at random.

        Returns:
            The layer.

        Raises:
            ParameterError: a parameter has a value that cannot be used.
            DataError: rows cannot be used, are too few, or weights grew without bound.
        """
        del y
        rows, given = self._read(X, outputs, first=True)
        self._begin(rows, given is not None)
        self._see(rows)
        rng = check_random_state(self.random_state)
        rng.randint(2**31)  # that of the first weights
        inputs = rows - self.mean_
        for number in range(1, self.max_iter + 1):
            order = np.arange(len(rows)) if self.lag else rng.permutation(len(rows))
            self._pass(inputs[order], None if given is None else given[order], number)
        return self

    def partial_fit(self, X: Any, y: Any = None, *, outputs: Any = None) -> HebbianLayer:
        """Learn from more rows in one pass, at a rate that does not fall.

        A sequence may come in parts: with ``lag`` the last rows of one meet the first of the next.

        Arguments:
            X, y, outputs: as for ``fit``.
        """
        del y
        first = not hasattr(self, "components_")
        rows, given = self._read(X, outputs, first=first)
        if first:
            self._begin(rows, given is not None)
        self._see(rows)
        self._pass(rows - self.mean_, given, 1, self._last)
        if self.lag:
            self._last = np.vstack([self._last, rows - self.mean_])[-self.lag :]
        return self

    def transform(self, X: Any) -> np.ndarray:
        """What the units answer, ``(X - mean) W^T``, shape (n, n_components)."""
        check_is_fitted(self)
        rows = given_rows(X, self, reset=False)
        return (rows - self.mean_) @ self.components_.T

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)

    def _read(self, X: Any, outputs: Any, first: bool) -> tuple[np.ndarray, np.ndarray | None]:
        self._check()
        rows = given_rows(X, self, reset=first)
        if not first and len(self.components_) != self.n_components:
            raise ParameterError(
                f"HebbianLayer: n_components was {self.n_components}, but {len(self.components_)} "
                "units have begun to learn; expected the same number: call fit to begin anew."
            )
        if self.rule == SANGER and self.n_components > rows.shape[1]:
            raise ParameterError(
                f"HebbianLayer: n_components was {self.n_components}; expected {rows.shape[1]} at "
                "most with rule='sanger': there are no more components than inputs."
            )
        if self.lag >= len(rows) and first:
            raise DataError(
                f"HebbianLayer: there are n_samples={len(rows)} rows, and lag was {self.lag}; "
                "expected more rows than that: no output has an input before it."
            )
        if outputs is None:
            return rows, None
        try:
            given = array_of(outputs)
            given = np.asarray(given if given.dtype.kind in "biufO" else None, dtype=np.float64)
        except (TypeError, ValueError):
            given = np.empty(0)
        if given.shape != (len(rows), self.n_components) or not np.isfinite(given).all():
            raise DataError(
                f"HebbianLayer: outputs have {shape_of(outputs)}; expected finite "
                f"numbers of shape ({len(rows)}, {self.n_components}), one row for each of X and "
                "one column for each unit."
            )
        return rows, given

    def _begin(self, rows: np.ndarray, taught: bool) -> None:
        """First weights of length 1 in random directions, or 0; connections as asked for."""
        inputs = rows.shape[1]
        many = self.n_components
        check_room(6.0 * many * inputs, f"HebbianLayer: {many:,} units", "take fewer")
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31))
        shape = (self.n_components, inputs)
        weights = rng.normal(size=shape)
        many = max(1, round(self.connections * inputs))
        self.connected_ = rng.random(shape).argsort(1).argsort(1) < many
        weights *= self.connected_
        weights /= np.linalg.norm(weights, axis=1, keepdims=True)
        self.components_ = weights * (not taught)
        self.norms_ = np.linalg.norm(self.components_, axis=1)[None]
        self.n_connections_ = [int(self.connected_.sum())]
        self.n_iter_ = self.n_samples_seen_ = 0
        self.mean_, self._squares = np.zeros(inputs), 0.0
        self._last = np.zeros((0, inputs))

    def _see(self, rows: np.ndarray) -> None:
        """The mean of all rows so far, and the mean of their squared distances from it."""
        new, seen = len(rows), self.n_samples_seen_
        share = new / (seen + new)
        at = rows.mean(0) if self.center else np.zeros(rows.shape[1])
        with np.errstate(over="ignore"):
            off = rows - at
            within, apart = (off**2).sum(1).mean(), ((at - self.mean_) ** 2).sum()
        if not np.isfinite(within + apart):
            raise DataError(
                f"HebbianLayer: X has values up to {np.abs(rows).max():.3g}, whose squares "
                "overflow; expected smaller ones: divide X by its largest value."
            )
        if not within and off.any():
            raise DataError(
                f"HebbianLayer: X is within {np.abs(off).max():.3g} of its mean, whose square is "
                "0; expected larger values: divide X by its largest one."
            )
        apart = apart * share * (1 - share) if self.center else 0.0
        self._squares = (1 - share) * self._squares + share * within + apart
        self.mean_ = self.mean_ + share * (at - self.mean_)
        self.n_samples_seen_ = seen + new

    def _pass(
        self, now: np.ndarray, given: np.ndarray | None, number: int, last: Any = None
    ) -> None:
        """One pass through centered rows; ``last`` are the rows before them in a sequence."""
        before = now
        if self.lag:
            whole = now if last is None else np.vstack([last, now])
            known = max(0, len(whole) - self.lag)
            before, now = whole[:known], now[len(now) - known :]
            given = None if given is None else given[len(given) - known :]
        rate = self.learning_rate
        if self.rule != HEBB:
            rate = rate / number / self._squares if self._squares else 0.0
        with np.errstate(over="ignore", invalid="ignore"):
            weights = learn(
                self.components_, before, now, given, rule=self.rule, reverse=self.reverse,
                rate=rate, decay=self.decay, connected=self.connected_,
            )  # fmt: skip
            norms = np.linalg.norm(weights, axis=1)
        if not np.isfinite(norms).all():
            self._refuse()
        self.components_ = weights
        if self.grow_above is not None and len(now) > 1:
            outputs = now @ weights.T if given is None else given
            self.connected_ = self.connected_ | (coactivity(before, outputs) > self.grow_above)
        self.norms_ = np.vstack([self.norms_, norms])
        self.n_connections_.append(int(self.connected_.sum()))
        self.n_iter_ += 1

    def _refuse(self) -> None:
        do = "lower learning_rate"
        if self.rule == HEBB:
            do = "take rule='oja', raise decay, lower learning_rate, or give outputs"
        raise DataError(
            f"HebbianLayer: in pass {self.n_iter_ + 1} weights grew beyond all numbers, from a "
            f"length of {self.norms_[-1].max():.3g}; expected them to stay finite: {do}. Hebb's "
            "rule alone strengthens what is strong."
        )

    def _check(self) -> None:
        wrong = []
        if not isinstance(self.rule, str) or self.rule not in RULES:
            wrong.append(
                f"rule was {self.rule!r}; expected one of {', '.join(map(repr, RULES))}."
                f"{did_you_mean(self.rule, RULES)}"
            )
        if self.reverse is True and self.rule == SANGER:
            wrong.append("reverse was True; expected rule='hebb' or rule='oja' with it.")
        wrong += mistakes_in(vars(self), NUMBERS)
        raise_together(wrong, ParameterError, "HebbianLayer")
        check_seed(self.random_state, "HebbianLayer")
