"""A case: everything that findings are judged by, measured once, when first asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from unstuck.health import derivatives, landscape, pairing
from unstuck.health.errors import by_class, mean, paired_t
from unstuck.health.gate import LEAST_GAP, Gate
from unstuck.health.held import QUARTERS, Held, held
from unstuck.health.references import Reference, reference
from unstuck.health.subject import Change, Facts, Sample, Subject, Trial
from unstuck.record import Array, LayerRecord, Record

CLOSES = 0.5
"""An experiment cures where it closes more than this share of the gap to what is reachable."""
MOSTLY = 0.8
"""Of a gap that is small it has to close this share."""
STRONG, WIDER = "lbfgs", 8
"""The solver that leaves plateaus where anything does, and how many times as many units are tried.
"""

T = TypeVar("T")


def known(value: T | None) -> T:
    """What the ``needs`` of a disease say is there."""
    assert value is not None
    return value


def quiet(what: str) -> None:
    """Say nothing."""
    del what


class Case:
    """A subject and what was measured of it. ``None`` stands for what cannot be measured.

    Attributes:
        subject: what is asked.
        facts: of it.
        say: told what is measured now, where that takes a while.
    """

    def __init__(self, subject: Subject, say: Callable[[str], None] = quiet):
        self.subject, self.say = subject, say
        self._trials: dict[Change, Trial | None] = {}

    def has(self, needs: tuple[str, ...]) -> bool:
        """Whether all of these can be measured."""
        return all(getattr(self, need) is not None for need in needs)

    # Rows

    @property
    def facts(self) -> Facts:
        return self.subject.facts

    @property
    def sample(self) -> Sample | None:
        """Rows that were trained on."""
        return self.subject.sample

    @functools.cached_property
    def labeled(self) -> Sample | None:
        """The sample, where its targets are of a known kind."""
        return self.sample if self.facts.kind != "unknown" else None

    @property
    def numbers(self) -> Sample | None:
        """The sample, where its targets are numbers."""
        return self.sample if self.facts.kind == "numbers" else None

    @property
    def classes(self) -> Sample | None:
        """The sample, where its targets are classes."""
        return self.sample if self.facts.kind == "classes" else None

    @property
    def history(self) -> Mapping[str, Array] | None:
        """Columns by epoch."""
        return self.subject.history or None

    # Layers

    @functools.cached_property
    def start(self) -> Record | None:
        """Every layer before the first step."""
        return self.subject.record("start")

    @functools.cached_property
    def end(self) -> Record | None:
        """Every layer now."""
        return self.subject.record("end")

    @property
    def trained(self) -> bool:
        """Whether there was a training."""
        return bool(self.facts.solver)

    @property
    def moment(self) -> str:
        """When the record of the start was taken, in words."""
        return "before the first step" if self.trained else "at these weights"

    @functools.cached_property
    def hidden(self) -> tuple[LayerRecord, ...]:
        """The hidden layers before the first step."""
        return () if self.start is None else self.start.layers[:-1]

    # Derivatives

    @functools.cached_property
    def slopes(self) -> list[derivatives.Slope] | None:
        """Every parameter's derivative beside differences."""
        self.say("checking the gradient")
        return derivatives.slopes(self.subject)

    @functools.cached_property
    def bend(self) -> float | None:
        """How far the network is from an affine map, as a share of what it computes."""
        return derivatives.bend(self.subject)

    @functools.cached_property
    def pair(self) -> pairing.Pair | None:
        """What the loss can reach through the output units, and what without them."""
        return pairing.pair(self.subject)

    @functools.cached_property
    def steps_tried(self) -> landscape.Line | None:
        """The loss along the solver's first step."""
        return landscape.along_first_step(self.subject)

    @functools.cached_property
    def curvature(self) -> landscape.Curvature | None:
        """The least and the largest second derivative of the loss at the last weights."""
        return landscape.curvature(self.subject)

    # What is reachable

    @functools.cached_property
    def reference(self) -> Reference | None:
        """What plain models reach on the sample."""
        if self.labeled is None:
            return None
        sample = self.labeled
        self.say("fitting plain models, to know what is reachable")

        def judge(predicted: Array, rows: Array) -> Array:
            return self.subject.judge(predicted, sample.take(rows))

        return reference(self.facts.kind, sample.raw, sample.labels, sample.w, judge)

    @functools.cached_property
    def errors(self) -> Array | None:
        """Of the network on the sample, row by row."""
        parameters, sample = self.subject.parameters("end"), self.labeled
        if sample is None or parameters is None:
            return None
        t = self.subject.forward(parameters, sample.x)
        return None if t is None else self.subject.errors(t, sample)

    @functools.cached_property
    def gate(self) -> Gate | None:
        """Whether reachable performance is missed."""
        found, errors, sample = self.reference, self.errors, self.labeled
        if not self.trained or found is None or errors is None or sample is None:
            return None
        return Gate.of(self.facts.kind, sample, errors, found)

    @functools.cached_property
    def missed(self) -> bool:
        """Whether the training rows are learned worse than they could be, and would be if the fit
        had gone on to its last epoch."""
        return self.gate is not None and self.gate.missed and not self.cures()

    @property
    def learned(self) -> bool:
        """Whether a training ended as well as it could."""
        return self.trained and not self.missed

    # Experiments

    def trial(self, change: Change) -> Trial | None:
        """An experiment, made once."""
        if change not in self._trials:
            self.say(f"training again {change}")
            self._trials[change] = self.subject.again(change)
        return self._trials[change]

    def closes(self, **change: Any) -> float:
        """The share of the gap to what is reachable that a change closes; -1 where unknown.

        The gap is that of the same fit with nothing changed, on to its last epoch; without a
        change, that of the fit.
        """
        return self.closed_by(Change(**change))

    def closed_by(self, change: Change) -> float:
        """The same of any change."""
        tried, gate, same = self.trial(change), self.gate, self.trial(Change())
        if tried is None or gate is None or same is None:
            return -1.0
        return gate.closed(tried.errors, None if change == Change() else same.errors)

    def cures(self, **change: Any) -> bool:
        """Whether a change closes most of the gap."""
        return self.closes(**change) > CLOSES

    @functools.cached_property
    def narrow(self) -> bool:
        """Whether more units cure: with the fit's solver, or with a strong one that does not do
        without them."""
        if not self.hidden:
            return False
        return self.cures(wider=WIDER) or (
            not self.cures(solver=STRONG) and self.cures(wider=WIDER, solver=STRONG)
        )

    @functools.cached_property
    def rare_right_balanced(self) -> float | None:
        """Share of the rare classes that the same fit gets right where classes weigh the same."""
        return self.rare_right(Change(balanced=True))

    def rare_right(self, change: Change) -> float | None:
        """Share of the rare classes that a changed fit gets right."""
        tried, sample, gate = self.trial(change), self.classes, self.gate
        if tried is None or sample is None or gate is None:
            return None
        labels, right = sample.labels[gate.rows], tried.errors[gate.rows] == 0
        return by_class(labels, right, gate.rare)

    def paid(self, **change: Any) -> tuple[float, float] | None:
        """The error on rows held out, without and with a change that halves the loss there and is
        felt in the error; ``None`` of others."""
        return self.paid_by(Change(**change))

    def paid_by(self, change: Change) -> tuple[float, float] | None:
        """The same of any change."""
        rows = self.quarter(0)
        if rows is None or self.sample is None:
            return None
        before, after = self.without(rows), self.trial(replace(change, held=tuple(rows.tolist())))
        if before is None or after is None:
            return None
        w, a, b = self.sample.w[rows], before.kept_losses[rows], after.kept_losses[rows]
        errors = mean(before.kept_errors[rows], w), mean(after.kept_errors[rows], w)
        halved = paired_t(a, b, w) > 4 and mean(b, w) < 0.5 * mean(a, w)
        return errors if halved and errors[0] - errors[1] > LEAST_GAP else None

    def without(self, rows: Array, **change: Any) -> Trial | None:
        """The same fit, or a changed one, without some rows of the sample."""
        return self.trial(Change(held=tuple(rows.tolist()), **change))

    def quarter(self, number: int) -> Array | None:
        """Numbers of the rows of a quarter of the sample; ``None`` of few rows."""
        sample, found = self.labeled, self.reference
        if sample is None or found is None or found.few or not self.trained:
            return None
        order = np.random.default_rng(2).permutation(len(sample.x))
        return np.sort(order[number::QUARTERS])

    @functools.cached_property
    def held(self) -> Held | None:
        """The network on a quarter of the rows that it was trained without."""
        return self._held(1)

    @functools.cached_property
    def held_by_quarters(self) -> Held | None:
        """The same for every quarter, together: surer, and four times the work."""
        return self._held(QUARTERS)

    def _held(self, quarters: int) -> Held | None:
        found = []
        for number in range(quarters):
            rows, kind = self.quarter(number), self.facts.kind
            trial = None if rows is None else self.without(rows)
            if rows is None or trial is None:
                return None
            sample, model = known(self.labeled), known(self.reference)
            found.append(held(sample, rows, trial, kind, model, self.subject.judge))
        return Held.joined(found)
