"""Errors through fixed random weights: they learn, and the angle to the true gradient falls."""

from __future__ import annotations

from pathlib import Path

from sklearn.datasets import load_digits

from unstuck.aligned import aligned
from unstuck.drawing.colors import BLUE, INK, ORANGE, QUIET
from unstuck.estimators.classifier import NetClassifier
from unstuck.estimators.feedback import FeedbackCourse, feedback_course
from unstuck.report import figures
from unstuck.shows.show import Show

EPOCHS = 12
ROWS = 600
SHOWN = (0, 1, 6, 9, 12)
COLORS = {"random": ORANGE, "transposed": BLUE}


def show() -> Show:
    """As a text and a figure."""
    X, y = load_digits(return_X_y=True)
    courses: dict[str, FeedbackCourse] = {}
    for feedback in COLORS:
        net = NetClassifier(
            (64,), learning_rate_init=0.01, batch_size=50, random_state=0
        ).set_params(feedback=feedback)
        courses[feedback] = feedback_course(net, X[:ROWS], y[:ROWS], EPOCHS)
    table: list[tuple[str, ...]] = [("epoch", "random: right", "angle", "usual: right", "angle")]
    for epoch in SHOWN:
        cells = [cell for course in courses.values() for cell in _cells(course, epoch)]
        table.append((str(epoch), *cells))
    text = [
        f"{ROWS} digits, 64 hidden units: the angle between what random weights on the",
        "way back tell the hidden layer and the true gradient, to 5 degrees",
        "",
        "errors through random weights, and through the weights themselves (usual)",
        *aligned(table),
    ]

    def save(path: Path) -> None:
        _draw(courses, path)

    return Show("\n".join(text), save)


def _cells(course: FeedbackCourse, epoch: int) -> tuple[str, str]:
    right, angle = course.scores[epoch], course.angles[epoch, 0]
    return f"{10 * round(10 * right)} %", f"{5 * round(angle / 5)}°"


def _draw(courses: dict[str, FeedbackCourse], path: Path) -> None:
    names = {"random": "trained with random feedback", "transposed": "trained by backpropagation"}
    with figures.written(path, 9.6, 3.2) as figure:
        angles, scores = figure.subplots(1, 2)
        angles.axhline(90, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        angles.annotate(
            "90°: no way down", (EPOCHS, 90), (0, -4), textcoords="offset points", ha="right",
            va="top", color=QUIET,
        )  # fmt: skip
        for feedback, course in courses.items():
            look = {"color": COLORS[feedback], "label": names[feedback]}
            angles.plot(course.angles[:, 0], **look)
            scores.plot(100 * course.scores, **look)
        angles.set_title("Angle of random feedback to the gradient")
        angles.set(xlabel="epoch", ylabel="degrees", ylim=(0, 110), yticks=(0, 30, 60, 90))
        scores.set_title("Digits right")
        scores.set(xlabel="epoch", ylabel="%", ylim=(0, 103))
        scores.legend(loc="lower right")
