"""Display of a function of one input: its targets, its curve, and the errors."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from unstuck.drawing.axes import Grid
from unstuck.drawing.colors import BAND, INK, QUIET
from unstuck.errors import DataError, UnstuckError
from unstuck.report.display import Display
from unstuck.report.panels import appearances, by_part, headed, pairs_of, same_parts, thinned
from unstuck.report.regression_displays import outputs_of, scatter

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

RESOLUTION = 500
"""Points of the curve."""


class FittedCurveDisplay(Display):
    """The curve of a regressor of one input over the targets, and below it the errors.

    Arguments:
        x: inputs, shape (n,), or a dict of them by part.
        y_true, y_pred: targets and outputs there, in the same form.
        curve_x, curve_y: the curve, shape (m,).
        curve_std: standard deviation of a new observation along the curve, shape (m,); drawn as
            a band of two of them on each side.
        name: of the input.

    Attributes:
        axes_, figure_: where it was drawn: curve, errors.
        line_: the curve.
        band_: the band, or ``None``.

    Example:
        >>> import numpy as np
        >>> from unstuck import FittedCurveDisplay, NetRegressor
        >>> X = np.linspace(-1, 1, 50)[:, None]
        >>> net = NetRegressor((), tol=1e-3, learning_rate_init=0.1, random_state=0)
        >>> shown = FittedCurveDisplay.from_estimator(net.fit(X, X[:, 0]), X, X[:, 0])
        >>> len(shown.axes_), shown.band_
        (2, None)

    Reference: MATLAB's ``plotfit``.
    """

    line_: Line2D
    band_: Any

    def __init__(
        self,
        *,
        x: Any,
        y_true: Any,
        y_pred: Any,
        curve_x: Any,
        curve_y: Any,
        curve_std: Any = None,
        name: str = "input",
    ):
        self.x = {part: np.ravel(each) for part, each in by_part(x).items()}
        self.pairs = pairs_of(y_true, y_pred)
        for part, (inputs, (targets, _)) in same_parts(self.x, self.pairs, ("x", "y_true")).items():
            if inputs.shape != targets.shape:
                raise DataError(
                    f"{part}: {inputs.size} inputs and {targets.size} targets; expected a "
                    "function of one input with one output."
                )
        self.curve_x, self.curve_y = np.ravel(curve_x), np.ravel(curve_y)
        self.curve_std = None if curve_std is None else np.ravel(curve_std)
        self.name = name

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: Any, *, name: str | None = None, ax: Any = None
    ) -> Self:
        """Draw a regressor of one input.

        The band is drawn where ``predict(X, return_std=True)`` gives a standard deviation.

        Arguments:
            estimator: a fitted regressor.
            X, y: inputs, shape (n, 1), and targets, shape (n,), or dicts of them by part.
            name: of the input; that of the column where ``X`` is a frame.
            ax: matplotlib axes to be divided, or two; a new figure where none are given.

        Raises:
            ParameterError: the estimator is no regressor.
            DataError: there are several inputs or outputs.
        """
        parts = by_part(X)
        for part, rows in parts.items():
            if len(np.shape(rows)) != 2 or np.shape(rows)[1] != 1:
                raise DataError(
                    f"{part}: X has the shape {np.shape(rows)}; expected (n, 1), because a curve "
                    "can be drawn of one input only. RegressionDisplay draws any number."
                )
        outputs = outputs_of(estimator, X)
        x = {part: np.asarray(rows, float)[:, 0] for part, rows in parts.items()}
        ends = np.concatenate(list(x.values()))
        curve_x = np.linspace(ends.min(), ends.max(), RESOLUTION)
        first = next(iter(parts.values()))
        columns = list(getattr(first, "columns", ()))
        rows = type(first)({columns[0]: curve_x}) if columns else curve_x[:, None]
        curve_y, curve_std = _curve(estimator, rows)
        name = name or (str(columns[0]) if columns else "input")
        return cls(
            x=x,
            y_true=y,
            y_pred=outputs,
            curve_x=curve_x,
            curve_y=curve_y,
            curve_std=curve_std,
            name=name,
        ).plot(ax)

    def _grid(self) -> Grid:
        return Grid((6.4, 5.2), 2, heights=(3, 1))

    def _draw(self, curve: Axes, errors: Axes) -> None:
        self._draw_curve(curve)
        self._draw_errors(errors)
        errors.set_xlim(curve.get_xlim())
        curve.tick_params(labelbottom=False)

    def _draw_curve(self, panel: Axes) -> None:
        key = []
        for part, look in appearances(list(self.pairs)).items():
            key.append(scatter(panel, self.x[part], self.pairs[part][0], look, part))
        (self.line_,) = panel.plot(self.curve_x, self.curve_y, color=INK, label="output", zorder=5)
        key.append(self.line_)
        self.band_ = None
        if self.curve_std is not None:
            low, high = (self.curve_y + side * self.curve_std for side in (-2, 2))
            self.band_ = panel.fill_between(
                *(self.curve_x, low, high), color=BAND, lw=0, zorder=0, label="± 2 std"
            )
            key.append(self.band_)
        panel.set_ylabel("target")
        headed(panel, "Fitted curve", key)

    def _draw_errors(self, panel: Axes) -> None:
        for part, look in appearances(list(self.pairs)).items():
            targets, outputs = self.pairs[part]
            x, errors = thinned(self.x[part], targets - outputs)
            thin = min(1.0, 100 / len(x))
            panel.vlines(x, 0, errors, color=look.color, lw=0.3 + thin, alpha=0.3 + 0.5 * thin)
            scatter(panel, x, errors, look, part)
        panel.axhline(0, color=QUIET, lw=1)
        panel.set_xlabel(self.name, parse_math=False)
        panel.set_ylabel("error")


def _curve(estimator: Any, rows: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """Outputs, and their standard deviation where the estimator knows it."""
    if "return_std" in inspect.signature(estimator.predict).parameters:
        try:
            return estimator.predict(rows, return_std=True)
        except UnstuckError:
            pass  # only networks of some solvers know it
    return estimator.predict(rows), None
