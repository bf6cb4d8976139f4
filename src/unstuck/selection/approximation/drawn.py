"""A network of one input and its pieces, drawn; the animation of its growth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.drawing.axes import axes_of, figure_of, style
from unstuck.drawing.colors import BLUE, INK, ORANGE, QUIET
from unstuck.selection.approximation.sampled import values_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RESOLUTION = 501
SIZE = (5.4, 3.4)
"""Inches of a frame."""
MARGIN = 0.08
"""Share of the function's range above and below it."""


def plot(approximation: Any, units: int, ax: Any = None) -> Axes:
    """The function, the network of so many units, and what each of them adds.

    Arguments:
        approximation: an ``Approximation``.
        units: of the network.
        ax: matplotlib axes; a new figure where none are given.
    """
    with axes_of(ax, *SIZE) as ax:
        low, high = approximation.interval
        x = np.linspace(low, high, RESOLUTION)
        y = values_of(approximation.function, x[:, None])
        stage = approximation.stage(units)
        pieces = approximation.pieces(x, units)
        for i, piece in enumerate(pieces.T):
            new = i == units - 1
            ax.plot(
                x,
                piece,
                color=ORANGE if new else QUIET,
                lw=1.2 if new else 0.7,
                alpha=1.0 if new else 0.7,
                label="the last unit" if new else "units" if i == 0 else None,
                zorder=1,
            )
        ax.plot(x, y, color=INK, lw=3.2, alpha=0.3, label="function", zorder=2)
        ax.plot(x, stage.constant + pieces.sum(1), color=BLUE, lw=1.6, label="their sum", zorder=3)
        room = MARGIN * (float(np.ptp(y)) or 1.0)
        ax.set_ylim(y.min() - 4 * room, y.max() + 2 * room)
        ax.set_xlim(low, high)
        ax.set_title(
            f"{units} {approximation.activation.name} unit{'s' * (units > 1)}, "
            f"largest error {approximation.largest[units - 1]:.2g}"
        )
        ax.set_xlabel("x")
    return ax


def frames(approximation: Any, units: Sequence[int]) -> Iterator[Figure]:
    """A figure for each of these numbers of units."""
    for q in units:
        with figure_of(*SIZE) as figure:
            panel = plot(approximation, q, figure.add_subplot())
            handles, labels = panel.get_legend_handles_labels()
            figure.legend(handles, labels, loc="outside lower center", ncols=4)
        yield figure


def save_frames(approximation: Any, units: Sequence[int], path: Path, seconds: float) -> list[Path]:
    """Write them into a folder of PNG files, or into a GIF."""
    if path.suffix.lower() == ".gif":
        _animated([_pixels(figure) for figure in frames(approximation, units)], path, seconds)
        return [path]
    path.mkdir(parents=True, exist_ok=True)
    files = []
    for q, figure in zip(units, frames(approximation, units), strict=True):
        files.append(path / f"units_{q:03d}.png")
        with style():
            figure.savefig(files[-1], dpi=120)
    return files


def _pixels(figure: Figure) -> np.ndarray:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure.set_dpi(100)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _animated(images: Sequence[np.ndarray], path: Path, seconds: float) -> None:
    from PIL import Image

    first, *others = [Image.fromarray(image) for image in images]
    first.save(path, save_all=True, append_images=others, duration=round(1000 * seconds), loop=0)
