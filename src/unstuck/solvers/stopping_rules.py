"""When validation data end a fit: one record for every rule.

Training rows get better for as long as one trains; rows that are held out get worse at some time,
and get better again. How long to wait before one believes it is what the rules differ in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from unstuck.choices import Choices, Named
from unstuck.errors import ParameterError


class Strips(NamedTuple):
    """The errors that the rules of Prechelt read, in strips of so many epochs.

    Attributes:
        epochs: of the strip so far.
        total, least: sum of its training losses, and the least of them.
        error: validation error after the last epoch.
        before: validation error at the end of the strip before; NaN without.
        lowest: least validation error so far.
        rises: strips in a row at whose end the validation error was above that of the one before.

    Example:
        >>> strips = Strips()
        >>> for loss, error in [(4.0, 1.0), (2.0, 1.2)]:
        ...     strips = strips.after(loss, error, 2)
        >>> round(strips.generalization_loss, 9), strips.progress
        (20.0, 500.0)
    """

    epochs: int = 0
    total: float = 0.0
    least: float = math.inf
    error: float = math.nan
    before: float = math.nan
    lowest: float = math.inf
    rises: int = 0

    def after(self, loss: float, error: float, length: int) -> Strips:
        """With one epoch more; a strip that is whole is followed by a new one.

        Arguments:
            loss: the training loss.
            error: the validation error, smaller is better.
            length: epochs of a strip.
        """
        new = self.epochs >= length
        epochs, before = (1, self.error) if new else (self.epochs + 1, self.before)
        total, least = (loss, loss) if new else (self.total + loss, min(self.least, loss))
        lowest = self.lowest if math.isnan(error) else min(self.lowest, error)
        rises = self.rises
        if epochs == length:
            rises = rises + 1 if error > before else 0
        return Strips(epochs, total, least, error, before, lowest, rises)

    @property
    def generalization_loss(self) -> float:
        """GL, in percent: ``100 (error / lowest - 1)``.

        Raises:
            ParameterError: there are errors below 0, of which there is no ratio.
        """
        return 100.0 * _above(self.error, self.lowest)

    @property
    def progress(self) -> float:
        """P_k, in thousandths: ``1000 (mean / least - 1)`` of the training losses of the strip.

        Raises:
            ParameterError: there are losses below 0, of which there is no ratio.
        """
        return 1000.0 * _above(self.total / self.epochs, self.least)

    @property
    def quotient(self) -> float:
        """``GL / P_k``: how much is lost beside how much is still learned; NaN where both are 0."""
        lost, learned = self.generalization_loss, self.progress
        if learned == 0:
            return math.inf if lost > 0 else math.nan
        return 0.0 if math.isinf(learned) else lost / learned


def _above(value: float, least: float) -> float:
    """``value / least - 1``, for numbers from 0 up."""
    if least < 0:
        raise ParameterError(
            f"the stopping rules 'gl' and 'pq' divide by the smallest loss, which was {least:.3g}; "
            "expected losses that are not negative. Set stopping_rule='up', or 'patience'."
        )
    if least == 0:
        return math.inf if value > 0 else 0.0
    return value / least - 1.0


@dataclass(frozen=True, repr=False)
class StoppingRule(Named):
    """When validation data end a fit.

    Attributes:
        name: the entry's name.
        formula: when it ends, as text.
        when: what it is for.
        ends: ``ends(strips, constant)``; ``None`` for the rule that counts epochs without progress.
        measured: what it has found, as text with ``strips`` and ``constant`` to fill in.
        whole: whether it looks at the end of a strip alone.
        aliases, reference, parameter, constant, parameter_range: as in ``Activation``.

    Example:
        >>> from unstuck import STOPPING_RULES
        >>> rule = STOPPING_RULES["gl(10)"]
        >>> rule.over(Strips(error=1.2, lowest=1.0), 5), rule.over(Strips(error=1.0, lowest=1.0), 5)
        (True, False)
    """

    name: str
    formula: str
    when: str
    ends: Callable[[Strips, float], bool] | None = None
    measured: str = ""
    whole: bool = False
    aliases: tuple[str, ...] = ()
    reference: str = ""
    parameter: str | None = None
    constant: float | None = None
    parameter_range: tuple[float, float] = (0.0, 0.0)

    def over(self, strips: Strips, length: int) -> bool:
        """Whether the fit ends.

        Arguments:
            strips: after the last epoch.
            length: epochs of a strip.
        """
        if self.ends is None or (self.whole and strips.epochs != length):
            return False
        assert self.constant is not None
        return self.ends(strips, self.constant)

    def told(self, strips: Strips) -> str:
        """What it has found."""
        return self.measured.format(strips=strips, constant=self.constant)


PRECHELT = 'Prechelt 1998, "Early stopping - but when?"'

STOPPING_RULES: Choices[StoppingRule] = Choices(
    "stopping_rule",
    (
        StoppingRule(
            "patience",
            "more than n_iter_no_change epochs in a row without progress of tol",
            "The default, and scikit-learn's.",
            reference="Prechelt 1998 names it; scikit-learn's rule",
        ),
        StoppingRule(
            "gl",
            "GL > alpha, with GL = 100 (E_va / E_opt - 1)",
            "Quick: the validation error is alpha percent above the least so far.",
            lambda strips, alpha: strips.generalization_loss > alpha,
            "{strips.generalization_loss:.3g} % above the least so far, more than {constant:g} %",
            reference=PRECHELT,
            parameter="alpha",
            constant=5.0,
            parameter_range=(0.0, 1e6),
        ),
        StoppingRule(
            "pq",
            "GL / P_k > alpha at the end of a strip of k epochs, with "
            "P_k = 1000 (mean / least - 1) of its training losses",
            "Slower: not while the training loss still falls quickly, since the validation error "
            "may fall again, too.",
            lambda strips, alpha: strips.quotient > alpha,
            "{strips.generalization_loss:.3g} % above the least so far, more than {constant:g} "
            "times the progress of the training loss, {strips.progress:.3g}",
            whole=True,
            reference=PRECHELT,
            parameter="alpha",
            constant=0.75,
            parameter_range=(0.0, 1e6),
        ),
        StoppingRule(
            "up",
            "E_va rose over s strips of k epochs in a row",
            "Whatever the size of the error: only its direction counts.",
            lambda strips, s: strips.rises >= s,
            "higher than a strip before (rises in a row: {strips.rises})",
            whole=True,
            reference=PRECHELT,
            parameter="s",
            constant=3.0,
            parameter_range=(1.0, 1e6),
        ),
    ),
)
"""Every rule by which validation data end a fit, by name."""
