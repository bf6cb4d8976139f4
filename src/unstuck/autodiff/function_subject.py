"""Any JAX function as the subject of a diagnosis."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from unstuck.autodiff.batches import Batched
from unstuck.autodiff.flow import Flow, compiled
from unstuck.autodiff.origins import origin_of
from unstuck.autodiff.parameter_names import Keys, keys_of, leaves_of, parameters_of
from unstuck.autodiff.recording import Recorded, record, recorded
from unstuck.autodiff.row_losses import RowLosses
from unstuck.autodiff.target_kinds import Targets, restored, targets
from unstuck.autodiff.twice import softmaxes_of
from unstuck.errors import ParameterError
from unstuck.health.errors import row_errors, variance_of
from unstuck.health.subject import Change, Facts, Origin, Parameters, Sample, Trial
from unstuck.lazy import jax, jnp
from unstuck.record import Array, Record
from unstuck.rows.probe import probe_indices

MOST_ROWS = 2000
"""Rows of the sample."""


class FunctionSubject:
    """A loss function, its parameters and a batch, asked as a network is.

    Numbers have 64 bits wherever the function can be called with them; where numbers stop being
    finite is looked for in those that were given.

    Attributes:
        facts: what is known.
        sample: at most 2000 rows of the batch; ``None`` where inputs or targets are not known.
        history: nothing.
        missing: why there are no layers or no adjoints; nothing if there are.
    """

    def __init__(self, given: Batched):
        self.history: Mapping[str, Array] = {}
        self._given = given
        self._cut(())
        self._inputs, self._targets = _ends(self._found)
        i = self._inputs
        if i is not None and not _is_real(given.leaves[i]):
            self._cut((i,))
        self._forwards: dict[int, Callable[..., Array] | None] = {}
        self.missing = self._found.missing
        self._keys: Keys = keys_of(self._found.flow, self._found.places)
        self._rows = RowLosses(self._found)
        self._told = self._targets_told()
        self.sample = self._sampled()
        self.facts = self._facts()

    @staticmethod
    def of(loss_function: Callable[..., Any], parameters: Any, batch: Any) -> FunctionSubject:
        """The subject of ``loss_function(parameters, batch)``.

        Arguments:
            loss_function: of ``jax.numpy``; a real number of shape (), such as a mean over rows.
            parameters: a pytree.
            batch: a pytree: ``(x, y)``, a dictionary, or one array; rows along the first axes.

        Raises:
            ParameterError: no function, one that fails or cannot be differentiated, or whose
                result is no real number; parameters without real numbers.
            DataError: a batch without rows.

        Example:
            >>> import jax.numpy as jnp
            >>> def loss(parameters, batch):
            ...     x, y = batch
            ...     return ((jnp.tanh(x @ parameters["a"]["w"]) - y) ** 2).mean()
            >>> batch = np.ones((4, 2)), np.array([[0.5], [1.5], [0.5], [1.5]])
            >>> subject = FunctionSubject.of(loss, {"a": {"w": np.zeros((2, 1))}}, batch)
            >>> [(layer.name, layer.unit.name) for layer in subject.record("end").layers]
            [('a', 'tanh')]
            >>> subject.facts.kind, subject.objective(subject.parameters("end"))
            ('numbers', 1.25)
        """
        given = Batched.of(loss_function, parameters, batch)
        _check_derivative(given)
        return FunctionSubject(given)

    def _cut(self, floats: tuple[int, ...]) -> None:
        """Rows for the sample and for the record, and the latter's values."""
        given = self._given
        few = given.take(probe_indices(given.count, MOST_ROWS)) if any(given.rowed) else given
        self._all = (few if few.works() else given).widened(floats)
        self._which = probe_indices(self._all.count)
        part = self._all.take(self._which) if any(given.rowed) else self._all
        if not part.works():
            self._which, part = np.arange(self._all.count), self._all
        self._few = part
        copies = part.resized(max(2, part.count)) if any(given.rowed) else part
        self._found: Recorded = recorded(Flow(copies if copies.works() else part))

    # What is known

    def _targets_told(self) -> Targets | None:
        if self._targets is None:
            return None
        return targets(self._all.leaves[self._targets], self._width)

    @property
    def _width(self) -> int:
        flow, last = self._found.flow, self._found.places[-1].preactivation
        return int(np.prod(flow.shapes[last])) // flow.shapes[last][flow.row_axes[last]]

    def _sampled(self) -> Sample | None:
        told, i = self._told, self._inputs
        if told is None or i is None or told.kind == "unknown":
            return None
        x = np.asarray(self._all.leaves[i]).astype(np.float64).reshape(self._all.count, -1)
        return Sample(x, x, told.y, told.labels, np.ones(len(x)))

    def _facts(self) -> Facts:
        known = self.sample is not None and self._told is not None
        shown = np.asarray(self._which)
        return Facts(
            kind=self._told.kind if known and self._told else "unknown",
            classes=self._told.classes if known and self._told else (),
            penalty=float(self._rows.penalized),
            trained=f"{len(shown):,} rows of the batch" if any(self._given.rowed) else "the batch",
        )

    # What is asked

    def record(self, when: str) -> Record | None:
        """Every layer on some rows; ``None`` where the function has no layers."""
        del when
        return self._record

    @functools.cached_property
    def _record(self) -> Record | None:
        if not self._found.places or "no adjoints" in self.missing:
            return None
        rows, count, every = self._rows, self._few.count, self._found.flow.batched.count
        value = float(np.asarray(self._found.values[self._found.flow.program.outputs[0]]))
        losses = np.full(count, value) if rows.all is None else rows.all[:count]
        y = np.full((count, 1), np.nan) if self._told is None else self._told.y[self._which]
        share = count / every if rows.law == "sum" else 1.0
        return record(self._found, rows.scale, share, count, losses, y)

    def parameters(self, when: str) -> Parameters | None:
        """All parameters that are real numbers, by layer and name."""
        del when
        return parameters_of(self._all, self._keys)

    def forward(self, parameters: Parameters, x: Array) -> Array | None:
        """What the output units receive, (n, outputs), for inputs (n, inputs)."""
        i, count = self._inputs, len(x)
        if i is None:
            return None
        copies = max(2, count)
        if copies not in self._forwards:
            self._forwards[copies] = self._forward(i, copies)
        run = self._forwards[copies]
        if run is None:
            return None
        inputs = np.resize(np.asarray(x, np.float64), (copies, *np.shape(x)[1:]))
        put = self._all.resized(copies).placed({**leaves_of(parameters, self._keys), i: inputs})
        return self._found.flow.matrix(self._found.places[-1].preactivation, run(*put.leaves))[
            :count
        ]

    def _forward(self, i: int, copies: int) -> Callable[..., Array] | None:
        """The program up to the last pre-activation, for a number of rows."""
        batched = self._all.resized(copies)
        flow = Flow(batched) if batched.works() else None
        if flow is None or not self._found.flow.like(flow):
            return None
        slot = self._found.places[-1].preactivation
        operations = flow.needed(slot)
        return compiled(lambda *leaves: flow.run(flow.given(leaves), operations)[slot], batched)

    def losses(self, t: Array, y: Array) -> Array | None:
        """Loss of every row, (n,), where the output units receive ``t`` (n, outputs)."""
        places = self._found.places
        return self._put(places[-1].preactivation, t, y) if places else None

    def free_losses(self, z: Array, y: Array) -> Array | None:
        """Loss of every row, (n,), for outputs ``z``; ``None`` without an output unit."""
        unit = self._found.places[-1].unit if self._found.places else None
        return None if unit is None else self._put(unit.end, z, y)

    def _put(self, slot: int, matrix: Array, y: Array) -> Array | None:
        if self._inputs is None or self._targets is None:
            return None
        rows = self._all.resized(len(matrix))
        leaf = restored(y, self._all.leaves[self._targets])
        leaves = rows.placed({self._targets: leaf}).leaves
        return self._rows.put(slot, matrix, leaves, self._inputs)

    def objective(self, parameters: Parameters, x: Array | None = None) -> float:
        """The function on the rows of the record, or on these inputs in their place."""
        return float(self._program(*self._placed(parameters, x).leaves)[0])

    def gradient(self, parameters: Parameters, x: Array | None = None) -> Parameters:
        """The derivatives that JAX gives of it, with the rules that the function has of its own."""
        gradients = self._program(*self._placed(parameters, x).leaves)[1]
        found: Parameters = {}
        for (layer, name), array in zip(self._keys.values(), gradients, strict=True):
            found.setdefault(layer, {})[name] = array.astype(np.float64)
        return found

    @functools.cached_property
    def _program(self) -> Callable[..., Any]:
        return compiled(jax.value_and_grad(self._few.function, tuple(self._keys)), self._few)

    def _placed(self, parameters: Parameters, x: Array | None) -> Batched:
        leaves = leaves_of(parameters, self._keys)
        rows = self._few
        if x is not None and self._inputs is not None:
            rows = self._all if len(x) == self._all.count != rows.count else rows
            leaves[self._inputs] = x
        return rows.placed(leaves)

    def step(self, parameters: Parameters) -> Parameters | None:
        """Nothing: there is no solver."""
        del parameters
        return None

    def errors(self, t: Array, sample: Sample) -> Array | None:
        """Error of every row, (n,): wrong or not, or in units of the targets' variance."""
        told = self._told
        if self.sample is None or told is None or np.shape(t)[1] != self._width:
            return None
        if told.kind == "numbers":
            return row_errors("numbers", self._outputs(t), sample.y, self._variance)
        if told.kind == "labels":
            return ((t > 0) != (sample.y > 0.5)).mean(1)
        if self._width > 1:
            return (np.argmax(t, 1) != sample.labels).astype(float)
        return (self._sides(t) != sample.labels).astype(float)

    def judge(self, predicted: Array, sample: Sample) -> Array:
        """The same for predictions in the units of the sample's labels."""
        return row_errors(self.facts.kind, predicted, sample.labels, self._variance)

    @functools.cached_property
    def _variance(self) -> Array | float:
        """Of the whole sample, so that errors of all rows have one unit."""
        if self.sample is None or self.facts.kind != "numbers":
            return 1.0
        return variance_of(self.sample.labels, self.sample.w)

    def _outputs(self, t: Array) -> Array:
        unit = self._found.places[-1].unit
        return np.asarray(t if unit is None else unit.activation(np.asarray(t, np.float64)))

    def _sides(self, t: Array) -> Array:
        """Of two classes that one output tells apart, the one with the smaller loss."""
        assert self._told is not None
        classes = np.array(self._told.classes or (0,))
        losses = [self.losses(t, np.full((len(t), 1), float(c))) for c in classes]
        each = [one for one in losses if one is not None]
        if len(each) < len(losses):
            return classes[(t[:, 0] > 0).astype(int) * (len(classes) - 1)]
        return classes[np.argmin(each, 0)]

    def origin(self) -> Origin | None:
        """Where numbers first stopped being finite, in all rows of the batch."""
        return self._origin

    @functools.cached_property
    def _origin(self) -> Origin | None:
        return origin_of(self._given)

    def softmaxes(self) -> tuple[str, ...]:
        """Layers whose softmax goes into a loss that applies one of its own."""
        return softmaxes_of(self._found)

    def again(self, change: Change) -> Trial | None:
        """Nothing: there is no training to repeat."""
        del change
        return None


def _is_real(leaf: Any) -> bool:
    return bool(jnp.issubdtype(leaf.dtype, jnp.floating))


def _ends(found: Recorded) -> tuple[int | None, int | None]:
    """Positions of the inputs and of the targets; ``None`` where they are not one array each."""
    batched, flow = found.flow.batched, found.flow
    if not found.places:
        return None, None
    batch = [i for i, own in enumerate(batched.parameters) if not own and batched.rowed[i]]
    entering = [i for i in batch if i in flow.of(found.places[0].matmul.data)]
    rest = [i for i in batch if i not in entering]
    if len(entering) != 1:
        return None, None
    return entering[0], rest[0] if len(rest) == 1 else None


def _check_derivative(given: Batched) -> None:
    """Errors where there is nothing to differentiate by, or no way to."""
    moving = [i for i, own in enumerate(given.parameters) if own and _is_real(given.leaves[i])]
    if not moving:
        raise ParameterError(
            "diagnose: the parameters hold no real numbers; expected a pytree with arrays of "
            "floating-point numbers."
        )
    try:
        with given.numbers():
            jax.eval_shape(jax.grad(given.function, tuple(moving)), *given.leaves)
    except Exception as problem:
        raise ParameterError(
            "diagnose: JAX cannot differentiate the loss function: "
            f"{str(problem).strip().partition(chr(10))[0]}"
        ) from problem
