"""Where a network stands, what its fit was, and what must not be advised then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unstuck.record import Array
from unstuck.verdict.comparison import BETTER, WORSE, Comparison
from unstuck.verdict.opponents import CONSTANT

FREER_BELOW = ("alpha", "weight_decay", "dropout", "tol")
FREER_ABOVE = ("max_iter", "n_iter_no_change", "hidden_layer_sizes")
"""Parameters that let a network follow its rows more closely, by smaller and by larger values."""
FREER = "underfitting"
"""The disease whose remedies all do."""


@dataclass(frozen=True)
class Standing:
    """Where a network stands.

    Attributes:
        comparisons: with what is cheap to reach, the most telling first.
        overfits: whether it is clearly better on the rows that it was trained on.
        seen: whether the rows it was judged by are rows of its fit.
        amounts: whether its classes are whole numbers, which may be amounts.
    """

    comparisons: Sequence[Comparison]
    overfits: bool = False
    seen: bool = False
    amounts: bool = False

    @property
    def first(self) -> Comparison:
        """The most telling comparison."""
        return self.comparisons[0]

    @property
    def results(self) -> set[str]:
        """Of all comparisons."""
        return {each.result for each in self.comparisons}

    @property
    def good(self) -> bool:
        """Whether it is better by some measure and worse by none."""
        return BETTER in self.results and WORSE not in self.results

    @property
    def constant_is_as_good(self) -> bool:
        """Whether it has learned nothing that shows in these rows."""
        first = self.first
        gain = (first.network - first.constant) * (1 if first.higher else -1)
        return gain <= 0 or (first.opponent == CONSTANT and first.result != BETTER)


@dataclass(frozen=True)
class Fitted:
    """What a fit was.

    Attributes:
        settings: parameters of the estimator.
        stopped: name of the reason why the fit ended.
        held_out: whether validation rows are held out already, or cannot be.
    """

    settings: Mapping[str, Any]
    stopped: str = ""
    held_out: bool = False

    @classmethod
    def of(cls, estimator: Any, divisible: bool) -> Fitted:
        """Of an estimator; ``divisible`` says whether rows can be held out of those to train on."""
        settings = estimator.get_params(deep=False)
        validated = getattr(estimator, "validation_scores_", None) is not None
        held_out = validated or not divisible or settings.get("early_stopping", True) is not False
        stop = getattr(estimator, "stop_reason_", None)
        return cls(settings, getattr(stop, "name", ""), held_out)

    def takes(self, parameters: Mapping[str, Any], overfits: bool) -> bool:
        """Whether advice changes something, and does no harm: validation rows are held out once,
        and a network that has learned rows by heart is not given more freedom.

        Arguments:
            parameters: that are advised.
            overfits: whether the network has learned rows by heart.

        Example:
            >>> fitted = Fitted({"alpha": 1.0, "early_stopping": True}, held_out=True)
            >>> fitted.takes({"early_stopping": True}, False)
            False
            >>> fitted.takes({"alpha": 0.1}, False), fitted.takes({"alpha": 0.1}, True)
            (True, False)
        """
        if self.held_out and parameters.get("early_stopping") is True:
            return False
        known = self.settings
        if parameters and all(n in known and _same(known[n], v) for n, v in parameters.items()):
            return False
        return not (overfits and any(self._frees(n, v) for n, v in parameters.items()))

    def _frees(self, name: str, value: Any) -> bool:
        new, old = _size(value), _size(self.settings.get(name))
        if new is None or old is None:
            return False
        return (name in FREER_BELOW and new < old) or (name in FREER_ABOVE and new > old)


def amounts(classes: Array) -> bool:
    """Whether classes are whole numbers that may be amounts: three or more.

    Example:
        >>> amounts(np.array([1, 2, 5])), amounts(np.array([0, 1])), amounts(np.array(["a", "b"]))
        (True, False, False)
    """
    numeric = np.issubdtype(classes.dtype, np.number)
    return bool(numeric and len(classes) > 2 and (classes == np.round(classes)).all())


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(np.array_equal(one, other))


def _size(value: Any) -> float | None:
    """The sum of numbers; ``None`` of what is none."""
    try:
        return float(np.sum(value))
    except (TypeError, ValueError):
        return None
