"""How performance falls with the share of parts that are removed, and where that matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.drawing.axes import axes_of
from unstuck.drawing.colors import BAND, BLUE, GREEN, INK, ORANGE, QUIET
from unstuck.errors import ParameterError
from unstuck.readable import Facts, Readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HALF = 0.5
SIZE = 6.0, 4.4
"""Inches of a new figure."""
ORDERS = ("random", "worst", "blocks")


@dataclass(frozen=True, repr=False)
class Lesions(Readable):
    """Scores of a fitted thing after parts of it were removed, the same rows for all.

    Attributes:
        subject: what kind of thing it is.
        what: which parts were removed, such as ``"units"``.
        groups: where these are, in their order: pairs of a name and a number.
        scoring: the name of the score; higher is better.
        intact: score of the whole.
        constant: score of the best constant prediction, for scale.
        removed: how many parts were removed each time, shape (lesions,).
        random: scores after removal at random, one row a seed, shape (seeds, lesions). A lesion
            holds the smaller ones of its seed.
        worst: scores after removal of the most important parts, shape (lesions,).
        importance: of every part, by the measure that ``worst`` went by, shape (parts,).
        measure: that measure, in words.
        blocks: scores after removal of a block of neighbors, one row a place, shape (places,
            lesions). The last part is a neighbor of the first.
        places: the first part of the blocks of each place, shape (places,).

    Scores of an order that was not asked for have no rows; ``worst`` has no entries.
    """

    subject: str
    what: str
    groups: tuple[tuple[str, int], ...]
    scoring: str
    intact: float
    constant: float
    removed: np.ndarray
    random: np.ndarray
    worst: np.ndarray
    importance: np.ndarray
    measure: str
    blocks: np.ndarray
    places: np.ndarray

    @property
    def count(self) -> int:
        """How many parts there are."""
        return sum(count for _, count in self.groups)

    @property
    def shares(self) -> np.ndarray:
        """Share of the parts that was removed each time, shape (lesions,)."""
        return self.removed / self.count

    @property
    def left(self) -> dict[str, np.ndarray]:
        """What is left by order, the mean over seeds and places, shape (lesions,): 1 is the score
        of the whole, 0 that of a constant."""
        means = {
            "random": self.random.mean(0) if len(self.random) else np.empty(0),
            "worst": self.worst,
            "blocks": self.blocks.mean(0) if len(self.blocks) else np.empty(0),
        }
        scale = self.intact - self.constant
        return {name: (each - self.constant) / scale for name, each in means.items() if each.size}

    def half(self, order: str = "random") -> float:
        """The share of the parts whose removal leaves half of what the whole is worth beyond a
        constant, by straight lines between lesions; infinite where more than half is always left.

        Arguments:
            order: ``"random"``, ``"worst"`` or ``"blocks"``.

        Raises:
            ParameterError: that order was not asked for.
        """
        if order not in self.left:
            raise ParameterError(
                f"half: order was {order!r}; expected one of {list(self.left)}: the others were "
                "not asked for."
            )
        shares = np.concatenate([[0.0], self.shares])
        left = np.concatenate([[1.0], self.left[order]])
        below = np.flatnonzero(left < HALF)
        if not len(below):
            return np.inf
        after = below[0]
        a, b = left[after - 1], left[after]
        return float(np.interp(HALF, [b, a], [shares[after], shares[after - 1]]))

    def extent(self, order: str = "blocks") -> float:
        """Share of the variance of the scores that goes with how much was removed; the rest goes
        with where (``"blocks"``) or with which parts (``"random"``).

        ``var_k(mean_p s_kp) / var_kp(s_kp)``, s_kp the score after lesion k at place p (or from
        seed p). Of the lesions that leave something and take something: with nothing or everything
        removed, the place is no question. NaN where there are no such scores, or no variance.

        Arguments:
            order: ``"blocks"`` or ``"random"``.

        Raises:
            ParameterError: another one.
        """
        if order not in ("blocks", "random"):
            raise ParameterError(f"extent: order was {order!r}; expected 'blocks' or 'random'.")
        partial = (self.removed > 0) & (self.removed < self.count)
        scores = (self.random if order == "random" else self.blocks)[:, partial]
        total = scores.var() if scores.size else 0.0
        return float(scores.mean(0).var() / total) if total > 0 else np.nan

    @property
    def said(self) -> tuple[str, ...]:
        """What was found, in sentences."""
        where = ", ".join(f"{count:,} in {name}" for name, count in self.groups)
        found = [
            f"{self.subject}: {self.what} removed, of {where}.",
            f"{self.scoring} is {self.intact:.3f} as it is, {self.constant:.3f} of a constant.",
        ]
        named = zip(ORDERS, ("at random", "worst first", "in a block"), strict=True)
        halves = [f"{_share(self.half(o))} {name}" for o, name in named if o in self.left]
        if halves:
            found.append(f"Half-way down: with {', '.join(halves)}.")
        if "worst" in self.left:
            found.append(f"The worst first: by {self.measure}.")
        shares = [
            f"{100 * extent:.0f} % {name}"
            for order, name in (("blocks", "in blocks"), ("random", "at random"))
            if np.isfinite(extent := self.extent(order))
        ]
        if shares:
            found.append(f"How much is removed explains {' and '.join(shares)} of the variance.")
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        plain = {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in vars(self).items()
        }
        plain["groups"] = dict(self.groups)
        found = {
            "extent": {order: self.extent(order) for order in ("random", "blocks")},
            "half": {order: self.half(order) for order in self.left},
        }
        for name, values in found.items():
            plain[name] = {o: v if np.isfinite(v) else None for o, v in values.items()}
        return plain

    def _told(self) -> Facts:
        columns: dict[str, np.ndarray] = {}
        if len(self.random):
            columns["at random"] = self.random.mean(0)
        if self.worst.size:
            columns["worst first"] = self.worst
        if len(self.blocks):
            columns |= {"block": self.blocks.mean(0), "worst place": self.blocks.min(0)}
            columns["best place"] = self.blocks.max(0)
        rows = [("removed", self.what, *columns)]
        for i, (share, removed) in enumerate(zip(self.shares, self.removed, strict=True)):
            scores = (f"{each[i]:.3f}" for each in columns.values())
            rows.append((f"{100 * share:.0f} %", f"{removed:,}", *scores))
        return Facts("Lesions", self.said, rows, words=0)

    def plot(self, ax: Any = None) -> Axes:
        """Draw the scores against the share that was removed.

        Arguments:
            ax: matplotlib axes; a new figure where none are given.
        """
        with axes_of(ax, *SIZE) as panel:
            x = 100 * self.shares
            for place, scores in enumerate(self.blocks):
                label = f"a block, at {len(self.blocks)} places" if place == 0 else None
                panel.plot(x, scores, color=GREEN, lw=0.9, alpha=0.55, label=label)
            if len(self.random):
                ends = self.random.min(0), self.random.max(0)
                panel.fill_between(x, *ends, color=BAND, alpha=0.6, lw=0)
                label = f"at random, mean and range of {len(self.random)}"
                panel.plot(x, self.random.mean(0), "o-", ms=4, color=BLUE, label=label)
            if self.worst.size:
                panel.plot(x, self.worst, "v-", ms=4, color=ORANGE, label="worst first")
            panel.axhline(self.intact, color=INK, lw=1.0, ls="--", label="nothing removed")
            panel.axhline(self.constant, color=QUIET, lw=1.2, ls=":", label="a constant")
            panel.set_xlabel(f"{self.what} removed (%)")
            panel.set_ylabel(self.scoring)
            panel.set_xlim(-2, 102)
            panel.legend(loc="lower left", bbox_to_anchor=(0, 0.08))
        return panel

    def plot_places(self, ax: Any = None) -> Axes:
        """Draw the scores after blocks against their place, a line for each extent: where lines are
        flat, the place does not matter.

        Arguments:
            ax: matplotlib axes; a new figure where none are given.

        Raises:
            ParameterError: there are no blocks.
        """
        if not len(self.blocks):
            raise ParameterError("plot_places: no blocks were removed; expected order 'blocks'.")
        from matplotlib import colormaps

        with axes_of(ax, *SIZE) as panel:
            x, written = 100 * self.places / self.count, np.inf
            for scores, share in zip(self.blocks.T, self.shares, strict=True):
                if not 0 < share < 1:
                    continue
                color = colormaps["viridis"](0.9 * share)
                panel.plot(x, scores, color=color, lw=1.6)
                # Names of lines stand at their ends, where there is room.
                if abs(written - scores[-1]) > 0.03 * np.ptp(self.blocks):
                    written = scores[-1]
                    panel.annotate(
                        f"{100 * share:.0f} %", (x[-1], written), (5, 0), fontsize=8, va="center",
                        textcoords="offset points", color=color,
                    )  # fmt: skip
            panel.set_xlabel("where the block begins (% of the order)")
            panel.set_ylabel(self.scoring)
        return panel


def _share(value: float) -> str:
    return f"{100 * value:.0f} %" if np.isfinite(value) else "never"
