"""The degree of a polynomial chosen by leave-one-out: in a course's table, and measured."""

from __future__ import annotations

from pathlib import Path

from unstuck.report import figures
from unstuck.selection.choosing import choose
from unstuck.selection.examples import (
    DEGREE,
    DEGREES,
    TRAINING,
    VALIDATION,
    curve,
    polynomial,
)
from unstuck.selection.table import ValidationTable
from unstuck.shows.show import Show


def show() -> Show:
    """As a text and a figure."""
    given = ValidationTable.from_errors("d", DEGREES, TRAINING, VALIDATION)
    few, many = (
        choose(polynomial(), *curve(n, seed=1), {DEGREE: DEGREES}, cv="loo") for n in (10, 100)
    )
    named = {"a course's table": given, "10 rows": few, "100 rows": many}
    texts = []
    for name, table in named.items():
        first, *others = table.lines()
        # How long it took is another time each time.
        texts.append("\n".join([f"{name}: {first.partition(', 90')[0].lower()}", *others]))

    def save(path: Path) -> None:
        with figures.written(path, 10.4, 4.6) as figure:
            for panel, (name, table) in zip(figure.subplots(1, 3), named.items(), strict=True):
                table.plot(panel).set_title(name)
                # Lines cross the whole of such small panels.
                panel.legend(loc="upper left", bbox_to_anchor=(0, -0.16))

    return Show("\n\n".join(texts), save)
