"""Lesions: parts of a fitted thing removed, and what its predictions are worth then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from unstuck.errors import DataError, ParameterError, did_you_mean
from unstuck.neuro.lesion_scores import Score, constant_score, score_of
from unstuck.neuro.lesions import ORDERS, Lesions
from unstuck.neuro.removable import Removable
from unstuck.neuro.removable_of import removable
from unstuck.piped import unwrapped
from unstuck.rows.given import check_rows
from unstuck.rules import check_whole

MEASURES = ("auto", "alone", "size")
MOST_ALONE = 500
"""Parts that ``"auto"`` removes one by one."""
SHARES = tuple(i / 10 for i in range(11))


def lesion(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    what: str | None = None,
    layers: str | Sequence[str] | None = None,
    orders: Sequence[str] = ORDERS,
    shares: Sequence[float] = SHARES,
    seeds: int = 10,
    places: int = 10,
    measure: str = "auto",
    scoring: str | Score | None = None,
) -> Lesions:
    """Remove parts of a fitted thing, more and more of them, and score what is left.

    Parts go at random, the most important ones first, and as a block of neighbors at every place.
    Lashley removed blocks of rats' cortex and found that how much is removed matters and where
    hardly does; ``extent`` of the result says how much of the variance of the scores is the former.

    A part that is removed gives 0: hidden units or weights of a network, or of all that are
    averaged, weights of a linear model, tests of a decision tree ("no": rows go right), rows of a
    nearest-neighbor memory, gates of a circuit. Where only the largest sums win (``active_share``),
    others win in its place. Nothing is trained again, and the estimator stays as it is.

    Units of a dense layer are neighbors by number only: a block of them is as good as random. A
    tree numbers its nodes branch by branch, and a memory its rows as they came.

    Arguments:
        estimator: fitted: a network of ours or scikit-learn's, a ``Perceptron`` or other linear
            model, tree, nearest neighbors, a pipeline or search that ends in one, or a circuit.
        X: rows to score on, shape (n, inputs).
        y: their targets, shape (n,).
        what: of a network, ``"units"`` (hidden ones; if there are any, the default) or
            ``"weights"``; of others there is one kind.
        layers: of a network, names such as ``"hidden_1"``; all where none are given.
        orders: which of ``"random"``, ``"worst"`` and ``"blocks"``.
        shares: of the parts that are removed, from 0 to 1.
        seeds: so many orders at random. In each, a lesion holds the smaller ones.
        places: so many blocks of every size, evenly spread.
        measure: by which a part is important: ``"alone"``, what the score loses when nothing else
            is removed; ``"size"``, how large it is (the norm of a unit's outgoing weights, |w|, how
            many rows a node divides or a stored row is near to, how many gates take a gate);
            ``"auto"``, the first for up to 500 parts.
        scoring: a score that is larger where predictions are better: a name of scikit-learn's, or a
            function of estimator, rows and targets; accuracy or R2 where none is given.

    Raises:
        ParameterError: something else was given.
        DataError: rows that it does not take, or predicts no better than a constant does.
        NotFittedError: it is not fitted.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> from unstuck import NetClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> net = NetClassifier((16,), learning_rate_init=0.01, tol=1e-3, random_state=0).fit(X, y)
        >>> found = lesion(net, X, y, seeds=5)
        >>> found.intact > 0.95, found.random.shape
        (True, (5, 11))
        >>> found.half("worst") <= found.half("random")
        True

    Reference: Lashley 1929, Brain mechanisms and intelligence.
    """
    _check(orders, shares, seeds, places, measure)
    check_rows(X, y, "lesion")
    estimator, X = unwrapped(estimator, X)
    parts = removable(estimator, X, what, layers)
    name, score = score_of(scoring, parts.without(np.zeros(parts.count, bool)))
    removed = np.unique(np.rint(np.asarray(shares, float) * parts.count).astype(int))
    intact, constant = (bench := _Bench(parts, score, y, removed)).ends(name)
    alone = measure == "alone" or (measure == "auto" and parts.count <= MOST_ALONE)
    random = bench.at_random(seeds if "random" in orders else 0)
    importance, told, worst = bench.worst_first(intact, alone, "worst" in orders)
    starts, blocks = bench.in_blocks(places if "blocks" in orders else 0)
    return Lesions(
        type(estimator).__name__, parts.what, parts.groups, name, intact, constant, removed,
        random, worst, importance, told, blocks, starts,
    )  # fmt: skip


class _Bench(NamedTuple):
    """Where parts are removed and scores taken."""

    parts: Removable
    score: Score
    y: Any
    removed: np.ndarray

    def without(self, gone: np.ndarray) -> float:
        """The score without some parts."""
        return self.score(self.parts.without(gone), self.parts.rows, self.y)

    def course(self, order: np.ndarray) -> list[float]:
        """Scores after the first so many of an order were removed."""
        found = []
        for count in self.removed:
            gone = np.zeros(self.parts.count, bool)
            gone[order[:count]] = True
            found.append(self.without(gone))
        return found

    def ends(self, name: str) -> tuple[float, float]:
        """The score of the whole, and that of a constant."""
        parts = self.parts
        whole = parts.without(np.zeros(parts.count, bool))
        intact = self.score(whole, parts.rows, self.y)
        constant = constant_score(whole, self.score, parts.rows, self.y)
        if not intact > constant:
            raise DataError(
                f"lesion: {name} is {intact:.4g}, and {constant:.4g} of a constant on these rows; "
                "expected an estimator that is better than that. Nothing is there to lose."
            )
        return intact, constant

    def at_random(self, seeds: int) -> np.ndarray:
        """Scores by seed and lesion."""
        drawn = (np.random.default_rng(seed).permutation(self.parts.count) for seed in range(seeds))
        return self._rows([self.course(order) for order in drawn])

    def worst_first(
        self, intact: float, alone: bool, wanted: bool
    ) -> tuple[np.ndarray, str, np.ndarray]:
        """How important each part is, by what in words, and the scores."""
        if not wanted:
            return np.empty(0), "", np.empty(0)
        sizes = self.parts.sizes
        if not alone:
            order = np.argsort(-sizes, kind="stable")
            return sizes, self.parts.size, np.array(self.course(order))
        lost = np.array([intact - self.without(gone) for gone in np.eye(len(sizes), dtype=bool)])
        order = np.lexsort((-sizes, -lost))
        return lost, "the loss of score when it is removed alone", np.array(self.course(order))

    def in_blocks(self, places: int) -> tuple[np.ndarray, np.ndarray]:
        """Where the blocks begin, and the scores by place and lesion."""
        count = self.parts.count
        starts = np.arange(min(places, count)) * count // max(1, min(places, count))
        found = [self.course(np.roll(np.arange(count), -at)) for at in starts]
        return starts, self._rows(found)

    def _rows(self, scores: list[list[float]]) -> np.ndarray:
        return np.reshape(np.array(scores, float), (-1, len(self.removed)))


def _check(orders: Any, shares: Any, seeds: Any, places: Any, measure: Any) -> None:
    """Raise a ``ParameterError`` for what cannot be."""
    listed = [orders] if isinstance(orders, str) else orders
    listed = listed if isinstance(listed, (list, tuple)) else [listed]
    for order in listed:
        if not isinstance(order, str) or order not in ORDERS:
            raise ParameterError(
                f"lesion: orders was {orders!r}; expected some of {list(ORDERS)}."
                f"{did_you_mean(order, ORDERS)}"
            )
    if not isinstance(measure, str) or measure not in MEASURES:
        raise ParameterError(
            f"lesion: measure was {measure!r}; expected one of {list(MEASURES)}."
            f"{did_you_mean(measure, MEASURES)}"
        )
    check_whole("lesion", seeds=seeds, places=places)
    try:
        numbers = np.asarray(shares, float)
        fits = numbers.ndim == 1 and numbers.size and ((numbers >= 0) & (numbers <= 1)).all()
    except (TypeError, ValueError, OverflowError):
        fits = False
    if not fits or not listed:
        raise ParameterError(
            f"lesion: shares was {shares!r} and orders {orders!r}; expected a list of numbers from "
            "0 to 1, such as (0.1, 0.5), and at least one order."
        )
