"""A memory that is asked by content: a part of a pattern brings back the whole."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from unstuck.errors import DataError, ParameterError, did_you_mean, raise_together
from unstuck.neuro.given import check_room, check_seed
from unstuck.neuro.patterns import Writing, writing_of
from unstuck.neuro.recalled import Recall, Recalls
from unstuck.neuro.settling import all_at_once, one_by_one
from unstuck.rules import COUNT, mistakes_in

RULES = ("hebb", "projection")
UPDATES = ("asynchronous", "synchronous")
EXACT = 2**24
"""Whole numbers below are exact in float32."""
ROUNDING = 1e-9
"""A field of that share of the largest weight is 0 but for rounding."""


class HopfieldMemory(BaseEstimator):
    """An associative memory of patterns of two values: all are stored in the same weights.

    Hebb's rule, "hebb": ``W = 1/N sum_p x_p x_p^T`` with x of -1 and +1 and a diagonal of 0: units
    that are often alike pull at each other to be alike. In a recall each unit takes the sign of its
    field, ``sum_j W_ij s_j``; where that is 0 it stays as it is. One unit after the other
    ("asynchronous") lowers the energy ``-1/2 s^T W s`` with every change, and comes to rest; all at
    once ("synchronous") may go back and forth between two states. For N units and random patterns
    the rule holds up to about 0.138 N of them (Amit, Gutfreund, Sompolinsky 1985).

    ``"projection"``: W projects onto the span of the patterns (pseudo-inverse), diagonal 0. All
    linearly independent patterns are at rest, however alike they are, which Hebb's rule cannot
    promise; but it is no longer a rule in which a weight knows only its two units.

    Hopfield (1982), Neural networks and physical systems with emergent collective computational
    abilities. Personnaz, Guyon, Dreyfus (1985) for the projection.

    Arguments:
        rule: ``"hebb"`` or ``"projection"``.
        updates: ``"asynchronous"``, one unit after the other in a random order, or
            ``"synchronous"``, all at once.
        max_sweeps: times that every unit is asked, at most.
        random_state: seed of the order.

    Attributes:
        weights_: W, shape (units, units).
        patterns_: what is stored, -1 and +1, shape (patterns, units).
        n_patterns_, n_units_: how many.

    Example:
        >>> from unstuck.neuro import HopfieldMemory
        >>> words = [[1, 1, 1, 1, -1, -1, -1, -1], [1, -1, 1, -1, 1, -1, 1, -1]]
        >>> memory = HopfieldMemory(random_state=0).fit(words)
        >>> found = memory.recall([1, 1, 1, 1, 0, 0, 0, 0])
        >>> found.pattern.tolist(), found.nearest, found.overlap
        ([1, 1, 1, 1, -1, -1, -1, -1], 0, 1.0)
    """

    def __init__(
        self,
        *,
        rule: Literal["hebb", "projection"] = "hebb",
        updates: Literal["asynchronous", "synchronous"] = "asynchronous",
        max_sweeps: int = 200,
        random_state: Any = None,
    ):
        self.rule = rule
        self.updates = updates
        self.max_sweeps = max_sweeps
        self.random_state = random_state

    def fit(self, patterns: Any, y: Any = None) -> HopfieldMemory:
        """Store patterns.

        Arguments:
            patterns: shape (patterns, units) or (patterns, height, width); all of them -1 and +1,
                all 0 and 1, or booleans. Recalls are written the same way.
            y: ignored; there for pipelines.

        Returns:
            The memory.

        Raises:
            ParameterError: a parameter has a value that cannot be used.
            DataError: patterns have other values, or there are fewer than two units.
        """
        del y
        self._check()
        self._writing = writing_of(patterns)
        stored = self._writing.signs(patterns, "patterns", unknown=False)
        self.patterns_ = stored.astype(np.int8)
        self.n_patterns_, self.n_units_ = stored.shape
        units = float(self.n_units_)
        check_room(2 * units**2, f"HopfieldMemory: {units:,.0f} units", "take fewer units")
        if self.rule == "hebb":  # sums of whole numbers: fields and energies have no rounding
            dtype = np.float32 if stored.size < EXACT else np.float64
            stored = stored.astype(dtype)
            self._sums, self._scale = stored.T @ stored, 1 / self.n_units_
        else:
            _, sizes, basis = np.linalg.svd(stored, full_matrices=False)
            basis = basis[sizes > sizes[0] * max(stored.shape) * np.finfo(float).eps]
            self._sums, self._scale = basis.T @ basis, 1.0
            self._sums = (self._sums + self._sums.T) / 2
        np.fill_diagonal(self._sums, 0)
        self._least = 0.0 if self.rule == "hebb" else ROUNDING * float(np.abs(self._sums).max())
        return self

    @property
    def weights_(self) -> np.ndarray:
        """W, shape (units, units)."""
        check_is_fitted(self)
        return self._sums.astype(np.float64) * self._scale

    def recall(self, cue: Any) -> Any:
        """Go from a part of a pattern, or from one with mistakes, to where no unit wants to change.

        Arguments:
            cue: of the shape of a pattern, or several below each other, shape (n, ...), which is
                quick: NaN or masked where an entry is not known. In a memory of -1 and +1, 0 will
                do as well.

        Returns:
            A ``Recall``, or ``Recalls`` for several. A unit that is not known and that nothing
            pulls at becomes +1 in the end.

        Raises:
            DataError: the cue has another shape or other values, or nothing in it is known.
        """
        writing = self._fitted()
        self._check()
        signs = writing.signs(cue, "cue")
        empty = np.flatnonzero(~signs.any(1))
        if len(empty) or not len(signs):
            which = f"cue {empty[0]}" if len(signs) > 1 else "the cue"
            raise DataError(
                f"{which} has no known entry; expected 1 at least: there is nothing to recall from."
            )
        if self.updates == "asynchronous":
            seed = check_random_state(self.random_state).randint(2**31)
            rng = np.random.default_rng(seed)
            settled = one_by_one(self._sums, signs, self.max_sweeps, rng, self._least)
        else:
            settled = all_at_once(self._sums, signs, self.max_sweeps, self._least)
        scaled = settled._replace(energies=[each * self._scale for each in settled.energies])
        recalls = Recalls(scaled, signs, self.patterns_, writing)
        one = np.shape(cue) == writing.shape
        found: Recall | Recalls = recalls[0] if one else recalls
        return found

    def energy(self, pattern: Any) -> Any:
        """``-1/2 s^T W s`` of one pattern, or of several, shape (n,)."""
        signs = self._fitted().signs(pattern, "pattern").astype(self._sums.dtype)
        energy = -0.5 * self._scale * (signs.astype(np.float64) * (signs @ self._sums)).sum(1)
        return float(energy[0]) if np.shape(pattern) == self._writing.shape else energy

    def overlap(self, pattern: Any) -> np.ndarray:
        """With each stored pattern: the mean of the products of their signs, from -1 to 1.

        Arguments:
            pattern: one, or several, shape (n, ...).

        Returns:
            Shape (patterns,), or (n, patterns) for several.
        """
        signs = self._fitted().signs(pattern, "pattern")
        overlap = signs @ self.patterns_.T / self.n_units_
        return overlap[0] if np.shape(pattern) == self._writing.shape else overlap

    def _fitted(self) -> Writing:
        check_is_fitted(self, "patterns_")
        return self._writing

    def _check(self) -> None:
        mistakes = [
            f"{name} was {given!r}; expected one of {', '.join(map(repr, known))}."
            f"{did_you_mean(given, known)}"
            for name, given, known in (
                ("rule", self.rule, RULES),
                ("updates", self.updates, UPDATES),
            )
            if not isinstance(given, str) or given not in known
        ]
        mistakes += mistakes_in(vars(self), {"max_sweeps": COUNT})
        raise_together(mistakes, ParameterError, "HopfieldMemory")
        check_seed(self.random_state, "HopfieldMemory")
