"""A function of one variable, fitted by a hidden layer that grows unit after unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.activations import Activation
from unstuck.errors import ParameterError
from unstuck.persistence.atomic import explain
from unstuck.readable import Facts, Readable
from unstuck.rules import check_whole
from unstuck.selection.approximation import drawn
from unstuck.selection.approximation.candidates import (
    Candidates,
    OwnActivation,
    activation_of,
)
from unstuck.selection.approximation.growing import Stage, check_room, grow
from unstuck.selection.approximation.sampled import (
    Function,
    Largest,
    ends_of,
    fitted_values,
    rows_of,
    values_of,
)
from unstuck.selection.approximation.slopes import log_slope

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DAY = 86_400.0
LEAST_POINTS, POINTS_A_UNIT = 401, 8
ROUNDING = 1e-9
"""Errors below this share of the function's range say nothing of the slope."""


@dataclass(frozen=True, repr=False)
class Approximation(Readable):
    """A function of one variable and networks of 1, 2, 3, ... hidden units.

    Attributes:
        function: what was fitted.
        activation: of the hidden units.
        interval: where.
        stages: the networks, the smallest first.
        largest: their largest distance from the function, shape (stages,).
        mean_squared: the mean of its square, shape (stages,).
    """

    function: Function
    activation: Activation | OwnActivation
    interval: tuple[float, float]
    stages: tuple[Stage, ...]
    largest: np.ndarray
    mean_squared: np.ndarray

    def __call__(self, x: Any, units: int | None = None) -> np.ndarray:
        """The network's outputs.

        Arguments:
            x: inputs, shape (n,).
            units: of the network; all of them if not given.

        Raises:
            ParameterError: there is no network of so many units.
            DataError: inputs are no numbers.
        """
        return self.stage(units)(rows_of(x, 1, "approximation"), self.activation)

    def stage(self, units: int | None = None) -> Stage:
        """The network of so many units, or the last one."""
        units = len(self.stages) if units is None else units
        check_whole("approximation", units=units)
        if units > len(self.stages):
            raise ParameterError(
                f"approximation: units was {units}; expected at most {len(self.stages)}, as many "
                "as were placed."
            )
        return self.stages[units - 1]

    def pieces(self, x: Any, units: int | None = None) -> np.ndarray:
        """What each unit adds, its output weight times its activation, shape (n, units)."""
        stage, rows = self.stage(units), rows_of(x, 1, "approximation")
        return stage.units.of(rows, self.activation) * stage.v

    @property
    def slopes(self) -> tuple[float, float]:
        """How log(largest error) and log(mean squared error) fall with log(units), from 4 on."""
        q = np.arange(1, len(self.stages) + 1)
        x = np.linspace(*self.interval, LEAST_POINTS)
        y = values_of(self.function, x[:, None])
        range_ = max(float(np.ptp(y)), float(abs(y).max()))
        if range_ == 0:
            return float("nan"), float("nan")
        return (
            log_slope(q[3:], self.largest[3:], ROUNDING * range_),
            log_slope(q[3:], self.mean_squared[3:], (ROUNDING * range_) ** 2),
        )

    def plot(self, units: int | None = None, ax: Any = None) -> Axes:
        """Draw the function, the network, and below them what each unit adds.

        Arguments:
            units: of the network; all if not given.
            ax: matplotlib axes; a new figure where none are given.
        """
        return drawn.plot(self, len(self.stages) if units is None else units, ax)

    def frames(self, units: Any = None) -> Iterator[Figure]:
        """The animation: a figure for each network, on the same axes.

        Arguments:
            units: numbers of units to show; 1, 2, 3, ... if not given.
        """
        return drawn.frames(self, self._asked(units))

    def save_frames(self, path: str | Path, units: Any = None, seconds: float = 0.5) -> list[Path]:
        """Write the animation: into a folder, a PNG file a frame, or into one GIF file.

        Arguments:
            path: a folder, made if there is none, or a file whose name ends in ``.gif``.
            units: numbers of units to show; 1, 2, 3, ... if not given.
            seconds: of each frame of a GIF.

        Returns:
            The files.

        Raises:
            ParameterError: a parameter cannot be used.
            FileError: nothing can be written there.
        """
        if not isinstance(path, str | Path):
            raise ParameterError(
                f"save_frames: path was {path!r}; expected a folder or a GIF file."
            )
        if isinstance(seconds, bool) or not isinstance(seconds, Real) or not 0 < seconds < DAY:
            raise ParameterError(
                f"save_frames: seconds was {seconds!r}; expected a number above 0, of each frame."
            )
        try:
            return drawn.save_frames(self, self._asked(units), Path(path), float(seconds))
        except OSError as problem:
            raise explain(problem, str(path), "write") from problem

    def _asked(self, units: Any) -> list[int]:
        asked = range(1, len(self.stages) + 1) if units is None else units
        if not isinstance(asked, Iterable) or not (listed := list(asked)):
            raise ParameterError(
                f"approximation: units was {units!r}; expected numbers of units, such as [1, 2, 4]."
            )
        for each in listed:
            self.stage(each)
        return listed

    def _told(self) -> Facts:
        last = len(self.stages)
        shown = [q for q in (2**k for k in range(20)) if q < last] + [last]
        rows: list[tuple[str, ...]] = [("units", "largest error", "mean squared error")]
        rows += [
            (str(q), f"{self.largest[q - 1]:.2e}", f"{self.mean_squared[q - 1]:.2e}") for q in shown
        ]
        low, high = self.interval
        said = [f"{self.activation.name} units one after another, on [{low:g}, {high:g}]:"]
        falls = self.slopes
        if np.isfinite(falls).all():
            rows.append(("slope", *(f"{fall:.1f}" for fall in falls)))
        return Facts("Approximation", tuple(said), rows, words=0)


def unit_by_unit(
    function: Function,
    units: int,
    *,
    activation: str | Callable[..., Any] = "relu",
    interval: tuple[float, float] = (-1.0, 1.0),
    output_bias: bool = True,
    random_state: int = 0,
) -> Approximation:
    """Fit ``constant + Σ w_i activation(x + b_i)`` to a function, one unit after another.

    The next unit comes where it lowers the squared error most, and then all output weights are
    refitted by least squares. Units whose form depends on their steepness, such as sigmoids, also
    have an input weight: ``activation(a_i x + b_i)``; ReLU needs none.

    Arguments:
        function: of an array of numbers, or of a number.
        units: the most; fewer come where no other unit lowers the error.
        activation: a name of ``ACTIVATIONS``, or a function.
        interval: where the function is fitted, and where errors are measured.
        output_bias: whether there is the constant. Without it two units below the interval take
            its place.
        random_state: seed of the search for places.

    Raises:
        ParameterError: units, interval, activation or seed cannot be used.
        DataError: the function has no finite numbers there.

    Example:
        >>> fitted = unit_by_unit(np.square, 16)
        >>> print(fitted.largest[[3, 7, 15]].round(3), fitted([0.5]).round(2))
        [0.08  0.02  0.005] [0.25]
    """
    name = "unit_by_unit"
    check_whole(name, units=units)
    check_whole(name, 0, random_state=random_state)
    low, high = ends_of(interval, name)
    record = activation_of(activation, name)
    points = max(LEAST_POINTS, POINTS_A_UNIT * units + 1)
    check_room(name, points, units)
    x = np.linspace(low, high, points)[:, None]
    y = fitted_values(function, x)
    relu = record.name == "relu"
    candidates = Candidates(record, low, high, 1, shifts_only=relu)
    rng = np.random.default_rng(random_state)
    stages = tuple(grow(x, y, units, record, candidates, rng, output_bias=output_bias))
    worst = Largest(function, low, high, 1, random_state)
    found = np.array([worst.found(lambda rows, s=stage: s(rows, record)) for stage in stages])  # type: ignore[misc]
    return Approximation(function, record, (low, high), stages, found[:, 0], found[:, 1])
