"""Learning-rate schedules: the rate of every step, as an array that compiled steps receive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from unstuck.choices import Choices, Named


@dataclass(frozen=True, repr=False)
class Schedule(Named):
    """A factor on ``learning_rate_init`` for every step.

    Attributes:
        name: as in scikit-learn where it has one.
        factor: ``factor(epochs, progress, power_t)`` for arrays of steps: ``epochs`` is the time
            in epochs (fractional), ``progress`` its share of ``max_iter`` epochs, in [0, 1].
        reacts: what makes the rate fall besides time: ``""``, ``"no_change"`` (divided by 5
            when the fit would stop, as scikit-learn) or ``"plateau"``.
        uses: parameters it reads.
        formula, aliases, when, reference: as in ``Activation``.
    """

    name: str
    factor: Callable[[np.ndarray, np.ndarray, float], np.ndarray]
    formula: str
    when: str
    reacts: str = ""
    uses: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    reference: str = ""


def _constant(epochs: np.ndarray, progress: np.ndarray, power_t: float) -> np.ndarray:
    del progress, power_t
    return np.ones_like(epochs)


SCHEDULES: Choices[Schedule] = Choices(
    "learning_rate",
    (
        Schedule("constant", _constant, "lr", "The default; adaptive solvers need no more."),
        Schedule(
            "invscaling",
            lambda epochs, progress, power_t: (1.0 + np.floor(epochs)) ** -power_t,
            "lr / (1 + epoch)^power_t",
            "Plain sgd: steps small enough to settle. (scikit-learn counts examples, not epochs.)",
            uses=("power_t",),
            reference="Robbins and Monro 1951",
        ),
        Schedule(
            "adaptive",
            _constant,
            "lr, divided by 5 after n_iter_no_change epochs without progress; ends at 1e-6",
            "Plain sgd: as fast as it goes, as fine as needed.",
            reacts="no_change",
        ),
        Schedule(
            "plateau",
            _constant,
            "lr times plateau_factor after plateau_patience epochs without progress",
            "Reduce on plateau, on the validation loss where there is validation data.",
            reacts="plateau",
            uses=("plateau_factor", "plateau_patience"),
            aliases=("reduce_on_plateau",),
        ),
        Schedule(
            "linear",
            lambda epochs, progress, power_t: 1.0 - progress,
            "lr (1 - t / T)",
            "A budget of max_iter epochs that is used to the end.",
        ),
        Schedule(
            "cosine",
            lambda epochs, progress, power_t: 0.5 * (1.0 + np.cos(np.pi * progress)),
            "lr (1 + cos(pi t / T)) / 2",
            "A budget of max_iter epochs that is used to the end.",
            reference="Loshchilov and Hutter 2017",
        ),
        Schedule(
            "one_cycle",
            lambda epochs, progress, power_t: np.interp(progress, [0, 0.3, 1], [0.04, 1, 1e-4]),
            "lr times a line from 0.04 up to 1 (30 % of the time) and down to 0.0001",
            "Large rates that would diverge at the start.",
            reference="Smith and Topin 2019",
        ),
    ),
)
"""Every learning-rate schedule, by name."""
