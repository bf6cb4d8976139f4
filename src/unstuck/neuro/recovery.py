"""Damage early and late in training, and how fast the function comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone, is_classifier

from unstuck.drawing.axes import axes_of
from unstuck.drawing.colors import BLUE, GREEN, INK, ORANGE, PURPLE
from unstuck.errors import ParameterError
from unstuck.interruption import entire
from unstuck.neuro.given import check
from unstuck.neuro.lesion_scores import Score, check_classes, score_of
from unstuck.neuro.networks import hidden_units, is_network, is_ours, with_weights
from unstuck.neuro.removable_units import chosen_layers, competing
from unstuck.readable import Facts, Readable
from unstuck.rows.given import check_rows
from unstuck.rules import COUNT, Number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLORS = (GREEN, ORANGE, PURPLE, BLUE)


@dataclass(frozen=True, repr=False)
class Recovery(Readable):
    """Scores in training with damage at one epoch or another, beside those without.

    Attributes:
        share: of the hidden units that were removed for good.
        scoring: the name of the score; higher is better.
        epochs: before the damage, one number a course.
        whole: scores of the fits that were never damaged, after every epoch, shape (seeds, epochs).
        damaged: the same of those that were, shape (courses, seeds, epochs). From the epoch of the
            damage on these are networks with fewer units.
        after: scores right after the damage, shape (courses, seeds).
    """

    share: float
    scoring: str
    epochs: tuple[int, ...]
    whole: np.ndarray
    damaged: np.ndarray
    after: np.ndarray

    @property
    def before(self) -> np.ndarray:
        """Scores right before the damage, shape (courses, seeds)."""
        return np.array([self.whole[:, epochs - 1] for epochs in self.epochs])

    @property
    def back(self) -> np.ndarray:
        """Epochs after the damage until the score was as before, shape (courses, seeds); infinite
        where it never was."""
        found = np.full(self.after.shape, np.inf)
        for course, epochs in enumerate(self.epochs):
            later = self.damaged[course][:, epochs:] >= self.before[course][:, None]
            found[course] = np.where(later.any(1), later.argmax(1) + 1, np.inf)
        found[self.after >= self.before] = 0
        return found

    def _told(self) -> Facts:
        total = self.whole.shape[1]
        said = (
            f"{100 * self.share:.0f} % of the hidden units removed for good, at random; "
            f"{len(self.whole)} fit{'s' * (len(self.whole) > 1)} of",
            f"{total} epochs; the median of {self.scoring}, and of the epochs until it was as "
            "before:",
        )
        rows = [("damage after", "before", "right after", "as before in", "at the end")]
        for course, epochs in enumerate(self.epochs):
            back = float(np.median(self.back[course]))
            scores = (self.before[course], self.after[course], self.damaged[course][:, -1])
            before, after, end = (f"{np.median(each):.3f}" for each in scores)
            in_words = f"{back:.0f} epochs" if np.isfinite(back) else "never"
            rows.append((f"{epochs} epochs", before, after, in_words, end))
        rows.append(("never", "", "", "", f"{np.median(self.whole[:, -1]):.3f}"))
        return Facts("Recovery", said, rows)

    def plot(self, ax: Any = None) -> Axes:
        """Draw the median scores over the epochs.

        Arguments:
            ax: matplotlib axes; a new figure where none are given.
        """
        with axes_of(ax, 6.4, 4.2) as panel:
            x = np.arange(1, self.whole.shape[1] + 1)
            whole = np.median(self.whole, 0)
            panel.plot(x, whole, color=INK, lw=1.2, ls="--", label="never damaged")
            for course, epochs in enumerate(self.epochs):
                later = np.median(self.damaged[course], 0)[epochs:]
                falls = [np.median(self.before[course]), np.median(self.after[course])]
                color = COLORS[course % len(COLORS)]
                panel.plot(
                    [epochs, epochs, *x[epochs:]], [*falls, *later], color=color, lw=1.6,
                    label=f"damaged after {epochs} epochs",
                )  # fmt: skip
            panel.set_xlabel("epoch")
            panel.set_ylabel(self.scoring)
            panel.legend()
        return panel


@entire()
def recovery(
    estimator: Any,
    X: Any,
    y: Any,
    X_test: Any,
    y_test: Any,
    *,
    share: float = 0.5,
    epochs: Sequence[int] = (2, 20),
    total: int = 60,
    seeds: int = 3,
    scoring: str | Score | None = None,
) -> Recovery:
    """Train, remove hidden units for good, and go on training: early and late in training.

    A removed unit has no weights left, in or out. Its activation is 0 at 0, so that no gradient
    ever reaches these weights again: the rest has to learn its part. The solver begins anew after
    the damage, without the memory of the steps before.

    Arguments:
        estimator: a ``NetClassifier`` or ``NetRegressor``, or scikit-learn's MLP with a solver of
            mini-batches, with its parameters; stays as it is.
        X, y: rows to train on, epoch by epoch, by ``partial_fit``.
        X_test, y_test: rows to score on.
        share: of the hidden units, all layers together, that are removed.
        epochs: before the damage, one number for each course.
        total: epochs of every course.
        seeds: so many fits, by ``random_state``; each loses other units.
        scoring: as of ``lesion``.

    Raises:
        ParameterError: something else was given, or activations that are not 0 at 0.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> from sklearn.neural_network import MLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> found = recovery(MLPClassifier((9,)), X, y, X, y, total=30, seeds=1)
        >>> found.damaged.shape
        (2, 1, 30)
    """
    _check(estimator, share, epochs, total, seeds)
    check_rows(X, y, "recovery, rows to train on")
    check_rows(X_test, y_test, "recovery, rows to score on")
    if is_classifier(estimator):
        check_classes(y_test, y, "recovery")
    first = clone(estimator)
    name, score = score_of(scoring, first)
    rows = X, y, X_test, y_test
    made = [
        _courses(
            clone(first).set_params(random_state=seed), rows, score, share, epochs, total, seed
        )
        for seed in range(seeds)
    ]
    whole, damaged, after = (np.array(each) for each in zip(*made, strict=True))
    return Recovery(
        float(share), name, tuple(map(int, epochs)), whole, damaged.swapaxes(0, 1), after.T
    )


def _courses(
    net: Any, rows: tuple[Any, ...], score: Score, share: float, epochs: Sequence[int], total: int,
    seed: int,
) -> tuple[list[float], list[list[float]], list[float]]:  # fmt: skip
    """Scores of one fit by epoch, of its damaged copies, and right after the damage."""
    X, y, *test = rows
    first = {"classes": np.unique(y)} if is_classifier(net) else {}
    whole: list[float] = []
    hurt: dict[int, tuple[Any, list[float]]] = {}
    after: dict[int, float] = {}
    for epoch in range(1, total + 1):
        net.partial_fit(X, y, **(first if epoch == 1 else {}))
        whole.append(score(net, *test))
        for other, course in hurt.values():
            course.append(score(other.partial_fit(X, y), *test))
        if epoch in epochs:
            other = without_units(net, share, seed)
            hurt[epoch], after[epoch] = (other, [*whole]), score(other, *test)
    return whole, [hurt[each][1] for each in epochs], [after[each] for each in epochs]


def without_units(network: Any, share: float, seed: int) -> Any:
    """A copy of a network without some of its hidden units, for good.

    Raises:
        ParameterError: removed units would go on: their activation is not 0 at 0, or a layer is
            normalized.
    """
    chosen = chosen_layers(network, "units", None)
    coefs = [np.array(each) for each in network.coefs_]
    intercepts = [np.array(each) for each in network.intercepts_]
    counts = [len(intercepts[place]) for place in chosen]
    lives = [unit.name for unit in hidden_units(network) if unit(0.0) != 0]
    if is_ours(network):
        lives += [str(layer) for _, layer in network.network_.hidden if layer.layer_norm]
    if lives:
        raise ParameterError(
            f"recovery: a unit of {lives[0]!r} without weights still gives something; expected "
            "activations that are 0 at 0, such as 'relu' or 'tanh', and no layer normalization."
        )
    if is_ours(network) and (network._others or competing(network)):
        raise ParameterError(
            "recovery: several networks are averaged, or only the largest sums win; expected "
            "n_ensemble=1 and active_share=1: what is removed for good must take no part."
        )
    order = np.random.default_rng(seed).permutation(sum(counts))
    gone = np.zeros(sum(counts), bool)
    gone[order[: round(share * len(gone))]] = True
    for place, lost in zip(chosen, np.split(gone, np.cumsum(counts)[:-1]), strict=True):
        coefs[place][:, lost] = 0.0
        intercepts[place][lost] = 0.0
        coefs[place + 1][lost] = 0.0
    return with_weights(network, coefs, intercepts)


def _check(estimator: Any, share: Any, epochs: Any, total: Any, seeds: Any) -> None:
    """Raise a ``ParameterError`` for what cannot be."""
    if not is_network(estimator) or not hasattr(estimator, "partial_fit"):
        raise ParameterError(
            f"recovery received {type(estimator).__name__} {estimator!r:.60}; expected a "
            "NetClassifier, a NetRegressor or scikit-learn's MLP, with a solver of mini-batches."
        )
    check("recovery", share=(share, Number(0, 1)), total=(total, COUNT), seeds=(seeds, COUNT))
    within = Number(1, total - 1, whole=True)
    if not isinstance(epochs, (list, tuple)) or not epochs or not all(map(within.accepts, epochs)):
        raise ParameterError(
            f"recovery: epochs was {epochs!r}; expected a list of integers from 1 to {total - 1}, "
            "less than total, such as (2, 20)."
        )
