"""Figures over the epochs: the loss, the state of the solver, and the looks at every layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from unstuck.errors import ParameterError
from unstuck.report.document.contents import Contents
from unstuck.report.document.drawn import (
    FEW,
    Drawn,
    exponents,
    extent,
    key,
    plain,
    power_axis,
    quiet_title,
    selected,
    told_powers,
)
from unstuck.report.document.inline import drawing
from unstuck.report.document.palette import SEQUENCE
from unstuck.report.panels import whole_numbers
from unstuck.report.training_displays import TrainingCurveDisplay, TrainingStateDisplay, known

LINES = 6
"""Layers that have a line."""

UPDATE = "layer_update"
"""What is worked out of other signals."""

LOOKS = {
    "layer_adjoint_rms": (
        "Adjoints over the epochs", "adjoint, rms", True,
        "One line a layer. Lines that lie far below the last layer's are layers that the error "
        "hardly reaches; lines that all fall together are a network that converges.",
    ),
    "layer_preactivation_rms": (
        "Pre-activations over the epochs", "pre-activation, rms", True,
        "Lines that climb without end are layers on their way into saturation.",
    ),
    "layer_gradient_norm": (
        "Weight gradients over the epochs", "norm of the gradient", True,
        "How much of the loss each layer's weights could still take away.",
    ),
    UPDATE: (
        "Update to weight over the epochs", "rate · gradient / weights", True,
        "Of plain sgd this is the length of a step as a share of the weights; solvers that divide "
        "by the gradient's size, as Adam does, take longer ones where it is small. Layers far "
        "below the others move far more slowly.",
    ),
    "layer_flat_share": (
        "Flat units over the epochs", "share on a flat part", False,
        "Share of the pairs of row and unit with next to no slope. A line near 1 is a layer that "
        "is stuck.",
    ),
}  # fmt: skip
"""Of every signal that is drawn: heading, axis, whether by powers of ten, how to read it."""


def course_figures(contents: Contents) -> Iterator[Drawn]:
    """The loss and the state of the solver; nothing of a network without a course."""
    history = contents.history
    if history is None or not len(history.get("loss", ())):
        return
    if any(known(history, name) is not None for name in ("loss", "validation_loss")):
        yield Drawn(
            "loss", "Loss", _loss(history, contents.best_epoch),
            "The training loss with its penalty, and the validation loss where rows were held out. "
            "A validation loss that turns up while the other falls is a network that learns its "
            "rows by heart.",
        )  # fmt: skip
    try:
        state = TrainingStateDisplay({n: c for n, c in history.items() if _of_epochs(c, history)})
    except ParameterError:
        return
    yield Drawn(
        "state", "State of the solver", _state(state),
        "A gradient norm that falls by powers of ten is a fit that comes to an end; one that does "
        "not has not converged.",
    )  # fmt: skip


def _of_epochs(column: np.ndarray, history: Mapping[str, np.ndarray]) -> bool:
    return column.ndim == 1 and len(column) == len(history["loss"])


def _loss(history: Mapping[str, np.ndarray], best: int | None) -> Any:
    display = TrainingCurveDisplay(
        train_loss=history["loss"],
        validation_loss=known(history, "validation_loss"),
        best_epoch=best if best and best <= len(history["loss"]) else None,
    )
    with drawing(2.9) as figure:
        panel = figure.add_subplot()
        display.plot(panel)
        told_powers(panel.yaxis)
        quiet_title(panel)
    return figure


def _state(display: TrainingStateDisplay) -> Any:
    count = len(display.columns)
    with drawing(0.5 + 1.2 * count) as figure:
        panels = figure.subplots(count, 1, squeeze=False)[:, 0]
        display.plot(panels)
        for panel in panels:
            told_powers(panel.yaxis)
            quiet_title(panel)
    return figure


# Every layer


def look_figures(contents: Contents) -> Iterator[Drawn]:
    """Signals of every layer over the epochs; nothing where nobody looked, or once."""
    history, layers = contents.history, contents.layers
    if history is None or layers is None or len(history.get("look_epoch", ())) < 2:
        return
    epochs = np.asarray(history["look_epoch"])
    signals = {**history, UPDATE: updates(history)}
    for name, (heading, axis, powers, reads) in LOOKS.items():
        found = signals.get(name)
        if found is None or found.shape != (len(epochs), len(layers.names)):
            continue
        if np.isfinite(found).any():
            drawn = _lines(epochs, found, layers.names, axis, powers)
            yield Drawn(f"time-{name.removeprefix('layer_')}", heading, drawn, reads)


def updates(history: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Rate times gradient as a share of the weights, at every look, (looks, layers); ``None`` of a
    solver without a rate.

    Arguments:
        history: of the fit.

    Example:
        >>> columns = {"learning_rate": np.array([0.1]), "look_epoch": np.array([0, 1])}
        >>> columns["layer_gradient_norm"] = columns["layer_weight_norm"] = np.ones((2, 1))
        >>> updates(columns).tolist()
        [[0.1], [0.1]]
    """
    rates = known(history, "learning_rate")
    gradients, weights = (history.get(f"layer_{of}_norm") for of in ("gradient", "weight"))
    if rates is None or gradients is None or weights is None:
        return None
    at = np.clip(np.asarray(history["look_epoch"]) - 1, 0, len(rates) - 1)
    return rates[at][:, None] * gradients / np.where(weights > 0, weights, np.nan)


def _lines(
    epochs: np.ndarray, found: np.ndarray, names: Sequence[str], axis: str, powers: bool
) -> Any:
    from matplotlib.lines import Line2D

    shown = selected(len(names), LINES)
    numbers = exponents(found) if powers else np.asarray(found, float)
    with drawing(2.7) as figure:
        panel, handles = figure.add_subplot(), []
        for place, layer in enumerate(shown):
            last = place == len(shown) - 1
            look: Any = {"color": SEQUENCE[place], "lw": 2.2 if last else 1.5}
            look["ls"] = ("-", (0, (5, 1.2)))[place % 2]
            dots: Any = {"marker": "o", "ms": 3.5} if len(epochs) <= FEW else {}
            panel.plot(epochs, numbers[:, layer], **look, **dots)
            handles.append(Line2D([], [], label=plain(names[layer]), **look))
        if powers:
            power_axis(panel.yaxis, *extent(numbers[:, shown]))
        else:
            panel.set_ylim(-0.04, 1.04)
        whole_numbers(panel.xaxis, 7)
        panel.set(xlabel="epoch", ylabel=axis)
        key(figure, handles, 3)
    return figure
