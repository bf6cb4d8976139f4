"""The boundary of a class, drawn by hidden units one after another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.activations import Activation
from unstuck.drawing.axes import axes_of
from unstuck.drawing.colors import BLUE, FLAT_SHADE, INK, LINEAR_SHADE
from unstuck.errors import DataError, ParameterError
from unstuck.readable import Facts, Readable
from unstuck.rules import check_whole
from unstuck.selection.approximation.candidates import Candidates, OwnActivation, activation_of
from unstuck.selection.approximation.growing import Stage, grow
from unstuck.selection.approximation.sampled import Function, ends_of, rows_of, spread, values_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FITTED, MEASURED = 4096, 1 << 15
"""Points to which networks are fitted, and others that are counted."""
RESOLUTION = 301


@dataclass(frozen=True, repr=False)
class Boundary(Readable):
    """Networks of 1, 2, 3, ... hidden units that tell the inside of a class from its outside.

    Attributes:
        inside: what was to be told apart.
        activation: of the hidden units.
        interval: the cube, along each input.
        stages: the networks; inside is where their output is above 0.
        wrong: share of the cube that is on the wrong side, shape (stages,).
    """

    inside: Function
    activation: Activation | OwnActivation
    interval: tuple[float, float]
    stages: tuple[Stage, ...]
    wrong: np.ndarray

    def __call__(self, x: Any, units: int | None = None) -> np.ndarray:
        """Whether rows are inside, as a network says, shape (n,).

        Arguments:
            x: rows, shape (n, inputs).
            units: of the network; all of them if not given.
        """
        rows = rows_of(x, self.stages[0].units.w.shape[0], "boundary")
        return self._height(rows, units) > 0

    def needed(self, share: float) -> int | None:
        """The first number of units with less than this share on the wrong side, if any."""
        if isinstance(share, bool) or not isinstance(share, Real):
            raise ParameterError(f"boundary: share was {share!r}; expected one such as 0.05.")
        enough = np.flatnonzero(self.wrong < share)
        return int(enough[0]) + 1 if len(enough) else None

    def plot(self, units: int | None = None, ax: Any = None) -> Axes:
        """Draw the regions of a network of two inputs, and the boundary of the class.

        Arguments:
            units: of the network; all of them if not given.
            ax: matplotlib axes; a new figure where none are given.

        Raises:
            ParameterError: there are not two inputs, or not so many units.
        """
        from matplotlib.colors import ListedColormap

        units = len(self.stages) if units is None else units
        if self.stages[0].units.w.shape[0] != 2:
            raise ParameterError("boundary: a plot needs two inputs; count with wrong instead.")
        with axes_of(ax, 3.6, 3.7) as ax:
            along = np.linspace(*self.interval, RESOLUTION)
            grid = np.column_stack([each.ravel() for each in np.meshgrid(along, along)])
            shape = (RESOLUTION, RESOLUTION)
            said = self(grid, units).reshape(shape)
            true = (values_of(self.inside, grid) > 0).reshape(shape)
            shades = ListedColormap([FLAT_SHADE, LINEAR_SHADE])
            ax.pcolormesh(along, along, said, cmap=shades, vmin=0, vmax=1, rasterized=True)
            ax.contour(along, along, self._height(grid, units).reshape(shape), [0.0], colors=BLUE)
            ax.contour(along, along, true.astype(float), [0.5], colors=INK, linestyles="dashed")
            ax.plot([], [], color=BLUE, label="network")
            ax.plot([], [], color=INK, ls="dashed", label="class")
            ax.legend(loc="upper left", ncols=2)
            ax.set(xlabel="input 1", ylabel="input 2")
            ax.set_aspect("equal")
            ax.set_title(f"{units} unit{'s' * (units > 1)}: {self.wrong[units - 1]:.1%} wrong")
        return ax

    def _height(self, x: np.ndarray, units: int | None) -> np.ndarray:
        units = len(self.stages) if units is None else units
        check_whole("boundary", units=units)
        if units > len(self.stages):
            raise ParameterError(
                f"boundary: units was {units}; expected at most {len(self.stages)}, as many as "
                "were placed."
            )
        return self.stages[units - 1](x, self.activation)

    def _told(self) -> Facts:
        last = len(self.stages)
        shown = [q for q in (2**k for k in range(20)) if q < last] + [last]
        rows = [("units", "wrong side"), *((str(q), f"{self.wrong[q - 1]:.2%}") for q in shown)]
        inputs, (low, high) = self.stages[0].units.w.shape[0], self.interval
        said = (f"{self.activation.name} units, {inputs} inputs on [{low:g}, {high:g}]:",)
        return Facts("Boundary of a class", said, rows, words=0)


def class_boundary(
    inside: Function,
    units: int,
    *,
    inputs: int = 2,
    activation: str | Callable[..., Any] = "relu",
    interval: tuple[float, float] = (-1.0, 1.0),
    random_state: int = 0,
) -> Boundary:
    """Tell the inside of a class from its outside, with units placed one after another.

    The network is fitted to 1 inside and -1 outside by least squares; its boundary is where it
    is 0.

    Arguments:
        inside: of rows, shape (n, inputs): true, or above 0, in the class.
        units: the most.
        inputs: how many.
        activation: a name of ``ACTIVATIONS``, or a function.
        interval: the cube, along each input.
        random_state: seed of the search for places, and of the points.

    Raises:
        ParameterError: a parameter cannot be used.
        DataError: the cube lies on one side.

    Example:
        >>> circle = class_boundary(lambda x: (x**2).sum(1) < 0.5, 12)
        >>> bool(circle.wrong[2] > 0.05 > circle.wrong[11])
        True
    """
    name = "class_boundary"
    check_whole(name, units=units, inputs=inputs)
    check_whole(name, 0, random_state=random_state)
    low, high = ends_of(interval, name)
    record = activation_of(activation, name)
    x = spread(FITTED, low, high, inputs, random_state)
    y = np.where(values_of(inside, x) > 0, 1.0, -1.0)
    if abs(y.mean()) == 1:
        raise DataError(
            f"{name}: every point is {'inside' if y[0] > 0 else 'outside'}; expected a class with "
            "both on the cube. Take another interval."
        )
    candidates = Candidates(record, low, high, inputs)
    stages = tuple(grow(x, y, units, record, candidates, np.random.default_rng(random_state)))
    others = spread(MEASURED, low, high, inputs, random_state + 1)
    true = values_of(inside, others) > 0
    wrong = np.array([((stage(others, record) > 0) != true).mean() for stage in stages])
    return Boundary(inside, record, (low, high), stages, wrong)
