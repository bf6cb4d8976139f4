"""What figures of a report share: what one is, its axes of layers and of powers of ten, its key."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from unstuck.drawing.colors import BLUE, QUIET
from unstuck.health.lines import visible
from unstuck.report.document.contents import END, START

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FEW = 12
"""Layers that have their names below them; more are numbered."""
SELECTED = 8
"""Layers of many that have a histogram, or a line over the epochs."""
COLORS = {START: QUIET, END: BLUE}
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LONGEST = 18
"""Characters of a name in a figure."""
WIDEST_TITLE = 50
"""Characters of a title beyond which it is written smaller, to stay within its figure."""


class Drawn(NamedTuple):
    """A figure of a report.

    Attributes:
        name: of the figure, a word.
        heading: what it shows.
        figure: drawn.
        reads: how to read it, in a sentence or two.
        wide: whether it takes the width of two.
    """

    name: str
    heading: str
    figure: Figure
    reads: str
    wide: bool = False


def plain(name: str, longest: int = LONGEST) -> str:
    """A name from the data as a figure shows it: short, and no formula.

    Example:
        >>> print(plain("a$x$"), plain("a name that is rather long"))
        a\\$x\\$ a name that is ra…
    """
    text = visible(name)
    text = text if len(text) <= longest else text[: longest - 1] + "…"
    return text.replace("$", r"\$")


def selected(count: int, most: int = SELECTED) -> list[int]:
    """Layers from the first to the last, evenly taken.

    Example:
        >>> selected(3), selected(50, 4)
        ([0, 1, 2], [0, 16, 33, 49])
    """
    return sorted({round(at) for at in np.linspace(0, count - 1, min(count, most))})


def short(names: Sequence[str]) -> list[str]:
    """Names of layers in two letters where they are the usual ones.

    Example:
        >>> short(["hidden_1", "output"])
        ['h1', 'out']
    """
    return ["out" if name == "output" else plain(name.replace("hidden_", "h"), 8) for name in names]


def layer_axis(panel: Axes, names: Sequence[str]) -> None:
    """Layers from left to right: from the inputs to the outputs."""
    count = len(names)
    at = list(range(count)) if count <= FEW else selected(count, 6)
    labels = short(names)
    panel.set_xticks(at, [labels[i] for i in at])
    panel.set_xlim(-0.6, count - 0.4)
    panel.grid(axis="x", visible=False)
    panel.set_xlabel("layer, from the inputs to the outputs")


def power(exponent: float) -> str:
    """A power of ten.

    Example:
        >>> power(-3), power(0), power(math.log10(0.5)), power(math.log10(2e-6))
        ('10⁻³', '1', '0.5', '2·10⁻⁶')
    """
    if -3 < exponent < 4:
        return f"{10**exponent:.3g}" if exponent < 2 else f"{10**exponent:.0f}"
    digit, whole = 10 ** (exponent % 1), "10" + str(math.floor(exponent)).translate(SUPERSCRIPTS)
    return whole if round(digit) == 1 else f"{digit:.0f}·{whole}"


def power_axis(axis: Any, low: float, high: float, most: int = 6) -> None:
    """An axis of exponents with powers of ten beside it, and the ends that it has to have."""
    from matplotlib.ticker import FixedLocator, FuncFormatter

    if not (math.isfinite(low) and math.isfinite(high)):
        low, high = -1.0, 1.0
    room = max(0.04 * (high - low), 0.15)
    low, high = low - room, high + room
    axis.set_major_locator(FixedLocator(_ticks(low, high, most).tolist()))
    axis.set_major_formatter(FuncFormatter(lambda value, _: power(value)))
    axis.axes.set(**{f"{axis.axis_name}lim": (low, high)})


def _ticks(low: float, high: float, most: int) -> np.ndarray:
    """Powers of ten, every so many; with 2 and 5 between them where there are few."""
    step = max(1, math.ceil((high - low) / most))
    first, last = math.floor(low), math.ceil(high)
    for digits in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
        whole = np.arange(math.ceil(first / step) * step, last + 1, step)
        ticks = np.sort((whole[:, None] + np.log10(digits)).ravel())
        ticks = ticks[(ticks >= low) & (ticks <= high)]
        if len(ticks) > 2 or step > 1:
            return ticks
    return np.log10(_round(10.0**low, 10.0**high))


def _round(low: float, high: float) -> np.ndarray:
    """Round numbers between two that are near each other."""
    from matplotlib.ticker import MaxNLocator

    found = np.array(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high))
    return found[(found >= low) & (found <= high) & (found > 0)]


def told_powers(axis: Any) -> None:
    """The same powers of ten beside a logarithmic axis."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    if axis.get_scale() == "log":
        low, high = np.log10(axis.get_view_interval())
        axis.set_major_locator(FixedLocator((10.0 ** _ticks(low, high, 6)).tolist()))
        axis.set_major_formatter(FuncFormatter(lambda value, _: power(math.log10(value))))
        axis.set_minor_locator(NullLocator())


def quiet_title(panel: Axes) -> None:
    """The title of a display, with what stands under it, as a line below a figure's heading."""
    parts = [panel.get_title("left"), *(each.get_text() for each in panel.texts)]
    for each in list(panel.texts):
        each.remove()
    key = panel.get_legend()
    pad = 20 if key is not None else 6
    title = "; ".join(parts)
    panel.set_title(title, loc="left", fontsize=9.5 if len(title) < WIDEST_TITLE else 8.5,
                    fontweight="normal", color=QUIET, pad=pad)  # fmt: skip


def extent(*arrays: Any) -> tuple[float, float]:
    """The least and the largest finite number; NaN where there is none."""
    numbers = np.concatenate([np.ravel(np.asarray(each, float)) for each in arrays])
    numbers = numbers[np.isfinite(numbers)]
    return (float(numbers.min()), float(numbers.max())) if len(numbers) else (math.nan, math.nan)


def exponents(numbers: Any) -> np.ndarray:
    """Powers of ten of sizes; NaN of what is 0, broken or unknown."""
    sizes = np.abs(np.asarray(numbers, float))
    with np.errstate(all="ignore"):
        return np.where((sizes > 0) & np.isfinite(sizes), np.log10(sizes), np.nan)


def key(figure: Figure, handles: Sequence[Any], most: int = 4) -> None:
    """What lines and areas mean, above the panels."""
    if handles:
        figure.legend(
            handles=list(handles), loc="outside upper left", ncols=min(len(handles), most),
            borderpad=0.1, columnspacing=1.2, handlelength=1.4, handletextpad=0.5,
        )  # fmt: skip


def moment_key(moments: Sequence[str], **more: Any) -> list[Any]:
    """Handles that tell the moments apart."""
    from matplotlib.lines import Line2D

    said = {START: "before the first step", END: "at the end"}
    return [Line2D([], [], color=COLORS[m], lw=3, label=said[m], **more) for m in moments]
