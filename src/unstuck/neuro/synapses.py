"""Synapses within a population: weights with their signs, and delays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from unstuck.errors import DataError, ParameterError
from unstuck.neuro.given import array_of, check, check_room, drawn_by, shape_of, shown
from unstuck.neuro.steps import MOST_STEPS, whole_steps
from unstuck.readable import Facts, Readable
from unstuck.rules import Number, Several


@dataclass(frozen=True, repr=False)
class Synapses(Readable):
    """What a spike of each neuron does to others, and when: it moves their potential by the weight
    of the synapse, up where it is excitatory (positive) and down where it is inhibitory (negative).

    In a brain a spike takes 1 to 5 ms to the next neuron.

    Arguments:
        weights: mV, shape (neurons, neurons), from the row's neuron to the column's, dense or a
            SciPy sparse array. 0 is no synapse.
        delay: ms, a multiple of the neurons' step and at least one: a number, or shaped as the
            weights.

    Example:
        >>> from unstuck.neuro import LeakyIntegrateAndFire
        >>> chain = Synapses([[0, 25.0, 0], [0, 0, 25.0], [0, 0, 0]], delay=1.5)
        >>> spikes = LeakyIntegrateAndFire().run(20, [4.0, 0, 0], synapses=chain)
        >>> [spikes.of(neuron).round(1).tolist() for neuron in range(3)]
        [[7.0, 16.0], [8.5, 17.5], [10.0, 19.0]]
    """

    weights: Any
    delay: Any = 1.5

    def __post_init__(self) -> None:
        try:
            plain = getattr(self.weights, "dtype", np.asarray(self.weights).dtype)
            if getattr(plain, "kind", "O") not in "biufO":
                raise TypeError
            weights = sparse.csr_array(self.weights, dtype=float)
        except (TypeError, ValueError):
            weights = sparse.csr_array((0, 1))
        square = weights.ndim == 2 and weights.shape[0] == weights.shape[1] > 0
        if not square or not np.isfinite(weights.data).all():
            raise DataError(
                f"Synapses: the weights have {shape_of(self.weights)}; expected finite numbers of "
                "the shape (neurons, neurons)."
            )
        weights.sum_duplicates()
        weights.eliminate_zeros()
        source, target = weights.nonzero()
        delay = self.delay.tocsr() if sparse.issparse(self.delay) else array_of(self.delay)
        if np.shape(delay) not in ((), weights.shape) or delay.dtype.kind not in "iuf":
            raise DataError(
                f"Synapses: the delay was {shown(self.delay)}; expected a number of ms, or numbers "
                f"of the shape {weights.shape}, as the weights."
            )
        each = np.full(len(source), 0.0 if delay.shape else float(delay))
        if delay.shape and len(source):  # a sparse array gives another one for no places
            each = np.asarray(delay[source, target], float).ravel()
        if not np.isfinite(each).all():
            raise DataError(f"Synapses: a delay was {each.max():g}; expected finite numbers of ms.")
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "delay", each)

    def __len__(self) -> int:
        return int(self.weights.shape[0])

    @property
    def longest(self) -> float:
        """ms, the longest delay; 0 without synapses."""
        return float(self.delay.max(initial=0.0))

    @classmethod
    def random(
        cls,
        excitatory: int,
        inhibitory: int,
        *,
        probability: float = 0.1,
        weights: tuple[float, float] = (0.5, -2.5),
        delays: tuple[float, float] = (1.0, 5.0),
        step: float = 0.1,
        random_state: int = 0,
    ) -> Synapses:
        """A random network of excitatory neurons, and inhibitory ones after them.

        Arguments:
            excitatory, inhibitory: how many there are of each.
            probability: of a synapse from one neuron to another.
            weights: mV, of excitatory synapses (0 or more) and of inhibitory ones (0 or less).
            delays: ms, the shortest and the longest; uniform between them, in whole steps.
            step: ms, of the neurons.
            random_state: the seed.

        Raises:
            ParameterError: a weight of the wrong sign, or other numbers that cannot be.
        """
        pair = Several(Number(), "numbers", 2)
        check(
            "Synapses.random", probability=(probability, Number(0, 1)), weights=(weights, pair),
            delays=(delays, pair), step=(step, Number(0, closed="right")),
        )  # fmt: skip
        least, most = (whole_steps(each, step, "delays", most=MOST_STEPS) for each in delays)
        sizes = [whole_steps(each, 1, "neurons", least=0) for each in (excitatory, inhibitory)]
        if not sum(sizes) or weights[0] < 0 or weights[1] > 0 or least > most:
            raise ParameterError(
                f"Synapses.random: there were {sum(sizes)} neurons, weights {weights!r}, delays "
                f"{delays!r}; expected at least one neuron, a weight of 0 or more and one of 0 or "
                "less, a shortest and a longest delay."
            )
        size = sum(sizes)
        pairs = float(size) * float(size)  # all are drawn from, but where few are needed
        held = pairs * (6 * probability + (probability > 0.01))
        fewer = "take fewer neurons, or a lower probability"
        check_room(held, f"Synapses.random: {size:,} neurons", fewer)
        rng = drawn_by(random_state, "Synapses.random")
        made = sparse.random_array((size, size), density=probability, format="csr", rng=rng)
        sign = np.repeat(weights, sizes)
        made.data = np.repeat(sign, np.diff(made.indptr))
        made = made - sparse.diags_array(made.diagonal())
        made = sparse.csr_array(made)
        made.eliminate_zeros()
        delay = made.copy()
        delay.data = rng.integers(least, most + 1, made.nnz) * step
        return cls(made, delay)

    def kinds(self) -> np.ndarray:
        """Of each neuron, shape (neurons,): 1 excitatory, -1 inhibitory at all its synapses, 0
        where it has none or both."""
        up, down = ((side.sum(1) > 0) for side in (self.weights > 0, self.weights < 0))
        return up.astype(int) - down.astype(int)

    def late(self, step: float) -> np.ndarray:
        """Delays in steps, shape (synapses,), in the order of ``weights.data``."""
        different, place = np.unique(self.delay, return_inverse=True)
        return np.array([whole_steps(each, step, "delay") for each in different], int)[place]

    def _told(self) -> Facts:
        kinds, w = self.kinds(), self.weights.data
        both = int((kinds == 0).sum() - (np.diff(self.weights.indptr) == 0).sum())
        delays = f"{self.delay.min():g} to {self.delay.max():g} ms" if len(w) else "none"
        said = (f"{len(w):,} synapses of {len(self):,} neurons; delays: {delays}.",)
        rows = [("", "neurons", "synapses", "mean weight")]
        for name, sign in (("excitatory", 1), ("inhibitory", -1)):
            of = w[np.sign(w) == sign]
            mean = f"{of.mean():.3g} mV" if len(of) else "-"
            rows.append((name, f"{(kinds == sign).sum():,}", f"{len(of):,}", mean))
        rows += [("both", f"{both:,}", "", "")] if both else []
        return Facts("Synapses", said, rows, words=1)
