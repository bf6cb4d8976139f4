"""The loss of every single row, from a loss that is a mean or a sum over rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from unstuck.autodiff.flow import Flow, compiled
from unstuck.autodiff.recording import Recorded
from unstuck.lazy import jax, jnp
from unstuck.record import Array


class RowLosses:
    """A function on one row at a time: two copies of it, since one row is another program.

    Arguments:
        found: the function on some rows.

    Attributes:
        end: slot of the loss without what parameters alone add to it.
        law: ``"mean"``, ``"sum"``, or nothing where it is neither.
        all: loss of every row of the program; ``None`` without a law.
        penalized: whether parameters alone add something to the loss.
    """

    def __init__(self, found: Recorded):
        self.flow = found.flow
        self.end = _data(found.flow)
        self.penalized = self.end != found.flow.program.outputs[0]
        self.law, self.all = "", None
        pair = found.flow.batched.resized(2)
        self.pair = Flow(pair) if any(pair.rowed) and pair.works() else None
        if self.pair is not None and found.flow.like(self.pair):
            each = self._each(found.flow.batched.leaves, {})
            self._weigh(each, float(np.asarray(found.values[self.end])))

    def _weigh(self, each: Array, total: float) -> None:
        """Whether the loss is the mean of the rows' or their sum."""
        if np.isclose(total, each.mean(), rtol=1e-5, equal_nan=True):
            self.law, self.all = "mean", each
        elif np.isclose(total, each.sum() / 2.0, rtol=1e-5):
            self.law, self.all = "sum", each / 2.0

    @property
    def scale(self) -> float:
        """What makes an adjoint of the program that of a row's own loss."""
        return 1.0 if self.law == "sum" else float(self.flow.batched.count)

    def put(self, slot: int, matrix: Array, leaves: Iterable[Any], barred: int) -> Array | None:
        """Loss of every row where a slot holds something else.

        Arguments:
            slot: of the program.
            matrix: (n, units).
            leaves: the batch with n rows.
            barred: position of the leaf that must not be read: its rows are not known.
        """
        if not self.law or self._reads(slot, barred):
            return None
        each = self._each(leaves, {slot: np.asarray(matrix, np.float64)})
        return each / 2.0 if self.law == "sum" else each

    def _reads(self, slot: int, leaf: int) -> bool:
        """Whether the rest of the program reads a leaf."""
        used = {
            s for i in self.flow.needed(self.end, [slot]) for s in self.flow.operations[i].inputs
        }
        return self.flow.program.arguments[leaf] in used

    def _each(self, leaves: Iterable[Any], puts: dict[int, Array]) -> Array:
        leaves = list(leaves)
        slots = tuple(puts)
        program = self._programs.get(slots) or self._programs.setdefault(slots, self._made(slots))
        return program(leaves, list(puts.values())).astype(np.float64)

    @property
    def _programs(self) -> dict[tuple[int, ...], Callable[..., Array]]:
        return self.__dict__.setdefault("_kept", {})

    def _made(self, slots: tuple[int, ...]) -> Callable[..., Array]:
        pair = self.pair
        assert pair is not None
        operations = pair.needed(self.end, slots)

        def one(leaves: list[Array], puts: list[Array]) -> Array:
            twice = [
                jnp.stack([a, a]) if cut else a
                for a, cut in zip(leaves, pair.batched.rowed, strict=True)
            ]
            known = pair.given(twice)
            for slot, put in zip(slots, puts, strict=True):
                both = pair.unmatrix(slot, jnp.stack([put, put]), jnp)
                known[slot] = both.astype(pair.kinds[slot])
            return pair.run(known, operations)[self.end]

        axes = [0 if cut else None for cut in pair.batched.rowed]
        return compiled(jax.vmap(one, (axes, [0] * len(slots))), pair.batched)


def _data(flow: Flow) -> int:
    """The loss before parameters alone were added to it."""
    slot = flow.program.outputs[0]
    while slot in flow.made:
        each = flow.operations[flow.made[slot]]
        batch = [s for s in each.inputs if flow.on_batch(s)]
        sums = each.name in ("add", "add_any") or (each.name == "sub" and batch == each.inputs[:1])
        if not sums or len(batch) != 1:
            break
        slot = batch[0]
    return slot
