"""The three parts of the excess error, and examples used once beside several passes."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from unstuck.errors import StuckWarning
from unstuck.estimators.regressor import NetRegressor
from unstuck.report import figures
from unstuck.selection.excess import excess_error
from unstuck.selection.online import once_or_again
from unstuck.shows.show import Show

NOISE = 0.3
PLAIN: dict[str, Any] = {"activation": "tanh", "watch": False, "alpha": 0.0}


def truth(x: np.ndarray) -> np.ndarray:
    """The best function."""
    return np.asarray(np.sin(3 * x[:, 0]) * x[:, 1])


def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows, and the function with noise."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (count, 2))
    return x, truth(x) + NOISE * rng.standard_normal(count)


def second_order(size: int, seed: int) -> NetRegressor:
    """Levenberg-Marquardt, for long."""
    return NetRegressor((size,), solver="lm", max_iter=150, random_state=seed, **PLAIN)


def adam(passes: int) -> Any:
    """Adam, for so many passes."""

    def make(size: int, seed: int) -> NetRegressor:
        return NetRegressor(
            (size,),
            solver="adam",
            learning_rate_init=0.02,
            max_iter=passes,
            tol=0.0,
            n_iter_no_change=10**6,
            random_state=seed,
            **PLAIN,
        )

    return make


def online(seed: int) -> NetRegressor:
    """A network that learns from parts."""
    return NetRegressor(
        (8,), solver="adam", learning_rate_init=0.03, batch_size=20, random_state=seed, **PLAIN
    )


def show() -> Show:
    """As a text and a figure."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # budgets are meant to end fits
        warnings.simplefilter("ignore", StuckWarning)
        parts = excess_error(
            second_order,
            draw,
            sizes=(2, 8),
            rows=(60, 500),
            learners={"adam, 5 passes": adam(5), "adam, 100 passes": adam(100)},
            floor=lambda x, y: float(((truth(x) - y) ** 2).mean()),
            reference=1000,
            seeds=2,
        )
        used = (800, 3200, 12_800)
        stream = once_or_again(online, draw, rows=60, used=used, part=400, reference=1000, seeds=2)
    said = "Targets sin(3a) b and noise 0.3; exact: lm, 150 steps, the best of two starts"

    def save(path: Path) -> None:
        with figures.written(path, 9.6, 4.8) as figure:
            left, right = figure.subplots(1, 2)
            parts.plot(left).set_title("Three parts of the excess error")
            stream.plot(right).set_title("Examples used once, and again")

    return Show(f"{said}\n{parts}\n\n{stream}", save)
