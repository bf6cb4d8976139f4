"""How often a spiking network is right, the longer it looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.drawing.axes import axes_of
from unstuck.drawing.colors import BLUE, ORANGE, QUIET
from unstuck.readable import Facts, Readable
from unstuck.summary import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False)
class InTime(Readable):
    """How often a spiking network is right after so many milliseconds.

    Attributes:
        times: ms, shape (steps,).
        accuracies: share of rows whose class has fired most until then, shape (steps,).
        agreements: share of rows where that is what the trained network says, shape (steps,).
        spikes: of the whole network until then, mean of the rows, shape (steps,).
        trained: accuracy of the trained network.
        places: steps that the table shows.
    """

    times: np.ndarray
    accuracies: np.ndarray
    agreements: np.ndarray
    spikes: np.ndarray
    trained: float
    places: np.ndarray

    def plot(self, ax: Any = None) -> Figure:
        """Draw accuracies over time.

        Arguments:
            ax: matplotlib axes; a new figure where none are given.
        """
        with axes_of(ax, 6.4, 4.0) as panel:
            panel.axhline(self.trained, color=QUIET, lw=0.9, ls=(0, (4, 2)))
            panel.annotate(f"trained network, {self.trained:.3f}", (1, self.trained), (-2, 4),
                           xycoords=("axes fraction", "data"), textcoords="offset points",
                           color=QUIET, ha="right", fontsize=8.5)  # fmt: skip
            panel.plot(self.times, self.accuracies, color=BLUE, lw=1.8, label="is right")
            panel.plot(self.times, self.agreements, color=ORANGE, lw=1.4, ls=(0, (5, 1.6)),
                       label="agrees with the trained network")  # fmt: skip
            panel.set_ylim(0, 1.06)
            panel.set_xlim(0, self.times[-1])
            panel.set_xlabel("time, ms")
            panel.set_ylabel("share of rows")
            panel.set_title("rates in place of outputs")
            panel.legend(loc="lower right")
            return panel.figure

    def _told(self) -> Facts:
        table: list[tuple[str, ...]] = [
            ("after, ms", "right", "as the trained one", "spikes a row")
        ]
        for place in self.places:
            shares = (f"{each[place]:.3f}" for each in (self.accuracies, self.agreements))
            table.append((number(self.times[place]), *shares, f"{self.spikes[place]:,.0f}"))
        said = (f"The trained network is right on {self.trained:.3f} of the rows.",)
        return Facts("Rates in place of outputs", said, table, words=0)
