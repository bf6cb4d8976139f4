"""A case: everything that findings are judged by, measured once, when first asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from unstuck.health import derivatives, landscape, pairing
from unstuck.health.errors import by_class, mean, paired_t
from unstuck.health.references import Reference, fitted_errors, reference
from unstuck.health.subject import Change, Facts, Sample, Subject, Trial
from unstuck.record import Array, LayerRecord, Record

CLOSES = 0.5
"""An experiment cures where it closes more than this share of the gap to what is reachable."""


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
        found = self.reference
        if not self.trained or found is None or self.errors is None or self.labeled is None:
            return None
        return Gate.of(self, found)

    @property
    def missed(self) -> bool:
        """Whether the training rows are learned worse than they could be."""
        return self.gate is not None and self.gate.missed

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
        """The share of the gap to what is reachable that a change closes; -1 where unknown."""
        tried, gate = self.trial(Change(**change)), self.gate
        if tried is None or gate is None:
            return -1.0
        return gate.closed(tried.errors)

    def cures(self, **change: Any) -> bool:
        """Whether a change closes most of the gap."""
        return self.closes(**change) > CLOSES

    @functools.cached_property
    def trial_balanced(self) -> float | None:
        """Balanced accuracy of the same fit with classes of equal weight."""
        tried, sample = self.trial(Change(balanced=True)), self.classes
        if tried is None or sample is None or self.gate is None:
            return None
        rows = self.gate.rows
        return by_class(sample.labels[rows], tried.errors[rows] == 0)

    def pays(self, **change: Any) -> bool:
        """Whether a change halves the loss on rows that were held out."""
        held = self.hold
        if held is None:
            return False
        before, after = self.trial(Change(held=held)), self.trial(Change(held=held, **change))
        if before is None or after is None or self.sample is None:
            return False
        rows = np.asarray(held)
        w, a, b = self.sample.w[rows], before.losses[rows], after.losses[rows]
        return paired_t(a, b, w) > 4 and mean(b, w) < 0.5 * mean(a, w)

    @functools.cached_property
    def hold(self) -> tuple[int, ...] | None:
        """Numbers of the rows to hold out in an experiment: a quarter; ``None`` of few rows."""
        sample, found = self.labeled, self.reference
        if sample is None or found is None or found.few:
            return None
        order = np.random.default_rng(2).permutation(len(sample.x))
        return tuple(np.sort(order[: len(order) // 4]).tolist())

    @functools.cached_property
    def held(self) -> Held | None:
        """The network on rows it has not seen: validation rows, or an experiment with some held
        out."""
        if self.hold is None or self.gate is None:
            return None
        return Held.of(self)


class Held:
    """A network trained on three quarters of the sample, and the last quarter.

    Attributes:
        errors, w: of the rows held out.
        error, reachable: mean error there, of the network and of the reference.
        t: by how many standard errors the network is worse.
        worse: whether it is worse by far.
        end, least, train: loss there at the end and at its least, and on the training rows.
        lost: the share of the gain there that is lost by the end.
    """

    def __init__(self, errors: Array, w: Array):
        self.errors, self.w, self.error = errors, w, mean(errors, w)
        self.reachable, self.t, self.worse = self.error, 0.0, False
        self.end = self.least = self.train = self.lost = 0.0

    @classmethod
    def of(cls, case: Case) -> Held | None:
        """By an experiment."""
        sample, rows = case.labeled, np.asarray(case.hold)
        tried = case.trial(Change(held=tuple(case.hold or ())))
        if tried is None or sample is None or case.reference is None:
            return None
        found = cls(tried.errors[rows], sample.w[rows])
        rest = np.setdiff1d(np.arange(len(sample.x)), rows)
        theirs = fitted_errors(
            case.reference,
            case.facts.kind,
            sample.take(rest),
            sample.take(rows),
            case.subject.judge,
        )
        if theirs is not None:
            found._beside(theirs, case.facts.kind)
        found._followed(tried.history, float(np.mean(tried.losses[rest])))
        return found

    def _beside(self, theirs: Array, kind: str) -> None:
        self.reachable = mean(theirs, self.w)
        self.t = paired_t(self.errors, theirs, self.w)
        if kind == "numbers":
            self.worse = self.error > 1.5 * self.reachable + 0.1
        else:
            self.worse = self.error > 2.5 * self.reachable + 0.04

    def _followed(self, history: Mapping[str, Array], train: float) -> None:
        """The course of the loss on the rows held out."""
        column = np.asarray(history.get("validation_loss", ()))
        column = column[np.isfinite(column)]
        if len(column) < 3:
            return
        self.end, self.least, self.train = float(column[-3:].mean()), float(column.min()), train
        gain = max(float(column[0]) - self.least, 0.05 * abs(float(column[0])), 1e-12)
        self.lost = (self.end - self.least) / gain


class Gate:
    """The network beside what is reachable, on the same rows.

    Attributes:
        own, reachable, constant: mean errors.
        t: by how many standard errors the network is worse.
        missed: whether it is worse by far.
        balanced, balanced_reachable: of classes, mean share of right rows by class.
        minority_missed: whether it is the rare classes that are missed.
    """

    def __init__(self, rows: Array, w: Array, few: bool, kind: str):
        self.rows, self.w, self.few, self.kind = rows, w, few, kind
        self.own = self.reachable = self.constant = self.t = 0.0
        self.missed = self.minority_missed = False
        self.balanced = self.balanced_reachable = 1.0

    @classmethod
    def of(cls, case: Case, found: Reference) -> Gate:
        """From a case and its reference."""
        sample, errors = case.labeled, case.errors
        assert sample is not None
        assert errors is not None
        rows, kind = found.rows, case.facts.kind
        gate = cls(rows, sample.w[rows], found.few, kind)
        own = errors[rows]
        gate.own, gate.reachable = mean(own, gate.w), mean(found.errors, gate.w)
        gate.constant = mean(found.constant, gate.w)
        gate.t = paired_t(own, found.errors, gate.w)
        gate.missed = gate._is_missed()
        if kind == "classes":
            gate._balance(case, found)
        return gate

    def _is_missed(self) -> bool:
        own, reachable, count = self.own, self.reachable, len(self.rows)
        if self.kind == "numbers":
            return own > 1.3 * reachable + 0.03 * self.constant + 0.02 and self.t > 3
        if count <= 16:
            return own > reachable + 0.02
        noise = 2 * np.sqrt(max(reachable * (1 - reachable), 0.25 / count) / count)
        return bool(own > 1.6 * reachable + max(0.03, noise) and self.t > 3)

    def _balance(self, case: Case, found: Reference) -> None:
        sample = case.labeled
        assert sample is not None
        assert case.errors is not None
        labels, right = sample.labels[self.rows], case.errors[self.rows] == 0
        names, counts = np.unique(labels, return_counts=True)
        self.balanced = by_class(labels, right)
        self.balanced_reachable = found.balanced
        chance, rare = 1 / len(names), counts.min() / len(labels) * len(names) < 0.4
        lift, reachable = self.balanced - chance, found.balanced - chance
        self.minority_missed = bool(
            rare and not found.few and reachable > 0.1 and lift < 0.6 * reachable
        )

    def closed(self, errors: Array) -> float:
        """The share of the gap that errors of the sample close."""
        own = min(self.own, self.constant) if self.constant > self.reachable else self.own
        gap = max(own - self.reachable, 1e-9)
        return (own - mean(errors[self.rows], self.w)) / gap
