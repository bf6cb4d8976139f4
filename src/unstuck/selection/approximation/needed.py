"""How many hidden units keep the largest error on a cube below a bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.activations import Activation
from unstuck.drawing.axes import axes_of
from unstuck.drawing.colors import BLUE, QUIET
from unstuck.errors import ParameterError
from unstuck.readable import Facts, Readable
from unstuck.rules import check_whole
from unstuck.selection.approximation.candidates import Candidates, OwnActivation, activation_of
from unstuck.selection.approximation.growing import Stage, check_room, grow
from unstuck.selection.approximation.sampled import (
    Function,
    Largest,
    ends_of,
    fitted_values,
    rows_of,
    spread,
)
from unstuck.selection.approximation.slopes import log_slope
from unstuck.selection.approximation.uniform import pieces_needed, smallest_largest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FITTED = {1: 801, 2: 2048}
"""Points to which networks are fitted; more inputs take ``MORE``."""
MORE = 4096
POINTS_A_UNIT = 8
"""In one input, at least so many."""


@dataclass(frozen=True, repr=False)
class UnitsNeeded(Readable):
    """Numbers of units that keep the largest error below a bound.

    Attributes:
        inputs: of the function.
        activation: of the hidden units.
        epsilons: the bounds, the largest first.
        units: so many units were found to be enough; ``None`` where ``most`` units were not.
        largest: the largest errors of these networks (of the last one where there is none).
        at_least: so many are needed by any network; 0 where that is not known. It is for ReLU-like
            units of one input.
        stages: the networks.
        interval: where, along each input.
    """

    inputs: int
    activation: Activation | OwnActivation
    epsilons: tuple[float, ...]
    units: tuple[int | None, ...]
    largest: tuple[float, ...]
    at_least: tuple[int, ...]
    stages: tuple[Stage, ...]
    interval: tuple[float, float]

    def __call__(self, x: Any, which: int = -1) -> np.ndarray:
        """The outputs of the network of a bound, of the smallest one if none is named.

        Arguments:
            x: rows, shape (n, inputs).
            which: position of the bound in ``epsilons``.
        """
        rows = rows_of(x, self.inputs, "units_needed")
        count = len(self.stages)
        if not isinstance(which, int | np.integer) or not -count <= which < count:
            raise ParameterError(
                f"units_needed: which was {which!r}; expected a position in the {count} epsilons."
            )
        return self.stages[which](rows, self.activation)

    @property
    def slope(self) -> float:
        """How log(units) falls with log(epsilon): -1/2 for ReLUs and smooth functions of one
        input."""
        known = [(e, q) for e, q in zip(self.epsilons, self.units, strict=True) if q is not None]
        return (
            log_slope([e for e, _ in known], [q for _, q in known])
            if len(known) > 1
            else float("nan")
        )

    def plot(self, ax: Any = None) -> Axes:
        """Draw the numbers of units against the bounds.

        Arguments:
            ax: matplotlib axes; a new figure where none are given.
        """
        from matplotlib.ticker import LogLocator, NullFormatter

        with axes_of(ax, 4.8, 3.4) as ax:
            known = [q is not None for q in self.units]
            e = np.array(self.epsilons)
            ax.loglog(e[known], [q for q in self.units if q], "o-", color=BLUE, label="found")
            if any(self.at_least):
                ax.loglog(e, self.at_least, "_", color=QUIET, mew=2, ms=12, label="at least")
                ax.legend()
            ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            ax.yaxis.set_minor_formatter(NullFormatter())
            for axis in (ax.xaxis, ax.yaxis):
                axis.set_major_formatter("{x:g}")
            ax.invert_xaxis()
            ax.set_xlabel("largest error allowed")
            ax.set_ylabel("units")
        return ax

    def _told(self) -> Facts:
        low, high = self.interval
        kind = "input" if self.inputs == 1 else "inputs"
        said = (
            f"{self.activation.name} units for a function of {self.inputs} {kind} "
            f"on [{low:g}, {high:g}]:",
        )
        head = ("largest error below", "units found", "its largest error")
        bounded = any(self.at_least)
        rows: list[tuple[str, ...]] = [(*head, "at least") if bounded else head]
        for e, q, found, least in zip(
            self.epsilons, self.units, self.largest, self.at_least, strict=True
        ):
            cells = (f"{e:g}", "none" if q is None else str(q), f"{found:.2g}")
            rows.append((*cells, str(least)) if bounded else cells)
        return Facts("Units needed", said, rows, words=0)


def units_needed(
    function: Function,
    epsilon: float | Sequence[float],
    *,
    inputs: int = 1,
    activation: str | Callable[..., Any] = "relu",
    interval: tuple[float, float] = (-1.0, 1.0),
    most: int = 128,
    random_state: int = 0,
) -> UnitsNeeded:
    """How many hidden units keep the largest error below epsilon on a cube.

    Units are placed one after another, and output weights fitted to the largest error. The number
    is that of a network that was found: a cleverer search may need fewer units, and ``at_least``
    says how far that can go where it is known. The error is the largest of some thousand points
    and of climbs from the worst of them, which may miss a little.

    Arguments:
        function: of rows, shape (n, inputs), or (n,) for one input.
        epsilon: the bound, or several.
        inputs: of the function.
        activation: a name of ``ACTIVATIONS``, or a function.
        interval: the cube, along each input.
        most: units to try.
        random_state: seed of the search for places, and of the points.

    Raises:
        ParameterError: a parameter cannot be used.
        DataError: the function has no finite numbers there.

    Example:
        >>> found = units_needed(np.square, 0.02)
        >>> found.units, found.at_least
        ((7,), (4,))
    """
    name = "units_needed"
    check_whole(name, inputs=inputs, most=most)
    check_whole(name, 0, random_state=random_state)
    low, high = ends_of(interval, name)
    bounds = _bounds(epsilon)
    record = activation_of(activation, name)
    count = max(FITTED.get(inputs, MORE), POINTS_A_UNIT * most if inputs == 1 else 0)
    check_room("units_needed", count, most)
    x = spread(count, low, high, inputs, random_state + 1)
    y = fitted_values(function, x)
    candidates = Candidates(
        record, low, high, inputs, shifts_only=inputs == 1 and record.name == "relu"
    )
    worst = Largest(function, low, high, inputs, random_state)
    growing = grow(x, y, most, record, candidates, np.random.default_rng(random_state))
    search = _Search(x, y, worst, record, growing)
    found = [search.smallest(bound) for bound in bounds]
    least = [
        max(0, pieces_needed(x[:, 0], y, bound) - 1)
        if inputs == 1 and candidates.homogeneous
        else 0
        for bound in bounds
    ]
    units, stages, errors = zip(*found, strict=True)
    return UnitsNeeded(
        inputs, record, tuple(bounds), units, errors, tuple(least), stages, (low, high)
    )


class _Search:
    """Networks as far as they were grown, and their largest errors."""

    def __init__(
        self, x: Any, y: Any, worst: Largest, activation: Activation | OwnActivation, growing: Any
    ):
        self.x, self.y, self.worst, self.activation = x, y, worst, activation
        self.growing = growing
        self.stages: list[Stage] = []
        self.uniform: dict[int, tuple[Stage, float]] = {}

    def smallest(self, bound: float) -> tuple[int | None, Stage, float]:
        """The fewest units whose largest error is below the bound, the network and its error."""
        enough = next((q for q in range(1, len(self.stages) + 1) if self._enough(q, bound)), None)
        while enough is None and (stage := next(self.growing, None)) is not None:
            self.stages.append(stage)
            if self._enough(len(self.stages), bound):
                enough = len(self.stages)
        low, high = 0, enough or len(self.stages)
        if self.weighed(high)[1] >= bound:
            return None, *self.weighed(high)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.weighed(middle)[1] < bound else (middle, high)
        return high, *self.weighed(high)

    def _enough(self, q: int, bound: float) -> bool:
        """Whether least squares suffice: first at the fitted points, which is quick."""
        away = abs(self.stages[q - 1](self.x, self.activation) - self.y).max()
        return bool(away < bound) and self.weighed(q)[1] < bound

    def weighed(self, q: int) -> tuple[Stage, float]:
        """The network whose output weights make the largest error small, and that error."""
        if q not in self.uniform:
            squares = self.stages[q - 1]
            columns = np.column_stack(
                [np.ones(len(self.x)), squares.units.of(self.x, self.activation)]
            )
            v = smallest_largest(columns, self.y)
            both = (squares, Stage(squares.units, v[1:], float(v[0])))
            errors = [self.worst.of(lambda rows, s=s: s(rows, self.activation)) for s in both]  # type: ignore[misc]
            best = int(np.argmin(errors))
            self.uniform[q] = both[best], errors[best]
        return self.uniform[q]


def _bounds(epsilon: Any) -> list[float]:
    try:
        bounds = sorted({float(each) for each in np.atleast_1d(np.asarray(epsilon, float))})[::-1]
    except (TypeError, ValueError):
        bounds = []
    if not bounds or not all(np.isfinite(bounds)) or bounds[-1] <= 0:
        raise ParameterError(
            f"units_needed: epsilon was {epsilon!r}; expected a number above 0, or several."
        )
    return bounds
