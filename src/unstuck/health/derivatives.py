"""Is the gradient the gradient, and is the network more than a linear map?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from unstuck.health.subject import Parameters, Sample, Subject
from unstuck.record import Array

ROWS = 32
DIRECTIONS = 3
STEPS = (1e-5, 1e-6)
LARGE = 200_000
"""Parameters beyond which one direction has to do."""


class Slope(NamedTuple):
    """Derivatives with respect to one parameter along random directions, and differences.

    Attributes:
        layer, name: of the parameter.
        error: relative, the median over the directions; NaN where differences do not settle.
        gradient: norm of the derivative that training uses.
        difference: the largest difference quotient along a unit direction.
    """

    layer: str
    name: str
    error: float
    gradient: float
    difference: float


def slopes(subject: Subject) -> list[Slope] | None:
    """Every parameter's, at well-scaled random weights and standardized inputs in float64.

    A derivative is right or wrong at any weights; a run's own may be so small or so large that
    differences show nothing but kinks and rounding.
    """
    like, sample = subject.parameters("start"), subject.sample
    if like is None:
        return None
    rng = np.random.default_rng(5)
    at = generic(like, rng)
    x = None if sample is None else standardized(sample, _rows(subject))
    gradient = subject.gradient(at, x)
    level = abs(subject.objective(at, x))
    if not np.isfinite(level):
        return None
    size = sum(a.size for own in at.values() for a in own.values())
    count = 1 if size > LARGE else DIRECTIONS
    return [
        _slope(subject, at, x, gradient[layer][name], layer, name, level, count, rng)
        for layer, own in at.items()
        for name in own
    ]


def _rows(subject: Subject) -> int:
    """As many rows as the objective is of: a function may take no fewer."""
    found = subject.record("start")
    return ROWS if found is None else len(found.weights)


def generic(like: Parameters, rng: np.random.Generator) -> Parameters:
    """Random parameters at which every layer works in its middle."""

    def drawn(name: str, array: Array) -> Array:
        if array.ndim < 2:
            center = 1.0 if name == "gain" else 0.0
            return center + 0.1 * rng.normal(size=array.shape)
        return rng.normal(size=array.shape) * 1.2 / np.sqrt(np.prod(array.shape[:-1]))

    return {
        layer: {name: drawn(name, np.asarray(array)) for name, array in own.items()}
        for layer, own in like.items()
    }


def standardized(sample: Sample, count: int) -> Array:
    """The first rows of a sample with mean 0 and deviation 1."""
    x = np.nan_to_num(np.asarray(sample.x, float))
    spread = x.std(0)
    scale = np.where(spread > 1e-7 * (abs(x.mean(0)) + 1e-12), spread, 1.0)
    return ((x - x.mean(0)) / scale)[:count]


def _slope(
    subject: Subject,
    at: Parameters,
    x: Array | None,
    gradient: Array,
    layer: str,
    name: str,
    level: float,
    count: int,
    rng: np.random.Generator,
) -> Slope:
    array, errors, largest = at[layer][name], [], 0.0
    size = max(1.0, float(np.linalg.norm(array)))
    noise = 1e-12 * max(1.0, level) / (STEPS[-1] * size)
    for _ in range(count):
        direction = rng.normal(size=array.shape)
        direction /= np.linalg.norm(direction)
        quotients = [
            _quotient(subject, at, x, layer, name, direction, step * size) for step in STEPS
        ]
        analytical = float((gradient * direction).sum())
        scale = max(abs(quotients[0]), abs(analytical))
        largest = max(largest, abs(quotients[0]))
        settled = abs(quotients[0] - quotients[1]) <= 1e-3 * scale + noise
        if settled and scale > 1e-7 * max(1.0, level):
            errors.append(abs(quotients[0] - analytical) / (scale + noise))
    error = float(np.median(errors)) if errors else np.nan
    return Slope(layer, name, error, float(np.linalg.norm(gradient)), largest)


def _quotient(
    subject: Subject,
    at: Parameters,
    x: Array | None,
    layer: str,
    name: str,
    direction: Array,
    step: float,
) -> float:
    def value(by: float) -> float:
        changed = {**at[layer], name: at[layer][name] + by * direction}
        return subject.objective({**at, layer: changed}, x)

    return (value(step) - value(-step)) / (2 * step)


def bend(subject: Subject) -> float | None:
    """``f(a) + f(b) - f(a + b - m) - f(m)`` as a share of ``f(a) - f(m)`` and ``f(b) - f(m)``.

    ``f`` is what the output units receive, at the first weights and at generic ones, so that it is
    0 only where no weights make it anything else; m is the mean input, a and b lie around it at 1
    and 30 times the spread.
    """
    sample, like = subject.sample, subject.parameters("start")
    if sample is None or like is None or len(like) < 2:
        return None
    x = np.nan_to_num(np.asarray(sample.x, float))
    center, spread = x.mean(0), x.std(0) + 1e-3 * x.std() + 1e-9
    rng = np.random.default_rng(0)
    weights = generic(like, rng)
    worst, alive = 0.0, False
    for far in (1.0, 30.0):
        a, b = (rng.normal(size=(32, x.shape[1])) * spread * far for _ in range(2))
        points = (center + a, center + b, center + a + b, np.broadcast_to(center, a.shape))
        values = [
            value for point in points if (value := subject.forward(weights, point)) is not None
        ]
        if len(values) < len(points):
            return None
        fa, fb, both, middle = values
        size = float(np.linalg.norm(fa - middle) + np.linalg.norm(fb - middle))
        if size > 1e-12 * float(np.linalg.norm(middle) + 1e-9) and np.isfinite(size):
            alive = True
            worst = max(worst, float(np.linalg.norm(fa + fb - both - middle)) / size)
    return worst if alive else None
