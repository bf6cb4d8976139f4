"""The regions of a classifier of two inputs, in the characters of a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

AREAS, ROWS = " .:-=", "o+x#@"
"""What regions are filled with, and how rows are marked, class by class."""
MARGIN = 0.15
"""Share of the range that is drawn around the rows."""


def regions(estimator: Any, x: np.ndarray, y: np.ndarray, width: int = 60, height: int = 18) -> str:
    """What a classifier of two inputs predicts everywhere, and the rows; the first goes right.

    Arguments:
        estimator: a fitted classifier of at most 5 classes.
        x: rows, shape (n, 2).
        y: their classes, shape (n,).
        width, height: characters.

    Example:
        >>> from unstuck.neuro import Perceptron
        >>> x, y = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0, 1])
        >>> print(regions(Perceptron().fit(x, y), x, y, 8, 4).splitlines()[-1])
        o 0   + 1   (regions: blank 0, '.' 1)
    """
    low, high = x.min(0), x.max(0)
    low, high = low - MARGIN * (high - low), high + MARGIN * (high - low)
    across, up = (np.linspace(low[i], high[i], size) for i, size in ((0, width), (1, height)))
    grid = np.column_stack([each.ravel() for each in np.meshgrid(across, up[::-1])])
    places = np.searchsorted(estimator.classes_, estimator.predict(grid))
    cells = np.array(list(AREAS))[places].reshape(height, width)
    size = np.array([width - 1, height - 1])
    at = np.rint((x - low) / np.where(high > low, high - low, 1) * size).astype(int)
    cells[height - 1 - at[:, 1], at[:, 0]] = np.array(list(ROWS))[
        np.searchsorted(estimator.classes_, y)
    ]
    key = "   ".join(f"{ROWS[i]} {name}" for i, name in enumerate(estimator.classes_))
    areas = ", ".join(
        f"{repr(AREAS[i]) if i else 'blank'} {name}" for i, name in enumerate(estimator.classes_)
    )
    lines = ["".join(line).rstrip() for line in cells]
    return "\n".join([*lines, f"{key}   (regions: {areas})"])


INK, UNKNOWN, PAPER = "##", "??", "· "
"""The pixels of a picture: +1, 0 and -1."""


def pictures(images: Sequence[np.ndarray], titles: Sequence[str]) -> str:
    """Images side by side, two characters a pixel, each below its title.

    Arguments:
        images: of the same height, +1, 0 and -1.
        titles: one for each.

    Example:
        >>> cue, end = np.array([[1, 0], [-1, 1]]), np.array([[1, 1], [-1, 1]])
        >>> print(pictures([cue, end], ["cue", "end"]))
        cue    end
        ##??   ####
        · ##   · ##
    """
    pixels = np.array([PAPER, UNKNOWN, INK])
    widths = [
        max(2 * image.shape[1], len(title)) for image, title in zip(images, titles, strict=True)
    ]
    lines = [titles]
    for row in range(images[0].shape[0]):
        lines.append(["".join(pixels[image[row].astype(int) + 1]) for image in images])
    return "\n".join(
        "   ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
