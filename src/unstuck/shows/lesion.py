"""Parts of a network, a tree, a memory and two circuits removed: what is left of what they do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from unstuck.aligned import aligned
from unstuck.drawing.colors import BLUE, GREEN, ORANGE, PURPLE, QUIET
from unstuck.estimators.classifier import NetClassifier
from unstuck.neuro.boolean import letters, rows_of
from unstuck.neuro.circuit import Circuit, Wired, circuit_of
from unstuck.neuro.lesion import lesion
from unstuck.neuro.lesions import Lesions
from unstuck.neuro.threshold import GATES, ThresholdLogicUnit
from unstuck.report import figures
from unstuck.shows.show import Show

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BITS = 6
SHARES = tuple(i / 10 for i in range(11))
TOLD = (1, 2, 3, 5, 7, 9)
"""Tenths that the table tells of."""
LOOKS = tuple(zip((BLUE, GREEN, ORANGE, PURPLE, QUIET), "os^vD", strict=True))


def show() -> Show:
    """As a text and a figure."""
    found = lesions()
    network = next(iter(found.values()))
    head = ("removed at random", *(f"{10 * tenth} %" for tenth in TOLD), "half gone at")
    table = [head]
    for name, each in found.items():
        left = [f"{max(each.left['random'][tenth], 0):.1f}" for tenth in TOLD]
        table.append((name, *left, f"{100 * each.half():.0f} %"))
    said = "What is left of the score: 1 is that of the whole, 0 that of a constant."
    text = f"{network}\n\n{said}\n" + "\n".join(aligned(table, words=1))

    def save(path: Path) -> None:
        with figures.written(path, 9.6, 7.4) as figure:
            panels = figure.subplots(2, 2)
            network.plot(panels[0, 0]).set_title("Units of a network that reads digits")
            network.plot_places(panels[0, 1]).set_title("Blocks of its units: where they begin")
            draw(found, panels[1, 0], "random").set_title("Removed at random")
            draw(found, panels[1, 1], "worst").set_title("The worst first")
            names = panels[1, 1].get_legend_handles_labels()
            figure.legend(*names, loc="outside lower center", ncols=len(found))

    return Show(text, save)


def lesions() -> dict[str, Lesions]:
    """Of each, with its parts."""
    X, y = load_digits(return_X_y=True)
    x, fit, test = X / 16, slice(0, None, 2), slice(1, None, 2)
    network = NetClassifier(
        (64,), learning_rate_init=0.005, tol=1e-3, dtype="float64", watch=False, random_state=0
    )
    digits = {
        "units of a network": network,
        "rows of a memory": KNeighborsClassifier(3),
        "tests of a tree": DecisionTreeClassifier(random_state=0),
    }
    found = {
        name: lesion(each.fit(x[fit], y[fit]), x[test], y[test], shares=SHARES)
        for name, each in digits.items()
    }
    rows = rows_of(BITS)
    odd = rows.sum(1) % 2
    circuits = {"gates, side by side": circuit_of(odd), "gates, in a chain": chain(BITS)}
    return found | {
        name: lesion(each, rows, odd, shares=SHARES, seeds=30) for name, each in circuits.items()
    }


def chain(bits: int) -> Circuit:
    """Whether an odd number of bits is 1, by XOR of one after the other.

    Example:
        >>> chain(3).truth_table.tolist()
        [0, 1, 1, 0, 1, 0, 0, 1]
    """
    inputs = letters(bits)
    units: dict[str, Wired] = {}
    both, last = ThresholdLogicUnit([-1, -1], 1.5), inputs[0]
    for i, name in enumerate(inputs[1:]):
        units[f"or {i}"] = (GATES["or"], [last, name])
        units[f"not both {i}"] = (both, [last, name])
        last = f"odd {i}"
        units[last] = (GATES["and"], [f"or {i}", f"not both {i}"])
    return Circuit(inputs, units)


def draw(found: dict[str, Lesions], panel: Axes, order: str) -> Axes:
    """What is left of each against the share that was removed."""
    for (name, each), (color, marker) in zip(found.items(), LOOKS, strict=True):
        x, left = 100 * each.shares, each.left[order]
        panel.plot(x, left, marker=marker, ms=4, color=color, label=name)
    panel.set_xlabel("removed (%)")
    panel.set_ylabel("left of the score")
    return panel
