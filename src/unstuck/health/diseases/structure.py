"""What is wrong with the computation whatever the data: ends that do not fit, wrong derivatives,
parameters without any, units that are copies."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from unstuck.health.case import Case, known
from unstuck.health.disease import Disease
from unstuck.health.finding import Evidence, Lookalike, Remedy, Sign
from unstuck.health.spelling import number
from unstuck.health.words import listed, share
from unstuck.record import Array, LayerRecord

LOST = 0.02
"""Share of what a constant leaves to gain that output units may keep out of the loss' reach."""
FLAT = 0.02
"""A slope under this share of the largest is flat."""
STUCK_ROWS = 0.9
WRONG = 1e-2
"""Relative error beyond which a derivative is wrong; in float64 right ones are under 1e-4."""
COPIES = 0.5
"""Share of the units of a layer that are copies of others from which they count as stuck."""


# Output units and loss


def _mismatch(case: Case) -> Iterator[Sign]:
    layers = case.subject.softmaxes()
    if layers:
        yield Sign(
            f"The outputs go through a softmax before a loss that applies its own (layer "
            f"{layers[0]!r}): the loss cannot fall to 0, and gradients shrink.",
            (Evidence("softmax functions in a row", 2.0, 1.0, where="in the computation"),),
            layers[0],
        )
        return
    pair = case.pair
    last = case.start.layers[-1].name if case.start is not None else None
    if pair is not None and pair.indifferent:
        yield Sign(
            "Whatever the output units put out, the loss is the same, though targets differ: there "
            "is nothing to learn from it.",
            (
                Evidence("least loss over all outputs", pair.through),
                Evidence("least loss of a constant output", pair.constant),
            ),
            last,
        )
        return
    if pair is not None and pair.falls and case.missed:
        yield Sign(
            "The loss falls without end as the outputs grow: it rewards size and not what is "
            "right. A loss for classes needs normalized outputs, such as log-softmax.",
            (
                Evidence("loss of outputs that fit", pair.through),
                Evidence("error of this network", known(case.gate).own, known(case.gate).reachable),
            ),
            last,
        )
        return
    if pair is not None and pair.lost > LOST:
        yield Sign(
            f"The output units keep {share(min(pair.lost, 1.0))} of what there is to learn out of "
            f"reach: through them the loss cannot fall below {number(pair.through)}, without them "
            f"it could reach {number(pair.free)}.",
            (
                Evidence(
                    "share of the possible gain that is out of reach",
                    pair.lost,
                    LOST,
                    where="least loss over all pre-activations of the output layer",
                ),
                Evidence("least loss through the output units", pair.through),
                Evidence("least loss of free outputs", pair.free),
                Evidence("least loss of a constant", pair.constant),
            ),
            last,
        )
        return
    yield from _stuck_outputs(case)


def _stuck_outputs(case: Case) -> Iterator[Sign]:
    """Saturated output units under a loss whose gradient their slope multiplies."""
    if case.start is None or case.facts.fused or not case.trained:
        return
    output = case.start.layers[-1]
    if output.unit.saturates != "both" and output.unit.name != "softmax":
        return
    flat = float((flatness(output).mean(1) > 0.99).mean())
    if flat > STUCK_ROWS and case.missed:
        yield Sign(
            f"The output units start on their flat parts for {share(flat)} of the rows, and the "
            "loss multiplies its gradient by their slope: they are stuck while they are wrong.",
            (
                Evidence(
                    "share of rows whose outputs are flat",
                    flat,
                    STUCK_ROWS,
                    where=f"before the first step, on {case.facts.trained}",
                ),
            ),
            output.name,
        )


def flatness(layer: LayerRecord) -> Array:
    """Which (row, unit) pairs lie where the slope is under 2 % of the largest, (n, units)."""
    largest = layer.unit.largest_slope
    if not 0 < largest < np.inf:  # of one's own; of one that grows without end, 1 is not flat
        largest = min(max(float(np.abs(layer.slopes).max(initial=0.0)), 1e-300), 1.0)
    return np.abs(layer.slopes) < FLAT * largest


# Derivatives


def _wrong_gradient(case: Case) -> Iterator[Sign]:
    wrong = [each for each in case.slopes or () if each.error > WRONG and each.gradient > 0]
    if not wrong:
        return
    worst = max(wrong, key=lambda each: each.error)
    # What is wrong in a layer makes everything before it wrong: the last one is nearest to it.
    last = wrong[-1].layer
    yield Sign(
        f"The gradient is not the derivative of the loss: it is wrong for {listed(_paths(wrong))}; "
        f"look at the derivative rule of what follows layer {last!r}'s sum.",
        (
            Evidence(
                f"relative error of the derivative along {worst.layer}/{worst.name}",
                worst.error,
                WRONG,
                where="random weights, central differences in float64",
            ),
            Evidence("parameters with a wrong derivative", float(len(wrong)), 0.0),
        ),
        last,
    )


def _paths(slopes: list) -> list[str]:
    return [f"{each.layer}/{each.name}" for each in slopes]


def _disconnected(case: Case) -> Iterator[Sign]:
    slopes = case.slopes or []
    if not slopes or (
        all(each.gradient == 0 for each in slopes)
        and len(slopes) > 1
        and not any(each.difference > 0 for each in slopes)
    ):
        return
    cut = [each for each in slopes if each.gradient == 0]
    weights = [each for each in cut if each.name != "bias" or each.difference > 1e-9]
    if weights:
        moving = [each for each in weights if each.difference > 1e-9]
        alone = len(weights) == 1
        which = "it" if alone else "them"
        how = (
            f"although the loss depends on {which}"
            if moving
            else (f"and the loss does not depend on {which}")
        )
        yield Sign(
            f"{listed(_paths(weights))} receive{'s' * alone} no gradient at all, {how}: "
            f"{'it keeps its first value' if alone else 'they keep their first values'}.",
            (
                Evidence("norm of the gradient", 0.0, where="random weights"),
                Evidence(
                    "largest difference quotient along it",
                    max(each.difference for each in weights),
                    None,
                ),
            ),
            weights[-1].layer,
        )


# Copies


def copies(layer: LayerRecord) -> float:
    """The share of a layer's units whose weights and gradients are copies of another's."""
    weights = _columns(layer.weights, 1e-5)
    gradients = _columns(layer.gradients, 1e-3)
    if weights is None or gradients is None or weights.shape[1] < 2:
        return 0.0
    distinct = len(np.unique(np.concatenate([weights, gradients]).T, axis=0))
    return 1.0 - distinct / weights.shape[1]


def _columns(arrays: dict[str, Array], rounded: float) -> Array | None:
    """What belongs to each unit, in rounded shares of the largest, (numbers, units)."""
    found = [np.reshape(a, (-1, a.shape[-1])) for a in arrays.values() if np.ndim(a) >= 2]
    if not found or not all(np.isfinite(a).all() for a in found):
        return None
    stacked = np.concatenate(found)
    largest = np.abs(stacked).max(initial=0.0)
    return np.zeros_like(stacked) if largest == 0 else np.round(stacked / largest / rounded)


def _symmetry(case: Case) -> Iterator[Sign]:
    for first, last in zip(case.hidden, known(case.end).layers[:-1], strict=True):
        share_first = copies(first)
        lasting = min(share_first, _same_weights(last)) if case.trained else share_first
        if lasting >= COPIES:
            yield Sign(
                f"{share(lasting)} of the units of {first.name} are copies of others: they compute "
                "the same, receive the same gradient, and will go on doing so.",
                (
                    Evidence(
                        "share of units that are copies",
                        share_first,
                        COPIES,
                        where=f"weights and their gradients {case.moment}",
                    ),
                    Evidence("share of units that still are", lasting, COPIES, where="now"),
                ),
                first.name,
            )
            return


def _same_weights(layer: LayerRecord) -> float:
    weights = _columns(layer.weights, 1e-4)
    if weights is None:
        return 0.0
    return 1.0 - len(np.unique(weights.T, axis=0)) / weights.shape[1]


DISEASES = (
    Disease(
        "loss_output_mismatch",
        "structure",
        "Output units and loss do not belong together: what the targets ask for cannot be put out, "
        "or the units are stuck while they are wrong.",
        (),
        _mismatch,
        (
            Lookalike(
                "underfitting",
                "the least loss is searched over all pre-activations: no "
                "network, however large, gets below it",
            ),
            Lookalike(
                "log-softmax before cross-entropy",
                "a log-softmax of a log-softmax is itself: nothing is out of reach",
            ),
        ),
        (
            Remedy(
                "Let output unit and loss be chosen by the targets.",
                "Cross-entropy belongs to "
                "sigmoid and softmax on pre-activations, squared error to linear outputs.",
                {"output_activation": "auto", "loss": "auto"},
            ),
            Remedy(
                "Scale the targets into the range of the output units.",
                "A sigmoid never puts out what is not between 0 and 1.",
            ),
        ),
        "Bishop 2006, section 5.2",
    ),
    Disease(
        "wrong_gradient",
        "structure",
        "The derivative that training uses is not the derivative of the loss.",
        ("slopes",),
        _wrong_gradient,
        (
            Lookalike("kinks", "two step sizes have to agree before a difference counts"),
            Lookalike(
                "slope_offset",
                "what is checked is the plain network, without its deliberate changes",
            ),
        ),
        (
            Remedy(
                "Compare the derivative rule of your function with jax.grad of it, or leave it "
                "out and let JAX differentiate.",
                "`unstuck.check_gradients` names the entries.",
            ),
        ),
        "Bishop 2006, section 5.3.3",
    ),
    Disease(
        "disconnected_parameters",
        "structure",
        "Parameters receive no gradient whatever the weights are.",
        ("slopes",),
        _disconnected,
        (
            Lookalike(
                "dead_units",
                "those are judged at random, well-scaled weights, where units are alive",
            ),
            Lookalike("vanishing_gradient", "there the gradient is small, not exactly 0"),
        ),
        (
            Remedy(
                "Remove the stop_gradient, rounding or comparison between them and the loss, or "
                "remove the parameters.",
                "What has no derivative cannot be trained by one.",
            ),
        ),
        "Griewank and Walther 2008",
    ),
    Disease(
        "unbroken_symmetry",
        "structure",
        "Units of a layer start as copies of each other and stay so: the layer is as good as one "
        "unit.",
        ("start", "end"),
        _symmetry,
        (
            Lookalike(
                "equal weights with different outgoing ones",
                "their gradients differ, so they part at the first step",
            ),
            Lookalike("dead_units", "those output 0; copies may be as alive as can be"),
        ),
        (
            Remedy(
                "Draw first weights at random.",
                "Random weights are what tells units apart.",
                {"initializer": "auto"},
            ),
        ),
        "Rumelhart, Hinton and Williams 1986",
    ),
)
