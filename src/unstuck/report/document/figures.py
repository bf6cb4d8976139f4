"""All figures of a report, by section."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from unstuck.report.document.attempts import Attempts
from unstuck.report.document.contents import Contents
from unstuck.report.document.depth_figures import attenuation_figures, depth_figures
from unstuck.report.document.drawn import Drawn
from unstuck.report.document.result_figures import outcome_figures, reached_figures
from unstuck.report.document.time_figures import course_figures, look_figures
from unstuck.report.document.unit_figures import step_figures, unit_figures


def _outcome(contents: Contents) -> Iterator[Drawn]:
    return iter(()) if contents.outcome is None else outcome_figures(contents.outcome)


def _layers(contents: Contents) -> Iterator[Drawn]:
    if contents.layers is not None:
        yield from attenuation_figures(contents.layers)
        yield from unit_figures(contents.layers)
        yield from step_figures(contents.layers)


def _distributions(contents: Contents) -> Iterator[Drawn]:
    return iter(()) if contents.layers is None else depth_figures(contents.layers)


SECTIONS: dict[str, Callable[[Contents], Iterator[Drawn]]] = {
    "reached": reached_figures,
    "outcome": _outcome,
    "course": course_figures,
    "layers": _layers,
    "distributions": _distributions,
    "time": look_figures,
}
"""Figures by the name of their section, in the order of the page."""


def figures(contents: Contents, attempt: Attempts) -> dict[str, list[Drawn]]:
    """Every figure of a report, by section.

    Arguments:
        contents: of the report.
        attempt: draws what can be drawn.
    """

    def drawn(name: str) -> Callable[[], list[Drawn]]:
        return lambda: list(SECTIONS[name](contents))

    return {name: attempt(f"figures of the {name}", drawn(name)) or [] for name in SECTIONS}
