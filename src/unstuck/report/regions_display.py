"""Display of a function of two inputs: the regions of classes, or the surface of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from unstuck.drawing.axes import Grid
from unstuck.drawing.colors import INK
from unstuck.errors import DataError
from unstuck.report.class_displays import CLASS_COLORS, CLASS_MARKERS
from unstuck.report.display import Display
from unstuck.report.panels import by_part, headed, same_parts, thinned

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RESOLUTION = 200
"""Points of the grid along each input."""
MARGIN = 0.06
"""Of the range of the rows, around them."""
LEVELS = 14
MAP = "cividis"
SHADES = (0.06, 0.36)
"""How strong the color of a class is where it is as likely as others, and where it is certain."""
MOST_KEYS = 8


class RegionsDisplay(Display):
    """What an estimator of two inputs predicts everywhere: for classes a region each, the stronger
    its color the more probable the class, with a line where the prediction changes; for numbers
    filled contours. The rows are drawn on it; those that are wrong have a dark ring.

    Arguments:
        x1, x2: the grid along each input, shapes (a,) and (b,).
        response: the predictions there, shape (b, a): numbers, or places of classes.
        strength: the probability of the predicted class, (b, a); 1 everywhere if not given.
        lead: by how much each class is ahead of the others there, (classes, b, a): boundaries are
            drawn where it is 0, between the points of the grid; along these if not given.
        X, y: rows, shape (n, 2), and their targets or classes, (n,); or dicts of them by part.
        predicted: what is predicted for the rows, in the same form; none are marked if not given.
        classes: names of the classes; ``None`` for numbers.
        names: of the inputs.

    Attributes:
        ax_, figure_: where it was drawn.
        surface_: the regions or contours.

    Example:
        >>> import numpy as np
        >>> from sklearn.linear_model import LogisticRegression
        >>> from unstuck import RegionsDisplay
        >>> X = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
        >>> model = LogisticRegression().fit(X, [0, 0, 1, 1])
        >>> shown = RegionsDisplay.from_estimator(model, X, [0, 0, 1, 1])
        >>> shown.response[0, 0], shown.response[-1, 0]
        (np.int64(0), np.int64(1))
    """

    surface_: Any

    def __init__(
        self,
        *,
        x1: Any,
        x2: Any,
        response: Any,
        X: Any,
        y: Any,
        strength: Any = None,
        lead: Any = None,
        predicted: Any = None,
        classes: Any = None,
        names: tuple[str, str] = ("input 1", "input 2"),
    ):
        self.x1, self.x2 = np.ravel(x1), np.ravel(x2)
        self.response = np.asarray(response)
        self.strength = np.ones(self.response.shape) if strength is None else np.asarray(strength)
        self.lead = None if lead is None else np.asarray(lead)
        self.classes = None if classes is None else np.asarray(classes)
        self.names = names
        pairs = same_parts(X, y, ("X", "y"))
        checked = [_checked(part, *pair) for part, pair in pairs.items()]
        self.X = np.concatenate([rows for rows, _ in checked])
        self.y = np.concatenate([targets for _, targets in checked])
        said = None if predicted is None else list(by_part(predicted).values())
        self.predicted = None if said is None else np.concatenate([np.ravel(each) for each in said])

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: Any, y: Any, *, names: Any = None, ax: Any = None
    ) -> Self:
        """Draw an estimator of two inputs.

        Arguments:
            estimator: a fitted classifier or regressor.
            X, y: inputs, shape (n, 2), and targets, shape (n,), or dicts of them by part.
            names: of the inputs; those of the columns where ``X`` is a frame.
            ax: matplotlib axes; a new figure where none are given.

        Raises:
            DataError: there are not two inputs, or several outputs.
        """
        parts = by_part(X)
        for part, rows in parts.items():
            if len(np.shape(rows)) != 2 or np.shape(rows)[1] != 2:
                raise DataError(
                    f"{part}: X has the shape {np.shape(rows)}; expected (n, 2), because regions "
                    "can be drawn of two inputs only."
                )
        first = next(iter(parts.values()))
        columns = list(getattr(first, "columns", ()))
        x = np.concatenate([np.asarray(rows, float) for rows in parts.values()])
        x1, x2 = (_grid(column) for column in x.T)
        grid = np.column_stack([each.ravel() for each in np.meshgrid(x1, x2)])
        rows = type(first)(dict(zip(columns, grid.T, strict=True))) if columns else grid
        classes = getattr(estimator, "classes_", None)
        response, probable = _predictions(estimator, rows, classes)
        if response.ndim != 1:
            raise DataError(
                f"the estimator has {response.shape[1]} outputs; expected one, because regions "
                "show a single function."
            )
        named = tuple(map(str, names or columns)) or ("input 1", "input 2")
        shape = (len(x2), len(x1))
        scored = getattr(estimator, "decision_function", None)
        lead = _lead(probable if scored is None else scored(rows), response, classes)
        return cls(
            x1=x1,
            x2=x2,
            response=response.reshape(shape),
            strength=None if probable is None else probable.max(1).reshape(shape),
            lead=None if lead is None else lead.T.reshape(-1, *shape),
            X={part: np.asarray(rows, float) for part, rows in parts.items()},
            y=y,
            predicted={part: estimator.predict(rows) for part, rows in parts.items()},
            classes=classes,
            names=(named[0], named[1]),
        ).plot(ax)

    def _grid(self) -> Grid:
        return Grid((6.0, 5.2))

    def _draw(self, panel: Axes) -> None:
        if self.classes is None:
            self._draw_surface(panel)
        else:
            self._draw_regions(panel, self.classes)
        panel.grid(False)
        panel.set_xlim(self.x1[0], self.x1[-1])
        panel.set_ylim(self.x2[0], self.x2[-1])
        panel.set_xlabel(self.names[0], parse_math=False)
        panel.set_ylabel(self.names[1], parse_math=False)

    def _draw_regions(self, panel: Axes, classes: np.ndarray) -> None:
        from matplotlib.colors import to_rgb

        colors = np.array(
            [to_rgb(CLASS_COLORS[i % len(CLASS_COLORS)]) for i in range(len(classes))]
        )
        even = 1 / len(classes)
        sure = np.clip((self.strength - even) / (1 - even), 0, 1)[..., None]
        mixed = SHADES[0] + (SHADES[1] - SHADES[0]) * sure
        self.surface_ = panel.imshow(
            1 + mixed * (colors[self.response] - 1),
            extent=(self.x1[0], self.x1[-1], self.x2[0], self.x2[-1]),
            origin="lower", aspect="auto", interpolation="bilinear", zorder=0,
        )  # fmt: skip
        for place in range(len(classes)):
            inside = self.response == place
            if 0 < inside.mean() < 1:
                ahead = inside - 0.5 if self.lead is None else self.lead[place]
                panel.contour(self.x1, self.x2, ahead, [0.0], colors="white", linewidths=1.6)
        key = []
        for place, name in enumerate(classes):
            at = self.y == name
            key.append(self._points(panel, at, colors[place], CLASS_MARKERS[place % 10], str(name)))
        known = np.isin(self.y, classes)
        self._rings(panel, known & self._wrong())
        wrong = (
            "" if self.predicted is None else f"{int(self._wrong().sum())} of {len(self.y)} rows"
        )
        title = f"Regions: {wrong} on the wrong side" if wrong else "Regions"
        headed(panel, title, key if len(key) <= MOST_KEYS else ())
        legend = panel.get_legend()
        if legend is not None:
            for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=True):
                text.set_parse_math(False)
                handle.set_sizes([30.0])  # type: ignore[union-attr]

    def _draw_surface(self, panel: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        low, high = self.y.min(), self.y.max()
        low, high = min(low, self.response.min()), max(high, self.response.max())
        if low == high:
            low, high = low - 0.5, high + 0.5
        levels = MaxNLocator(LEVELS).tick_values(low, high)
        self.surface_ = panel.contourf(self.x1, self.x2, self.response, levels, cmap=MAP)
        panel.contour(self.x1, self.x2, self.response, levels, colors="white", linewidths=0.5,
                      alpha=0.5)  # fmt: skip
        x, y = thinned(self.X, self.y)
        panel.scatter(
            x[:, 0], x[:, 1], _area(len(x)) * 1.3, c=y, cmap=MAP, vmin=levels[0],
            vmax=levels[-1], edgecolors="white", linewidths=0.7, zorder=3,
        )  # fmt: skip
        bar = self.figure_.colorbar(self.surface_, ax=panel, pad=0.02, aspect=30)
        bar.outline.set_visible(False)
        headed(panel, "Fitted surface", under="rows have the color of their target")

    def _points(self, panel: Axes, at: np.ndarray, color: Any, marker: str, name: str) -> Any:
        (x,) = thinned(self.X[at])
        return panel.scatter(
            x[:, 0], x[:, 1], _area(len(self.y)), color=color, marker=marker, edgecolors="white",
            linewidths=0.5, label=name, zorder=3,
        )  # fmt: skip

    def _rings(self, panel: Axes, at: np.ndarray) -> None:
        if at.any():
            panel.scatter(self.X[at, 0], self.X[at, 1], 3.2 * _area(len(self.y)), facecolors="none",
                          edgecolors=INK, linewidths=1.1, zorder=4)  # fmt: skip

    def _wrong(self) -> np.ndarray:
        if self.predicted is None:
            return np.zeros(len(self.y), bool)
        return self.predicted != self.y


def _checked(part: str, rows: Any, targets: Any) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.asarray(rows, float), np.asarray(targets)
    if y.ndim != 1 or len(x) != len(y) or not len(y):
        raise DataError(
            f"{part}: {len(x)} rows and targets of the shape {y.shape}; expected one target for "
            "each row, and at least one."
        )
    return x, y


def _grid(column: np.ndarray) -> np.ndarray:
    low, high = float(column.min()), float(column.max())
    margin = MARGIN * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, RESOLUTION)


def _predictions(estimator: Any, rows: Any, classes: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """Numbers, or places of classes, and the probabilities of all classes, where there are any."""
    predicted = np.asarray(estimator.predict(rows))
    if classes is None:
        return predicted, None
    places = np.asarray(np.searchsorted(classes, predicted))
    if not hasattr(estimator, "predict_proba") or places.ndim != 1:
        return places, None
    return places, np.asarray(estimator.predict_proba(rows))


def _lead(scores: Any, places: np.ndarray, classes: Any) -> np.ndarray | None:
    """By how much the score of each class is above the best of the others, shape (n, classes);
    ``None`` where there are no such scores, or where they are not what predictions go by."""
    if classes is None or len(classes) < 2 or scores is None:
        return None
    scores = np.asarray(scores, float)
    if scores.ndim == 1:
        scores = np.column_stack([-scores, scores])
    if scores.shape[1:] != (len(classes),) or (scores.argmax(1) != places).any():
        return None
    others = [np.delete(scores, place, axis=1).max(1) for place in range(len(classes))]
    return np.asarray(scores - np.column_stack(others))


def _area(count: int) -> float:
    """Of a point's marker, the smaller the more there are."""
    return 10 + 16 * min(1.0, 200 / count)
