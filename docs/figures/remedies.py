"""Draws docs/figures/remedies.svg: what each remedy is worth on three tables.

The comparisons are those of ``examples/five_remedies.py``; a minute each.
"""

from __future__ import annotations

from pathlib import Path

from unstuck import RemedyComparison, compare_remedies
from unstuck.data.datasets import load_dataset
from unstuck.report import figures

SHOWN = {
    "xor": "XOR with noise: two inputs",
    "digits": "Digits: 64 like pixels",
    "breast_cancer": "Tumors: columns of all sizes",
}


def compared() -> dict[str, RemedyComparison]:
    """Every remedy on every table."""
    data = {name: load_dataset(name, seed=0) for name in SHOWN}
    return {name: compare_remedies(each.X, each.y) for name, each in data.items()}


def main() -> None:
    """Fit and draw."""
    found = compared()
    with figures.written(Path(__file__).with_suffix(".svg"), figures.WIDTH, 6.6) as figure:
        panels, key = figure.subplots(1, len(found), sharey=True), {}
        for panel, (name, each) in zip(panels, found.items(), strict=True):
            each.plot(panel)
            panel.set_title(SHOWN[name], fontsize=9.5)
            panel.set_xlabel("accuracy, held out")
            panel.set_xlim(-0.02, 1.2)
            panel.set_xticks([0, 0.5, 1])
            legend = panel.get_legend()
            texts = [text.get_text() for text in legend.get_texts()]
            key |= dict(zip(texts, legend.legend_handles, strict=True))
            legend.remove()
        figure.legend(key.values(), key, loc="outside lower center", ncols=len(key))


if __name__ == "__main__":
    main()
