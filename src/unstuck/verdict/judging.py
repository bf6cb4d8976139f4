"""From a network and rows that were held out to its verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.utils.class_weight import compute_sample_weight

from unstuck.errors import DataError
from unstuck.health.diagnosis import Diagnosis
from unstuck.health.words import counted
from unstuck.record import Array
from unstuck.rows.given import check_sizes
from unstuck.rows.probe import probe_indices
from unstuck.verdict import opponents, wording
from unstuck.verdict.columns import ColumnGroup
from unstuck.verdict.comparison import Comparison, compared
from unstuck.verdict.examples import (
    CLASSES,
    LABELS,
    NUMBERS,
    Examples,
    Predicted,
    model_of,
    quick_model_of,
)
from unstuck.verdict.importance import importance
from unstuck.verdict.leaks import leaks
from unstuck.verdict.measures import Measure, measures, quantile_of
from unstuck.verdict.next_step import next_step
from unstuck.verdict.opponents import CONSTANT, LINEAR
from unstuck.verdict.scores import confidence, confusion, of_each_class, scores
from unstuck.verdict.standing import Fitted, Standing, amounts
from unstuck.verdict.verdict import Verdict

MOST_ROWS, MOST_ENTRIES, LEAST_ROWS = 10_000, 2_000_000, 200
"""Training rows that the others learn from at most, numbers in them, and rows whatever these."""
Say = Callable[[str], None]


def quiet(what: str) -> None:
    """Say nothing."""
    del what


def judged(
    estimator: Any,
    train: Examples,
    held: Examples,
    columns: Sequence[ColumnGroup],
    *,
    more: Mapping[str, Examples] | None = None,
    diagnosis: Diagnosis | None = None,
    worth: bool = True,
    notes: Sequence[str] = (),
    seen: bool = False,
    divisible: bool = True,
    say: Say = quiet,
) -> Verdict:
    """The verdict on a fitted estimator.

    Arguments:
        estimator: of scikit-learn's contract; only what it predicts is measured.
        train: rows that it was trained on, or a sample of them; the others learn from them.
        held: rows that it was not trained on.
        columns: as the user knows them, and their inputs.
        more: other rows to be scored, by name.
        diagnosis: of the network, if there is one.
        worth: whether to find out what columns are worth.
        notes: what is worth knowing.
        seen: whether the network was fitted to most of the rows that are called held out.
        divisible: whether validation rows can be held out of those to train on.
        say: told what is measured, in words.

    Rows of weight 0 count nowhere.

    Raises:
        DataError: inputs are too large for others, or errors on held-out rows are not finite.
    """
    train, held = train.counting(), held.counting()
    more = {part: rows.counting() for part, rows in (more or {}).items()}
    bench = Bench(estimator, train, held, [each.name for each in columns for _ in each.inputs])
    say("a constant and a linear model")
    compares = bench.compared()
    say("scores")
    parts = {"train": train, **more, "test": held}
    found = bench.scores(parts)
    say("columns that matter")
    measure = bench.measures[-1]
    model = quick_model_of(estimator)
    valued = importance(model, held, columns, measure) if worth else ()
    say("columns that give the target away")
    place = {each.column: number for number, each in enumerate(valued)}
    ordered = sorted(columns, key=lambda each: place.get(each.name, 0))
    given_away = leaks(bench.kind, bench.fewer, held, ordered)
    standing = Standing(
        compares,
        overfits=not seen and bench.overfits(found["train"]),
        seen=seen,
        amounts=bench.kind == CLASSES and amounts(bench.classes),
    )
    return Verdict(
        comparisons=compares,
        scores=found,
        rows={part: len(rows) for part, rows in parts.items()},
        classes=of_each_class(bench.kind, held, bench.said, bench.classes),
        confusion=bench.confusion(),
        importance=valued,
        importance_measure=measure.name if worth else "",
        leaks=given_away,
        diagnosis=diagnosis,
        next_step=next_step(standing, given_away, diagnosis, Fitted.of(estimator, divisible)),
        notes=(*notes, *bench.unknown()),
        seen=seen,
        by_heart=standing.overfits,
        too_sure=bench.too_sure(),
        networks=max(1, len(getattr(estimator, "members_", ()))),
    )


class Bench:
    """The network and the others, and what they say of the rows that were held out.

    Arguments:
        estimator, train, held: as ``judged`` takes them.
        names: of the columns that the inputs are of, one for each input.

    Attributes:
        kind: of the targets.
        classes: all of them, in the order of the probabilities.
        fewer: of the training rows those that the others learn from.
        measures: the most telling first.
        said: by the network, of the rows that were held out.
        beside: by the others, by name.
    """

    def __init__(self, estimator: Any, train: Examples, held: Examples, names: Sequence[str] = ()):
        self.estimator, self.train, self.held = estimator, train, held
        self.kind = kind_of(estimator, held.y)
        for rows in (train, held):
            check_sizes(rows.x, names or getattr(estimator, "feature_names_in_", None))
        self.classes = np.asarray(getattr(estimator, "classes_", np.empty(0)))
        self.model, self.fewer = model_of(estimator), bounded(train)
        self.measures = measures(self.kind, self.classes, estimator, train.y)
        self.said = self.model(held.x)
        self.beside = {name: each(held.x) for name, each in self._others().items()}

    def _others(self) -> dict[str, opponents.Model]:
        quantile = quantile_of(self.estimator) if self.kind == NUMBERS else None
        given = (self.kind, self.classes, quantile)
        weighed = self.weighed()
        found = {LINEAR: opponents.linear(weighed, *given), CONSTANT: None}
        found[CONSTANT] = opponents.constant(weighed, *given)
        return {name: model for name, model in found.items() if model is not None}

    def weighed(self) -> Examples:
        """Rows that the others learn from, with the weights that the network was trained with."""
        return Examples(self.fewer.x, self.fewer.y, self.weights(self.fewer))

    def weights(self, rows: Examples) -> Array:
        """Weights of rows times those of their classes, by which the network was trained too."""
        given = getattr(self.estimator, "class_weight", None)
        if given is None or self.kind == NUMBERS:
            return rows.w
        if not isinstance(given, str):
            given = {name: given.get(name, 1.0) for name in np.unique(rows.y).tolist()}
        return rows.w * compute_sample_weight(given, rows.y)

    def overfits(self, trained: Mapping[str, float]) -> bool:
        """Whether training rows were learned by heart. Held-out rows of classes that the fit never
        saw are wrong for another reason."""
        known = np.flatnonzero(self._known())
        measure = self.measures[0]
        if not len(known):
            return False
        held = self.held.take(known)
        mine, *others = (
            measure.rows(held.y, each.take(known)) for each in (self.said, *self.beside.values())
        )
        first = compared(
            measure, self.weights(held), mine, dict(zip(self.beside, others, strict=True))
        )
        return wording.overfits(first, trained[measure.name])

    def too_sure(self) -> bool:
        """Whether its probabilities promise more than it keeps, beyond the noise."""
        known = np.flatnonzero(self._known())
        said = self.said.take(known)
        if self.kind == NUMBERS or said.probabilities is None or not len(known):
            return False
        held = self.held.take(known)
        sure, right = confidence(self.kind, held.y, said, self.classes)
        found = Measure("sure", lambda *_: right).score(sure - right, held.w)
        return found.value > found.margin

    def _known(self) -> Array:
        """Which held-out rows are of classes that the fit saw."""
        y = self.held.y
        return np.isin(y, self.classes) if self.kind == CLASSES else np.ones(len(y), bool)

    def compared(self) -> tuple[Comparison, ...]:
        """By every measure that these rows have."""
        w, y = self.weights(self.held), self.held.y
        found = []
        for measure in self.measures:
            with np.errstate(over="ignore", invalid="ignore"):
                mine = measure.rows(y, self.said)
                reached = measure.of(np.nan_to_num(mine, posinf=np.inf), w)
            if not np.isfinite(reached):
                raise DataError(_too_large(measure.name, y, self.said.labels))
            if np.isfinite(mine).any():
                others = {name: measure.rows(y, each) for name, each in self.beside.items()}
                found.append(compared(measure, w, mine, others))
        return tuple(found)

    def scores(self, parts: Mapping[str, Examples]) -> dict[str, dict[str, float]]:
        """Of the network on all parts, and of the others on the rows that were held out."""
        found = {
            part: self._scored(rows, self.said if rows is self.held else self.model(rows.x))
            for part, rows in parts.items()
        }
        return found | {name: self._scored(self.held, each) for name, each in self.beside.items()}

    def _scored(self, rows: Examples, predicted: Predicted) -> dict[str, float]:
        first = self.measures[0]
        own = first.of(first.rows(rows.y, predicted), self.weights(rows))
        return {first.name: own, **scores(self.kind, rows, predicted, self.classes)}

    def confusion(self) -> tuple[tuple[int, ...], ...]:
        """Rows of each class that were taken for each."""
        if self.kind != CLASSES:
            return ()
        counts = confusion(self.held, self.said, self.classes)
        return tuple(tuple(map(int, row)) for row in counts)

    def unknown(self) -> list[str]:
        """A sentence for classes that the fit never saw."""
        if self.kind != CLASSES:
            return []
        count = int((~self._known()).sum())
        rows = counted(count, "held-out row")
        return [f"{rows} of classes that the fit never saw count as wrong"] if count else []


def _too_large(measure: str, y: Array, said: Array) -> str:
    far, further = (f"{np.abs(each).max():.2g}" for each in (y, said))
    return (
        f"the {measure} on the held-out rows overflows: targets reach {far} and predictions "
        f"{further}; expected targets of the size of the training rows'. Check their unit."
    )


def kind_of(estimator: Any, y: Array) -> str:
    """Kind of the targets of an estimator."""
    if not hasattr(estimator, "classes_"):
        return NUMBERS
    return LABELS if np.ndim(y) == 2 else CLASSES


def bounded(rows: Examples) -> Examples:
    """As many of the rows, at even distances, as others can learn from quickly."""
    counted_rows = np.flatnonzero(rows.w > 0)
    most = min(MOST_ROWS, max(LEAST_ROWS, MOST_ENTRIES // max(1, rows.x.shape[1])))
    if len(counted_rows) == len(rows) <= most:
        return rows
    return rows.take(counted_rows[probe_indices(len(counted_rows), most)])
