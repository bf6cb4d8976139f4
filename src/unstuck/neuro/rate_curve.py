"""How often a neuron fires against its input, and the activation function that looks like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.errors import DataError
from unstuck.lazy import jax, jnp
from unstuck.neuro.given import check_kind, numbers, shown
from unstuck.neuro.integrate_and_fire import LeakyIntegrateAndFire
from unstuck.readable import Facts, Readable
from unstuck.solvers.curves import Curve, fit_curve
from unstuck.summary import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEAST = 5
"""Currents that a fit of three numbers needs."""


def sigmoid(current: Any, top: Any, middle: Any, width: Any) -> Any:
    """``top / (1 + exp(-(current - middle) / width))``: Hz of nA."""
    return top * jax.nn.sigmoid((current - middle) / width)


def sigmoid_of_logarithm(current: Any, top: Any, middle: Any, power: Any) -> Any:
    """The same of the logarithm: ``top / (1 + (middle / current)^power)``."""
    return top * jax.nn.sigmoid(power * jnp.log(current / middle))


@dataclass(frozen=True, repr=False)
class RateCurve(Readable):
    """Rates of a neuron for constant currents, simulated, and two sigmoids through them.

    Attributes:
        neuron: the neuron.
        currents: nA, shape (n,), rising.
        rates: Hz, shape (n,), simulated.
        sigmoid: through them: ``parameters`` ``top`` in Hz, ``middle`` and ``width`` in nA.
        of_logarithm: a sigmoid of the current's logarithm: ``top``, ``middle``, ``power``.
    """

    neuron: LeakyIntegrateAndFire
    currents: np.ndarray
    rates: np.ndarray
    sigmoid: Curve
    of_logarithm: Curve

    @property
    def off(self) -> float:
        """How far an interval between spikes is from the closed form, ms: at most a step."""
        fires = self.rates > 0
        exact = self.neuron.rate(self.currents)[fires]
        return float(np.abs(1000 / self.rates[fires] - 1000 / exact).max(initial=0.0))

    def plot(self, ax: Any = None) -> Figure:
        """Draw rates, closed form and sigmoids over the current.

        Arguments:
            ax: matplotlib axes; a new figure where none are given.
        """
        from unstuck.neuro.spike_plot import plot_curve

        return plot_curve(self, ax)

    def _told(self) -> Facts:
        table = [("", "top, Hz", "middle, nA", "R^2", "farthest off, Hz")]
        for name, fit in (("sigmoid of the current", self.sigmoid),
                          ("sigmoid of its logarithm", self.of_logarithm)):  # fmt: skip
            top, middle = (f"{fit.parameters[each]:.4g}" for each in ("top", "middle"))
            table.append((name, top, middle, f"{fit.r2:.3f}", f"{np.abs(fit.residuals).max():.0f}"))
        ends = f"{number(self.currents[0])} to {number(self.currents[-1])} nA"
        highest, most = self.rates.max(), self.neuron.highest_rate
        said = (
            f"From {ends} the rate rises to {highest:.1f} Hz, and never above {number(most)}.",
            f"Intervals between spikes are those of the closed form to within {self.off:.2f} ms.",
        )
        return Facts("Rate curve", said, table, words=1)


def rate_curve(
    neuron: LeakyIntegrateAndFire | None = None, currents: Any = None, duration: float = 2000.0
) -> RateCurve:
    """Simulate a neuron's rate for constant currents, and fit sigmoids to it.

    The output of a sigmoid unit stands for the rate of a neuron: both saturate.

    Arguments:
        neuron: of what kind; as it comes if not given.
        currents: nA, shape (n,), in any order; 80 up to ten times the least that makes it
            fire if not given.
        duration: ms of each simulation. Rates are by the mean interval between spikes.

    Raises:
        DataError: fewer than 5 different currents, one that is not positive, none that makes it
            fire, or none that does so twice in the duration.

    Example:
        >>> curve = rate_curve()
        >>> curve.off <= curve.neuron.step
        True
        >>> {name: round(float(value)) for name, value in curve.sigmoid.parameters.items()}
        {'top': 302, 'middle': 6, 'width': 3}
    """
    check_kind(neuron, LeakyIntegrateAndFire, "rate_curve: neuron")
    neuron = neuron or LeakyIntegrateAndFire()
    least = neuron.least_current
    if currents is None:
        currents = np.linspace(least / 8, 10 * least, 80)
    driven = np.sort(numbers(currents, "currents"), axis=None)
    if (
        len(np.unique(driven)) < LEAST
        or np.ndim(currents) != 1
        or not (driven > 0).all()
        or driven.max() <= least
    ):
        raise DataError(
            f"rate_curve: currents were {shown(currents)}; expected at least {LEAST} different "
            f"positive ones, and some above {number(least)} nA, the least that makes it fire."
        )
    rates = neuron.run(duration, driven, keep=False).steady_rates
    if not rates.any():
        raise DataError(
            f"rate_curve: duration was {duration:g} ms, in which no current made the neuron fire "
            "twice; expected a longer one: a rate is that of the intervals between spikes."
        )
    top, middle = float(rates.max()), float(driven[np.argmax(rates > rates.max() / 2)])
    start = {"top": top, "middle": middle, "width": middle / 4}
    plain = fit_curve(sigmoid, driven, rates, start)
    start = {"top": top, "middle": middle, "power": 2.0}
    return RateCurve(
        neuron, driven, rates, plain, fit_curve(sigmoid_of_logarithm, driven, rates, start)
    )
