"""The verdict on a fitted estimator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from unstuck.errors import DataError
from unstuck.estimators.validation import divisible
from unstuck.estimators.watched import Watched
from unstuck.health.diagnosis import Diagnosis
from unstuck.health.spelling import percent
from unstuck.rows.inputs import checked_rows, checked_weights
from unstuck.verdict.columns import ColumnGroup, groups_of
from unstuck.verdict.examples import Examples, model_of
from unstuck.verdict.seen import MOST, SOME, share_seen
from unstuck.verdict.verdict import Verdict


class Judged:
    """What an estimator says of itself beside a constant and a linear model."""

    if TYPE_CHECKING:

        @property
        def diagnosis_(self) -> Diagnosis:
            """Of the network."""

        @property
        def members_(self) -> list[Any]:
            """The networks that are averaged."""

    _targets: Any
    _watched: Watched
    table_: Any
    n_features_in_: int
    validation_fraction: float

    def verdict(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_train: Any = None,
        y_train: Any = None,
        importance: bool = True,
        diagnosis: bool = True,
    ) -> Verdict:
        """What the network reaches on rows that it has not seen, beside what is cheap to reach.

        A constant and a linear model (logistic or ridge regression) learn from the training rows
        and predict the same held-out rows. The difference is told with its 95 % interval, from the
        rows in pairs; what is within it is called noise. See ``docs/verdict.md``.

        Arguments:
            X: rows that the network was not trained on, (n, inputs).
            y: their targets.
            sample_weight: weights of the rows, (n,).
            X_train, y_train: training rows that the others learn from; by default the sample that
                the fit has kept (at most 1,500 rows).
            importance: whether to find out which columns matter.
            diagnosis: whether to diagnose the network, where the fit has kept rows.

        Returns:
            The verdict. ``print`` shows it; a notebook does by itself; ``to_dict()`` is for
            programs.

        Raises:
            DataError: rows or targets that cannot be used; or there are no training rows, because
                the network was loaded or fitted with ``watch=False``: pass them.

        Example:
            >>> from sklearn.datasets import load_iris
            >>> from unstuck import NetClassifier
            >>> X, y = load_iris(return_X_y=True)
            >>> net = NetClassifier((8,), learning_rate_init=0.01, tol=1e-3, random_state=0)
            >>> found = net.fit(X[::2], y[::2]).verdict(X[1::2], y[1::2], diagnosis=False)
            >>> found.comparisons[0].measure, found.comparisons[0].opponent
            ('accuracy', 'a linear model')
            >>> found.result in ("better", "within the noise", "worse")
            True
        """
        check_is_fitted(self)
        held = self._examples(X, y, sample_weight)
        train, notes = self._training_rows(X_train, y_train)
        known = diagnosis and hasattr(self, "_watched")
        said = self.diagnosis_ if known else None
        return self._verdict(held, train, notes, self._share_seen(held), said, importance)

    def _verdict(
        self,
        held: Examples,
        train: Examples,
        notes: Sequence[str],
        seen: float,
        diagnosis: Diagnosis | None,
        importance: bool,
    ) -> Verdict:
        """The same of rows as the estimator predicts them, and the share of them that it saw."""
        from unstuck.verdict.judging import judged

        if MOST >= seen > SOME:
            notes = [*notes, f"about {percent(seen)} of these rows were trained on"]
        return judged(
            self,
            train,
            held,
            self._columns(),
            diagnosis=diagnosis,
            worth=importance,
            notes=notes,
            seen=seen > MOST,
            divisible=self._divisible(train),
        )

    def _share_seen(self, held: Examples) -> float:
        """Share of rows that the network was trained on, as far as it knows."""
        if not hasattr(self, "_watched"):
            return 0.0
        return share_seen(held.x, self._watched.training.x, self._watched.rows)

    def _divisible(self, train: Examples) -> bool:
        """Whether validation rows can be held out of the training rows."""
        strata = train.y if self._targets.public() and train.y.ndim == 1 else None
        return divisible(len(train), strata, self.validation_fraction)

    def _examples(self, x: Any, y: Any, weights: Any = None, where: str = "") -> Examples:
        if y is None:
            raise DataError("the target y is None; pass the targets as the second argument.")
        rows = checked_rows(self, x, reset=False)
        targets = self._targets.given(y)
        targets = targets.toarray() if sparse.issparse(targets) else np.asarray(targets)
        if len(targets) != rows.shape[0]:
            raise DataError(
                f"X{where} has {rows.shape[0]} rows and y{where} {len(targets)} targets; expected "
                "one target for each row."
            )
        expected = model_of(self)(rows[:1]).labels.shape[1:]
        if targets.shape[1:] != expected:
            raise DataError(
                f"y{where} has the shape {targets.shape}; expected {(len(targets), *expected)}, "
                "as in the fit."
            )
        return Examples(rows, targets, checked_weights(weights, rows))

    def _training_rows(self, x: Any, y: Any) -> tuple[Examples, list[str]]:
        """Rows that the others learn from, and what is worth knowing of them."""
        if (x is None) != (y is None):
            raise DataError("X_train and y_train belong together; received only one of them.")
        if x is not None:
            return self._examples(x, y, where="_train"), []
        if not hasattr(self, "_watched"):
            raise DataError(
                "there are no training rows for a constant and a linear model to learn from, "
                "because the network was loaded, or fitted with watch=False. Pass X_train and "
                "y_train."
            )
        kept, several = self._watched, len(self.members_)
        sample = Examples(kept.training.x, np.asarray(kept.training.labels), kept.training.w)
        all_of = len(sample) >= kept.rows
        whose = f"that the first of {several} networks was trained on, the others on others"
        if several > 1 and kept.validating is not None:
            part = "the" if all_of else f"a sample of {len(sample)} of the"
            return sample, [f"train: {part} {kept.rows} rows {whose}"]
        said = f"train: a sample of {len(sample)} of {kept.rows} rows, which the fit has kept"
        return sample, [] if all_of else [said]

    def _columns(self) -> tuple[ColumnGroup, ...]:
        """Columns of the table, where the network knows it; else of the fit; else by number."""
        if self.table_ is not None:
            return groups_of(*self.table_.groups())
        names = getattr(self, "feature_names_in_", None)
        if names is None:
            names = [f"x{place}" for place in range(self.n_features_in_)]
        return groups_of(list(map(str, names)))
