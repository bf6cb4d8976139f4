"""Units that only excite or only inhibit: their weights, and what it costs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from unstuck.aligned import aligned
from unstuck.estimators.classifier import NetClassifier
from unstuck.report import figures
from unstuck.shows.show import Show
from unstuck.silence import silenced

UNITS = 40
SHARES = {"free": None, "one of five inhibits": 0.2, "half inhibit": 0.5, "none inhibits": 0.0}
SEEDS = 2


def show() -> Show:
    """As a text and a figure."""
    table, nets = [("units", "digits right", "weights at 0, about")], {}
    for name, share in SHARES.items():
        fitted = [_fitted(share, seed) for seed in range(SEEDS)]
        nets[name] = fitted[0][0]
        right = np.mean([score for _, score in fitted])
        rest = np.mean([(net.coefs_[1] == 0).mean() for net, _ in fitted])
        table.append((name, f"{100 * right:.0f} %", f"{10 * round(10 * rest)} %"))
    weights = nets["one of five inhibits"].coefs_[1]
    excite = UNITS - round(0.2 * UNITS)
    text = [
        f"{UNITS} hidden units, digits; the mean of {SEEDS} seeds",
        *aligned(table),
        "",
        f"one of five inhibits: what units 1 to {excite} send is {_range(weights[:excite])},",
        f"what units {excite + 1} to {UNITS} send is {_range(weights[excite:])}",
    ]

    def save(path: Path) -> None:
        _draw(nets, path)

    return Show("\n".join(text), save)


def _fitted(share: float | None, seed: int) -> tuple[Any, float]:
    X, y = load_digits(return_X_y=True)
    rows, held, labels, known = train_test_split(X, y, test_size=0.3, random_state=seed)
    net = NetClassifier(
        (UNITS,), unit_signs=share, learning_rate_init=0.005, max_iter=30, tol=0.0,
        random_state=seed, watch=False,
    )  # fmt: skip
    with silenced():  # 30 epochs are enough to compare
        net.fit(rows, labels)
    return net, float(net.score(held, known))


def _range(weights: np.ndarray) -> str:
    """The signs that there are."""
    return "never negative" if (weights >= 0).all() else "never positive"


def _draw(nets: dict[str, Any], path: Path) -> None:
    with figures.written(path, 9.6, 2.9) as figure:
        panels = figure.subplots(3, 1, sharex=True)
        shown = list(nets.items())[:3]
        most = max(abs(net.coefs_[1]).max() for _, net in shown)
        for panel, (name, net) in zip(panels, shown, strict=True):
            drawn = panel.imshow(
                net.coefs_[1].T, cmap="PuOr", vmin=-most, vmax=most, aspect="auto",
                interpolation="nearest",
            )  # fmt: skip
            panel.grid(visible=False)
            panel.set(yticks=[0, 9], ylabel="digit")
            panel.set_title(name)
        panels[-1].set_xlabel("hidden unit")
        bar = figure.colorbar(drawn, ax=panels, label="outgoing weight")
        bar.outline.set_visible(False)
