"""Inputs, targets and first weights of the wrong size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from unstuck.health.case import CLOSES, Case
from unstuck.health.disease import LENGTHS, Disease
from unstuck.health.diseases.data import constant_columns
from unstuck.health.finding import Evidence, Lookalike, Remedy, Sign
from unstuck.health.spelling import number
from unstuck.health.words import listed
from unstuck.record import Array, LayerRecord

LARGE, SMALL = 4.0, 0.05
"""Root mean squares of inputs beyond which layers start in their flat or in their linear parts."""
UNEVEN = 30.0
"""Quotient of the largest and the least deviation of input columns that matters."""
LARGE_TARGETS = 8.0
WEIGHTS_LARGE, WEIGHTS_SMALL = 3.5, 0.15
"""Bounds on rms(W) sqrt(fan-in), which is 1 where pre-activations keep the size of the inputs."""
BEYOND = 10.0
"""By how much more bounds must be passed where nothing else tells that learning fails."""


LONGER = (10.0, 100.0)
"""Factors on the rate with which a cure is tried that does not work with the fit's own."""


def _rms(array: Array) -> float:
    return float(np.sqrt((np.asarray(array, float) ** 2).mean()))


def _outside(what: str, value: float, low: float, high: float, where: str) -> Evidence:
    """A size that should be about 1, beside the bound on its side."""
    above = value > 1
    return Evidence(what, value, high if above else low, "above" if above else "below", where)


def _unscaled_inputs(case: Case) -> Iterator[Sign]:
    sample = case.sample
    assert sample is not None
    x = np.asarray(sample.x, float)
    varied = ~constant_columns(sample.raw)
    if case.facts.scales_inputs or not varied.any() or not np.isfinite(x).all():
        return
    size, deviation = _rms(x), x.std(0)[varied]
    uneven = float(deviation.max() / max(deviation.min(), 1e-300))
    strict = 1.0 if case.trained else BEYOND
    odd = size > LARGE * strict or size < SMALL / strict or (uneven > UNEVEN * strict and size > 1)
    mended = _mended(case, inputs=True) if odd else None
    if mended is None:
        return
    columns = np.sqrt((x**2).mean(0))
    order = np.argsort(-np.abs(np.log(np.maximum(columns, 1e-300))))
    worst = [i for i in order if varied[i] and not SMALL < columns[i] < LARGE] or list(order[:1])
    names = listed([case.facts.columns[i] if case.facts.columns else str(i) for i in worst])
    yield Sign(
        f"The inputs are not standardized as the first layer receives them (root mean square "
        f"{number(size)}, deviations of columns differ {number(uneven)} times): {names}.",
        (
            _outside(
                "root mean square of the inputs",
                size,
                SMALL,
                LARGE,
                "as the first layer receives them",
            ),
            Evidence("largest over least deviation of a column", uneven, UNEVEN),
            *mended.evidence("standardized inputs"),
        ),
        None if case.start is None else case.start.layers[0].name,
        parameters=mended.rates(case),
    )


def _unscaled_targets(case: Case) -> Iterator[Sign]:
    sample = case.numbers
    assert sample is not None
    if case.facts.scales_targets or not np.isfinite(sample.y).all():
        return
    size = _rms(sample.y)
    strict = 1.0 if case.trained else BEYOND
    odd = not SMALL / strict <= size <= LARGE_TARGETS * strict
    mended = _mended(case, targets=True) if odd else None
    if mended is None:
        return
    yield Sign(
        f"The targets are not standardized as the loss receives them: their root mean square is "
        f"{number(size)}, and first outputs are of the order of 1.",
        (
            _outside(
                "root mean square of the targets",
                size,
                SMALL,
                LARGE_TARGETS,
                "as the loss receives them",
            ),
            *mended.evidence("standardized targets"),
        ),
        None if case.start is None else case.start.layers[-1].name,
        parameters=mended.rates(case),
    )


def size_of_weights(layer: LayerRecord) -> float:
    """``rms(W) sqrt(fan-in)`` of a layer's weights."""
    sizes = [_rms(w) * np.sqrt(np.prod(np.shape(w)[:-1])) for w in layer.weights.values()]
    return float(max(sizes, default=1.0))


def _initial_scale(case: Case) -> Iterator[Sign]:
    assert case.start is not None
    sizes = [size_of_weights(layer) for layer in case.start.layers]
    hidden = sizes[:-1] or sizes
    strict = 1.0 if case.trained else 2.0
    if max(sizes) <= WEIGHTS_LARGE * strict and min(hidden) >= WEIGHTS_SMALL / strict:
        return
    mended = _mended(case, start=True)
    if mended is None:
        return
    large = max(sizes) > WEIGHTS_LARGE
    # The first of those that are about as far off: what it does, the others receive.
    far = [size >= max(sizes) / 2 if large else size <= 2 * min(hidden) for size in sizes]
    at = far.index(True)
    many = sum(size > WEIGHTS_LARGE if large else size < WEIGHTS_SMALL for size in sizes)
    layer = case.start.layers[at].name
    others = f" (and of {many - 1} other layers)" if many > 1 else ""
    yield Sign(
        f"The first weights of {layer}{others} are too {'large' if large else 'small'}: "
        f"their root mean square is {number(sizes[at])} times 1 / sqrt(fan-in).",
        (
            _outside(
                "root mean square of the weights times sqrt(fan-in)",
                sizes[at],
                WEIGHTS_SMALL,
                WEIGHTS_LARGE,
                f"first weights of {layer}",
            ),
            *mended.evidence("first weights of the usual size"),
        ),
        layer,
        parameters=mended.rates(case),
    )


def _mended(case: Case, **change: bool) -> Mended | None:
    """How mending it cures what is missed, or pays on fresh rows; ``None`` where it does not.

    A rate that is too low hides the cure: where it does not cure alone, longer steps are tried
    with it. Nothing is tried where nothing was trained.
    """
    if not case.trained:
        return Mended()
    if not case.missed and not (case.gate is not None and case.gate.minority_missed):
        return Mended() if case.pays(**change) else None
    for rate in (1.0, *LONGER) if case.facts.rates else (1.0,):
        if case.cures(**change, rate=rate) and not (rate > 1 and case.cures(rate=rate)):
            return Mended(case.closes(**change, rate=rate), rate)
    return None


class Mended(NamedTuple):
    """How an experiment went.

    Attributes:
        closed: the share of the gap to what is reachable; ``None`` where none is missed.
        rate: times the learning rate.
    """

    closed: float | None = None
    rate: float = 1.0

    def evidence(self, what: str) -> tuple[Evidence, ...]:
        """The share that is closed."""
        if self.closed is None:
            return ()
        steps = f" and {self.rate:g} times the rate" if self.rate > 1 else ""
        where = "trained again from the same start"
        return (
            Evidence(f"share of the gap closed by {what}{steps}", self.closed, CLOSES, where=where),
        )

    def rates(self, case: Case) -> dict[str, float]:
        """Settings of the rate that cured."""
        longer = {name: value * self.rate for name, value in case.facts.rates.items()}
        return longer if self.rate > 1 else {}


DISEASES = (
    Disease(
        "unscaled_inputs",
        "scales",
        "Inputs whose columns are far from mean 0 and deviation 1, or far from each other.",
        ("sample",),
        _unscaled_inputs,
        (
            Lookalike("initial_scale", "first weights keep their law; the inputs do not"),
            Lookalike("learning_rate_too_high", "with standardized inputs the same rate works"),
            Lookalike(
                "large values that do no harm",
                "training again on standardized inputs must close most of the gap",
            ),
        ),
        (
            Remedy(
                "Standardize the inputs.",
                "Weights of all columns then have the same task, and units start where they bend.",
                {"scale_inputs": True, **LENGTHS},
            ),
        ),
        "LeCun et al. 1998, Efficient BackProp, section 4.3",
    ),
    Disease(
        "unscaled_targets",
        "scales",
        "Targets whose size is far from what the output layer puts out at first.",
        ("numbers",),
        _unscaled_targets,
        (
            Lookalike("learning_rate_too_low", "with standardized targets the same rate works"),
            Lookalike(
                "exploding_gradient",
                "the adjoints are large in all layers alike: they are the errors",
            ),
        ),
        (
            Remedy(
                "Standardize the targets.",
                "Errors, and so gradients, are of the order of 1.",
                {"scale_targets": True, **LENGTHS},
            ),
        ),
        "LeCun et al. 1998, Efficient BackProp, section 4.5",
    ),
    Disease(
        "initial_scale",
        "scales",
        "First weights too large or too small for the layer.",
        ("start",),
        _initial_scale,
        (
            Lookalike("unscaled_inputs", "the inputs are of the order of 1, the weights are not"),
            Lookalike("vanishing_gradient", "with weights of the usual law the same depth learns"),
            Lookalike("saturated_units", "that is what large first weights do"),
        ),
        (
            Remedy(
                "Draw first weights with deviation 1 / sqrt(fan-in), for ReLU sqrt(2 / fan-in).",
                "Pre-activations and adjoints then keep their size from layer to layer.",
                {"initializer": "auto", **LENGTHS},
            ),
        ),
        "Glorot and Bengio 2010; He et al. 2015",
    ),
)
