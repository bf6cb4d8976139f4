"""Sparse codes: which units are active at once, with ReLUs, tanh, and where few may be."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning

from unstuck.aligned import aligned
from unstuck.drawing.colors import INK
from unstuck.estimators.classifier import NetClassifier
from unstuck.neuro.activity import activity, hidden_outputs
from unstuck.report import figures
from unstuck.shows.show import Show

UNITS = 100
NETWORKS: dict[str, dict[str, Any]] = {
    "tanh": {"activation": "tanh"},
    "ReLU": {},
    "ReLU, 3 of 100 at once": {"active_share": 0.03},
}
DRAWN = 200
"""Rows in the figure."""


def show() -> Show:
    """As a text and a figure."""
    digits = load_digits()
    x, y = digits.data[:1200], digits.target[:1200]
    others = digits.data[1200:], digits.target[1200:]
    nets = {
        name: NetClassifier(
            UNITS, max_iter=60, tol=0, n_iter_no_change=100, random_state=0, watch=False, **given
        )
        for name, given in NETWORKS.items()
    }
    table = [("100 hidden units", "right", "active at once", "active on some row")]
    for name, net in nets.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # 60 epochs are enough
            net.fit(x, y)
        found = activity(net, others[0]).layers[0]
        right = f"{net.score(*others):.2f}"
        table.append((name, right, f"{found.active_at_once:.0%}", f"{found.ever:.0%}"))
    last = list(nets)[-1]
    parts = [
        "digits: 1,200 images to learn from, 597 others\n" + "\n".join(aligned(table, words=1)),
        f"{last}: units active on half of a digit's images, and more\n"
        + "\n".join(aligned(_of_digits(nets[last], *others), words=1)),
    ]
    return Show("\n\n".join(parts), lambda path: _draw(nets, *others, path))


def _of_digits(net: Any, x: np.ndarray, y: np.ndarray) -> list[tuple[str, ...]]:
    """How many units serve each digit, and how many of them another one as well."""
    active = hidden_outputs(net, x)[0] != 0
    serves = np.array([active[y == digit].mean(0) >= 0.5 for digit in range(10)])
    shared = serves & (serves.sum(0) > 1)
    rows = [
        (str(i), str(own.sum()), str(both.sum()))
        for i, (own, both) in enumerate(zip(serves, shared, strict=True))
    ]
    return [("digit", "units", "of another digit too"), *rows]


def _draw(nets: dict[str, Any], x: np.ndarray, y: np.ndarray, path: Path) -> None:
    """A dot where a unit is active; the rows by their digit."""
    rows = np.argsort(y, kind="stable")[:: len(y) // DRAWN]
    starts = np.searchsorted(y[rows], np.arange(10))
    with figures.written(path, 9.6, 3.8) as figure:
        panels = figure.subplots(1, len(nets), sharey=True)
        for panel, (name, net) in zip(panels, nets.items(), strict=True):
            unit, row = np.nonzero(hidden_outputs(net, x[rows])[0].T)
            panel.scatter(row, unit, 1.2, color=INK, linewidths=0, rasterized=True)
            panel.set_title(name)
            panel.set_xlabel("images, by their digit")
            middles = (starts + np.append(starts[1:], len(rows))) / 2
            panel.set_xticks(middles, [str(digit) for digit in range(10)])
            panel.tick_params(axis="x", length=0)
            panel.set_xlim(0, len(rows))
            panel.set_ylim(-1, UNITS)
            panel.grid(visible=False)
        panels[0].set_ylabel("hidden units; a dot where active")
