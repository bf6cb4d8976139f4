"""Units that learn by Hebb's rule: principal components, sequences, connections that grow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from unstuck.aligned import aligned
from unstuck.drawing.colors import BAND, BLUE, GREEN, INK, LAYER, ORANGE
from unstuck.neuro.hebbian import HebbianLayer
from unstuck.report import figures
from unstuck.shows.show import Show

UNITS = 6
"""That look at digits."""


def degrees(weights: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Angles between directions, whichever way they point."""
    cosines = np.abs((weights * others).sum(1)) / np.linalg.norm(weights, axis=1)
    return np.degrees(np.arccos(np.minimum(cosines, 1)))


def cloud() -> np.ndarray:
    """Rows whose variance is 9 along one direction and 0.25 across it."""
    rng = np.random.default_rng(0)
    along = np.array([[np.cos(0.5), np.sin(0.5)], [-np.sin(0.5), np.cos(0.5)]])
    return (rng.normal(size=(400, 2)) * [3, 0.5]) @ along


def lengths() -> dict[str, HebbianLayer]:
    """One unit of each rule on the cloud."""
    return {
        "hebb": HebbianLayer(rule="hebb", learning_rate=2e-4, max_iter=8, random_state=0),
        "hebb, reverse": HebbianLayer(
            rule="hebb", reverse=True, learning_rate=2e-4, max_iter=8, random_state=0
        ),
        "oja": HebbianLayer(rule="oja", learning_rate=0.05, max_iter=8, random_state=0),
        "oja, reverse": HebbianLayer(
            rule="oja", reverse=True, learning_rate=0.05, max_iter=8, random_state=0
        ),
    }


def rules_table(layers: dict[str, HebbianLayer]) -> list[tuple[str, ...]]:
    """How long weights become, and where they point."""
    peer = PCA(2).fit(cloud()).components_
    table = [("rule", "length before", "after", "degrees from the first", "from the last")]
    for name, layer in layers.items():
        first, last = (degrees(layer.components_, peer[[i]])[0] for i in (0, 1))
        size = layer.norms_[-1, 0]
        long = f"{size:,.0f}" if size > 10 else f"{size:.2f}"
        table.append((name, f"{layer.norms_[0, 0]:.2f}", long, f"{first:.0f}", f"{last:.0f}"))
    return list(table)


def sequence() -> str:
    """A sequence of patterns that a layer with a time lag runs through."""
    patterns = np.random.default_rng(6).choice([-1.0, 1.0], (15, 300))
    layer = HebbianLayer(
        300, rule="hebb", lag=1, center=False, learning_rate=1 / 300, max_iter=1, random_state=0
    )
    layer.fit(patterns, outputs=patterns)
    state, overlaps = patterns[0], []
    for following in patterns[1:]:
        state = np.sign(layer.transform(state[None])[0])
        overlaps.append(float(state @ following) / 300)
    right = sum(overlap == 1 for overlap in overlaps)
    return (
        "15 random patterns of 300 units, one after the other, and a lag of 1: asked\n"
        f"with the first, the layer calls {right} of the 14 others, each without a mistake."
    )


def growing() -> tuple[HebbianLayer, np.ndarray, np.ndarray]:
    """A layer whose connections grow, with those at first and in the end."""
    rng = np.random.default_rng(9)
    causes = rng.normal(size=(500, 2))
    x = np.repeat(causes, 10, axis=1) + 0.5 * rng.normal(size=(500, 20))
    layer = HebbianLayer(
        4, rule="oja", connections=0.05, grow_above=0.5, max_iter=8, random_state=2
    ).fit(x)
    first = HebbianLayer(4, connections=0.05, random_state=2).partial_fit(x).connected_
    return layer, first, layer.connected_


def connections_text(first: np.ndarray, last: np.ndarray) -> str:
    """Connections at first and in the end, a line a unit."""
    lines = [f"{'':<8}{'at first':<24}in the end"]
    for unit, (before, after) in enumerate(zip(first, last, strict=True)):
        cells = ("".join("#" if each else "." for each in row) for row in (before, after))
        lines.append(f"unit {unit}  " + "    ".join(cells))
    return "\n".join(lines)


def show() -> Show:
    """As a text and a figure."""
    layers = {name: layer.fit(cloud()) for name, layer in lengths().items()}
    x = load_digits().data
    sanger = HebbianLayer(UNITS, learning_rate=0.1, max_iter=10, random_state=0).fit(x)
    peer = PCA(UNITS).fit(x).components_
    angles = degrees(sanger.components_, peer)
    told: list[tuple[str, ...]] = [("component", *map(str, range(1, UNITS + 1)))]
    told.append(("degrees", *(f"{each:.0f}" for each in angles)))
    grown, first, last = growing()
    counts = " ".join(str(each) for each in grown.n_connections_)
    parts = [
        "one unit on a cloud of two inputs, 8 passes; beside its principal components\n"
        + "\n".join(aligned(rules_table(layers), words=1)),
        f"{UNITS} units by Sanger's rule on digits, beside scikit-learn's PCA\n"
        + "\n".join(aligned(told, words=1)),
        f"a sequence\n{sequence()}",
        "connections that grow: inputs 0 to 9 have one cause, 10 to 19 another\n"
        f"{connections_text(first, last)}\nconnections after each pass: {counts}",
    ]

    def save(path: Path) -> None:
        with figures.written(path, 9.6, 6.4) as figure:
            halves: Any = figure.subfigures(2, 1, height_ratios=[3.2, 3.2])
            _draw_rules(halves[0].subplots(1, 3, width_ratios=[1, 1, 1.2]), layers, first, last)
            _draw_weights(halves[1].subplots(2, UNITS), sanger.components_, peer)

    return Show("\n\n".join(parts), save)


def _draw_rules(
    panels: Any, layers: dict[str, HebbianLayer], first: np.ndarray, last: np.ndarray
) -> None:
    from matplotlib.colors import ListedColormap

    rows = cloud()
    panels[0].plot(*rows.T, ".", color=BAND, ms=3)
    colors = dict(zip(layers, (ORANGE, INK, BLUE, GREEN), strict=True))
    for name in ("oja", "oja, reverse"):
        end = 3 * layers[name].components_[0]
        panels[0].annotate(
            "", end, (0, 0), arrowprops={"arrowstyle": "-|>", "color": colors[name], "lw": 2}
        )
        panels[0].annotate(name, end, (-4, 9), textcoords="offset points", color=colors[name])
    panels[0].set_aspect("equal", "datalim")
    panels[0].set(xlabel="input 1", ylabel="input 2")
    panels[0].set_title("What one unit finds")
    for name, layer in layers.items():
        style = "--" if name == "oja, reverse" else "-"
        panels[1].semilogy(layer.norms_[:, 0], style, color=colors[name], label=name)
    panels[1].set(xlabel="passes", ylabel="length")
    panels[1].set_title("Length of the weights")
    panels[1].legend()
    shades = ListedColormap([LAYER.fill, INK])
    gap = np.full((1, first.shape[1]), np.nan)
    panels[2].imshow(np.vstack([first, gap, last]), cmap=shades, aspect="auto")
    panels[2].set(xlabel="input", yticks=[1.5, 6.5], yticklabels=["at first", "in the end"])
    panels[2].tick_params(axis="y", length=0)
    panels[2].spines[:].set_visible(False)
    panels[2].grid(visible=False)
    panels[2].set_title("Connections, a line a unit")


def _draw_weights(panels: Any, weights: np.ndarray, peer: np.ndarray) -> None:
    signs = np.sign((weights * peer).sum(1))[:, None]  # a component points either way
    for line, rows, name in zip(panels, (weights * signs, peer), ("Sanger", "PCA"), strict=True):
        for number, (panel, row) in enumerate(zip(line, rows, strict=True), 1):
            most = np.abs(row).max()
            panel.imshow(row.reshape(8, 8), cmap="RdBu_r", vmin=-most, vmax=most)
            panel.set(xticks=[], yticks=[])
            panel.grid(visible=False)
            panel.set_title(f"{name} {number}", loc="center")
