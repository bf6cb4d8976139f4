"""Measured errors of networks beside Barron's bound."""

from __future__ import annotations

from pathlib import Path

from unstuck.aligned import aligned
from unstuck.report import figures
from unstuck.selection.approximation.barron import beside_barron
from unstuck.shows.show import Show


def show() -> Show:
    """As a text and a figure."""
    study = beside_barron("hill", units=(1, 2, 4, 8, 16, 32), rows=(250, 1000, 2000), seeds=3)
    rows = [("units q", *(f"{n} rows" for n in study.rows), f"bound, {study.rows[0]} rows")]
    bound = study.bound(2, study.rows[0])
    for k, q in enumerate(study.units):
        rows.append((str(q), *(f"{e:.1e}" for e in study.mean[0, :, k]), f"{bound[k]:.1e}"))
    best = [str(study.best(2, n)[0]) for n in study.rows]
    theirs = [f"{study.best(2, n)[1]:.0f}" for n in study.rows]
    rows += [("best q", *best, ""), ("bound's q", *theirs, "")]
    parts = [
        "exp(-|x|^2 / 2) of two inputs, noise 0.2, sigmoid units one after another:\n"
        "mean integrated squared error, and C_f^2/q + q p log(N)/N",
        "\n".join(aligned(rows, words=1)),
        study,
    ]

    def save(path: Path) -> None:
        with figures.written(path, 5.6, 3.8) as figure:
            panel = study.plot(figure.add_subplot())
            panel.set_ylabel("mean integrated squared error")
            panel.annotate(
                "dotted: C_f²/q + q p log(N)/N", (0.03, 0.53), xycoords="axes fraction", fontsize=8
            )

    return Show("\n\n".join(map(str, parts)), save)
