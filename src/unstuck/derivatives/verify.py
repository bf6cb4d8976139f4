"""Verification: analytical derivatives against central differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from unstuck.derivatives.comparison import Comparison
from unstuck.derivatives.differences import Line, order_of
from unstuck.derivatives.directions import Way, entry, units, ways, worst_entry
from unstuck.derivatives.gradient_check import GradientCheck
from unstuck.derivatives.judging import Judgment, judged
from unstuck.derivatives.modes import Modes
from unstuck.derivatives.vector import VectorFunction, called
from unstuck.errors import ParameterError
from unstuck.training.compilation import precision

ENTRIES = 500
DIRECTIONS = 5
TOLERANCE = 1e-6
COURSE = 0.1 / 2.0 ** np.arange(37)
"""Steps along one random direction, in sizes of the parameters."""


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
    float64. Steps are shares of the parameter, so its unit does not matter, nor does the value's.
    A disagreement is looked at again with steps of all sizes, from where rounding hides the slope
    to where the function is another one, which tells a wrong derivative from a kink, a jump and
    noise. What is less than the rounding of the value counts as 0. Several outputs are checked
    through one random weighted sum of them all.

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
        flat = VectorFunction(function, arguments, _positions(argnums))
        rng = np.random.default_rng(seed)
        modes, sizes = Modes(flat, rng), units(flat)
        every = len(flat.vector) <= all_entries_up_to
        check = _Check(flat, modes, sizes, tolerance)
        found = check.compared(list(ways(flat, sizes, every, directions, rng)))
        whole = modes.line(rng.choice([-1.0, 1.0], len(sizes)) * sizes)
        slope = next(iter(modes.along.values()))(whole.point, whole.direction)
        errors, order = _course(whole, slope)
    return GradientCheck(called(function), found, modes.missing, order, COURSE, errors)


def _positions(argnums: int | Sequence[int]) -> tuple[int, ...]:
    return tuple(int(each) for each in np.atleast_1d(np.asarray(argnums, int)))


def _course(line: Line, slope: float) -> tuple[np.ndarray, float]:
    """Errors of central differences as the step falls, and the power with which they do."""
    with np.errstate(all="ignore"):
        errors = np.abs(line.central(COURSE) - slope)
        noise = line.rounding(COURSE)
        return errors, order_of(COURSE[:0:-1], errors[:0:-1], noise[:0:-1] / COURSE[:0:-1])


class _Check:
    """Compares derivatives along lines that every mode shares.

    Arguments:
        flat: the function, of one vector.
        modes: its scalar, with the derivatives.
        sizes: of the parameters.
        tolerance: largest relative error that counts as agreement.
    """

    def __init__(
        self, flat: VectorFunction, modes: Modes, sizes: np.ndarray, tolerance: float
    ) -> None:
        self._flat, self._modes, self._sizes = flat, modes, sizes
        self._tolerance = tolerance

    def compared(self, found: list[Way]) -> tuple[Comparison, ...]:
        """Every comparison in every mode."""
        lines = [self._modes.line(way.direction) for way in found]
        return tuple(
            each for mode in self._modes.along for each in self._of_mode(mode, found, lines)
        )

    def _of_mode(self, mode: str, found: list[Way], lines: list[Line]) -> Iterator[Comparison]:
        """Every comparison of a mode; a wrong random direction also leads to a wrong entry."""
        along, flat = self._modes.along[mode], self._flat
        slopes = [along(flat.vector, way.direction) for way in found]
        scale = float(np.abs([s for s in slopes if np.isfinite(s)]).max(initial=0.0))
        searched = set()
        for way, line, slope in zip(found, lines, slopes, strict=True):
            judgment = judged(line, along, slope, scale, self._tolerance)
            yield self._comparison(way, mode, slope, judgment)
            if judgment.kind == "wrong" and way.entry is None and way.leaf not in searched:
                searched.add(way.leaf)
                yield self._worst(way, mode, judgment, scale)

    def _worst(self, way: Way, mode: str, judgment: Judgment, scale: float) -> Comparison:
        """The entry with the largest error along a wrong direction."""
        along, steps = self._modes.along[mode], np.array([judgment.slope.step])

        def gap(direction: np.ndarray) -> float:
            line = self._modes.line(direction)
            found = abs(along(line.point, direction) - line.central(steps)[0])
            return float(found) if np.isfinite(found) else np.inf

        one = entry(self._flat, self._sizes, way.leaf, worst_entry(way.direction, gap))
        line = self._modes.line(one.direction)
        slope = along(line.point, line.direction)
        return self._comparison(
            one, mode, slope, judged(line, along, slope, scale, self._tolerance)
        )

    def _comparison(self, way: Way, mode: str, slope: float, judgment: Judgment) -> Comparison:
        numeric, unit = judgment.slope, way.unit
        return Comparison(
            self._flat.names[way.leaf], way.index, mode, slope / unit, numeric.value / unit,
            numeric.step * unit, judgment.error, judgment.order, judgment.kind,
        )  # fmt: skip


def _check_options(tolerance: float, entries: int, directions: int) -> None:
    if not 0 < tolerance < 1:
        raise ParameterError(f"tolerance was {tolerance!r}; expected a number between 0 and 1.")
    if entries < 0 or directions < 1:
        raise ParameterError(
            f"all_entries_up_to was {entries!r} and directions {directions!r}; expected counts of "
            "at least 0 and 1."
        )
