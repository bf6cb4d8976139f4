"""Hidden units one after another: how near they come, and how many are needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from unstuck.aligned import aligned
from unstuck.drawing.colors import BLUE, GREEN, ORANGE, QUIET
from unstuck.report import figures
from unstuck.selection.approximation.boundary import class_boundary
from unstuck.selection.approximation.floor import polynomial_floor
from unstuck.selection.approximation.needed import units_needed
from unstuck.selection.approximation.one_variable import Approximation, unit_by_unit
from unstuck.shows.show import Show

UNITS, SHOWN = 64, (1, 2, 3, 4, 8, 16, 32, 64)


def wave(x: Any) -> Any:
    """The function of one variable."""
    return np.sin(4 * x) + 0.3 * np.cos(11 * x)


def cube(a: Any) -> Any:
    """A polynomial as activation."""
    return a**3


def hill(x: Any) -> Any:
    """A Gaussian of any number of inputs."""
    return np.exp(-(x.reshape(len(x), -1) ** 2).sum(1))


def disk(x: Any) -> Any:
    """Inside of a circle that takes some 40 % of the square."""
    return (x**2).sum(1) < 0.5


def show() -> Show:
    """As a text and a figure."""
    fits = {
        "relu": unit_by_unit(wave, UNITS),
        "sigmoid": unit_by_unit(wave, UNITS, activation="logistic"),
        "a^3": unit_by_unit(wave, UNITS, activation=cube),
    }
    floor = polynomial_floor(wave, 3)
    one = units_needed(hill, (0.1, 0.03, 0.01, 0.003))
    two = units_needed(hill, (0.1, 0.05, 0.025), inputs=2)
    circle = class_boundary(disk, 32)
    stays = fits["a^3"]
    parts = [
        "sin(4x) + 0.3 cos(11x), units one after another: the largest error\n" + _errors(fits),
        f"Units a^3 end after {len(stays.stages)}: all others are sums of these. Mean squared\n"
        f"error {stays.mean_squared[-1]:.3f}; the best cubic polynomial has "
        f"{floor.mean_squared:.3f} (and the one with\nthe smallest largest error, "
        f"{floor.largest:.2f}).",
        f"exp(-|x|^2), one input\n{one}",
        f"exp(-|x|^2), two inputs\n{two}",
        f"a circle in the square\n{circle}",
    ]

    def save(path: Path) -> None:
        with figures.written(path, 9.6, 6.2) as figure:
            halves: Any = figure.subfigures(2, 1, height_ratios=[1.1, 1])
            above, below = halves
            sums, others = above.subplots(1, 3, sharey=True), below.subplots(1, 3)
            for panel, units in zip(sums, (4, 8, 16), strict=True):
                largest = fits["relu"].largest[units - 1]
                fits["relu"].plot(units, panel).set_title(f"{units} ReLUs: off by {largest:.2g}")
            above.legend(*sums[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
            _courses(others[0], fits, floor.largest)
            one.plot(others[1]).set_title("Units for a Gaussian")
            circle.plot(16, others[2])

    return Show("\n\n".join(map(str, parts)), save)


def _errors(fits: dict[str, Approximation]) -> str:
    rows = [("units", *fits)]
    for q in SHOWN:
        rows.append(
            (
                str(q),
                *(f"{f.largest[q - 1]:.1e}" if q <= len(f.stages) else "-" for f in fits.values()),
            )
        )
    slopes = [f.slopes[0] for f in fits.values()]
    rows.append(("slope", *("-" if np.isnan(s) else f"{s:.1f}" for s in slopes)))
    return "\n".join(aligned(rows, words=0))


def _courses(panel: Any, fits: dict[str, Approximation], floor: float) -> None:
    for (name, fit), color in zip(fits.items(), (BLUE, GREEN, ORANGE), strict=True):
        q = np.arange(1, len(fit.stages) + 1)
        panel.loglog(q, fit.largest, color=color, label=name, lw=1.6)
    q = np.array([6.0, UNITS])
    panel.loglog(q, 9 * q**-2, color=QUIET, ls="dashed", lw=1, label="slope -2")
    panel.axhline(floor, color=ORANGE, ls="dotted", lw=1.2, label="best cubic polynomial")
    panel.set_title("Largest error")
    panel.set(xlabel="units", ylabel="largest error")
    panel.legend(fontsize=7.5)
