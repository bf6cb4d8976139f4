"""What a memory recalled: the pattern, which stored one it is, and the way there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.drawing.axes import figure_of
from unstuck.errors import DataError
from unstuck.neuro.characters import pictures
from unstuck.neuro.given import check
from unstuck.neuro.patterns import Writing
from unstuck.neuro.settling import AT_REST, Settled
from unstuck.readable import Facts, Readable
from unstuck.rules import Number
from unstuck.summary import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOOKS = 4
"""States that are drawn: the cue, some on the way, the end."""


@dataclass(frozen=True, eq=False, repr=False)
class Recall(Readable):
    """What became of one cue: the pattern at which it came to rest, and the way there.

    A step is the change of one unit, or of all at once for ``updates="synchronous"``.

    Attributes:
        pattern: where it ended, written and shaped as the patterns that were stored.
        nearest: place of the stored pattern that it is most like, or most like the reverse of.
        overlap: with that pattern, from -1 (the reverse) to 1 (the same).
        overlaps: with each stored pattern, shape (patterns,).
        energies: before the first step and after each, shape (steps + 1,).
        ended: ``"at rest"``; ``"back and forth"`` between two states, which happens only where all
            units change at once; ``"not yet"`` where ``max_sweeps`` were not enough.
    """

    pattern: np.ndarray
    nearest: int
    overlap: float
    overlaps: np.ndarray
    energies: np.ndarray
    ended: str
    _cue: np.ndarray
    _changes: tuple[np.ndarray, np.ndarray, np.ndarray]
    _writing: Writing

    @property
    def steps(self) -> int:
        """So many steps were taken."""
        return len(self.energies) - 1

    def after(self, step: int) -> np.ndarray:
        """The state after a step, written as the patterns; what is not known is 0 or NaN.

        Arguments:
            step: from 0, the cue, to ``steps``, the end.

        Raises:
            ParameterError: there is no such step.
        """
        return self._writing.written(self._signs(step))

    def _signs(self, step: int) -> np.ndarray:
        check("after", step=(step, Number(0, self.steps, whole=True)))
        until = self._changes[0] <= step
        unit, value = (each[until] for each in self._changes[1:])
        signs = self._cue.copy()
        signs[unit] = value  # of several changes of a unit, the last is kept
        return signs

    @property
    def looks(self) -> list[int]:
        """Steps that are worth a look: the first, some between, the last."""
        return sorted({round(each) for each in np.linspace(0, self.steps, LOOKS)})

    def pictures(self) -> str:
        """The cue, the way and the end of images in the characters of a terminal.

        Raises:
            DataError: the patterns are no images.
        """
        states = self.states()
        return pictures(list(states.values()), list(states))

    def plot(self) -> Figure:
        """The cue, the way and the end as images, and the energy, as a figure of matplotlib.

        Raises:
            DataError: the patterns are no images.
        """
        from unstuck.neuro.recall_figure import draw_recalls

        with figure_of(8.0, 1.75) as figure:
            draw_recalls([(self.states(), self.energies)], figure)
        return figure

    def states(self) -> dict[str, np.ndarray]:
        """The images that are drawn, by name: -1, 0 where it is not known, and +1.

        Raises:
            DataError: the patterns are no images.
        """
        shape = self._image()
        return {self._name(step): self._signs(step).reshape(shape) for step in self.looks}

    def _image(self) -> tuple[int, int]:
        if len(self._writing.shape) != 2:
            raise DataError(
                f"the patterns have the shape {self._writing.shape}; expected images: store them "
                "in the shape (patterns, height, width) to see them."
            )
        return self._writing.shape

    def _name(self, step: int) -> str:
        return "cue" if step == 0 else "end" if step == self.steps else f"step {step}"

    def _told(self) -> Facts:
        what = "the reverse of pattern" if self.overlap < 0 else "pattern"
        said = (
            f"Nearest to {what} {self.nearest}: overlap {self.overlap:.3f}, "
            f"{self.ended} after {self.steps} step{'' if self.steps == 1 else 's'}.",
            f"The energy went from {number(self.energies[0])} to {number(self.energies[-1])}.",
        )
        return Facts("Recall", said)


class Recalls(Readable):
    """Several recalls; ``recalls[i]`` is one of them.

    Attributes:
        patterns: where they ended, shape (recalls, ...), written as the patterns that were stored.
        overlaps: with each stored pattern, shape (recalls, patterns).
        nearest: place of the stored pattern that each is most like, or most like the reverse of.
        overlap: with that pattern, shape (recalls,).
        ended: how each ended, shape (recalls,).
    """

    def __init__(self, settled: Settled, cues: np.ndarray, stored: np.ndarray, writing: Writing):
        self._settled, self._cues, self._writing = settled, cues, writing
        self._from = np.searchsorted(settled.cue, np.arange(len(cues) + 1))
        self.patterns = writing.written(settled.states)
        self.overlaps = settled.states @ stored.T / stored.shape[1]
        self.nearest = np.abs(self.overlaps).argmax(1)
        self.overlap = self.overlaps[np.arange(len(cues)), self.nearest]
        self.ended = settled.ended

    def __len__(self) -> int:
        return len(self.patterns)

    def __iter__(self) -> Iterator[Recall]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, i: Any) -> Recall:
        check("recalls", place=(i, Number(-len(self), len(self) - 1, whole=True)))
        i = range(len(self))[i]
        part = slice(self._from[i], self._from[i + 1])
        settled = self._settled
        return Recall(
            self.patterns[i],
            int(self.nearest[i]),
            float(self.overlap[i]),
            self.overlaps[i],
            settled.energies[i],
            str(settled.ended[i]),
            self._cues[i],
            (settled.step[part], settled.unit[part], settled.value[part]),
            self._writing,
        )

    def _told(self) -> Facts:
        table = [("recall", "nearest", "ended", "overlap", "steps")]
        for i, each in enumerate(self):
            table.append(
                (str(i), str(each.nearest), each.ended, f"{each.overlap:.3f}", f"{each.steps:,}")
            )
        rest = int((self.ended == AT_REST).sum())
        said = f"{len(self):,} recalls, {rest:,} at rest; mean overlap {self.overlap.mean():.3f}."
        return Facts("Recalls", (said,), table, words=3)
