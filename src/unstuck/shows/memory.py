"""A memory that is asked by content: digits from a part, and how many patterns it holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from sklearn.datasets import load_digits

from unstuck.aligned import aligned
from unstuck.neuro.capacity import memory_capacity
from unstuck.neuro.memory import HopfieldMemory
from unstuck.neuro.recall_figure import draw_recalls
from unstuck.neuro.recalled import Recall
from unstuck.report import figures
from unstuck.shows.show import Show

INK = 8
"""Of a pixel's values, 0 to 16: above it a mean is ink."""
LOADS = (0.02, 0.05, 0.08, 0.10, 0.12, 0.138, 0.15, 0.18, 0.22)


def prototypes() -> np.ndarray:
    """The ten digits: where the mean of all images of one has ink, shape (10, 8, 8), booleans."""
    x, y = load_digits(return_X_y=True)
    return np.array([x[y == digit].mean(0) > INK for digit in range(10)]).reshape(10, 8, 8)


def without(images: np.ndarray, half: str) -> np.ndarray:
    """Images of which a half is not known."""
    hidden = np.where(images, 1.0, 0.0)
    place = {"lower": np.s_[..., 4:, :], "right": np.s_[..., 4:]}[half]
    hidden[place] = np.nan
    return hidden


def noisy(images: np.ndarray, share: float = 0.1) -> np.ndarray:
    """Images of which so many pixels are wrong."""
    return images ^ (np.random.default_rng(0).random(images.shape) < share)


def digits_table(digits: np.ndarray) -> list[tuple[str, ...]]:
    """How many digits stay where they are, and come back from a part or from mistakes."""
    table: list[tuple[str, ...]] = [
        ("digits", "rule", "stay", "from the upper half", "from the left", "10 % wrong")
    ]
    rules: tuple[Literal["hebb", "projection"], ...] = ("hebb", "projection")
    for many in (2, 3, 10):
        for rule in rules:
            stored = digits[:many]
            memory = HopfieldMemory(rule=rule, random_state=0).fit(stored)
            cues = (stored, without(stored, "lower"), without(stored, "right"), noisy(stored))
            right = [int((memory.recall(c).patterns == stored).all((1, 2)).sum()) for c in cues]
            table.append((str(many), rule, *(f"{each} of {many}" for each in right)))
    return table


def recalled(digits: np.ndarray) -> dict[str, Recall]:
    """Three recalls of a memory of all ten."""
    memory = HopfieldMemory(rule="projection", random_state=0).fit(digits)
    cues = {
        "the upper half of a 5": without(digits[5], "lower"),
        "the left half of a 9": without(digits[9], "right"),
        "a 2, 10 % of it wrong": noisy(digits[2]),
    }
    return {name: memory.recall(cue) for name, cue in cues.items()}


def show() -> Show:
    """As a text and a figure."""
    digits = prototypes()
    recalls = recalled(digits)
    table = digits_table(digits)
    parts = [
        f"random patterns, Hebb's rule\n{memory_capacity(loads=LOADS[3::2], seeds=1)}",
        "digits\n" + "\n".join(aligned(table, words=2)),
        *(f"{name}\n{each}\n{each.pictures()}" for name, each in recalls.items()),
    ]

    def save(path: Path) -> None:
        with figures.written(path, 8.0, 8.4) as figure:
            halves: Any = figure.subfigures(2, 1, height_ratios=[5, 3.4])
            above, below = halves
            draw_recalls([(each.states(), each.energies) for each in recalls.values()], above)
            memory_capacity(500, LOADS, seeds=3).plot(below.subplots())

    return Show("\n\n".join(map(str, parts)), save)
