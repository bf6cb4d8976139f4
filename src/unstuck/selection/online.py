"""Examples used once, against passes over a few of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import is_classifier

from unstuck.drawing.axes import axes_of
from unstuck.drawing.colors import BLUE, ORANGE
from unstuck.errors import ParameterError
from unstuck.interruption import entire
from unstuck.readable import Facts, Readable
from unstuck.rules import COUNT, check_whole
from unstuck.selection.risk import Draw, Risk, drawn, risk_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False)
class OnceOrAgain(Readable):
    """Risks while examples are used once, and while a few are used again and again.

    Attributes:
        used: examples used so far, shape (looks,).
        once, again: expected risks, shape (looks,): means over the seeds.
        again_inside: the risk on the rows that are used again, shape (looks,).
        once_inside: the risk of each new part before it is used, mean since the last look: what
            online learning makes small, shape (looks,).
        rows: how many are used again.
        seeds: so many.
    """

    used: np.ndarray
    once: np.ndarray
    again: np.ndarray
    again_inside: np.ndarray
    once_inside: np.ndarray
    rows: int
    seeds: int

    def plot(self, ax: Any = None) -> Axes:
        """Draw the risks against the number of examples used.

        Arguments:
            ax: matplotlib axes; a new figure where none are given.
        """
        with axes_of(ax, 5.0, 3.6) as ax:
            ax.loglog(self.used, self.once, color=BLUE, label="new examples: expected")
            ax.loglog(self.used, self.once_inside, color=BLUE, ls="dotted", label="before use")
            name = f"{self.rows:,} rows again and again: "
            ax.loglog(self.used, self.again, color=ORANGE, label=name + "expected")
            ax.loglog(self.used, self.again_inside, color=ORANGE, ls="dotted", label="on them")
            ax.set_xticks(self.used, [f"{used:,}" for used in self.used])
            ax.minorticks_off()
            low, high = ax.get_ylim()
            steps = (1, 3) if high > 30 * low else (1, 1.5, 2, 3, 5, 7)
            marks = [float(f"{m}e{k}") for k in range(-6, 7) for m in steps]
            marks = [m for m in marks if low <= m <= high]
            ax.set_yticks(marks, [f"{m:g}" for m in marks])
            ax.set_xlabel("examples used")
            ax.set_ylabel("risk")
            ax.legend(fontsize=7.5)
        return ax

    def _told(self) -> Facts:
        rows: list[tuple[str, ...]] = [("used", "once", "before use", "again", "on them", "passes")]
        for k, used in enumerate(self.used):
            risks = (self.once[k], self.once_inside[k], self.again[k], self.again_inside[k])
            rows.append((f"{used:,}", *(f"{r:.3f}" for r in risks), f"{used / self.rows:.1f}"))
        said = (
            f"Expected risk of examples used once, and of {self.rows:,} rows used again and again;",
            f"the same steps, means of {self.seeds} seeds.",
        )
        return Facts("Once or again", said, rows, words=0)


@entire()
def once_or_again(
    make: Callable[[int], Any],
    draw: Draw,
    *,
    rows: int,
    used: Sequence[int],
    part: int = 20,
    risk: Risk = risk_of,
    reference: int = 5000,
    seeds: int = 3,
    random_state: int = 0,
) -> OnceOrAgain:
    """Learn online from examples that are used once, and beside it from a few in several passes.

    Both take the same steps: ``partial_fit`` on parts of the same number of rows. The gradient of a
    new example is an unbiased estimate of the expected risk's gradient; that of an example used
    again is one of the rows' own risk. So online learning makes the expected risk small, and each
    new part, before it is used, is an honest test.

    Arguments:
        make: ``make(seed)`` gives an estimator with ``partial_fit``.
        draw: ``draw(count, seed)`` gives X and y.
        rows: how many are used again and again.
        used: numbers of examples at which risks are measured.
        part: rows of one call of ``partial_fit``.
        risk: ``risk(model, X, y)``: the mean squared error or the log-loss if not given.
        reference: rows that stand for the expectation.
        seeds: so many.
        random_state: of the draws and of the estimators.

    Raises:
        ParameterError: a parameter cannot be used, or there is no ``partial_fit``.
        DataError: ``draw`` does not give rows and targets.

    Example:
        >>> from sklearn.linear_model import SGDRegressor
        >>> def draw(count, seed):
        ...     rng = np.random.default_rng(seed)
        ...     x = rng.standard_normal((count, 20))
        ...     return x, x[:, 0] + rng.standard_normal(count)
        >>> found = once_or_again(
        ...     lambda seed: SGDRegressor(random_state=seed), draw, rows=40, used=(40, 4000)
        ... )
        >>> bool(found.once[-1] < found.again[-1])
        True
    """
    check_whole("once_or_again", rows=rows, part=part, seeds=seeds, reference=reference)
    whole = isinstance(used, Iterable) and all(map(COUNT.accepts, listed := list(used)))
    looks = sorted(set(listed)) if whole else []
    if not looks or looks[0] < part:
        raise ParameterError(
            f"once_or_again: used was {used!r}; expected numbers of examples of at least {part}, "
            "one part."
        )
    if not hasattr(make(random_state), "partial_fit"):
        raise ParameterError(
            f"once_or_again: {type(make(random_state)).__name__} has no partial_fit; expected an "
            "estimator that learns from parts, such as NetRegressor or SGDRegressor."
        )
    found = [
        _run(make, draw, rows, looks, part, risk, reference, 1000 * random_state + 3 * k)
        for k in range(seeds)
    ]
    once, again, again_inside, once_inside = np.mean(found, axis=0)
    steps = np.array(looks) // part * part
    return OnceOrAgain(steps, once, again, again_inside, once_inside, rows, seeds)


def _run(
    make: Any, draw: Draw, rows: int, looks: list[int], part: int, risk: Risk, many: int, seed: int
) -> np.ndarray:
    """Risks of one seed, shape (4, looks)."""
    fresh = drawn(draw, many, seed + 1, "once_or_again")
    stream = drawn(draw, looks[-1], seed + 2, "once_or_again")
    few = tuple(each[:rows] for each in stream)
    once, again = make(seed), make(seed)
    more = {"classes": np.unique(stream[1])} if is_classifier(once) else {}
    order = np.concatenate(
        [np.random.default_rng([seed, k]).permutation(rows) for k in range(looks[-1] // rows + 1)]
    )
    kept: list[tuple[float, ...]] = []
    before: list[float] = []
    for start in range(0, looks[-1] - part + 1, part):
        new = tuple(each[start : start + part] for each in stream)
        if start:
            before.append(risk(once, *new))
        old = order[start : start + part]
        once.partial_fit(*new, **more)
        again.partial_fit(few[0][old], few[1][old], **more)
        if len(kept) < len(looks) and start + part >= looks[len(kept)] // part * part:
            inside = risk(again, *few)
            mean = float(np.mean(before)) if before else risk(once, *new)
            kept.append((risk(once, *fresh), risk(again, *fresh), inside, mean))
            before = []
    return np.array(kept).T
