"""Displays of the probabilities of classes: ROC curves, and how far probabilities come true."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from unstuck.drawing.axes import Grid
from unstuck.drawing.colors import QUIET
from unstuck.errors import DataError, ParameterError
from unstuck.report.class_displays import CLASS_COLORS, check_classes, classes_of
from unstuck.report.display import Display
from unstuck.report.panels import appearances, by_part, headed, same_parts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

MOST_CURVES = 8
BINS = 10
FEWEST = 5
"""Rows of a bin whose share is drawn."""


class _OfProbabilities(Display):
    """A display of classes and the scores that they were given."""

    @abstractmethod
    def __init__(self, *, y_true: Any, y_score: Any, classes: Any = None): ...

    @classmethod
    def from_predictions(
        cls, y_true: Any, y_score: Any, *, classes: Any = None, ax: Any = None
    ) -> Self:
        """Draw classes and scores; the arguments are those of the class and of ``plot``."""
        return cls(y_true=y_true, y_score=y_score, classes=classes).plot(ax)

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, y: Any, *, ax: Any = None) -> Self:
        """Draw the probabilities that a classifier gives.

        Arguments:
            estimator: a fitted classifier.
            X, y: inputs and classes, or dicts of them by part.
            ax: as ``plot`` takes them.

        Raises:
            ParameterError: the estimator is no classifier, or gives no probabilities.
        """
        scores = probabilities_of(estimator, X)
        return cls(y_true=y, y_score=scores, classes=estimator.classes_).plot(ax)


class Curve(NamedTuple):
    """An ROC curve.

    Attributes:
        false_positive, true_positive: rates at every threshold, shape (m,).
        auc: the area below.
    """

    false_positive: np.ndarray
    true_positive: np.ndarray
    auc: float


class RocDisplay(_OfProbabilities):
    """The share of a class that is found against the share of the others that is taken for it, at
    every threshold, with the area below (AUC).

    Of two classes there is one curve for each part of the data. Of more, there is one for each
    class against all others, of the last part.

    Arguments:
        y_true: classes, shape (n,), or a dict of them by part.
        y_score: of the second class, shape (n,), or of all, (n, k); in the same form.
        classes: in the order of the scores; sorted by default.

    Attributes:
        curves: rates and area by the name of the part or class.
        ax_, figure_: where it was drawn.
        lines_: by the same names.

    Raises:
        DataError: scores that do not belong to the classes; no class has rows and others too.

    Example:
        >>> from unstuck import RocDisplay
        >>> shown = RocDisplay.from_predictions([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> float(shown.curves["data"].auc)
        0.75

    Reference: Fawcett 2006.
    """

    lines_: dict[str, Line2D]

    def __init__(self, *, y_true: Any, y_score: Any, classes: Any = None):
        parts = scored_parts(y_true, y_score, classes)
        self.by_class = len(parts.classes) > 2
        self.curves: dict[str, Curve] = {}
        if self.by_class:
            true, scores = list(parts.rows.values())[-1]
            for place, name in enumerate(parts.classes):
                self._add(str(name), true == name, scores[:, place])
        else:
            for part, (true, scores) in parts.rows.items():
                self._add(part, true == parts.classes[1], scores[:, 1])
        if not self.curves:
            raise DataError(
                "no part holds rows of a class and rows of others, so that there is no curve; "
                "pass rows of at least two classes."
            )
        self.positive = str(parts.classes[1])

    def _add(self, name: str, among: np.ndarray, scores: np.ndarray) -> None:
        from sklearn.metrics import roc_auc_score, roc_curve

        if among.any() and not among.all():
            rates = roc_curve(among, scores)
            self.curves[name] = Curve(rates[0], rates[1], float(roc_auc_score(among, scores)))

    def _grid(self) -> Grid:
        return Grid((4.9, 4.9))

    def _draw(self, panel: Axes) -> None:
        panel.plot([0, 1], [0, 1], color=QUIET, lw=1.2, ls=(0, (4, 2.5)), zorder=1)
        looks = appearances(list(self.curves))
        shown = sorted(self.curves, key=lambda name: self.curves[name].auc)[:MOST_CURVES]
        self.lines_ = {}
        for place, (name, curve) in enumerate(self.curves.items()):
            if name not in shown:
                continue
            color = CLASS_COLORS[place % len(CLASS_COLORS)] if self.by_class else looks[name].color
            dashes: Any = (0, (5, 1.2)) if self.by_class and place >= len(CLASS_COLORS) else "-"
            (self.lines_[name],) = panel.plot(
                *(curve.false_positive, curve.true_positive),
                color=color, ls=dashes, label=f"{name} {curve.auc:.3f}",
                clip_on=False, zorder=3,
            )  # fmt: skip
        panel.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        whom = "the class" if self.by_class else repr(self.positive)
        panel.set_xlabel(f"share of the others taken for {whom}", parse_math=False)
        panel.set_ylabel(f"share of {whom} that is found", parse_math=False)
        left = len(self.curves) - len(shown)
        named = "class against all others" if self.by_class else "area below the curve"
        legend = panel.legend(loc="lower right", title=named, alignment="left")
        legend.get_title().set_fontsize(8.5)
        for text in legend.get_texts():
            text.set_parse_math(False)
        mean = float(np.mean([curve.auc for curve in self.curves.values()]))
        last = list(self.curves.values())[-1].auc
        title = f"ROC: AUC {mean if self.by_class else last:.3f}"
        headed(panel, title, under=f"the {len(shown)} lowest of {len(self.curves)}" if left else "")


class Bins(NamedTuple):
    """Rows in bins of a probability.

    Attributes:
        probability: the mean in each bin, shape (b,).
        share: of rows for which it came true, (b,).
        rows: in each, (b,).
    """

    probability: np.ndarray
    share: np.ndarray
    rows: np.ndarray


class ReliabilityDisplay(_OfProbabilities):
    """What probabilities are worth: how often what was given a probability came true, over ten bins
    of it, with 95 % intervals; below, how many rows were given it.

    Of two classes it is the probability of the second; of more, that of the class that is
    predicted. On the diagonal probabilities are right; below it they are too high.

    Arguments:
        y_true: classes, shape (n,), or a dict of them by part.
        y_score: probabilities of the second class, shape (n,), or of all, (n, k); in the same form.
        classes: in the order of the probabilities; sorted by default.

    Attributes:
        bins: probabilities, shares and rows by part; bins without rows are left out.
        errors: calibration error by part: the mean over rows of how far the share of their bin is
            from its probability.
        axes_, figure_: where it was drawn.

    Example:
        >>> from unstuck import ReliabilityDisplay
        >>> shown = ReliabilityDisplay.from_predictions([0, 1, 1, 1], [0.25, 0.75, 0.75, 0.75])
        >>> shown.errors["data"]
        0.25

    Reference: DeGroot and Fienberg 1983; Guo et al. 2017.
    """

    def __init__(self, *, y_true: Any, y_score: Any, classes: Any = None):
        parts = scored_parts(y_true, y_score, classes)
        self.of_two = len(parts.classes) == 2
        self.positive = str(parts.classes[1])
        self.bins: dict[str, Bins] = {}
        self.errors: dict[str, float] = {}
        for part, (true, scores) in parts.rows.items():
            if scores.min() < 0 or scores.max() > 1:
                raise DataError(
                    f"{part}: scores from {scores.min():g} to {scores.max():g}; expected "
                    "probabilities."
                )
            if self.of_two:
                probability, hit = scores[:, 1], true == parts.classes[1]
            else:
                probability = scores.max(1)
                hit = true == parts.classes[scores.argmax(1)]
            found = self.bins[part] = _bins(probability, hit.astype(float))
            off = np.abs(found.share - found.probability)
            self.errors[part] = float(np.average(off, weights=found.rows))

    def _grid(self) -> Grid:
        return Grid((4.9, 6.2), 2, heights=(3.4, 1))

    def _draw(self, shares: Axes, rows: Axes) -> None:
        self._draw_shares(shares)
        self._draw_rows(rows)

    def _draw_shares(self, panel: Axes) -> None:
        panel.plot([0, 1], [0, 1], color=QUIET, lw=1.2, ls=(0, (4, 2.5)), zorder=1)
        key = []
        for part, look in appearances(list(self.bins)).items():
            found = self.bins[part]
            enough = found.rows >= min(FEWEST, found.rows.max())
            x, y, rows = (each[enough] for each in found)
            low, high = _interval(y, rows)
            panel.vlines(x, low, high, color=look.color, lw=1.2, alpha=0.6, zorder=2)
            (line,) = panel.plot(
                *_interrupted(x, y), color=look.color, marker=look.marker, ms=5, lw=1.6, zorder=3,
                label=f"{part} {self.errors[part]:.3f}", clip_on=False,
            )  # fmt: skip
            key.append(line)
        panel.set(xlim=(0, 1), ylim=(0, 1))
        panel.tick_params(labelbottom=False)
        whom = f"share that is {self.positive!r}" if self.of_two else "share that is right"
        panel.set_ylabel(whom, parse_math=False)
        headed(panel, "Reliability, and calibration error", key)

    def _draw_rows(self, panel: Axes) -> None:
        looks = appearances(list(self.bins))
        edges = np.linspace(0, 1, BINS + 1)
        for part, found in self.bins.items():
            heights = np.zeros(BINS)
            heights[np.minimum((found.probability * BINS).astype(int), BINS - 1)] = found.rows
            panel.stairs(
                heights / heights.sum(), edges, color=looks[part].color, lw=1.5,
                fill=len(self.bins) == 1, alpha=0.6 if len(self.bins) == 1 else 1.0,
            )  # fmt: skip
        panel.set(xlim=(0, 1))
        panel.set_ylim(bottom=0)
        panel.yaxis.set_major_locator(_few_ticks())
        panel.set_ylabel("share of rows")
        whom = repr(self.positive) if self.of_two else "the class that is predicted"
        panel.set_xlabel(f"probability of {whom}", parse_math=False)


class ScoredParts(NamedTuple):
    """Classes and scores by part.

    Attributes:
        classes: in the order of the scores.
        rows: pairs of classes (n,) and scores (n, k), by part.
    """

    classes: np.ndarray
    rows: dict[str, tuple[np.ndarray, np.ndarray]]


def scored_parts(y_true: Any, y_score: Any, classes: Any) -> ScoredParts:
    """Classes and scores of every part, checked.

    Raises:
        DataError: shapes that do not belong together, scores that are not finite, fewer than two
            classes.
    """
    pairs = same_parts(y_true, y_score, ("y_true", "y_score"))
    true = {part: classes_of(each) for part, (each, _) in pairs.items()}
    known = np.unique(np.concatenate(list(true.values()))) if classes is None else classes
    known = np.asarray(known)
    if len(known) < 2:
        raise DataError(f"received the classes {known.tolist()}; expected at least two.")
    rows = {}
    for part, (_, given) in pairs.items():
        scores = np.asarray(given, float)
        if scores.ndim == 1 and len(known) == 2:
            scores = np.column_stack([1 - scores, scores])
        if scores.shape != (len(true[part]), len(known)) or not len(scores):
            raise DataError(
                f"{part}: {len(true[part])} classes and scores of the shape {scores.shape}; "
                f"expected a score of each of {len(known)} classes in each row, and at least one "
                "row."
            )
        if not np.isfinite(scores).all():
            raise DataError(f"{part}: scores must be finite numbers to be drawn.")
        rows[part] = true[part], scores
    return ScoredParts(known, rows)


def probabilities_of(estimator: Any, X: Any) -> dict[str, np.ndarray]:
    """What probabilities a classifier gives, by part.

    Raises:
        ParameterError: it is no classifier, or gives none.
    """
    check_classes(estimator)
    if not hasattr(estimator, "predict_proba"):
        raise ParameterError(
            f"{type(estimator).__name__} gives no probabilities; expected a classifier with "
            "predict_proba: of a network with logistic or softmax outputs."
        )
    return {part: estimator.predict_proba(rows) for part, rows in by_part(X).items()}


def _bins(probability: np.ndarray, hit: np.ndarray) -> Bins:
    places = np.minimum((probability * BINS).astype(int), BINS - 1)
    rows = np.bincount(places, minlength=BINS)
    some = rows > 0
    sums = (np.bincount(places, each, BINS)[some] for each in (probability, hit))
    means = [each / rows[some] for each in sums]
    return Bins(means[0], means[1], rows[some])


def _interval(share: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's 95 % interval of shares."""
    z = 1.96
    middle = (share * rows + z**2 / 2) / (rows + z**2)
    half = z / (rows + z**2) * np.sqrt(share * (1 - share) * rows + z**2 / 4)
    return middle - half, middle + half


def _interrupted(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points of a line that leaves out bins without rows."""
    gaps = np.flatnonzero(np.diff(np.minimum((x * BINS).astype(int), BINS - 1)) > 1) + 1
    return np.insert(x, gaps, np.nan), np.insert(y, gaps, np.nan)


def _few_ticks() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(3, min_n_ticks=2)
