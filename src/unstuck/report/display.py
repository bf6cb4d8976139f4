"""A display: what was computed of arrays, to be drawn as often as one likes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Self

from unstuck.drawing.axes import Grid, panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Display(ABC):
    """One or several panels, on new axes or on the user's.

    Attributes:
        axes_, figure_: where it was drawn.
    """

    axes_: list[Axes]
    figure_: Figure

    @property
    def ax_(self) -> Axes:
        """The first panel."""
        return self.axes_[0]

    def plot(self, ax: Any = None) -> Self:
        """Draw.

        Arguments:
            ax: matplotlib axes, to be divided where there are several panels, or one for each; a
                new figure where none are given.

        Returns:
            The display.
        """
        with panels(ax, self._grid()) as self.axes_:
            self.figure_ = self.ax_.figure  # type: ignore[assignment]
            self._draw(*self.axes_)
        return self

    @abstractmethod
    def _grid(self) -> Grid:
        """Of its panels."""

    @abstractmethod
    def _draw(self, *panels: Any, **nothing: Any) -> None:
        """Draw on these: as many as the grid has."""
