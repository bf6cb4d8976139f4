"""Figures of what was reached: beside others, class by class or error by error, and how far
probabilities come true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.drawing.colors import BAND, BLUE, GREEN, INK, ORANGE, PURPLE, QUIET
from unstuck.health.spelling import number
from unstuck.report.document.contents import Contents, Outcome
from unstuck.report.document.drawn import Drawn, plain, quiet_title
from unstuck.report.document.inline import drawing
from unstuck.report.probability_displays import ReliabilityDisplay
from unstuck.report.regression_displays import ErrorHistogramDisplay, RegressionDisplay
from unstuck.verdict import wording
from unstuck.verdict.beside import NETWORK, Reached
from unstuck.verdict.examples import CLASSES, LABELS, columns_of
from unstuck.verdict.opponents import CONSTANT, LINEAR, TREES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKS = {
    NETWORK: (BLUE, "o"),
    TREES: (GREEN, "^"),
    LINEAR: (ORANGE, "s"),
    CONSTANT: (QUIET, "D"),
}
MOST_WRITTEN = 12
"""Classes of which the counts are written into their cells."""
MOST_CLASSES = 40
"""Classes of a confusion matrix; of more, the most confused."""
MOST_POINTS = 1500
"""Rows drawn as points."""
PARTS = {False: "test", True: "rows of the fit"}


def reached_figures(contents: Contents) -> Iterator[Drawn]:
    """The network beside others, a panel for each measure; nothing where there are no others."""
    if not contents.reached:
        return
    better = {each.higher for each in contents.reached}
    side = "Further right is better" if better == {True} else "Further left is better"
    if len(better) > 1:
        side = "Of shares further right is better, of losses further left"
    yield Drawn(
        "reached", "Beside what is cheap to reach", _reached(contents.reached),
        f"{side}. Lines are 95 % intervals over the rows; where they overlap, the difference may "
        "still be clear, since the same rows are hard for all: the verdict says so. Trees are a "
        "random forest of 100.",
    )  # fmt: skip


def _reached(found: tuple[Reached, ...]) -> Any:
    most = max(len(each.marks) for each in found)
    with drawing((0.5 + 0.27 * most) * len(found) + 0.15) as figure:
        panels = figure.subplots(len(found), 1, squeeze=False)[:, 0]
        for panel, each in zip(panels, found, strict=True):
            _dots(panel, each)
    return figure


def _dots(panel: Axes, each: Reached) -> None:
    names = []
    for row, mark in enumerate(reversed(each.marks)):
        color, marker = MARKS[mark.model]
        if np.isfinite(mark.margin):
            low, high = mark.value - mark.margin, mark.value + mark.margin
            low, high = max(low, 0.0), min(high, 1.0) if each.higher else high
            panel.hlines(row, low, high, color=color, lw=2)
        panel.plot(mark.value, row, marker, color=color, ms=8, mec="white", mew=1, zorder=4)
        names.append(mark.model)
    first = each.marks[0].value
    panel.axvline(first, color=BLUE, lw=0.8, ls=(0, (2, 2)), zorder=1)
    panel.set_yticks(range(len(names)), names)
    panel.set_ylim(-0.6, len(names) - 0.4)
    panel.grid(axis="y", visible=False)
    panel.spines["left"].set_visible(False)
    panel.tick_params(axis="y", length=0)
    panel.locator_params(axis="x", nbins=6)
    panel.margins(x=0.08)
    panel.set_xlabel(wording.words(each.measure))


def outcome_figures(outcome: Outcome) -> Iterator[Drawn]:
    """Confusion or errors, and the calibration of probabilities."""
    if outcome.kind == CLASSES:
        yield _confused(outcome)
    elif outcome.kind != LABELS:
        yield from _errors(outcome)
    if outcome.probabilities is not None and np.isfinite(outcome.probabilities).all():
        yield from _calibration(outcome)


# Classes


def _confused(outcome: Outcome) -> Drawn:
    counts, names = confusion(outcome)
    total, right = int(counts.sum()), int(np.trace(counts))
    more = len(outcome.classes) - len(names)
    left = f" The {len(names)} classes that are confused most; {more} more." if more > 0 else ""
    return Drawn(
        "confusion", "Which classes are taken for which", _matrix(counts, names),
        f"A row of cells a class, a column what it was taken for: right on the diagonal. "
        f"{total - right} of {total} rows are wrong.{left}",
    )  # fmt: skip


def confusion(outcome: Outcome) -> tuple[np.ndarray, list[str]]:
    """Rows of each class (down) that were taken for each (across), and the classes' names; those
    that the network never saw come last, and of many classes only the most confused are told.

    Arguments:
        outcome: of classes.
    """
    known = np.asarray(outcome.classes)
    classes = np.concatenate([known, np.setdiff1d(outcome.y, known)])
    place = {each: at for at, each in enumerate(classes.tolist())}
    counts = np.zeros((len(classes), len(classes)), int)
    for true, said in zip(outcome.y.tolist(), outcome.predicted.tolist(), strict=True):
        counts[place[true], place[said]] += 1
    names = [str(each) for each in classes.tolist()]
    if len(names) > MOST_CLASSES:
        wrong = counts.sum(0) + counts.sum(1) - 2 * np.diag(counts)
        kept = np.sort(np.argsort(-wrong, kind="stable")[:MOST_CLASSES])
        return counts[np.ix_(kept, kept)], [names[at] for at in kept]
    return counts, names


def _matrix(counts: np.ndarray, names: list[str]) -> Any:
    from matplotlib.patches import Rectangle

    side = len(names)
    totals = counts.sum(1, keepdims=True)
    shares = np.divide(counts, totals, where=totals > 0, out=np.zeros(counts.shape))
    with drawing(4.0) as figure:
        panel = figure.add_subplot()
        for row, column in np.ndindex(side, side):
            count, share = counts[row, column], shares[row, column]
            color = BLUE if row == column else ORANGE
            look = (color, 0.15 + 0.75 * share**0.5) if count else (BAND, 0.22)
            panel.add_patch(
                Rectangle(
                    (column + 0.03, row + 0.03), 0.94, 0.94, color=look[0], alpha=look[1], lw=0
                )
            )
            if count and side <= MOST_WRITTEN:
                ink = "white" if share > 0.45 else INK
                panel.text(column + 0.5, row + 0.5, str(count), color=ink, ha="center", va="center",
                           fontsize=9.5 if side <= 6 else 8)  # fmt: skip
        labels = [plain(name, 12) for name in names]
        every = -(-side // 20)
        at = np.arange(0, side, every)
        slanted = max(map(len, labels)) * len(at) > 34
        panel.set_xticks(at + 0.5, labels[::every], rotation=90 * slanted)
        panel.set_yticks(at + 0.5, labels[::every])
        panel.set(
            xlim=(0, side), ylim=(side, 0), aspect="equal", xlabel="taken for", ylabel="class"
        )
        panel.grid(visible=False)
        panel.spines[:].set_visible(False)
        panel.tick_params(length=0)
    return figure


def _calibration(outcome: Outcome) -> Iterator[Drawn]:
    y, p, classes = outcome.y, np.asarray(outcome.probabilities), np.asarray(outcome.classes)
    if outcome.kind == LABELS:
        y, p = np.ravel(columns_of(y)).astype(int), np.ravel(p)
        p, classes = np.column_stack([1 - p, p]), np.array([0, 1])
    known = np.isin(y, classes)
    if not known.any():
        return
    display = ReliabilityDisplay(
        y_true={PARTS[outcome.seen]: y[known]}, y_score={PARTS[outcome.seen]: p[known]},
        classes=classes,
    )  # fmt: skip
    with drawing(4.0) as figure:
        display.plot(list(figure.subplots(2, 1, height_ratios=(3.2, 1))))
        for panel in figure.axes:
            panel.set_title("", loc="left")
            panel.set_ylabel(plain(panel.get_ylabel(), 40), parse_math=True)
            panel.set_xlabel(plain(panel.get_xlabel(), 40), parse_math=True)
        _without_key(figure.axes[0])
    off = display.errors[PARTS[outcome.seen]]
    yield Drawn(
        "calibration", "What probabilities are worth", figure,
        "How often what was given a probability came true; in the mean it is off by "
        f"{number(off)}. On the diagonal probabilities can be "
        "taken at their word; below it the network is too sure, above it not sure enough. Below: "
        "how many rows were given each.",
    )  # fmt: skip


def _without_key(panel: Axes) -> None:
    """Where there is only one part, nothing has to be told apart."""
    key = panel.get_legend()
    if key is not None:
        key.remove()


# Numbers


def _errors(outcome: Outcome) -> Iterator[Drawn]:
    y, said = (columns_of(np.asarray(each, float)) for each in (outcome.y, outcome.predicted))
    if not np.isfinite(said).all():
        return
    some = np.unique(np.linspace(0, len(y) - 1, min(len(y), MOST_POINTS)).round().astype(int))
    part = PARTS[outcome.seen]
    with drawing(3.7) as figure:
        RegressionDisplay.from_predictions(
            {part: y[some]}, {part: said[some]}, ax=figure.add_subplot()
        )
        quiet_title(figure.axes[0])
    yield Drawn(
        "outputs", "Outputs beside targets", figure,
        "A point a row. On the dashed line outputs are right; a line that is flatter shrinks "
        "towards the mean, as it has to where the inputs do not tell everything.",
    )  # fmt: skip
    with drawing(2.9) as figure:
        panel = figure.add_subplot()
        ErrorHistogramDisplay.from_predictions({part: y}, {part: said}, ax=panel)
        panel.set_title("", loc="left")
        _without_key(panel)
    size = number(float(np.sqrt(np.mean((y - said) ** 2))))
    yield Drawn(
        "errors", "Errors", figure,
        f"Targets minus outputs; their root mean square is {size}. A heap around 0 without a long "
        "tail is what squared error is made for; a heap beside 0 is a network that is wrong on the "
        "whole.",
    )  # fmt: skip
    with drawing(2.9) as figure:
        _residuals(figure.add_subplot(), said[some].ravel(), (y - said)[some].ravel())
    yield Drawn(
        "residuals", "Errors beside outputs", figure,
        "A cloud of even width around 0 leaves nothing to be learned. A bend says that something "
        "was missed; a funnel, that large outputs are less sure than small ones.",
    )  # fmt: skip


def _residuals(panel: Axes, said: np.ndarray, errors: np.ndarray) -> None:
    share = min(1.0, 300 / max(len(said), 1))
    panel.axhline(0, color=QUIET, lw=1.2, ls=(0, (4, 2.5)))
    panel.plot(
        said, errors, "o", color=PURPLE, ms=2.2 + 2 * share, alpha=0.35 + 0.35 * share, mew=0
    )
    panel.set(xlabel="output", ylabel="target − output")
