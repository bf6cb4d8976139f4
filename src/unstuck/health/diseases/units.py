"""Units that pass nothing back."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from unstuck.health.case import Case
from unstuck.health.disease import Disease
from unstuck.health.diseases.structure import flatness
from unstuck.health.finding import Evidence, Lookalike, Remedy, Sign
from unstuck.health.words import counted, share
from unstuck.record import Array, LayerRecord

FLAT_ROWS = 0.95
"""Share of the rows on which a unit must be flat to count as stuck."""
FLAT_PAIRS = 0.85
"""Share of the pairs of row and unit that are flat from which a layer is stuck."""
STUCK_UNITS = 0.5
"""Share of stuck units from which a layer is."""


def stuck_units(layer: LayerRecord) -> Array:
    """Which units are flat for nearly all rows, (units,)."""
    return (layer.shares[:, None] * flatness(layer)).sum(0) > FLAT_ROWS


def _stuck(case: Case, dead: bool) -> Iterator[Sign]:
    if case.learned:
        return
    for layer in case.hidden:
        if (layer.unit.saturates == "both") == dead or layer.unit.saturates == "never":
            continue
        stuck = stuck_units(layer)
        part, pairs = float(stuck.mean()), float(layer.mean(flatness(layer)))
        if part < STUCK_UNITS and pairs < FLAT_PAIRS:
            continue
        if case.trained and not case.cures(start=True) and not dead and part < 0.9:
            continue
        yield _sign(case, layer, "dead" if dead else "saturated", int(stuck.sum()), pairs)
        return


def _sign(case: Case, layer: LayerRecord, word: str, stuck: int, pairs: float) -> Sign:
    units, where = len(layer.slopes[0]), f"{case.moment}, on {case.facts.trained}"
    by_units = stuck / units >= STUCK_UNITS
    of = f"{counted(stuck, 'unit')} of {units} in {layer.name}" if by_units else layer.name
    what = "for nearly every row" if by_units else f"in {share(pairs)} of its pairs of row and unit"
    has = "are" if by_units and stuck > 1 else "is"
    received = float(np.sqrt(layer.mean(layer.values["preactivation"] ** 2)))
    return Sign(
        f"{of} {has} {word} {case.moment}: the slope is next to 0 {what}.",
        (
            Evidence(f"share of {word} units", stuck / units, STUCK_UNITS if by_units else None,
                     where=where),
            Evidence("share of pairs of row and unit on a flat part", pairs,
                     None if by_units else FLAT_PAIRS, where=where),
            Evidence("root mean square of what they receive", received, where=where),
        ),
        layer.name,
    )  # fmt: skip


SOURCES = "Glorot and Bengio 2010; Goodfellow, Bengio and Courville 2016, section 6.3"

DISEASES = (
    Disease(
        "saturated_units",
        "units",
        "Sigmoid units that receive so much that they are flat: they pass nothing back.",
        ("start",),
        lambda case: _stuck(case, dead=False),
        (
            Lookalike("unscaled_inputs", "standardizing the inputs would not mend it"),
            Lookalike(
                "initial_scale", "weights are of the usual size, judged before; biases are not"
            ),
            Lookalike("decided outputs", "output units may be flat once they are right"),
        ),
        (
            Remedy(
                "Start biases at 0 and weights at 1 / sqrt(fan-in).",
                "Units then start where they are steepest.",
                {"initializer": "auto"},
            ),
            Remedy(
                "Use units that do not saturate.",
                "ReLU is steep on half of its inputs.",
                {"activation": "relu"},
            ),
        ),
        SOURCES,
    ),
    Disease(
        "dead_units",
        "units",
        "ReLU units that put out 0 for nearly every row: they pass nothing back and stay so.",
        ("start",),
        lambda case: _stuck(case, dead=True),
        (
            Lookalike("sparsity", "a healthy ReLU is 0 for about half of the rows, not for all"),
            Lookalike("disconnected_parameters", "at random weights these units have a gradient"),
        ),
        (
            Remedy(
                "Start biases at 0.",
                "A large negative bias is what killed them.",
                {"initializer": "auto"},
            ),
            Remedy(
                "Use units that cannot die.",
                "Leaky ReLU and ELU have a slope everywhere.",
                {"activation": "leaky_relu"},
            ),
            Remedy("Or prune them.", "`unstuck.prune` leaves the outputs as they are."),
        ),
        SOURCES,
    ),
)
