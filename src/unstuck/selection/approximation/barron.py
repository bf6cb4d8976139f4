"""Barron's bound O(C_f²/q + q p log(N) / N) beside measured errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.activations import Activation
from unstuck.drawing.axes import axes_of
from unstuck.drawing.colors import BLUE, GREEN, ORANGE, QUIET
from unstuck.errors import DataError, ParameterError
from unstuck.interruption import entire
from unstuck.readable import Facts, Readable
from unstuck.rules import check_whole
from unstuck.selection.approximation.candidates import Candidates, OwnActivation, activation_of
from unstuck.selection.approximation.growing import check_room, grow
from unstuck.selection.approximation.sampled import values_of
from unstuck.selection.approximation.slopes import log_slope
from unstuck.selection.approximation.smooth import SmoothFunction, smooth
from unstuck.solvers.lapack import one_thread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MEASURED = 3000
"""Rows of the integral: others than those of the fit."""
CANDIDATES = 256
Fit = Callable[[np.ndarray, np.ndarray, int, int], Callable[[np.ndarray], Any]]


@dataclass(frozen=True, repr=False)
class BarronStudy(Readable):
    """Mean integrated squared errors of fitted networks.

    Attributes:
        function: what was to be learned, with its C_f.
        units: numbers q of hidden units, shape (Q,).
        inputs: numbers p of inputs.
        rows: numbers N of rows.
        noise: standard deviation of the targets around the function.
        errors: shape (inputs, rows, units, seeds).
    """

    function: SmoothFunction
    units: np.ndarray
    inputs: tuple[int, ...]
    rows: tuple[int, ...]
    noise: float
    errors: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Over the seeds, shape (inputs, rows, units)."""
        return np.asarray(self.errors.mean(-1))

    def bound(self, inputs: int, rows: int) -> np.ndarray:
        """C_f²/q + q p log(N) / N, without the constants of the theorem, shape (units,)."""
        c = self.function.constant(inputs)
        return np.asarray(c**2 / self.units + self.units * inputs * np.log(rows) / rows)

    def best(self, inputs: int, rows: int) -> tuple[int, float]:
        """The q of the smallest measured error, and C_f sqrt(N / (p log N)), the bound's."""
        i, j = self._at(inputs, rows)
        c = self.function.constant(inputs)
        return int(self.units[self.mean[i, j].argmin()]), float(
            c * np.sqrt(rows / (inputs * np.log(rows)))
        )

    def slopes(self) -> dict[str, tuple[float, float]]:
        """Of the logarithms, measured and of the bound.

        ``"q, few"``: with q, up to the best q at the most rows (the bound: -1). ``"q, many"``: with
        q, from its last quarter on at the fewest rows (at most 1). ``"N"``: with N, at the most
        units (the bound's own slope). ``"p"``: with p, at the most units and the fewest rows.
        ``"best q"``: the best q with N (the bound: near 1/2).
        """
        q, n, p, e = self.units, np.array(self.rows), np.array(self.inputs), self.mean
        few = slice(0, max(2, int(e[0, -1].argmin()) + 1))
        many = slice(len(q) * 3 // 4 - 1, None)
        ends = np.array([[self.bound(p_, n_)[-1] for n_ in n] for p_ in p])
        both = np.array([self.best(p[0], each) for each in n])
        found = {
            "q, few": (log_slope(q[few], e[0, -1, few]), -1.0),
            "q, many": (
                log_slope(q[many], e[0, 0, many]),
                log_slope(q[many], self.bound(p[0], n[0])[many]),
            ),
            "N": (log_slope(n, e[0, :, -1]), log_slope(n, ends[0])),
            "p": (log_slope(p, e[:, 0, -1]), log_slope(p, ends[:, 0])),
            "best q": (log_slope(n, both[:, 0]), log_slope(n, both[:, 1])),
        }
        return {name: each for name, each in found.items() if not np.isnan(each[0])}

    def plot(self, ax: Any = None) -> Axes:
        """Draw the errors against the number of units, a line for every number of rows.

        Arguments:
            ax: matplotlib axes; a new figure where none are given.
        """
        with axes_of(ax, 4.8, 3.6) as ax:
            colors = (ORANGE, GREEN, BLUE, QUIET)
            for j, rows in enumerate(self.rows):
                color = colors[j % len(colors)]
                ax.loglog(self.units, self.mean[0, j], color=color, label=f"{rows:,} rows", lw=1.8)
                bound = self.bound(self.inputs[0], rows)
                ax.loglog(self.units, bound, color=color, ls="dotted", lw=1.0)
                at = self.mean[0, j].argmin()
                ax.plot(self.units[at], self.mean[0, j, at], "o", color=color, ms=5)
            ax.set_xticks(self.units, [f"{q:,}" for q in self.units])
            ax.set_xticks([], minor=True)
            ax.set_xlabel("units q")
            ax.set_title(f"{self.function.formula}, {self.inputs[0]} inputs")
            ax.legend()
        return ax

    def _at(self, inputs: int, rows: int) -> tuple[int, int]:
        if inputs not in self.inputs or rows not in self.rows:
            raise ParameterError(
                f"beside_barron: {inputs} inputs and {rows} rows were not measured; expected "
                f"inputs of {list(self.inputs)} and rows of {list(self.rows)}."
            )
        return self.inputs.index(inputs), self.rows.index(rows)

    def _told(self) -> Facts:
        table: list[tuple[str, ...]] = [("p", "N", "C_f", "best q", "its error", "bound's q")]
        for p in self.inputs:
            for n in self.rows:
                i, j = self._at(p, n)
                q, theirs = self.best(p, n)
                c = self.function.constant(p)
                error = f"{self.mean[i, j].min():.1e}"
                table.append((str(p), str(n), f"{c:.2f}", str(q), error, f"{theirs:.0f}"))
        slopes = ", ".join(
            f"{name} {measured:.1f} ({theirs:.1f})"
            for name, (measured, theirs) in self.slopes().items()
        )
        said = (
            f"{self.function.formula}, noise {self.noise:g}, {self.errors.shape[-1]} seeds.",
            "Slopes of log(error), and of best q, measured (and the bound's):",
            f"{slopes}.",
        )
        return Facts("Barron's bound", said, table, words=0)


@entire()
def beside_barron(
    function: str | SmoothFunction = "hill",
    *,
    units: Sequence[int] = (1, 2, 4, 8, 16, 32, 64),
    inputs: Sequence[int] = (2,),
    rows: Sequence[int] = (250, 1000, 4000),
    noise: float = 0.2,
    seeds: int = 5,
    activation: str | Callable[..., Any] = "logistic",
    fit: Fit | None = None,
    random_state: int = 0,
) -> BarronStudy:
    """Measure the mean integrated squared error against q, p and N, beside Barron's bound.

    Rows are even on the cube [-1, 1]^p, targets are the function and Gaussian noise, and the error
    is measured on other rows without noise. Networks grow unit after unit, as in Barron's proof,
    unless another fit is given; what they predict is cut at the smallest and the largest target
    (the theorem bounds the output weights instead).

    Arguments:
        function: a name of ``SMOOTH``, or a ``SmoothFunction`` with its C_f.
        units: numbers q of hidden units.
        inputs: numbers p of inputs.
        rows: numbers N of rows.
        noise: standard deviation of the targets.
        seeds: rows drawn anew so many times.
        activation: of the hidden units: the theorem is about sigmoids.
        fit: ``fit(x, y, q, seed)`` gives ``predict(x)``; for a scikit-learn estimator,
            ``lambda x, y, q, seed: MLPRegressor((q,), random_state=seed).fit(x, y).predict``.
        random_state: seed of the rows.

    Raises:
        ParameterError: a parameter cannot be used.
        DataError: the given fit predicts something that is no finite number a row.

    Example:
        >>> study = beside_barron("wave", units=(1, 4), rows=(200,), seeds=2)
        >>> study.errors.shape, bool(study.mean[0, 0, 1] < study.mean[0, 0, 0])
        ((1, 1, 2, 2), True)

    Reference: Barron 1993, IEEE Transactions on Information Theory 39:930; Barron 1994, Machine
    Learning 14:115.
    """
    given = smooth(function)
    q, p, n = (
        _counts(each, name, least)
        for each, name, least in ((units, "units", 1), (inputs, "inputs", 1), (rows, "rows", 2))
    )
    check_whole("beside_barron", seeds=seeds)
    check_whole("beside_barron", 0, random_state=random_state)
    if not isinstance(noise, Real) or not (np.isfinite(noise) and noise >= 0):
        raise ParameterError(
            f"beside_barron: noise was {noise!r}; expected a number of at least 0."
        )
    _check_constants(given, p)
    record = activation_of(activation, "beside_barron")
    check_room("beside_barron", n[-1], *((q[-1], CANDIDATES) if fit is None else (1, 1)))

    def squared(inputs: int, count: int, seed: int) -> np.ndarray:
        """Of one draw of rows: the errors of networks of q units."""
        rng = np.random.default_rng([random_state, inputs, count, seed])
        x, others = (rng.uniform(-1, 1, (size, inputs)) for size in (count, MEASURED))
        y = values_of(given.function, x, rows=True) + noise * rng.standard_normal(count)
        true = values_of(given.function, others, rows=True)
        if fit is None:
            found = _grown(x, y, others, q, record, rng)
        else:
            found = _fitted(fit, x, y, others, q, seed)
        return np.asarray(((found - true) ** 2).mean(1))

    errors = np.array(
        [[[squared(p_, n_, s) for s in range(seeds)] for n_ in n] for p_ in p]
    ).swapaxes(2, 3)
    return BarronStudy(given, np.array(q), tuple(p), tuple(n), float(noise), errors)


def _grown(
    x: np.ndarray,
    y: np.ndarray,
    others: np.ndarray,
    units: Sequence[int],
    activation: Activation | OwnActivation,
    rng: np.random.Generator,
) -> np.ndarray:
    """What networks of q units, of one growing network, predict of other rows."""
    may = Candidates(activation, -1.0, 1.0, x.shape[1])
    most = min(units[-1], len(x) - 1)
    with one_thread():
        stages = list(grow(x, y, most, activation, may, rng, count=CANDIDATES))
    found = [stages[min(q, len(stages)) - 1](others, activation) for q in units]
    return np.clip(found, y.min(), y.max())


def _fitted(
    fit: Fit, x: np.ndarray, y: np.ndarray, others: np.ndarray, units: Sequence[int], seed: int
) -> np.ndarray:
    try:
        found = [np.asarray(fit(x, y, q, seed)(others), float) for q in units]
    except Exception as problem:  # of whatever fit
        raise DataError(
            f"beside_barron: the fit to {len(x)} rows fails: {type(problem).__name__}: {problem}. "
            "Expected fit(x, y, q, seed), which gives a function that predicts rows."
        ) from problem
    for each in found:
        if each.shape != (len(others),) or not np.isfinite(each).all():
            raise DataError(
                f"beside_barron: the fit predicts the shape {each.shape} for {len(others)} rows, "
                "or numbers that are not finite; expected a finite number a row."
            )
    return np.array(found)


def _check_constants(function: SmoothFunction, inputs: Sequence[int]) -> None:
    for each in inputs:
        try:
            found = float(function.constant(each))
        except Exception as problem:  # of whatever function
            raise ParameterError(
                f"beside_barron: constant of {function.name!r} fails for {each} inputs: "
                f"{type(problem).__name__}: {problem}. Expected constant(inputs), a number."
            ) from problem
        if not (np.isfinite(found) and found >= 0):
            raise ParameterError(
                f"beside_barron: constant of {function.name!r} is {found} for {each} inputs; "
                "expected a finite number of at least 0."
            )


def _counts(given: Any, name: str, least: int) -> list[int]:
    listed = list(given) if isinstance(given, Iterable) else [given]
    for each in listed:
        check_whole("beside_barron", least, **{name: each})
    if not listed:
        raise ParameterError(f"beside_barron: {name} is empty; expected integers.")
    return sorted(set(listed))
