"""Draws docs/figures/one_or_all.svg: two ways of gradient descent across a saddle.

Two weights, ``z = w2 tanh(w1 x)``, rows ``y = sin(2 x)`` with noise. Both ways start where the
batch flows nearly into the saddle at 0. An epoch is one step of the batch, or one of each row.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from unstuck.report import figures

ROWS, EPOCHS, RATE = 20, 110, 0.3


def data() -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets."""
    rng = np.random.default_rng(0)
    x = np.linspace(-1.0, 1.0, ROWS)
    return x, np.sin(2.0 * x) + 0.6 * rng.normal(size=ROWS)


def loss(w1: np.ndarray, w2: np.ndarray) -> np.ndarray:
    """Half the mean squared error, for grids of weights."""
    x, y = data()
    return 0.5 * np.mean((w2[..., None] * np.tanh(w1[..., None] * x) - y) ** 2, -1)


def gradient(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Mean gradient of some rows, shape (2,)."""
    h = np.tanh(w[0] * x)
    error = w[1] * h - y
    return np.array([np.mean(error * w[1] * (1.0 - h**2) * x), np.mean(error * h)])


def path(batch: int, w: np.ndarray) -> np.ndarray:
    """Places after every step, shape (steps + 1, 2)."""
    x, y = data()
    rng, places = np.random.default_rng(3), [w]
    for _ in range(EPOCHS):
        for rows in rng.permutation(ROWS).reshape(-1, batch):
            w = w - RATE * gradient(w, x[rows], y[rows])
            places.append(w)
    return np.array(places)


def towards_the_saddle(w1: float) -> np.ndarray:
    """A start from which the batch comes close to the saddle: between two minima, by bisection."""
    low, high = 0.0, 4.0
    for _ in range(12):
        w2 = (low + high) / 2.0
        low, high = (w2, high) if path(ROWS, np.array([w1, w2]))[-1, 1] < 0 else (low, w2)
    return np.array([w1, low])


def main() -> None:
    """Draw."""
    start = towards_the_saddle(-1.5)
    ways = {
        "one example at a time": (path(1, start), figures.ORANGE, 0.8),
        "all rows at once": (path(ROWS, start), figures.BLUE, 2.2),
    }
    w1, w2 = np.meshgrid(np.linspace(-2.2, 2.2, 161), np.linspace(-2.2, 2.2, 161))
    with figures.written(Path(__file__).with_suffix(".svg"), figures.WIDTH, 4.6) as figure:
        panel, course = figure.subplots(1, 2)
        value = loss(w1, w2)
        levels = value.min() + (value.max() - value.min()) * np.linspace(0.0, 1.0, 26) ** 2.5
        panel.contour(w1, w2, value, levels, colors=figures.QUIET, linewidths=0.6, alpha=0.7)
        for name, (places, color, width) in ways.items():
            panel.plot(*places.T, color=color, lw=width, label=name)
            epochs = np.linspace(0.0, EPOCHS, len(places))
            course.plot(epochs, loss(*places.T), color=color, lw=width)
        panel.plot(0, 0, "X", color=figures.INK, ms=8, ls="none", label="saddle", zorder=4)
        panel.plot(*start, "o", color="white", mec=figures.INK, ms=7, ls="none", label="start")
        panel.set(title="Paths over the loss", xlabel="w1", ylabel="w2")
        course.set(title="Loss of all rows", xlabel="epoch", yscale="log")
        figure.legend(loc="outside lower center", ncols=4)


if __name__ == "__main__":
    main()
