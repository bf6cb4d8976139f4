"""Where plots are drawn: axes that were given or are made, in the package's style."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from unstuck.drawing.style import STYLE
from unstuck.errors import ParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def style(rules: Any = STYLE) -> Any:
    """The context in which all is drawn, on the user's axes too."""
    import matplotlib

    return matplotlib.rc_context(rules)


@contextlib.contextmanager
def figure_of(width: float, height: float, rules: Any = STYLE, **pads: Any) -> Iterator[Figure]:
    """A new figure to draw on, attached to no window.

    Arguments:
        width, height: in inches.
        rules: matplotlib's settings.
        pads: of the constrained layout.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with style(rules):
        yield Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(**pads))


@contextlib.contextmanager
def axes_of(ax: Any, width: float, height: float) -> Iterator[Any]:
    """Axes to draw on: those given, or where none are those of a new figure of so many inches.

    Example:
        >>> with axes_of(None, 6.4, 4.0) as panel:
        ...     _ = panel.set_title("errors")
        >>> panel.figure.get_size_inches().tolist()
        [6.4, 4.0]
    """
    with figure_of(width, height) if ax is None else style() as figure:
        yield figure.add_subplot() if ax is None else ax


class Grid(NamedTuple):
    """Places of panels.

    Attributes:
        size: of a new figure, in inches.
        panels: how many.
        columns: of the grid; the last places may stay empty.
        heights: of the rows, relative; all alike where none are given.
    """

    size: tuple[float, float]
    panels: int = 1
    columns: int = 1
    heights: tuple[float, ...] | None = None


@contextlib.contextmanager
def panels(ax: Any, grid: Grid) -> Iterator[list[Axes]]:
    """Axes of a display to draw on, row by row.

    Arguments:
        ax: ``None`` for a new figure of pyplot; axes whose place is divided (one panel takes the
            axes as they are); or as many axes as there are panels.
        grid: their places.

    Raises:
        ParameterError: the number of axes is another.
    """
    with style():
        yield _panels(ax, grid)


def _panels(ax: Any, grid: Grid) -> list[Axes]:
    count, shape = grid.panels, (-(-grid.panels // grid.columns), grid.columns)
    if ax is None:
        import matplotlib.pyplot as plt

        figure = plt.figure(figsize=grid.size, layout="constrained")
        places: Any = figure.add_gridspec(*shape, height_ratios=grid.heights)
        return [figure.add_subplot(places[i]) for i in range(count)]
    given = list(np.atleast_1d(np.asarray(ax, object)).ravel())
    if len(given) == count:
        return given
    place = given[0].get_subplotspec() if len(given) == 1 else None
    if place is None:
        raise ParameterError(
            f"ax was {len(given)} axes; expected {count}, or one made by subplots to be divided, "
            "or None for a new figure."
        )
    figure = given[0].figure
    given[0].remove()
    places = place.subgridspec(*shape, height_ratios=grid.heights)
    return [figure.add_subplot(places[i]) for i in range(count)]
