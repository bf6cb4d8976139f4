"""The directions along which derivatives are compared, as long as the parameters they move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from unstuck.derivatives.vector import VectorFunction


@dataclass(frozen=True, eq=False)
class Way:
    """A direction through one leaf: along one entry, or along all of them at once.

    Attributes:
        leaf: number of the leaf.
        entry: position in the vector; ``None`` for a random direction.
        direction: the direction as a vector; an entry moves by its own size.
        index: of the entry in its leaf; ``None`` for a random direction.
    """

    leaf: int
    entry: int | None
    direction: np.ndarray
    index: tuple[int, ...] | None

    @property
    def unit(self) -> float:
        """What the slope along the direction is divided by to be a derivative."""
        return 1.0 if self.entry is None else float(self.direction[self.entry])


def units(flat: VectorFunction) -> np.ndarray:
    """The size of every parameter, shape (size,).

    Its absolute value; where that is 0 the root mean square of its leaf, or of all parameters, or
    1. Only where a search begins depends on it.
    """
    size = np.abs(flat.vector)
    every = _typical(size) or 1.0
    typical = [_typical(part) or every for part in flat.split(size)]
    return np.where(size > 0, size, np.repeat(typical, flat.sizes))


def _typical(size: np.ndarray) -> float:
    """Root mean square of what is not 0; 0 where everything is."""
    largest = float(size.max(initial=0.0))
    some = size[size > 0] / (largest or 1.0)
    return largest * float(np.sqrt(np.mean(some**2))) if len(some) else 0.0


def ways(
    flat: VectorFunction, sizes: np.ndarray, every: bool, directions: int, rng: np.random.Generator
) -> Iterator[Way]:
    """Every entry, or a few random directions through every leaf."""
    start = 0
    for leaf, size in enumerate(flat.sizes):
        if every or size <= directions:
            yield from (entry(flat, sizes, leaf, start + i) for i in range(size))
        else:
            for _ in range(directions):
                found = np.zeros_like(sizes)
                inside = slice(start, start + size)
                found[inside] = rng.choice([-1.0, 1.0], size) * sizes[inside]
                yield Way(leaf, None, found, None)
        start += size


def entry(flat: VectorFunction, sizes: np.ndarray, leaf: int, at: int) -> Way:
    """The way along one entry."""
    direction = np.zeros_like(sizes)
    direction[at] = sizes[at]
    inside = at - sum(flat.sizes[:leaf])
    index = tuple(int(i) for i in np.unravel_index(inside, flat.shapes[leaf]))
    return Way(leaf, at, direction, index)


def worst_entry(direction: np.ndarray, gap: Callable[[np.ndarray], float]) -> int:
    """Halve a wrong direction, and follow the half with the larger error, down to one entry.

    Arguments:
        direction: shape (size,).
        gap: the error along a part of it.

    Example:
        >>> worst_entry(np.ones(9), lambda part: float(part[5]))
        5
    """

    def of(entries: np.ndarray) -> float:
        part = np.zeros_like(direction)
        part[entries] = direction[entries]
        return gap(part)

    entries = np.flatnonzero(direction)
    while len(entries) > 1:
        entries = max(np.array_split(entries, 2), key=of)
    return int(entries[0])
