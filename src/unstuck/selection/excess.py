"""The excess error in three parts: of the network, of the rows, of the solver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from unstuck.drawing.axes import axes_of
from unstuck.drawing.colors import BLUE, GREEN, ORANGE
from unstuck.errors import ParameterError
from unstuck.interruption import entire
from unstuck.readable import Facts, Readable
from unstuck.rules import COUNT
from unstuck.selection.risk import Draw, Risk, drawn, risk_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Factory = Callable[[int, int], Any]
EXACT = "exact"
"""The name of the long fit among the learners."""


class Excess(NamedTuple):
    """The parts of one learner's excess error: means over the seeds.

    Attributes:
        size: of the network.
        rows: of the fit.
        learner: its name.
        empirical: the risk on the rows of the fit.
        expected: the risk on fresh rows.
        approximation: what the best network of this size lacks: R(f*) - R(f_B).
        estimation: what the rows cost: R(f*_d) - R(f*).
        optimization: what the solver's end costs: R(f~_d) - R(f*_d). Below 0 where it is better to
            end early.
    """

    size: int
    rows: int
    learner: str
    empirical: float
    expected: float
    approximation: float
    estimation: float
    optimization: float

    @property
    def total(self) -> float:
        """All three."""
        return self.approximation + self.estimation + self.optimization


@dataclass(frozen=True, repr=False)
class ExcessError(Readable):
    """Excess errors of learners, by the size of the network and the number of rows.

    Attributes:
        parts: one for each size, number of rows and learner.
        floor: R(f_B), the risk of the best function.
        floor_known: whether it was given; else it is the smallest one that was reached.
        seeds: over so many draws of rows.
    """

    parts: tuple[Excess, ...]
    floor: float
    floor_known: bool
    seeds: int

    def of(self, size: int, rows: int, learner: str = EXACT) -> Excess:
        """One of the parts.

        Raises:
            ParameterError: it was not measured.
        """
        for part in self.parts:
            if part[:3] == (size, rows, learner):
                return part
        known = sorted({part.learner for part in self.parts})
        raise ParameterError(
            f"excess_error: size {size}, {rows} rows, learner {learner!r} were not measured; "
            f"expected one of the table's, and a learner of {known}."
        )

    def plot(self, ax: Any = None) -> Axes:
        """Draw the three parts of every row of the table as bars.

        Arguments:
            ax: matplotlib axes; a new figure where none are given.
        """
        with axes_of(ax, 6.4, 0.9 + 0.27 * len(self.parts)) as ax:
            names = [f"{p.size} units, {p.rows:,} rows, {p.learner}" for p in self.parts]
            ends = np.zeros(len(self.parts))
            fields = ("approximation", "estimation", "optimization")
            for field, color in zip(fields, (BLUE, GREEN, ORANGE), strict=True):
                widths = np.array([getattr(part, field) for part in self.parts])
                up = np.maximum(widths, 0)
                ax.barh(names, up, 0.62, left=ends, color=color, label=field)
                if (widths < 0).any():  # taken off again: on the bar, not beside it
                    down = np.minimum(widths, 0)
                    look: dict[str, Any] = {
                        "facecolor": "none",
                        "edgecolor": color,
                        "hatch": "////",
                    }
                    label = f"{field}, below 0"
                    ax.barh(names, down, 0.62, left=ends, linewidth=0, label=label, **look)
                ends = ends + widths
            ax.plot(ends, names, "|", color="black", ms=11, mew=1.6, label="excess")
            ax.set_xlim(right=1.03 * ax.get_xlim()[1])
            ax.invert_yaxis()
            ax.grid(axis="y", visible=False)
            ax.set_xlabel("excess of the expected risk")
            ax.figure.legend(*ax.get_legend_handles_labels(), loc="outside lower left", ncols=3)
        return ax

    def _told(self) -> Facts:
        rows: list[tuple[str, ...]] = [
            ("learner", "size", "rows", "empirical", "approx.", "estim.", "optim.", "excess")
        ]
        for p in self.parts:
            numbers = (p.empirical, p.approximation, p.estimation, p.optimization, p.total)
            rows.append(
                (
                    p.learner,
                    str(p.size),
                    str(p.rows),
                    *(f"{x + 0.0:.3f}".replace("-0.000", "0.000") for x in numbers),
                )
            )
        kind = "given" if self.floor_known else "the smallest one that was reached"
        said = (
            f"Excess over the risk {self.floor:.3f} ({kind}); means of {self.seeds} draws.",
            "approximation + estimation + optimization = excess",
        )
        return Facts("Excess error", said, rows, words=1)


@entire()
def excess_error(
    exact: Factory,
    draw: Draw,
    *,
    sizes: Sequence[int],
    rows: Sequence[int],
    learners: Mapping[str, Factory] | None = None,
    floor: float | Callable[[Any, Any], float] | None = None,
    risk: Risk = risk_of,
    reference: int = 10_000,
    starts: int = 2,
    seeds: int = 3,
    random_state: int = 0,
) -> ExcessError:
    """Measure approximation, estimation and optimization error.

        R(f~_d) - R(f_B) = [R(f*) - R(f_B)] + [R(f*_d) - R(f*)] + [R(f~_d) - R(f*_d)]

    f_B is the best of all functions, f* the best network of a size, f*_d the one with the smallest
    error on the rows d, f~_d what a learner ends with. f* is the exact fit to a large reference
    sample, f*_d the exact fit to d, and R the mean over as many other rows: the parts are as exact
    as these fits, and add up whatever they are.

    Arguments:
        exact: ``exact(size, seed)`` gives an estimator that is fitted long, by a solver of second
            order.
        draw: ``draw(count, seed)`` gives X and y.
        sizes: of the networks.
        rows: numbers of rows to fit.
        learners: by name, ``make(size, seed)``: other solvers, other budgets.
        floor: R(f_B) where it is known: a number, or a function of X and y, which is less noisy
            since it takes the same fresh rows as all risks.
        risk: ``risk(model, X, y)``: the mean squared error or the log-loss if not given.
        reference: rows that stand for the expectation.
        starts: exact fits from so many seeds; the one with the smallest error on its rows counts.
        seeds: draws of rows.
        random_state: of the draws and of the estimators.

    Raises:
        ParameterError: a parameter cannot be used.
        DataError: ``draw`` does not give rows and targets.

    Example:
        >>> from sklearn.tree import DecisionTreeRegressor
        >>> def draw(count, seed):
        ...     x = np.random.default_rng(seed).uniform(-1, 1, (count, 1))
        ...     return x, x[:, 0] ** 2
        >>> def tree(size, seed):
        ...     return DecisionTreeRegressor(max_leaf_nodes=size)
        >>> found = excess_error(tree, draw, sizes=(2, 8), rows=(50,), floor=0.0, seeds=1)
        >>> found.of(2, 50).approximation > found.of(8, 50).approximation
        True

    Reference: Bottou and Bousquet 2008, NeurIPS 20.
    """
    sizes, rows = _counts(sizes, "sizes"), _counts(rows, "rows")
    for value, name in ((reference, "reference"), (starts, "starts"), (seeds, "seeds")):
        _counts([value], name)
    others = dict(learners or {})
    if EXACT in others:
        raise ParameterError(f"excess_error: a learner is called {EXACT!r}; take another name.")
    seed = 1000 * random_state
    fresh, large = (drawn(draw, reference, seed + k, "excess_error") for k in (1, 2))
    parts: list[tuple[Any, ...]] = []
    for size in sizes:
        best = risk(_best(exact, size, large, starts, risk, seed), *fresh)
        for count in rows:
            sets = [drawn(draw, count, seed + 3 + k, "excess_error") for k in range(seeds)]
            means = _risks(exact, others, size, sets, fresh, starts, risk, seed)
            exact_risk = means[EXACT][1]
            parts += [(size, count, name, *each, best, exact_risk) for name, each in means.items()]
    least = min(min(part[4:6]) for part in parts) if floor is None else _floor(floor, fresh)
    told = tuple(
        Excess(size, n, name, float(inside), float(r), best - least, float(d - best), float(r - d))
        for size, n, name, inside, r, best, d in parts
    )
    return ExcessError(told, float(least), floor is not None, seeds)


def _floor(floor: Any, fresh: Any) -> float:
    """A number, or a function of the fresh rows."""
    return float(floor(*fresh)) if callable(floor) else float(floor)


def _risks(
    exact: Factory,
    others: Mapping[str, Factory],
    size: int,
    sets: Sequence[Any],
    fresh: Any,
    starts: int,
    risk: Risk,
    seed: int,
) -> dict[str, np.ndarray]:
    """Each learner's empirical and expected risk, means over the sets of rows."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in (EXACT, *others)}
    for k, d in enumerate(sets):
        models = {EXACT: _best(exact, size, d, starts, risk, seed + k)}
        models |= {name: make(size, seed + k).fit(*d) for name, make in others.items()}
        for name, model in models.items():
            found[name].append((risk(model, *d), risk(model, *fresh)))
    return {name: np.mean(each, axis=0) for name, each in found.items()}


def _best(make: Factory, size: int, rows: Any, starts: int, risk: Risk, seed: int) -> Any:
    """The fit with the smallest error on its own rows."""
    fits = [make(size, seed + 7919 * k).fit(*rows) for k in range(starts)]
    return min(fits, key=lambda fit: risk(fit, *rows))


def _counts(given: Any, name: str) -> list[int]:
    counts = list(given) if isinstance(given, Iterable) else []
    if not counts or not all(map(COUNT.accepts, counts)):
        raise ParameterError(
            f"excess_error: {name} was {given!r}; expected integers, each {COUNT.expected()}."
        )
    return counts
