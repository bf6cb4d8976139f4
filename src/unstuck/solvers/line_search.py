"""How far along a direction: a line search for the Wolfe conditions."""

from __future__ import annotations

from typing import Any, NamedTuple

from unstuck.activations import Array
from unstuck.lazy import jax, jnp, lax
from unstuck.solvers.problem import Problem
from unstuck.solvers.solver import Iterate

COLUMNS = ("step_length", "evaluations")
"""What solvers with a line search measure: norm of the step, evaluations of value and gradient."""

DECREASE = 0.1
"""c1: share of the decrease that the slope at the start promises. (With 0.1, quasi-Newton solvers
took fewer evaluations than with the customary 1e-4: measured on a sine, 30 starts.)"""
LOOSE, TIGHT = 0.9, 0.1
"""c2: steepest slope at the end, as a share of that at the start."""
ROUNDING = 1e-6
"""Relative difference of two values under which only their slopes tell which way is down."""
LARGEST_GROWTH = 10.0
"""What the first trial may be multiplied by where the objective still falls, or divided by where it
is not finite; the next by its square, and so on: 1e4, 1e8. So a first trial that is wrong by thirty
orders of magnitude costs a few evaluations."""
FAR = 1e16
"""Growth at which a lower point is enough, however steep it is there: functions without a minimum
are followed in several searches."""
WIDE = 100.0
"""Ratio of the ends of an interval above which it is halved by orders of magnitude."""
SHARE = 0.1
"""Share of the parameters' norm by which the very first trial moves them."""
MARGIN = 1e-3
"""How near to an end of an interval, in lengths of the interval, a trial may lie."""
SHRINKAGE = 2.0 / 3.0
"""An interval that stays longer than this share of the last is halved."""
MOST_TRIALS = 40


class Point(NamedTuple):
    """A point on the line: step, value and slope there."""

    step: Array
    value: Array
    slope: Array


class Found(NamedTuple):
    """What a line search found.

    Attributes:
        step: the step; 0 where no lower point was found.
        p: the parameters there, shape (P,).
        value: the objective there, never above that at the start.
        gradient: the gradient there, shape (P,).
        lower: whether there is progress: a lower value, or the same value and a smaller gradient.
        trials: evaluations of value and gradient.
    """

    step: Array
    p: Array
    value: Array
    gradient: Array
    lower: Array
    trials: Array

    def iterate(self, memory: Any, steepest: Array | bool, length: Array, norm: Array) -> Iterate:
        """The iterate there, stuck if not even the steepest direction went down.

        Arguments:
            memory: the solver's.
            steepest: whether the direction was the negative gradient.
            length: norm of the step.
            norm: norm of the gradient there.
        """
        stuck = ~self.lower & steepest
        return Iterate(self.p, self.value, norm, memory, stuck, (length, self.trials))


def first_step(p: Array, value: Array, norm: Array) -> Array:
    """A first trial step along the gradient, in units of the parameters and of the value.

    It moves the parameters by a tenth of their norm, and promises no more than the value: another
    unit of either gives the same step in that unit. Where both are 0 it is 1; the search goes on
    from there by orders of magnitude.

    Arguments:
        p: the parameters, shape (P,).
        value: the objective there.
        norm: norm of the gradient there.
    """
    numbers = jnp.finfo(value.dtype)
    length = SHARE * jnp.linalg.norm(p) / norm
    promise = jnp.abs(value) / norm / norm  # a square of the norm could overflow
    step = jnp.minimum(
        jnp.where(length > 0, length, jnp.inf), jnp.where(promise > 0, promise, jnp.inf)
    )
    return jnp.where(jnp.isfinite(step), jnp.maximum(step, numbers.tiny), 1.0)


def begin(p: Array, value: Array, norm: Array, memory: Any) -> Iterate:
    """The iterate before the first step, of a solver with a line search."""
    measured = (jnp.zeros_like(value), jnp.ones_like(value))
    return Iterate(p, value, norm, memory, jnp.array(False), measured)


class _Search(NamedTuple):
    """The search so far, in numbers: flags are 0 or 1.

    Attributes:
        low: the best point.
        high: the other end of an interval with a minimum inside; infinite before there is one.
        trial: the next step to try.
        factor: what it may be multiplied or divided by.
        modeled: whether a model of the objective is smallest there.
        ended: whether ``low`` is the result.
        trials: evaluations so far.
    """

    low: Point
    high: Point
    trial: Array
    factor: Array
    modeled: Array
    ended: Array
    trials: Array

    def packed(self) -> Array:
        """All as one array: its numbers are computed by one kernel, not by thirty."""
        dtype = self.trial.dtype
        return jnp.stack([jnp.asarray(leaf, dtype) for leaf in jax.tree.leaves(self)])


def _unpacked(packed: Array) -> _Search:
    return _Search(Point(*packed[:3]), Point(*packed[3:6]), *packed[6:])


def search(
    problem: Problem,
    p: Array,
    value: Array,
    gradient: Array,
    direction: Array,
    trial: Array,
    exact: bool = False,
) -> Found:
    """A step ``t`` with ``f(t) <= f(0) + c1 t f'(0)`` and ``f'(t) >= c2 f'(0)``.

    Trials go ahead until a minimum lies between two of them, and then into that interval. The next
    trial is where a cubic through the last two is smallest: on a quadratic the minimum itself. Near
    the end of a descent, where values differ by rounding, the next trial comes from the slopes
    alone, and ``f(t) <= f(0)`` is enough (Hager and Zhang's approximate Wolfe conditions). Places
    with a value that is not finite count as high. A trial that changes no number says nothing: the
    search goes on beyond it.

    Arguments:
        problem: the objective f.
        p: where the line starts, shape (P,).
        value: the objective there.
        gradient: the gradient there, shape (P,).
        direction: of descent, shape (P,).
        trial: the first step to try.
        exact: for conjugate directions: a step is accepted only where a model of the objective is
            smallest, and ``|f'(t)| <= c2 |f'(0)|`` with a smaller c2. Two trials or more.

    Returns:
        What was found.

    Reference: Nocedal and Wright 2006, algorithms 3.5 and 3.6; Hager and Zhang 2005.
    """
    start = Point(jnp.zeros_like(value), value, gradient @ direction)

    def body(carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        best, slopes, packed = carry
        at = _unpacked(packed)
        there = p + at.trial * direction
        found, pull = problem.value_and_gradient(there)
        still = (there == p).all()
        after, moves = _judged(at, Point(at.trial, found, pull @ direction), start, exact, still)
        best, slopes = jnp.where(moves, there, best), jnp.where(moves, pull, slopes)
        return best, slopes, after.packed()

    def goes_on(carry: tuple[Array, Array, Array]) -> Array:
        at = _unpacked(carry[2])
        return (at.ended == 0) & (at.trials < MOST_TRIALS)

    zero, infinity = jnp.zeros_like(value), jnp.full_like(value, jnp.inf)
    trial, modeled = jnp.asarray(trial, value.dtype), zero if exact else zero + 1.0
    factor = zero + LARGEST_GROWTH
    beyond = Point(infinity, infinity, infinity)
    first = _Search(start, beyond, trial, factor, modeled, zero, zero)
    best, slopes, packed = lax.while_loop(goes_on, body, (p, gradient, first.packed()))
    at = _unpacked(packed)
    # By the whole gradient, not by the slope: every direction has another, and one flatter slope
    # after the other could go round in a circle of points that differ by rounding.
    flatter = slopes @ slopes < gradient @ gradient
    lower = (start.slope < 0) & ((at.low.value < value) | ((at.low.step > 0) & flatter))
    there = Found(at.low.step, best, at.low.value, slopes, lower, at.trials)
    here = Found(zero, p, value, gradient, lower, at.trials)
    return jax.tree.map(lambda a, b: jnp.where(lower, a, b), there, here)


def _judged(
    at: _Search, point: Point, start: Point, exact: bool, still: Array
) -> tuple[_Search, Array]:
    """The search after a trial, and whether its point is the best so far."""
    finite = jnp.isfinite(point.value) & jnp.isfinite(point.slope)
    enough = point.value <= start.value + DECREASE * point.step * start.slope
    near = (start.value - point.value) <= ROUNDING * jnp.abs(start.value)
    slope = -jnp.abs(point.slope) if exact else point.slope
    flat = slope >= (TIGHT if exact else LOOSE) * start.slope
    lower = finite & (point.value <= at.low.value)
    accepted = lower & flat & (enough | near) & (at.modeled > 0) & ~still
    moves = (lower & enough) | accepted | (still & finite)

    # ``low`` moves to a lower point; the other end is the old one if the slope there points back.
    bracketed = jnp.isfinite(at.high.step)
    ahead = jnp.where(bracketed, jnp.sign(at.high.step - at.low.step), 1.0)
    back = point.slope * ahead >= 0
    turned = jax.tree.map(lambda old, low: jnp.where(back, low, old), at.high, at.low)
    infinite = Point(point.step, jnp.full_like(point.value, jnp.inf), jnp.zeros_like(point.slope))
    refused = jax.tree.map(lambda a, b: jnp.where(finite, a, b), point, infinite)
    low = jax.tree.map(lambda a, b: jnp.where(moves, a, b), point, at.low)
    high = jax.tree.map(lambda a, b: jnp.where(moves, a, b), turned, refused)
    bracketed |= back | ~moves
    far = lower & enough & ~still & ~bracketed & (at.factor >= FAR)

    before = jnp.abs(at.high.step - at.low.step)
    inside, modeled_inside = _inside(low, high, before, at.factor)
    beyond, modeled_beyond = _beyond(at.low, point, at.factor)
    largest = jnp.finfo(point.step.dtype).max ** 0.5
    tiny = jnp.finfo(point.step.dtype).eps * jnp.maximum(low.step, high.step)
    after = _Search(
        low,
        high,
        jnp.where(bracketed, inside, beyond),
        jnp.minimum(at.factor**2, largest),
        jnp.where(bracketed, modeled_inside, modeled_beyond) if exact else at.modeled,
        accepted | far | (bracketed & (jnp.abs(high.step - low.step) <= tiny)),
        at.trials + 1.0,
    )
    return after, moves


def _inside(low: Point, high: Point, before: Array, factor: Array) -> tuple[Array, Array]:
    """The next trial in an interval, and whether a model of the objective is smallest there."""
    width = high.step - low.step
    rounded = jnp.abs(high.value - low.value) <= ROUNDING * jnp.abs(low.value)
    between = rounded & (low.slope * high.slope < 0)
    share = jnp.where(between, _secant(low, high), _cubic(low, high))
    sound = jnp.isfinite(share) & (jnp.abs(width) <= SHRINKAGE * before)
    # Where nothing lower was found, the trials come nearer and nearer to the start.
    none = low.step == 0
    least, most = jnp.where(none, MARGIN / factor, MARGIN), jnp.where(none, WIDE / factor, 1.0)
    most = jnp.minimum(most, 1 - MARGIN)
    chosen = jnp.where(sound, jnp.clip(share, least, most), jnp.minimum(most, 0.5))
    chosen = jnp.where(jnp.isfinite(high.value), chosen, 1.0 / jnp.where(none, factor, 10.0))
    trial = low.step + chosen * width
    ends = jnp.minimum(low.step, high.step), jnp.maximum(low.step, high.step)
    wide = (ends[0] > 0) & (ends[1] > WIDE * ends[0]) & (~sound | (high.step > low.step))
    middle = jnp.sqrt(ends[0]) * jnp.sqrt(ends[1])
    return jnp.where(wide, middle, trial), sound & (chosen == share) & ~wide


def _secant(low: Point, high: Point) -> Array:
    """Where the slope is zero if it is linear, as a share of the interval."""
    return low.slope / (low.slope - high.slope)


def _cubic(low: Point, high: Point) -> Array:
    """Where the cubic through both values and slopes is smallest, as a share of the interval."""
    width = high.step - low.step
    rise, a, b = high.value - low.value, low.slope * width, high.slope * width
    middle = a + b - 3.0 * rise
    root = jnp.sqrt(middle**2 - a * b)
    return 1.0 - (b + root - middle) / (b - a + 2.0 * root)


def _beyond(last: Point, point: Point, factor: Array) -> tuple[Array, Array]:
    """The next trial ahead of a point where the objective still falls; whether a model is least."""
    rise = point.slope - last.slope
    ahead = jnp.where(rise > 0, -point.slope * (point.step - last.step) / rise, jnp.inf)
    largest = jnp.finfo(point.step.dtype).max / 2
    most = jnp.minimum((factor - 1.0) * point.step, largest)
    return jnp.minimum(point.step + jnp.clip(ahead, 0.0, most), largest), ahead <= most
