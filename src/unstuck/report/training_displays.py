"""Displays of how a fit went: its losses, and the state of its solver, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from unstuck.drawing.axes import Grid
from unstuck.drawing.colors import BLUE, INK, ORANGE, PURPLE, QUIET
from unstuck.errors import DataError, ParameterError
from unstuck.report.display import Display
from unstuck.report.panels import headed, whole_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

STATE = {
    "gradient_norm": ("gradient norm", "log"),
    "damping": ("damping", "log"),
    "step_length": ("step length", "log"),
    "learning_rate": ("learning rate", "log"),
    "effective_parameters": ("effective parameters", "linear"),
    "log_evidence": ("log evidence", "linear"),
    "validation_failures": ("epochs without progress on the validation data", "linear"),
}
"""History columns that tell the state of a fit: title of the panel, scale of its axis."""


class TrainingCurveDisplay(Display):
    """Losses on training and validation data over the epochs, the best epoch marked.

    The training loss is the objective, penalty included; the validation loss is without it.

    Arguments:
        train_loss: shape (epochs,).
        validation_loss: shape (epochs,), or ``None``.
        best_epoch: the epoch whose weights were kept, counted from 1, to be marked; or ``None``:
            the smallest validation loss, or without validation data the smallest training loss.
        loss_goal: drawn as a dotted line, or ``None``.

    Raises:
        DataError: no loss is finite.

    Attributes:
        ax_, figure_: where it was drawn.
        line_, validation_line_: the curves; the second is ``None`` without validation data.
        best_: the mark.

    Example:
        >>> import numpy as np
        >>> from unstuck import TrainingCurveDisplay
        >>> shown = TrainingCurveDisplay(train_loss=[1.0, 0.1, 0.01], validation_loss=[1, 0.2, 0.3])
        >>> shown.plot().best_epoch
        2

    Reference: MATLAB's ``plotperform``.
    """

    line_: Line2D
    validation_line_: Line2D | None
    best_: Line2D

    def __init__(
        self,
        *,
        train_loss: Any,
        validation_loss: Any = None,
        best_epoch: int | None = None,
        loss_goal: float | None = None,
    ):
        self.train_loss = np.asarray(train_loss, float)
        self.validation_loss = None if validation_loss is None else np.asarray(validation_loss)
        followed = self.train_loss if self.validation_loss is None else self.validation_loss
        if not np.isfinite(followed).any():
            raise DataError(
                f"received losses of {len(followed)} epochs, none of them finite; expected at "
                "least one to be drawn. The fit's stop_reason_ says why it ended."
            )
        self.best_epoch = int(np.nanargmin(followed)) + 1 if best_epoch is None else best_epoch
        self._kept = best_epoch is not None
        self.loss_goal = loss_goal

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Any = None) -> Self:
        """Draw the fit of a network; the epoch whose weights it has, ``best_epoch_``, is marked.

        Arguments:
            estimator: a fitted network.
            ax: matplotlib axes; a new figure where none are given.

        Raises:
            ParameterError: the estimator has no history.
        """
        history = history_of(estimator)
        display = cls(
            train_loss=history["loss"],
            validation_loss=known(history, "validation_loss"),
            best_epoch=estimator.best_epoch_,
            loss_goal=estimator.loss_goal,
        )
        return display.plot(ax)

    def _grid(self) -> Grid:
        return Grid((6.4, 4.0))

    def _draw(self, panel: Axes) -> None:
        epochs = np.arange(1, len(self.train_loss) + 1)
        dot = "o" if len(epochs) == 1 else None
        (self.line_,) = panel.plot(epochs, self.train_loss, color=BLUE, marker=dot, label="train")
        self.validation_line_, name, best = None, "training", self.train_loss
        if self.validation_loss is not None:
            name, best = "validation", self.validation_loss
            (self.validation_line_,) = panel.plot(
                epochs, best, color=ORANGE, marker=dot, label="validation", ls=(0, (5, 1.2))
            )
        value = best[self.best_epoch - 1]
        panel.axvline(self.best_epoch, color=QUIET, lw=1, ls=":")
        (self.best_,) = panel.plot(
            *(self.best_epoch, value, "o"), mfc="white", mec=INK, mew=1.6, ms=8, zorder=4
        )
        if self.loss_goal is not None:
            panel.axhline(self.loss_goal, color=PURPLE, lw=1.2, ls=":", label="loss goal")
        _finish(panel, len(epochs), "log" if _positive(self.train_loss, best) else "linear")
        panel.set_ylabel("loss")
        key = panel.get_legend_handles_labels()[0]
        title = f"{name} loss {value:.3g} at epoch {self.best_epoch}"
        title = f"Kept: {title}" if self._kept else f"Best {title}"
        headed(panel, title, key if len(key) > 1 else ())


class TrainingStateDisplay(Display):
    """What the solver was doing, epoch by epoch: a panel for each number the history has.

    These are the norm of the gradient, damping or step length, the learning rate if it changed,
    the effective number of parameters and the evidence, and the epochs in a row in which the
    validation data found nothing better.

    Arguments:
        columns: numbers by their names in ``history_``, each of shape (epochs,).

    Attributes:
        axes_, figure_: where it was drawn.
        lines_: the curves by their names.

    Example:
        >>> from unstuck import TrainingStateDisplay
        >>> shown = TrainingStateDisplay({"gradient_norm": [1.0, 0.1], "damping": [1e-3, 2e-4]})
        >>> list(shown.plot().lines_)
        ['gradient_norm', 'damping']

    Reference: MATLAB's ``plottrainstate``.
    """

    lines_: dict[str, Line2D]

    def __init__(self, columns: Mapping[str, Any]):
        found = {name: known(columns, name) for name in STATE}
        self.columns = {name: each for name, each in found.items() if each is not None}
        rate = self.columns.get("learning_rate")
        if rate is not None and np.nanmin(rate) == np.nanmax(rate):
            del self.columns["learning_rate"]
        if not self.columns:
            raise ParameterError(
                f"received the columns {sorted(columns)}; expected one of {', '.join(STATE)} "
                "with a finite number."
            )

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Any = None) -> Self:
        """Draw the fit of a network.

        Arguments:
            estimator: a fitted network.
            ax: matplotlib axes to be divided, or one for each panel; a new figure where none
                are given.

        Raises:
            ParameterError: the estimator has no history.
        """
        return cls(history_of(estimator)).plot(ax)

    def _grid(self) -> Grid:
        count = len(self.columns)
        return Grid((6.4, 0.6 + 1.5 * count), count)

    def _draw(self, *panels: Axes) -> None:
        drawn = zip(panels, self.columns.items(), strict=True)
        self.lines_ = {name: _state(panel, name, each) for panel, (name, each) in drawn}
        for panel in panels[:-1]:
            panel.tick_params(labelbottom=False)
            panel.set_xlabel("")


def history_of(estimator: Any) -> Mapping[str, np.ndarray]:
    """The history of a fitted network.

    Raises:
        ParameterError: it is something else; a network within a pipeline is asked for.
    """
    try:
        return estimator.history_
    except AttributeError:
        raise ParameterError(
            f"received {type(estimator).__name__}; expected a fitted NetClassifier or "
            "NetRegressor. Call fit first; of a pipeline pass the last step, pipeline[-1]."
        ) from None


def known(history: Mapping[str, Any], name: str) -> np.ndarray | None:
    """A column of the history, where it has a finite number."""
    column = np.asarray(history.get(name, ()), float)
    return column if np.isfinite(column).any() else None


def _finish(panel: Axes, epochs: int, scale: str) -> None:
    """The axes of numbers over epochs."""
    panel.set_yscale(scale)
    panel.set_xlabel("epoch")
    whole_numbers(panel.xaxis, 8)
    panel.margins(x=0.03 if epochs > 1 else 0.5)


def _state(panel: Axes, name: str, column: np.ndarray) -> Line2D:
    title, scale = STATE[name]
    epochs = np.arange(1, len(column) + 1)
    failures = name == "validation_failures"
    color = ORANGE if failures else BLUE
    (line,) = panel.plot(epochs, column, color=color, marker="o" if len(column) == 1 else None)
    _finish(panel, len(column), scale if _positive(column) else "linear")
    if failures:
        line.set_drawstyle("steps-mid")
        panel.set_ylim(bottom=0)
        whole_numbers(panel.yaxis)
    last = column[np.isfinite(column)][-1]
    headed(panel, f"{title}: {last:.3g} at the end")
    return line


def _positive(*columns: np.ndarray) -> bool:
    """Whether all that is finite can stand on a logarithmic axis."""
    return all((each[np.isfinite(each)] > 0).all() for each in columns)
