"""What displays draw: the looks of train, validation and test, ticks and titles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from unstuck.drawing.colors import BLUE, GREEN, INK, ORANGE, PURPLE, QUIET
from unstuck.errors import DataError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

ONE_PART = "data"
"""What rows are called that were not given by part."""
MOST_POINTS = 5000
"""Points of a part that are drawn at most."""


class Appearance(NamedTuple):
    """How the points of a part are drawn.

    Attributes:
        color: of points, lines and bars.
        marker: of points.
        area: of the marker, in those of a circle that looks as large.
    """

    color: str
    marker: str
    area: float = 1.0


APPEARANCES = {
    "train": Appearance(BLUE, "o"),
    "validation": Appearance(ORANGE, "s"),
    "test": Appearance(GREEN, "^", 1.4),
}
"""Told apart by their markers too, and by their lightness."""


def appearances(parts: Sequence[str]) -> dict[str, Appearance]:
    """An appearance for every part; parts of other names take those that are free.

    Example:
        >>> appearances(["train", "night"])["night"].marker
        's'
    """
    free = [look for name, look in APPEARANCES.items() if name not in parts]
    free += [Appearance(PURPLE, "D"), Appearance(QUIET, "v"), Appearance(INK, "P")]
    names = [name for name in parts if name not in APPEARANCES]
    others = {name: free[index % len(free)] for index, name in enumerate(names)}
    return {name: APPEARANCES.get(name) or others[name] for name in parts}


def by_part(values: Any) -> dict[str, Any]:
    """Values by part: as given, or as the only part.

    Example:
        >>> by_part([1, 2])
        {'data': [1, 2]}
    """
    return dict(values) if isinstance(values, Mapping) else {ONE_PART: values}


def same_parts(first: Any, second: Any, names: tuple[str, str]) -> dict[str, tuple[Any, Any]]:
    """Pairs of what was given for each part.

    Raises:
        DataError: the two were given for different parts.
    """
    ours, theirs = by_part(first), by_part(second)
    if list(ours) != list(theirs):
        raise DataError(
            f"{names[0]} has the parts {list(ours)} and {names[1]} has {list(theirs)}; pass "
            "arrays, or dicts with the same keys in the same order."
        )
    return {part: (ours[part], theirs[part]) for part in ours}


def pairs_of(y_true: Any, y_pred: Any) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Targets and outputs of every part, raveled: shapes (n,) or (n * outputs,).

    Raises:
        DataError: shapes that differ, no rows, or numbers that are not finite.
    """
    found = {}
    for part, (true, predicted) in same_parts(y_true, y_pred, ("y_true", "y_pred")).items():
        targets, outputs = np.asarray(true, float), np.asarray(predicted, float)
        if targets.shape != outputs.shape or not targets.size:
            raise DataError(
                f"{part}: targets have the shape {targets.shape} and outputs {outputs.shape}; "
                "expected one output for each target, and at least one."
            )
        if not (np.isfinite(targets).all() and np.isfinite(outputs).all()):
            raise DataError(f"{part}: targets and outputs must be finite numbers to be drawn.")
        found[part] = targets.ravel(), outputs.ravel()
    return found


def thinned(*columns: np.ndarray) -> tuple[np.ndarray, ...]:
    """At most ``MOST_POINTS`` of the points, evenly taken.

    Example:
        >>> len(thinned(np.arange(20_000))[0])
        5000
    """
    count = len(columns[0])
    taken = np.linspace(0, count - 1, min(count, MOST_POINTS)).astype(int)
    return tuple(column[taken] for column in columns)


def whole_numbers(axis: Axis, most: int = 6) -> None:
    """Ticks at integers, at most so many."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(most, integer=True, min_n_ticks=1))


def noted(panel: Axes, text: str, points: float) -> Any:
    """A quiet text so many points above a panel, below its title."""
    return panel.annotate(
        text, (0, 1), (0, points), xycoords="axes fraction", textcoords="offset points",
        color=QUIET, fontsize=8.5, va="bottom",
    )  # fmt: skip


def headed(panel: Axes, title: str, key: Sequence[Any] = (), under: str = "") -> None:
    """A title, and below it but above the data what the lines mean."""
    panel.set_title(title, loc="left", pad=20 if key or under else 6)
    if under:
        noted(panel, under, 5)
    if key:
        legend = panel.legend(
            handles=list(key),
            loc="lower left",
            bbox_to_anchor=(0, 1),
            borderaxespad=0.1,
            borderpad=0.2,
            ncols=len(key),
            columnspacing=1.4,
            handlelength=1.5,
            handletextpad=0.5,
        )
        legend.set_in_layout(False)  # the title keeps its place; a long one makes no narrow axes
