"""What a network reaches beside a constant, a linear model and trees, by every measure.

These are values to be drawn; the verdict itself compares with the first two.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from unstuck.verdict import opponents
from unstuck.verdict.examples import NUMBERS, Examples
from unstuck.verdict.judging import Bench
from unstuck.verdict.measures import quantile_of

NETWORK = "the network"


class Mark(NamedTuple):
    """What a model reaches.

    Attributes:
        model: its name.
        value: by a measure.
        margin: known to plus and minus this, at 95 % confidence.
    """

    model: str
    value: float
    margin: float


class Reached(NamedTuple):
    """What all models reach by one measure, on the same rows.

    Attributes:
        measure: its name.
        higher: whether more is better.
        marks: of the network, then of the others.
    """

    measure: str
    higher: bool
    marks: tuple[Mark, ...]


def reached(estimator: Any, train: Examples, held: Examples) -> tuple[Reached, ...]:
    """What a network and others reach, by every measure that the rows have.

    Arguments:
        estimator: of scikit-learn's contract.
        train: rows that the others learn from.
        held: rows to be predicted.
    """
    train, held = train.counting(), held.counting()
    bench = Bench(estimator, train, held)
    quantile = quantile_of(estimator) if bench.kind == NUMBERS else None
    grown = opponents.trees(bench.weighed(), bench.kind, bench.classes, quantile)
    others = dict(bench.beside)
    if grown is not None:
        others[opponents.TREES] = grown(held.x)
    w = bench.weights(held)
    found = []
    for measure in bench.measures:
        with np.errstate(over="ignore", invalid="ignore"):
            rows = {NETWORK: measure.rows(held.y, bench.said)}
            rows |= {name: measure.rows(held.y, each) for name, each in others.items()}
        kept = np.isfinite(rows[NETWORK]) & (w > 0)
        if not kept.any():
            continue
        scores = {name: measure.score(each[kept], w[kept]) for name, each in rows.items()}
        marks = (Mark(name, each.value, each.margin) for name, each in scores.items())
        found.append(Reached(measure.name, measure.higher, tuple(marks)))
    return tuple(found)
