"""What happens from layer to layer: adjoints that shrink or grow, values that grow."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from unstuck.health.case import Case, known
from unstuck.health.disease import Disease
from unstuck.health.finding import Evidence, Lookalike, Remedy, Sign
from unstuck.health.spelling import number
from unstuck.health.words import listed
from unstuck.record import Array, LayerRecord, Record

VANISHED = 1e-2
"""Adjoint of the first layer as a share of the last one's under which the first does not learn."""
EXPLODED = 30.0
GROWN = 100.0
"""Factor by which pre-activations grow from the first to the last layer."""
EARLY = 3
"""Looks during which a gradient that vanishes at first may still come back."""
FLATTER = Remedy(
    "Use tanh units with Glorot's first weights.",
    "Their slope is never above 1.",
    {"activation": "tanh", "initializer": "auto"},
)


def adjoint_norms(record: Record) -> Array:
    """Norm of the adjoints of the pre-activations, layer by layer."""
    return np.array([_norm(layer.adjoints["preactivation"]) for layer in record.layers])


def _norm(array: Array) -> float:
    return float(np.linalg.norm(array))


def factors(before: LayerRecord, after: LayerRecord) -> tuple[float, float]:
    """What a layer multiplies adjoints by on their way back: by weights, and by slopes.

    Arguments:
        before, after: neighbors; the adjoint goes from the pre-activation of the second to that of
            the first.
    """
    through = _norm(before.adjoints["output"]) if "output" in before.adjoints else 0.0
    arrived, left = _norm(after.adjoints["preactivation"]), _norm(before.adjoints["preactivation"])
    return through / max(arrived, 1e-300), left / max(through, 1e-300)


def _first_over_last(case: Case) -> float | None:
    """The first hidden layer's adjoint over the last layer's, before the first step."""
    norms = adjoint_norms(known(case.start))
    if len(norms) < 3 or not norms[-1] > 0 or not np.isfinite(norms).all():
        return None
    return float(norms[0] / norms[-1])


def _attenuation(case: Case) -> float | None:
    """The same, or at most of the first looks of the fit where it is larger there."""
    ratio = _first_over_last(case)
    return None if ratio is None else max(ratio, float(np.median([ratio, *_later(case)])))


def _later(case: Case) -> list[float]:
    """The same at the first looks of the fit."""
    looks = None if case.history is None else case.history.get("layer_adjoint_rms")
    if looks is None or len(np.shape(looks)) != 2:
        return []
    width = np.sqrt([layer.values["preactivation"].shape[1] for layer in known(case.start).layers])
    sizes = np.asarray(looks)[:EARLY] * width
    found = sizes[:, 0] / np.maximum(sizes[:, -1], 1e-300)
    return [float(each) for each in found if np.isfinite(each)]


class Blame(NamedTuple):
    """What multiplies adjoints, layer by layer.

    Attributes:
        words: slopes or weights.
        steep: whether it is the slopes.
        factors: of both, a layer.
    """

    words: str
    steep: bool
    factors: tuple[Evidence, Evidence]


def _blame(record: Record) -> Blame:
    """Whether slopes or weights do it, and their typical factors."""
    both = np.array([factors(a, b) for a, b in itertools.pairwise(record.layers)])
    weights, slopes = np.exp(np.log(np.maximum(both, 1e-300)).mean(0))
    by_slope = bool(abs(np.log(slopes)) > abs(np.log(weights)))
    return Blame(
        "the slope of the activation" if by_slope else "the size of the weights",
        by_slope,
        (
            Evidence("factor of the slopes, a layer", float(slopes)),
            Evidence("factor of the weights, a layer", float(weights)),
        ),
    )


def _vanishing(case: Case) -> Iterator[Sign]:
    if case.learned:
        return
    ratio = _attenuation(case)
    if ratio is None or not 0 < ratio < VANISHED:
        return
    start = known(case.start)
    blame = _blame(start)
    norms = adjoint_norms(start)
    weak = [
        layer.name
        for layer, norm in zip(start.layers, norms, strict=True)
        if norm < VANISHED * norms[-1]
    ]
    yield Sign(
        f"The gradient vanishes on its way back: the first layer receives {number(ratio)} of what "
        f"the last one does, so {listed(weak or [start.layers[0].name])} hardly learn; "
        f"{blame.words} "
        "does it.",
        (
            Evidence(
                "adjoint of the first layer as a share of the last one's",
                ratio,
                VANISHED,
                "below",
                f"{'at the first looks' if case.trained else case.moment}, on {case.facts.trained}",
            ),
            *blame.factors,
        ),
        start.layers[0].name,
    )


def _exploding(case: Case) -> Iterator[Sign]:
    if case.learned:
        return
    ratio = _first_over_last(case)
    if ratio is None or not ratio > EXPLODED:
        return
    start = known(case.start)
    blame = _blame(start)
    yield Sign(
        f"The gradient explodes on its way back: the first layer receives {number(ratio)} times "
        f"what the last one does; {blame.words} does it.",
        (
            Evidence(
                "adjoint of the first layer over the last one's",
                ratio,
                EXPLODED,
                where=f"{case.moment}, on {case.facts.trained}",
            ),
            *blame.factors,
        ),
        start.layers[0].name,
        first=int(blame.steep),
    )


def _growing(case: Case) -> Iterator[Sign]:
    if case.learned:
        return
    layers = known(case.start).layers
    sizes = np.array([float(layer.values["preactivation"].std(0).mean()) for layer in layers])
    if len(sizes) < 3 or not np.isfinite(sizes).all() or not sizes[0] > 0:
        return
    grown = float(sizes.max() / sizes[0])
    if grown > GROWN:
        at = int(sizes.argmax())
        each = grown ** (1 / max(at, 1))
        last = layers[max(at - 1, 0)].name
        yield Sign(
            f"Values grow from layer to layer, {number(each)} times each: what {last} hands on "
            f"varies {number(grown)} times as much as what {layers[0].name} receives.",
            (
                Evidence(
                    "growth of the pre-activations' deviation",
                    grown,
                    GROWN,
                    where=f"{case.moment}, on {case.facts.trained}",
                ),
            ),
            last,
            first=int(_blame(known(case.start)).steep),
        )


DISEASES = (
    Disease(
        "vanishing_gradient",
        "depth",
        "Adjoints shrink from layer to layer on their way back, so that the first layers do not "
        "learn.",
        ("start",),
        _vanishing,
        (
            Lookalike("a converged network", "its gradients are small in all layers alike"),
            Lookalike("dead_units", "there the adjoint is exactly 0"),
            Lookalike("initial_scale", "first weights of the usual size would not mend it"),
        ),
        (
            Remedy(
                "Use tanh units with Glorot's first weights.",
                "Their slope is 1 at 0; a sigmoid's is at most 1/4.",
                {"activation": "tanh", "initializer": "auto"},
            ),
            Remedy(
                "Or use ReLU units with He's.",
                "Its slope is 1 where it is active, but values may grow with long steps.",
                {"activation": "relu", "initializer": "auto"},
            ),
            Remedy(
                "Use layer normalization or fewer layers.",
                "Pre-activations then keep their size.",
                {"layer_norm": True},
            ),
        ),
        "Hochreiter 1991; Glorot and Bengio 2010",
    ),
    Disease(
        "exploding_gradient",
        "depth",
        "Adjoints grow from layer to layer on their way back, so that no learning rate suits all "
        "layers.",
        ("start",),
        _exploding,
        (
            Lookalike("learning_rate_too_high", "the ratio of layers does not depend on the rate"),
            Lookalike("unscaled_targets", "there adjoints are large in all layers alike"),
        ),
        (
            Remedy(
                "Draw first weights by the law that suits the units.",
                "Adjoints then keep their size.",
                {"initializer": "auto"},
            ),
            FLATTER,
            Remedy(
                "Bound the gradient.",
                "A step is then never longer than the rate allows.",
                {"clip_norm": 1.0},
            ),
            Remedy(
                "Use layer normalization.",
                "It divides by the size of what comes.",
                {"layer_norm": True},
            ),
        ),
        "Pascanu, Mikolov and Bengio 2013",
    ),
    Disease(
        "exploding_activations",
        "depth",
        "Values grow from layer to layer on their way forward.",
        ("start",),
        _growing,
        (
            Lookalike("large outputs for large targets", "there only the last layer is large"),
            Lookalike("unscaled_inputs", "there the first layer is as large as the others"),
        ),
        (
            Remedy(
                "Draw first weights by the law that suits the units.",
                "Values then keep their size.",
                {"initializer": "auto"},
            ),
            FLATTER,
            Remedy(
                "Use layer normalization.",
                "It divides by the size of what comes.",
                {"layer_norm": True},
            ),
        ),
        "He et al. 2015",
    ),
)
