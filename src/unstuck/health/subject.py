"""What a diagnosis asks of a network: a small protocol that estimators, any JAX function, and later
other libraries can answer.

What cannot be answered is ``None``; findings that need it are then not looked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np

from unstuck.record import Array, Record

Parameters = dict[str, dict[str, Array]]
"""By layer, then by name."""


@dataclass(frozen=True)
class Facts:
    """What is known of a training beside its numbers.

    Attributes:
        kind: of the targets: ``"classes"``, ``"labels"`` (several a row), ``"numbers"``, or
            ``"unknown"``.
        columns: names of the inputs.
        classes: the labels.
        solver: its name; empty where nothing was trained.
        rates: names and values of the settings that say how long its steps are.
        batch: rows of a step.
        steps, epochs, limit: done, and the most epochs allowed.
        stop: name of the reason why it ended.
        restored: whether the weights of the best validation result were kept.
        penalty: strength of the penalty on the weights, ``alpha``.
        settings: the parameters that the training reads, by name; none of a function.
        restraints: names of the settings that hold the network back: a penalty, dropout.
        scales_inputs, scales_targets: whether these are standardized.
        fused: whether the loss takes the output unit's slope out of its gradient.
        trained: what the numbers are of, such as ``"128 training rows"``.
    """

    kind: str = "unknown"
    columns: tuple[str, ...] = ()
    classes: tuple[Any, ...] = ()
    solver: str = ""
    rates: Mapping[str, float] = field(default_factory=dict)
    batch: int = 0
    steps: int = 0
    epochs: int = 0
    limit: int = 0
    stop: str = ""
    restored: bool = False
    penalty: float = 0.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    restraints: tuple[str, ...] = ()
    scales_inputs: bool = False
    scales_targets: bool = False
    fused: bool = True
    trained: str = "the rows"

    def column(self, number: int) -> str:
        """What an input column is called: its number where it has no name."""
        return self.columns[number] if self.columns else str(number)


CONSTANT = 1e-7
"""A column whose range is under this share of its largest entry is constant."""


class Sample(NamedTuple):
    """A bounded number of rows.

    Attributes:
        raw: inputs in the user's units, (n, inputs).
        x: inputs as the first layer receives them, (n, inputs).
        y: targets as the loss receives them, (n, outputs).
        labels: classes (n,), labels (n, k) of 0 and 1, or numbers (n, k) in the user's units.
        w: weights, (n,).
    """

    raw: Array
    x: Array
    y: Array
    labels: Array
    w: Array

    @property
    def constant(self) -> Array:
        """Which columns of the inputs hold one value, (inputs,)."""
        return np.ptp(self.raw, axis=0) <= CONSTANT * np.abs(self.raw).max(0)

    @property
    def constant_received(self) -> Array:
        """The same of the columns that the first layer receives: what is made of numbers that vary,
        such as pieces, comes after the columns themselves."""
        return np.pad(self.constant, (0, self.x.shape[1] - self.raw.shape[1]))

    def take(self, rows: Array) -> Sample:
        """Some of the rows."""
        return Sample(*(each[rows] for each in self))


@dataclass(frozen=True)
class Change:
    """One thing that an experiment changes; everything else stays as it was.

    Attributes:
        rate: factor on the learning rate.
        longer: factor on the epochs.
        wider: factor on the width of hidden layers.
        penalized: whether penalty and dropout stay.
        inputs, targets: whether to standardize these.
        start: whether first weights follow the law that suits each layer.
        balanced: whether classes get equal weights.
        solver: in place of the given one, with a few hundred full-batch iterations: one that uses
            curvature.
        held: rows of the sample that are held out of the training.
        settings: other parameters of the estimator and their values, in pairs. ``n_restarts`` tries
            a few other starts, the best of which counts; with ``early_stopping`` every other row
            that is held out chooses the epoch, and the others can judge it.
    """

    rate: float = 1.0
    longer: int = 1
    wider: int = 1
    penalized: bool = True
    inputs: bool = False
    targets: bool = False
    start: bool = False
    balanced: bool = False
    solver: str = ""
    held: tuple[int, ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        named = {
            f"with {self.rate:g} times the learning rate": self.rate != 1,
            f"with {self.longer} times the epochs": self.longer != 1,
            f"with {self.wider} times the units": self.wider != 1,
            "without penalty and dropout": not self.penalized,
            "on standardized inputs": self.inputs,
            "on standardized targets": self.targets,
            "from first weights of the usual law": self.start,
            "with classes of equal weight": self.balanced,
            f"by {self.solver}": bool(self.solver),
            f"with {', '.join(f'{name}={value!r}' for name, value in self.settings)}": bool(
                self.settings
            ),
            f"with {len(self.held)} rows held out": bool(self.held),
        }
        return ", ".join(name for name, changed in named.items() if changed) or "as it was"


@dataclass(frozen=True)
class Trial:
    """What an experiment gave.

    Attributes:
        errors: of every row of the sample, as ``Subject.errors`` measures them, (n,).
        losses: of every row of the sample, (n,), in the units of the subject's own loss.
        kept_errors, kept_losses: the same at the epoch that was best for rows held out; after the
            last step where none were.
        history: columns by epoch.
    """

    errors: Array
    losses: Array
    kept_errors: Array
    kept_losses: Array
    history: Mapping[str, Array] = field(default_factory=dict)


class Origin(NamedTuple):
    """Where numbers first stopped being finite.

    Attributes:
        what: such as ``"the loss"`` or ``"an input"``.
        layer: in which layer; ``None`` where that is not known.
        operation: which operation made it, or words.
        step, epoch: when, from 1; 0 before the first step.
        example: number of the row, from 0; ``None`` where it is of no single row.
    """

    what: str
    layer: str | None = None
    operation: str = ""
    step: int = 0
    epoch: int = 0
    example: int | None = None


class Subject(Protocol):
    """What can be asked of a network and its training.

    Attributes:
        facts: what is known.
        sample: rows that were trained on.
        history: columns by epoch, and the looks at every layer.
    """

    @property
    def facts(self) -> Facts: ...
    @property
    def sample(self) -> Sample | None: ...
    @property
    def history(self) -> Mapping[str, Array]: ...

    def record(self, when: str) -> Record | None:
        """Every layer on some rows, at the ``"start"`` or at the ``"end"``."""
        ...

    def parameters(self, when: str) -> Parameters | None:
        """All parameters then."""
        ...

    def forward(self, parameters: Parameters, x: Array) -> Array | None:
        """What the output units receive, (n, outputs)."""
        ...

    def losses(self, t: Array, y: Array) -> Array | None:
        """Loss of every row, (n,), where the output units receive ``t`` (n, outputs)."""
        ...

    def free_losses(self, z: Array, y: Array) -> Array | None:
        """Loss of every row, (n,), for outputs ``z`` that no output unit bounds."""
        ...

    def objective(self, parameters: Parameters, x: Array | None = None) -> float:
        """The mean loss on the rows of the records, or on these inputs in their place."""
        ...

    def gradient(self, parameters: Parameters, x: Array | None = None) -> Parameters:
        """The derivatives of the objective that training would use."""
        ...

    def step(self, parameters: Parameters) -> Parameters | None:
        """What the solver's first step from there would add; ``None`` where it has no rate."""
        ...

    def errors(self, t: Array, sample: Sample) -> Array | None:
        """Error of every row, (n,): wrong or not, or in units of the targets' variance."""
        ...

    def judge(self, predicted: Array, sample: Sample) -> Array:
        """The same for predictions in the units of the sample's labels, from whomever."""
        ...

    def origin(self) -> Origin | None:
        """Where numbers first stopped being finite; ``None`` where all are finite."""
        ...

    def softmaxes(self) -> tuple[str, ...]:
        """Layers whose softmax goes into a loss that applies one of its own."""
        ...

    def again(self, change: Change) -> Trial | None:
        """Train on the sample once more from the same start, with one thing changed."""
        ...


def flat(parameters: Parameters) -> Array:
    """All parameters in one vector."""
    return np.concatenate([np.ravel(a) for own in parameters.values() for a in own.values()])


def like(vector: Array, parameters: Parameters) -> Parameters:
    """The parameters that ``flat`` would put into a vector."""
    found: Parameters = {}
    start = 0
    for layer, own in parameters.items():
        found[layer] = {}
        for name, array in own.items():
            found[layer][name] = vector[start : start + np.size(array)].reshape(np.shape(array))
            start += np.size(array)
    return found


def moved(parameters: Parameters, along: Parameters, by: float) -> Parameters:
    """Parameters a way along others."""
    return {
        layer: {name: array + by * along[layer][name] for name, array in own.items()}
        for layer, own in parameters.items()
    }
