"""The display of which classes are taken for which.

They need no network: ``from_estimator`` takes any classifier with scikit-learn's contract.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from unstuck.drawing.axes import Grid
from unstuck.drawing.colors import BAND, BLUE, GREEN, GRID, INK, ORANGE, PURPLE, QUIET, RED
from unstuck.errors import DataError, ParameterError
from unstuck.report.display import Display
from unstuck.report.panels import headed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

CLASS_COLORS = (BLUE, ORANGE, GREEN, PURPLE, RED, QUIET)
"""Of classes, in order; more take them again."""
CLASS_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p", "<", ">")
MOST_WRITTEN = 20
"""Classes up to which counts are written into the cells."""


class ConfusionDisplay(Display):
    """How many rows of each class were taken for each: right ones in blue, wrong ones in orange,
    the darker the larger their share of the class.

    Arguments:
        y_true, y_pred: classes, shape (n,).
        classes: their order; sorted by default.

    Attributes:
        counts: rows of each class (down) taken for each (across), shape (k, k).
        ax_, figure_: where it was drawn.
        image_: the cells.

    Raises:
        DataError: no rows, or not as many of both.

    Example:
        >>> from unstuck import ConfusionDisplay
        >>> shown = ConfusionDisplay.from_predictions(["a", "a", "b"], ["a", "b", "b"])
        >>> shown.counts.tolist()
        [[1, 1], [0, 1]]
    """

    image_: AxesImage

    def __init__(self, *, y_true: Any, y_pred: Any, classes: Any = None):
        from sklearn.metrics import confusion_matrix

        true, predicted = classes_of(y_true), classes_of(y_pred)
        if len(true) != len(predicted) or not len(true):
            raise DataError(
                f"received {len(true)} classes and {len(predicted)} predictions; expected as many, "
                "and at least one."
            )
        known = np.unique(np.concatenate([true, predicted])) if classes is None else classes
        self.classes = np.asarray(known)
        self.counts = confusion_matrix(true, predicted, labels=self.classes)

    @classmethod
    def from_predictions(
        cls, y_true: Any, y_pred: Any, *, classes: Any = None, ax: Any = None
    ) -> Self:
        """Draw classes and predictions; the arguments are those of the class and of ``plot``."""
        return cls(y_true=y_true, y_pred=y_pred, classes=classes).plot(ax)

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, y: Any, *, ax: Any = None) -> Self:
        """Draw what a classifier predicts.

        Arguments:
            estimator: a fitted classifier.
            X, y: inputs and classes.
            ax: matplotlib axes; a new figure where none are given.

        Raises:
            ParameterError: the estimator is no classifier.
        """
        check_classes(estimator)
        true, known = classes_of(y), np.asarray(estimator.classes_)
        classes = np.concatenate([known, np.setdiff1d(true, known)])
        return cls(y_true=true, y_pred=estimator.predict(X), classes=classes).plot(ax)

    def _grid(self) -> Grid:
        side = float(np.clip(1.8 + 0.62 * len(self.classes), 3.6, 11.0))
        return Grid((side + 0.6, side))

    def _draw(self, panel: Axes) -> None:
        totals = self.counts.sum(1, keepdims=True)
        shares = np.divide(self.counts, totals, where=totals > 0, out=np.zeros(self.counts.shape))
        self.image_ = panel.imshow(_shaded(shares), aspect="equal")
        places = np.arange(len(self.classes))
        names = [str(each) for each in self.classes]
        slanted = max(map(len, names)) * len(names) > 40
        panel.set_xticks(places, names, parse_math=False)
        panel.set_yticks(places, names, parse_math=False)
        if slanted:
            panel.tick_params(axis="x", labelrotation=40)
            for label in panel.get_xticklabels():
                label.set(ha="right", rotation_mode="anchor")
        panel.set_xticks(places[1:] - 0.5, minor=True)
        panel.set_yticks(places[1:] - 0.5, minor=True)
        panel.grid(False)
        panel.grid(which="minor", color="white", lw=2)
        panel.tick_params(which="both", length=0)
        panel.spines[:].set_visible(False)
        panel.set(xlabel="predicted", ylabel="true class")
        if len(names) <= MOST_WRITTEN:
            self._write(panel, shares)
        wrong = int(self.counts.sum() - np.trace(self.counts))
        under = f"{wrong} of {self.counts.sum()} rows are wrong"
        headed(panel, "Confusion", under=under)

    def _write(self, panel: Axes, shares: np.ndarray) -> None:
        """Counts, and below them the share of the class where there is room."""
        roomy = len(self.classes) <= 6
        for (row, column), count in np.ndenumerate(self.counts):
            share = shares[row, column]
            color = "white" if share > 0.55 else INK if count else BAND
            shown = f"{count}\n{100 * share:.0f} %" if roomy and count else str(count)
            panel.text(column, row, shown, color=color, ha="center", va="center", fontsize=9,
                       linespacing=1.35)  # fmt: skip


def classes_of(y: Any) -> np.ndarray:
    """Classes of rows as an array, shape (n,).

    Raises:
        DataError: there is not one for each row.
    """
    found = np.asarray(y)
    if found.ndim != 1:
        raise DataError(
            f"classes have the shape {found.shape}; expected (n,): one class for each row."
        )
    return found


def _shaded(shares: np.ndarray) -> np.ndarray:
    """Colors of the cells, (k, k, 3): white for nothing, blue or orange for all."""
    from matplotlib.colors import to_rgb

    right = np.eye(len(shares), dtype=bool)[..., None]
    full = np.where(right, to_rgb(BLUE), to_rgb(ORANGE))
    strength = np.sqrt(shares)[..., None]  # small shares are seen too
    blank = np.asarray(to_rgb(GRID)) * 0.35 + 0.65
    return blank + strength * (full - blank)


def check_classes(estimator: Any) -> None:
    """Refuse what does not tell classes apart, or is not fitted.

    Raises:
        ParameterError: says what is needed.
    """
    from sklearn.base import is_classifier

    if not is_classifier(estimator):
        raise ParameterError(
            f"received {type(estimator).__name__}; expected a classifier. For numbers there are "
            "RegressionDisplay and ErrorHistogramDisplay."
        )
    if np.ndim(getattr(estimator, "classes_", ())) != 1:
        raise ParameterError("rows with several labels cannot be drawn; draw one label at a time.")
