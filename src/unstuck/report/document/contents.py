"""What a report tells, as plain data: nothing here draws, and nothing here knows an estimator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from unstuck.health.diagnosis import Diagnosis
from unstuck.verdict.beside import Reached
from unstuck.verdict.verdict import Verdict

START, END = "start", "end"
"""Moments: before the first step, and now."""


class Bins(NamedTuple):
    """Histograms of one quantity, on edges that all layers and moments share.

    Attributes:
        edges: (bins + 1,).
        shares: of the numbers that lie in each bin, (layers, bins), by moment.
    """

    edges: np.ndarray
    shares: Mapping[str, np.ndarray]


class Quantity(NamedTuple):
    """One quantity of every layer.

    Attributes:
        quantiles: of its numbers, or of their sizes where these are told by powers of ten,
            (layers, quantiles), by moment.
        bins: of the same.
        zeros: share of numbers that are exactly 0, (layers,), by moment.
    """

    quantiles: Mapping[str, np.ndarray]
    bins: Bins
    zeros: Mapping[str, np.ndarray]


class Back(NamedTuple):
    """What happens to adjoints on their way back, at one moment.

    Attributes:
        sizes: norm of each layer's adjoints as a share of the last layer's, (layers,).
        slopes, weights: what a layer multiplies adjoints by, (layers - 1,).
    """

    sizes: np.ndarray
    slopes: np.ndarray
    weights: np.ndarray


class Layers(NamedTuple):
    """Every layer, from input to output.

    Attributes:
        names, units: of each.
        activations: name of each one's activation.
        bounds: the largest slope that each activation has, (layers,).
        rows: how many were looked at.
        epochs: after how many the end was.
        quantities: by name.
        back: by moment.
        states: a number of ``units.STATES`` for every unit, a list of (units,), by moment.
        active: share of (row, unit) pairs that pass something back, (layers,), by moment.
        first_step: length of the solver's first step as a share of the weights', (layers,);
            ``None`` where the solver has no such step.
        moved: distance from start to end as a share of the weights' norm at the start, (layers,);
            ``None`` where the start is not known.
    """

    names: tuple[str, ...]
    units: tuple[int, ...]
    activations: tuple[str, ...]
    bounds: np.ndarray
    rows: int
    epochs: int
    quantities: Mapping[str, Quantity]
    back: Mapping[str, Back]
    states: Mapping[str, list[np.ndarray]]
    active: Mapping[str, np.ndarray]
    first_step: np.ndarray | None = None
    moved: np.ndarray | None = None


class Outcome(NamedTuple):
    """Rows that were held out, and what the network says of them.

    Attributes:
        kind: ``"classes"``, ``"labels"`` or ``"numbers"``.
        y: targets, (n,) or (n, columns).
        predicted: of the same shape.
        probabilities: (n, k), or ``None``.
        classes: their names, in the order of the probabilities.
        seen: whether the network was fitted to most of these rows.
    """

    kind: str
    y: np.ndarray
    predicted: np.ndarray
    probabilities: np.ndarray | None
    classes: tuple[Any, ...]
    seen: bool = False


@dataclass(frozen=True)
class Contents:
    """All of a report.

    Attributes:
        title: of the page.
        facts: of the network and its fit, as pairs of words.
        verdict: on it; ``None`` where there were no rows for others to learn from.
        reached: scores of the network and of others, by measure.
        diagnosis: of it; ``None`` where there is none.
        history: columns by epoch, and the looks at every layer.
        best_epoch: whose weights the network has, counted from 1.
        layers: every layer; ``None`` where none could be looked at.
        outcome: on held-out rows; ``None`` where nothing could be predicted.
        repair: what a repair did, an object that shows as HTML or as a text; ``None`` where there
            was none.
        missing: what could not be shown, and why, in sentences.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    verdict: Verdict | None = None
    reached: tuple[Reached, ...] = ()
    diagnosis: Diagnosis | None = None
    history: Mapping[str, np.ndarray] | None = None
    best_epoch: int | None = None
    layers: Layers | None = None
    outcome: Outcome | None = None
    repair: Any = None
    missing: tuple[str, ...] = ()
