"""Inputs, targets and first weights of the wrong size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from unstuck.health.case import CLOSES, MOSTLY, Case
from unstuck.health.disease import LENGTHS, Disease
from unstuck.health.finding import Evidence, Lookalike, Remedy, Sign
from unstuck.health.spelling import number
from unstuck.health.words import counted, listed
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


LONGER_STEPS = (10.0, 100.0)
"""Factors on the rate with which a cure is tried that does not work with the fit's own."""


def _rms(array: Array) -> float:
    return float(np.sqrt((np.asarray(array, float) ** 2).mean()))


def _outside(what: str, value: float, low: float, high: float, where: str) -> Evidence:
    """A size beside the bound that it breaks; beside none where it keeps both."""
    if low <= value <= high:
        return Evidence(what, value, where=where)
    above = value > high
    return Evidence(what, value, high if above else low, "above" if above else "below", where)


def _unscaled_inputs(case: Case) -> Iterator[Sign]:
    sample = case.sample
    assert sample is not None
    x = np.asarray(sample.x, float)
    varied = ~sample.constant_received
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
    names = listed([case.facts.column(int(i)) for i in worst])
    where = "as the first layer receives them"
    differ = f", deviations of columns differ {number(uneven)} times" if uneven > UNEVEN else ""
    yield Sign(
        f"The inputs are not standardized {where} (root mean square {number(size)}{differ}): "
        f"{'column' if len(worst) == 1 else 'columns'} {names}.",
        (
            _outside("root mean square of the inputs", size, SMALL, LARGE, where),
            _outside("largest over least deviation of a column", uneven, 0.0, UNEVEN, where),
            *mended.evidence("standardized inputs"),
        ),
        None if case.start is None else case.start.layers[0].name,
        parameters=mended.rates(case),
        ruled_out=mended.harmful("large values that do no harm"),
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
    where = "as the loss receives them"
    yield Sign(
        f"The targets are not standardized {where}: their root mean square is {number(size)}, and "
        "first outputs are of the order of 1.",
        (
            _outside("root mean square of the targets", size, SMALL, LARGE_TARGETS, where),
            *mended.evidence("standardized targets"),
        ),
        None if case.start is None else case.start.layers[-1].name,
        parameters=mended.rates(case),
        ruled_out=mended.harmful("large values that do no harm"),
    )


def size_of_weights(layer: LayerRecord) -> float:
    """``rms(W) sqrt(fan-in)`` of a layer's weights."""
    sizes = [_rms(w) * np.sqrt(np.prod(np.shape(w)[:-1])) for w in layer.weights.values()]
    return float(max(sizes, default=1.0))


def _initial_scale(case: Case) -> Iterator[Sign]:
    assert case.start is not None
    layers, strict = case.start.layers, 1.0 if case.trained else 2.0
    sizes = [size_of_weights(layer) for layer in layers]
    hidden = range(len(sizes) - 1) or range(len(sizes))
    large = [i for i, size in enumerate(sizes) if size > WEIGHTS_LARGE * strict]
    small = [i for i in hidden if sizes[i] < WEIGHTS_SMALL / strict]
    mended = _mended(case, start=True) if large or small else None
    if mended is None:
        return
    at = (large or small)[0]  # what it does, the later ones receive
    layer, many = layers[at].name, len(large or small)
    others = f" (and of {counted(many - 1, 'other layer')})" if many > 1 else ""
    yield Sign(
        f"The first weights of {layer}{others} are too {'large' if large else 'small'}: "
        f"their root mean square is {number(sizes[at])} times 1 / sqrt(fan-in).",
        (
            _outside(
                "root mean square of the weights times sqrt(fan-in)",
                sizes[at],
                WEIGHTS_SMALL / strict,
                WEIGHTS_LARGE * strict,
                f"weights of {layer} {case.moment}",
            ),
            *mended.evidence("first weights of the usual size"),
        ),
        layer,
        parameters=mended.rates(case),
        ruled_out=mended.harmful("large weights that do no harm"),
    )


def _mended(case: Case, **change: bool) -> Mended | None:
    """How mending it cures what is missed, or pays on fresh rows; ``None`` where it does not.

    A rate that is too low hides the cure: where it does not cure alone, longer steps are tried
    with it. Nothing is tried where nothing was trained.
    """
    if not case.trained:
        return Mended()
    if not case.missed and not (case.gate is not None and case.gate.minority_missed):
        if case.gate is not None and case.gate.behind and case.closes(**change) > MOSTLY:
            return Mended(case.closes(**change))
        paid = case.paid(**change)
        return None if paid is None else Mended(paid=paid)
    for rate in (1.0, *LONGER_STEPS) if case.facts.rates else (1.0,):
        if case.cures(**change, rate=rate) and not (rate > 1 and case.cures(rate=rate)):
            return Mended(case.closes(**change, rate=rate), rate)
    return None


class Mended(NamedTuple):
    """How an experiment went.

    Attributes:
        closed: the share of the gap to what is reachable; ``None`` where none is missed.
        rate: times the learning rate.
        paid: error on fresh rows before and after; ``None`` where a gap was closed.
    """

    closed: float | None = None
    rate: float = 1.0
    paid: tuple[float, float] | None = None

    def evidence(self, what: str) -> tuple[Evidence, ...]:
        """What it gained."""
        if self.paid is not None:
            before, after = self.paid
            where = "a quarter of the rows held out, trained again"
            return (Evidence(f"error on fresh rows without {what}", before, after, where=where),)
        if self.closed is None:
            return ()
        steps = f" and {self.rate:g} times the rate" if self.rate > 1 else ""
        where = "trained again from the same start"
        return (
            Evidence(f"share of the gap closed by {what}{steps}", self.closed, CLOSES, where=where),
        )

    def harmful(self, name: str) -> dict[str, str]:
        """How values that do no harm were ruled out, and a rate."""
        told = {}
        if self.paid is not None:
            told[name] = "trained again with it mended, the loss on fresh rows is halved"
        if self.closed is None and self.paid is None:
            told[name] = "nothing was trained, so that was not asked; only far larger values count"
        if self.rate > 1:
            told |= dict.fromkeys(
                ("learning_rate_too_low", "learning_rate_too_high"),
                "another rate alone does not mend it; both together do",
            )
        return told

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
                "training again on standardized inputs closes most of the gap",
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
                "large values that do no harm",
                "training again on standardized targets closes most of the gap",
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
            Lookalike(
                "large weights that do no harm",
                "training again from the usual ones closes most of the gap",
            ),
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
