"""Verification: analytical derivatives against central differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from unstuck.aligned import aligned
from unstuck.derivatives.comparison import KINDS, Comparison, compare, hint
from unstuck.derivatives.differences import Line
from unstuck.derivatives.modes import Modes
from unstuck.derivatives.vector import VectorFunction, called
from unstuck.errors import GradientError, ParameterError
from unstuck.training.compilation import precision

ENTRIES = 500
DIRECTIONS = 5
TOLERANCE = 1e-6
SHOWN = 12


@dataclass(frozen=True, eq=False, repr=False)
class GradientCheck:
    """What a check of derivatives found; prints as a text.

    Attributes:
        function: its name.
        comparisons: every derivative that was compared, in every mode.
        missing: mode -> why JAX does not have it for this function.
        order: power of the step with which the error of central differences falls along one
            random direction through all parameters: 2 where derivatives are right; NaN where
            nothing but rounding is left at every step.
        steps, errors: that course.
    """

    function: str
    comparisons: tuple[Comparison, ...]
    missing: dict[str, str]
    order: float
    steps: np.ndarray = field(repr=False)
    errors: np.ndarray = field(repr=False)

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes that were checked."""
        return tuple(dict.fromkeys(each.mode for each in self.comparisons))

    def of(self, kind: str) -> tuple[Comparison, ...]:
        """The comparisons of a kind ("right", "wrong", "kink", "jump", "edge", "noise")."""
        found = [each for each in self.comparisons if each.kind == kind]
        return tuple(sorted(found, key=_badness, reverse=True))

    @property
    def verdict(self) -> str:
        """``"right"``, ``"wrong"``, or ``"undecided"`` where nothing could be judged."""
        if self.of("wrong"):
            return "wrong"
        return "right" if self.of("right") else "undecided"

    @property
    def ok(self) -> bool:
        """Whether no derivative is wrong, and some are shown to be right."""
        return self.verdict == "right"

    @property
    def worst(self) -> Comparison:
        """The largest relative error of a wrong derivative; if none is wrong, of a right one."""
        return (self.of("wrong") or self.of("right") or self.comparisons)[0]

    @property
    def wrong_parameters(self) -> tuple[str, ...]:
        """Paths of the parameters with a wrong derivative."""
        return tuple(dict.fromkeys(c.parameter for c in self.comparisons if c.kind == "wrong"))

    def raise_if_wrong(self) -> None:
        """Raise where a derivative is wrong.

        Raises:
            GradientError: names the parameters, with both numbers.
        """
        if self.verdict == "wrong":
            raise GradientError(str(self))

    def __str__(self) -> str:
        return "\n".join(
            [self._headline(), *self._wrongs(), *self._others(), *self._table(), *self._course()]
        )

    __repr__ = __str__

    def _headline(self) -> str:
        modes = " and ".join(self.modes)
        if self.verdict == "wrong":
            return f"{self.function}: WRONG derivatives of {', '.join(self.wrong_parameters)}"
        if self.verdict == "undecided":
            return f"{self.function}: no derivative could be judged ({modes} mode)"
        return f"{self.function}: derivatives are right ({modes} mode)"

    def _wrongs(self) -> Iterator[str]:
        wrong = self.of("wrong")
        groups = dict.fromkeys((each.parameter, each.mode) for each in wrong)
        for group in list(groups)[:SHOWN]:
            mine = [each for each in wrong if (each.parameter, each.mode) == group]
            yield f"{mine[0]}\n  {hint(mine)}"
        if len(groups) > SHOWN:
            yield f"... and in {len(groups) - SHOWN} more"

    def _others(self) -> Iterator[str]:
        for kind in ("kink", "jump", "edge", "noise"):
            found = list(dict.fromkeys(each.place for each in self.of(kind)))
            if found:
                more = f" and {len(found) - 3} more" if len(found) > 3 else ""
                yield f"{len(found)} {KINDS[kind]}: {', '.join(found[:3])}{more}"
        for mode, why in self.missing.items():
            yield f"{mode} mode is missing: {why}"

    def _table(self) -> Iterator[str]:
        names = list(dict.fromkeys(each.parameter for each in self.comparisons))
        rows = [("parameter", "compared", "right", "largest relative error")]
        for name in names[:SHOWN]:
            mine = [each for each in self.comparisons if each.parameter == name]
            right = sum(each.kind == "right" for each in mine)
            errors = [each.error for each in mine if each.kind in ("right", "wrong")]
            largest = f"{max(errors):.1e}" if errors else "not judged"
            rows.append((name, str(len(mine)), str(right), largest))
        yield from aligned(rows, words=1)
        if len(names) > SHOWN:
            yield f"... and {len(names) - SHOWN} more parameters"

    def _course(self) -> Iterator[str]:
        if math.isfinite(self.order):
            order = round(self.order, 1) + 0.0  # no -0.0
            expected = "" if order > 1.5 else " (2 where all is right and smooth)"
            yield f"In a random direction the error falls as step^{order}{expected}."


def check_gradients(
    function: Callable[..., Any],
    *arguments: Any,
    argnums: int | Sequence[int] = 0,
    tolerance: float = TOLERANCE,
    all_entries_up_to: int = ENTRIES,
    directions: int = DIRECTIONS,
    seed: int = 0,
) -> GradientCheck:
    """Compare a function's derivatives with central differences, in every mode it has.

    ``(f(p + h) - f(p - h)) / 2h`` differs from the derivative by O(h^2). Everything is done in
    float64. A disagreement is looked at again with the step halved and halved, which tells a wrong
    derivative from a kink, a jump and noise. What is less than the rounding of the value counts as
    0. Several outputs are checked through one random weighted sum of them all.

    Arguments:
        function: written with ``jax.numpy``; returns numbers in any structure.
        arguments: what to call it with, pytrees.
        argnums: which arguments are differentiated, as in ``jax.grad``.
        tolerance: largest relative error that counts as agreement.
        all_entries_up_to: with more parameters than this, each leaf is checked in random
            directions instead of entry by entry; an entry is looked for where one is wrong.
        directions: how many of them.
        seed: of the directions and weights.

    Returns:
        A ``GradientCheck``: print it, ask ``.ok``, or call ``.raise_if_wrong()``.

    Raises:
        DataError: nothing to differentiate, or numbers that are not finite.
        ParameterError: an option cannot be used, or JAX has neither mode for the function.

    Example:
        >>> import jax.numpy as jnp
        >>> from unstuck import check_gradients
        >>> check = check_gradients(lambda w, x: jnp.tanh(x @ w).sum(), jnp.ones(3), jnp.eye(3))
        >>> check.ok, check.modes, round(check.order, 1)
        (True, ('reverse', 'forward'), 2.0)

    Reference: Bishop 2006, section 5.3.3.
    """
    _check_options(tolerance, all_entries_up_to, directions)
    with precision(np.dtype(np.float64)):
        which = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        flat = VectorFunction(function, arguments, which)
        rng = np.random.default_rng(seed)
        modes = Modes(flat, rng)
        every = len(flat.vector) <= all_entries_up_to
        ways = list(_ways(flat, every, directions, rng))
        found = [
            each for mode in modes.along for each in _compared(flat, modes, mode, ways, tolerance)
        ]
        whole = Line(modes.value, flat.vector, _random_direction(flat.vector, rng))
        slope = next(iter(modes.along.values()))(whole.point, whole.direction)
        order, errors = whole.order(slope), whole.errors(slope)
    return GradientCheck(called(function), tuple(found), modes.missing, order, whole.steps, errors)


class _Way(NamedTuple):
    """A direction through one leaf: along one entry, or along all of them at once.

    Attributes:
        leaf: number of the leaf.
        entry: position in the vector; ``None`` for a random direction.
        signs: that direction in the leaf; ``None`` for an entry.
    """

    leaf: int
    entry: int | None
    signs: np.ndarray | None

    def direction(self, flat: VectorFunction) -> np.ndarray:
        """The direction as a vector; entries above 1 are moved in proportion."""
        found = np.zeros_like(flat.vector)
        if self.entry is not None:
            found[self.entry] = _scale(flat.vector[self.entry])
        else:
            flat.split(found)[self.leaf][:] = self.signs * _scale(
                flat.split(flat.vector)[self.leaf]
            )
        return found


def _scale(values: Any) -> Any:
    return np.maximum(1.0, np.abs(values))


def _random_direction(vector: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.choice([-1.0, 1.0], len(vector)) * _scale(vector)


def _ways(
    flat: VectorFunction, every: bool, directions: int, rng: np.random.Generator
) -> Iterator[_Way]:
    """Every entry, or a few random directions through every leaf."""
    start = 0
    for leaf, size in enumerate(flat.sizes):
        if every or size <= directions:
            yield from (_Way(leaf, start + i, None) for i in range(size))
        else:
            for _ in range(directions):
                yield _Way(leaf, None, rng.choice([-1.0, 1.0], size))
        start += size


def _compared(
    flat: VectorFunction, modes: Modes, mode: str, ways: list[_Way], tolerance: float
) -> Iterator[Comparison]:
    """Every comparison of one mode; a wrong random direction also leads to a wrong entry."""
    along = modes.along[mode]
    slopes = np.array([along(flat.vector, way.direction(flat)) for way in ways])
    scale = float(np.abs(slopes[np.isfinite(slopes)]).max(initial=0.0))
    searched = set()
    for way in ways:
        found = _comparison(flat, modes, mode, way, scale, tolerance)
        yield found
        if found.kind == "wrong" and way.entry is None and way.leaf not in searched:
            searched.add(way.leaf)
            entry = _wrong_entry(flat, modes, mode, way)
            yield _comparison(flat, modes, mode, _Way(way.leaf, entry, None), scale, tolerance)


def _comparison(
    flat: VectorFunction, modes: Modes, mode: str, way: _Way, scale: float, tolerance: float
) -> Comparison:
    line = Line(modes.value, flat.vector, way.direction(flat))
    analytic, slope, error, order, kind = compare(line, modes.along[mode], scale, tolerance)
    index, unit = None, 1.0
    if way.entry is not None:
        unit = float(_scale(flat.vector[way.entry]))
        inside = way.entry - sum(flat.sizes[: way.leaf])
        index = tuple(int(i) for i in np.unravel_index(inside, flat.shapes[way.leaf]))
    return Comparison(
        flat.names[way.leaf], index, mode, analytic / unit, slope.value / unit,
        slope.step * unit, error, order, kind,
    )  # fmt: skip


def _wrong_entry(flat: VectorFunction, modes: Modes, mode: str, way: _Way) -> int:
    """Halve a wrong direction, and follow the half with the larger error, down to one entry."""
    whole = way.direction(flat)
    entries = np.flatnonzero(whole)

    def gap(part: np.ndarray) -> float:
        direction = np.zeros_like(whole)
        direction[part] = whole[part]
        line = Line(modes.value, flat.vector, direction)
        found = abs(modes.along[mode](line.point, direction) - line.quick().value)
        return found if math.isfinite(found) else math.inf

    while len(entries) > 1:
        entries = max(np.array_split(entries, 2), key=gap)
    return int(entries[0])


def _badness(comparison: Comparison) -> tuple[float, float]:
    """By what comparisons are ordered: the error, and the size where errors are alike."""
    error = -1.0 if math.isnan(comparison.error) else float(f"{comparison.error:.1e}")
    return error, abs(comparison.numeric)


def _check_options(tolerance: float, entries: int, directions: int) -> None:
    if not 0 < tolerance < 1:
        raise ParameterError(f"tolerance was {tolerance!r}; expected a number between 0 and 1.")
    if entries < 0 or directions < 1:
        raise ParameterError(
            f"all_entries_up_to was {entries!r} and directions {directions!r}; expected counts of "
            "at least 0 and 1."
        )
