"""Backpropagation as text: every number of one example, a line a layer for a batch."""

from __future__ import annotations

import itertools
import math
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from unstuck.aligned import WIDTH, aligned
from unstuck.summary import number

MOST_UNITS = 12
"""Units of a layer that are listed; of more, the first and the last."""
MOST_WIDTHS = 7
"""Widths of layers that are listed in the heading."""

STEPS = (
    "1 forward: a = sum of weight × input + bias, z = h(a)",
    "2 errors of the outputs: delta = dL/da",
    "3 errors of hidden units: delta = h'(a) × sum of weight × next layer's delta",
    "4 derivative of a weight: delta × its input; of a bias: delta",
    "5 step: weight - rate × derivative, as updated(rate) gives it",
)


def table(passed: Any) -> str:
    """The text of a ``Backpropagation``, at most 80 columns wide."""
    lines = [heading(passed), *STEPS, ""]
    if len(passed.x) == 1:
        lines += textwrap.wrap(f"input x: {_numbers(passed.x[0])}", WIDTH)
        for each in passed.layers:
            lines += ["", *_units(each)]
        lines += ["", *textwrap.wrap(f"target y: {_numbers(passed.y[0])}", WIDTH)]
    else:
        lines += _layers(passed)
    if any(getattr(each.layer, "layer_norm", False) for each in passed.layers):
        lines += ["", "With layer norm, delta goes through its Jacobian to reach the weights."]
    if passed.penalty:
        lines += [
            "",
            f"Derivatives of weights hold {number(passed.penalty)} × weight, the penalty.",
        ]
    return "\n".join(lines)


def heading(passed: Any) -> str:
    """One line: the network, how many examples, the loss."""
    rows, widths = len(passed.x), passed.objective.network.widths
    spelled = (
        "-".join(map(str, widths)) if len(widths) <= MOST_WIDTHS else f"{len(widths) - 1}-layer"
    )
    of = "one example" if rows == 1 else f"{rows:,} examples, mean"
    with_penalty = f", with penalty {number(passed.value)}" if passed.penalty else ""
    loss = f"{passed.objective.loss.name} {number(passed.loss)}{with_penalty}"
    return f"{spelled} network, {of}: {loss}"


def _numbers(row: np.ndarray) -> str:
    shown = [number(x) for x in row[:MOST_UNITS]]
    return "  ".join(shown) + (f"  ... {len(row)} in all" if len(row) > MOST_UNITS else "")


# One example


def _units(each: Any) -> list[str]:
    """A line a unit: a, z, h'(a), delta, and the derivatives of the weights into it."""
    fan_in, units = each.parameters["weights"].shape
    parts = [part[0] for part in (each.a, each.z, each.slope, each.delta)]
    whole = np.vstack([*parts, each.gradient["weights"]])
    short = np.vstack([*parts, np.linalg.norm(each.gradient["weights"], axis=0)])
    heads = ["unit", "a", "z", "h'(a)", "delta"]
    lines = _listed([*heads, *(f"dL/dw_{i + 1}" for i in range(fan_in))], whole)
    if max(map(len, lines)) > WIDTH:
        lines = _listed([*heads, "norm dL/dw"], short)
    return [f"{each.name}: {fan_in} inputs, {units} units, h is {each.layer}", *lines]


def _listed(heads: list[str], columns: np.ndarray) -> list[str]:
    rows = [heads]
    for unit in _shown(columns.shape[1]):
        numbers = [""] * len(columns) if unit is None else map(number, columns[:, unit] + 0.0)
        rows.append(["..." if unit is None else str(unit + 1), *numbers])
    return aligned(rows, words=0)


def _shown(units: int) -> Iterable[int | None]:
    if units <= MOST_UNITS:
        return range(units)
    half = MOST_UNITS // 2
    return itertools.chain(range(half), [None], range(units - half, units))


# A batch


def _layers(passed: Any) -> list[str]:
    """A line a layer: root mean squares over rows and units, norms of derivatives."""
    rows: list[Sequence[str]] = [
        ("layer", "h", "units", "rms a", "rms z", "mean h'(a)", "rms delta", "norm dL/dw"),
        *(
            (
                each.name,
                each.layer.unit.name,
                str(each.a.shape[1]),
                *(number(rms(part)) for part in (each.a, each.z)),
                number(each.slope.mean()),
                number(rms(each.delta)),
                number(np.linalg.norm(each.gradient["weights"])),
            )
            for each in passed.layers
        ),
    ]
    return aligned(rows, words=2, narrowest={"layer": 5, "h": 5})


def rms(array: np.ndarray) -> float:
    """Root mean square, without overflow.

    >>> rms(np.array([3.0, -4.0, 5e200])) > 1e200
    True
    """
    largest = float(np.abs(array).max(initial=0.0))
    if not largest or not math.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.mean((array / largest) ** 2)))
