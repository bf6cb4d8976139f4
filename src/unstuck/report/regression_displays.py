"""Displays of a regression's outputs beside the targets, for any number of parts of the data.

They need no network: ``from_estimator`` takes any regressor with scikit-learn's contract.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from unstuck.drawing.axes import Grid
from unstuck.drawing.colors import INK, QUIET
from unstuck.errors import ParameterError
from unstuck.report.display import Display
from unstuck.report.panels import appearances, by_part, headed, pairs_of, thinned, whole_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

BINS = 20
EVERYTHING = "all"
"""The panel of all parts together."""


class ErrorHistogramDisplay(Display):
    """How often errors of each size occur: targets minus outputs, the parts stacked.

    Arguments:
        y_true, y_pred: targets and outputs, shape (n,) or (n, outputs), or dicts of them by part,
            such as ``"train"``, ``"validation"``, ``"test"``.
        bins: how many, over the range of all errors.

    Attributes:
        ax_, figure_: where it was drawn.
        bars_: the bars of each part.
        line_: the line at error 0.

    Example:
        >>> from unstuck import ErrorHistogramDisplay
        >>> shown = ErrorHistogramDisplay.from_predictions([1.0, 2.0, 4.0], [1.1, 1.8, 4.0])
        >>> shown.errors["data"].round(3).tolist()
        [-0.1, 0.2, 0.0]

    Reference: MATLAB's ``ploterrhist``.
    """

    bars_: dict[str, Any]
    line_: Line2D

    def __init__(self, *, y_true: Any, y_pred: Any, bins: int = BINS):
        pairs = pairs_of(y_true, y_pred)
        self.errors = {part: targets - outputs for part, (targets, outputs) in pairs.items()}
        self.bins = bins

    @classmethod
    def from_predictions(
        cls, y_true: Any, y_pred: Any, *, bins: int = BINS, ax: Any = None
    ) -> Self:
        """Draw targets and outputs; the arguments are those of the class and of ``plot``."""
        return cls(y_true=y_true, y_pred=y_pred, bins=bins).plot(ax)

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: Any, *, bins: int = BINS, ax: Any = None
    ) -> Self:
        """Draw what a regressor predicts.

        Arguments:
            estimator: a fitted regressor.
            X, y: inputs and targets, or dicts of them by part.
            bins: how many.
            ax: matplotlib axes; a new figure where none are given.

        Raises:
            ParameterError: the estimator is no regressor.
        """
        return cls(y_true=y, y_pred=outputs_of(estimator, X), bins=bins).plot(ax)

    def _grid(self) -> Grid:
        return Grid((6.4, 4.0))

    def _draw(self, panel: Axes) -> None:
        edges = np.histogram_bin_edges(np.concatenate(list(self.errors.values())), self.bins)
        foot, self.bars_ = np.zeros(len(edges) - 1), {}
        for part, look in appearances(list(self.errors)).items():
            counts = np.histogram(self.errors[part], edges)[0]
            self.bars_[part] = panel.bar(
                *(edges[:-1], counts, np.diff(edges), foot),
                align="edge",
                color=look.color,
                edgecolor="white",
                linewidth=0.8,
                label=f"{part} {_root_mean_square(self.errors[part]):.3g}",
            )
            foot += counts
        self.line_ = panel.axvline(0, color=INK, lw=1.4, ls=(0, (4, 2)))
        panel.grid(axis="x", visible=False)
        whole_numbers(panel.yaxis)
        panel.set_xlabel("error: target − output")
        panel.set_ylabel("rows")
        headed(panel, "Errors and their root mean square", panel.get_legend_handles_labels()[0])


class RegressionDisplay(Display):
    """Outputs against targets, a panel for each part and one for all, with the correlation R.

    The dashed diagonal is where output and target are equal; the line is the least-squares fit
    ``output = slope target + intercept``.

    Arguments:
        y_true, y_pred: targets and outputs, shape (n,) or (n, outputs), or dicts of them by part.

    Attributes:
        axes_, figure_: where it was drawn.
        r_: Pearson's correlation of targets and outputs by part, NaN where either is constant.
        lines_: slope and intercept by part, NaN where the targets are constant.

    Example:
        >>> from unstuck import RegressionDisplay
        >>> shown = RegressionDisplay.from_predictions([0.0, 1.0, 2.0], [0.5, 1.0, 1.5])
        >>> round(shown.r_["data"], 6), [round(number, 6) for number in shown.lines_["data"]]
        (1.0, [0.5, 0.5])

    Reference: MATLAB's ``plotregression``.
    """

    def __init__(self, *, y_true: Any, y_pred: Any):
        self.pairs = pairs_of(y_true, y_pred)
        if len(self.pairs) > 1:
            stacked = zip(*self.pairs.values(), strict=True)
            targets, outputs = (np.concatenate(each) for each in stacked)
            self.pairs[EVERYTHING] = targets, outputs
        self.r_ = {part: _correlation(*pair) for part, pair in self.pairs.items()}
        self.lines_ = {part: _fit(*pair) for part, pair in self.pairs.items()}

    @classmethod
    def from_predictions(cls, y_true: Any, y_pred: Any, *, ax: Any = None) -> Self:
        """Draw targets and outputs; the arguments are those of the class and of ``plot``."""
        return cls(y_true=y_true, y_pred=y_pred).plot(ax)

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, y: Any, *, ax: Any = None) -> Self:
        """Draw what a regressor predicts.

        Arguments:
            estimator: a fitted regressor.
            X, y: inputs and targets, or dicts of them by part.
            ax: matplotlib axes to be divided, or one for each panel; a new figure where none
                are given.

        Raises:
            ParameterError: the estimator is no regressor.
        """
        return cls(y_true=y, y_pred=outputs_of(estimator, X)).plot(ax)

    def _grid(self) -> Grid:
        count = len(self.pairs)
        columns = 1 if count == 1 else 2 if count in (2, 4) else 3
        rows = -(-count // columns)
        return Grid((3.3 * columns + 0.5, 3.5 * rows + 0.3), count, columns)

    def _draw(self, *panels: Axes) -> None:
        appearance = appearances([part for part in self.pairs if part != EVERYTHING])
        for panel, part in zip(panels, self.pairs, strict=True):
            self._draw_part(panel, part, appearance if part == EVERYTHING else [part], appearance)
        for panel in panels:
            place = panel.get_subplotspec()
            if place is None or place.is_last_row():
                panel.set_xlabel("target")
            if place is None or place.is_first_col():
                panel.set_ylabel("output")

    def _draw_part(self, panel: Axes, part: str, drawn: Any, appearance: Any) -> None:
        for name in drawn:
            scatter(panel, *self.pairs[name], appearance[name], "none")
        numbers = np.concatenate(self.pairs[part])
        low, high = numbers.min(), numbers.max()
        margin = 0.04 * (high - low) or 1.0
        limits = np.array([low - margin, high + margin])
        panel.plot(limits, limits, color=QUIET, lw=1.2, ls=(0, (4, 2.5)), zorder=1)
        slope, intercept = self.lines_[part]
        if np.isfinite(slope):
            ends = np.array([self.pairs[part][0].min(), self.pairs[part][0].max()])
            panel.plot(ends, slope * ends + intercept, color=INK, lw=1.6, zorder=5)
        panel.set(xlim=limits, ylim=limits, aspect="equal")
        panel.locator_params(nbins=4)
        sign = "−" if intercept < 0 else "+"
        line = f"output = {slope:.3g} target {sign} {abs(intercept):.2g}"
        said = f"R = {self.r_[part]:.4f}" if np.isfinite(self.r_[part]) else "R is not defined"
        headed(panel, f"{part}: {said}", under=line if np.isfinite(slope) else "targets are equal")


def outputs_of(estimator: Any, X: Any) -> Any:
    """What a regressor predicts, by part where the inputs were given by part.

    Raises:
        ParameterError: it is no regressor.
    """
    from sklearn.base import is_regressor

    if not is_regressor(estimator):
        raise ParameterError(
            f"received {type(estimator).__name__}; expected a regressor. For classes "
            "there are ConfusionDisplay, RocDisplay, ReliabilityDisplay and RegionsDisplay."
        )
    return {part: estimator.predict(rows) for part, rows in by_part(X).items()}


def scatter(panel: Axes, x: np.ndarray, y: np.ndarray, look: Any, label: str) -> Any:
    """The points of a part; the more there are, the smaller and the more transparent."""
    share = min(1.0, 300 / len(x))
    x, y = thinned(x, y)
    return panel.scatter(
        x,
        y,
        (8 + 14 * share) * look.area,
        marker=look.marker,
        color=look.color,
        alpha=0.35 + 0.4 * share,
        linewidths=0,
        label=label,
        zorder=3,
    )


def _root_mean_square(errors: np.ndarray) -> float:
    return float(np.sqrt(np.mean(errors**2)))


def _constant(values: np.ndarray) -> bool:
    """Whether there is no variance, be it for differences whose squares underflow."""
    return bool(np.ptp(values) == 0 or np.var(values) == 0)


def _correlation(targets: np.ndarray, outputs: np.ndarray) -> float:
    if _constant(targets) or _constant(outputs):
        return float("nan")
    return float(np.corrcoef(targets, outputs)[0, 1])


def _fit(targets: np.ndarray, outputs: np.ndarray) -> tuple[float, float]:
    """Slope and intercept of the least-squares line."""
    if _constant(targets):
        return float("nan"), float("nan")
    centered = targets - targets.mean()
    slope = float(centered @ outputs / (centered @ centered))
    return slope, float(outputs.mean() - slope * targets.mean())
