"""A trained classifier whose units are replaced by spiking neurons: rates stand for outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from unstuck.activations import ACTIVATIONS
from unstuck.errors import DataError, ParameterError
from unstuck.kept import kept
from unstuck.lazy import jax, jnp, lax
from unstuck.neuro.given import array_of, check, check_kind, check_room, number_of, shown
from unstuck.neuro.in_time import InTime
from unstuck.neuro.integrate_and_fire import LeakyIntegrateAndFire
from unstuck.neuro.integration import Cell, advance
from unstuck.neuro.lesion_scores import check_classes
from unstuck.neuro.rate_curve import sigmoid
from unstuck.neuro.steps import MOST_STEPS, SECOND, whole_steps
from unstuck.neuro.trained_layers import TrainedLayers, trained_layers
from unstuck.readable import Facts, Readable
from unstuck.rules import Number
from unstuck.solvers.curves import fit_curve
from unstuck.summary import number

Array = Any
STILL = 1.0
"""Hz: a neuron whose rate deviates less over the training rows is told nothing by them."""
BEGINNINGS = 8
"""Lines that are tried for ReLUs."""
POINTS = 200
"""Of the rate curve, through which an activation function is fitted."""


class Stand(NamedTuple):
    """How neurons stand for units of a layer: a sum a is the current ``middle + width a``, and a
    unit's output is ``offset + rate / scale``, in Hz; shape (units,) both."""

    middle: float
    width: float
    scale: np.ndarray
    offset: np.ndarray


@dataclass(frozen=True, repr=False)
class SpikingNetwork(Readable):
    """Spiking neurons in place of a trained network's units; see ``spiking_network``.

    Attributes:
        layers: the trained network.
        neuron: what stands for its units.
        stands: how, layer by layer, the output's too.
        biases: nA, of the neurons after the first layer, shape (units,): their constant current.
        jumps: mV, what a spike does to each neuron of the layer after, one step later: shapes
            (units, units after).
        estimator: what was trained.
    """

    layers: TrainedLayers
    neuron: LeakyIntegrateAndFire
    stands: tuple[Stand, ...]
    biases: tuple[np.ndarray, ...]
    jumps: tuple[np.ndarray, ...]
    estimator: Any

    def run(self, X: Any, duration: float = 100.0) -> tuple[np.ndarray, np.ndarray]:
        """Show rows to the network: the first layer gets a constant current from each.

        Arguments:
            X: rows, shape (n, inputs).
            duration: ms, a multiple of the neuron's step.

        Returns:
            The class that has fired most so far, as its place in ``classes_``, at the end of each
            step, shape (steps, n), int32; the potential decides between equal counts. And the
            number of spikes of the whole network until then, shape (steps, n), int32.
        """
        steps = whole_steps(duration, self.neuron.step, "duration", most=MOST_STEPS)
        stand = self.stands[0]
        resistance = self.neuron.resistance
        drives = [resistance * (stand.middle + stand.width * self.layers.first(X))]
        drives += [resistance * bias[None] for bias in self.biases]
        held = float(steps) * len(drives[0])
        check_room(2 * held, f"{steps:,} steps of {len(drives[0]):,} rows", "take fewer of them")
        with jax.enable_x64(True):
            cell = self.neuron.cell
            answers = _program(len(drives))(cell, drives, self.jumps, np.arange(steps))
        first, many = map(np.asarray, answers)
        return first, np.cumsum(many, 0, dtype=np.int32)

    def predict(self, X: Any, duration: float = 100.0) -> np.ndarray:
        """The classes that fired most within so many ms, shape (n,)."""
        return np.asarray(self.layers.classes[self.run(X, duration)[0][-1]])

    def in_time(self, X: Any, y: Any, times: Sequence[float] = (10, 20, 50, 100, 200)) -> InTime:
        """How often the network is right, and agrees with the trained one, after so many ms.

        Arguments:
            X, y: rows and their classes.
            times: ms, rising, multiples of the neuron's step.

        Returns:
            Accuracies and spikes; prints as a table, ``plot()`` draws it.
        """
        listed = np.ndim(array_of(times)) == 1
        steps = [whole_steps(time, self.neuron.step, "times") for time in times] if listed else []
        if not steps or steps != sorted(steps):
            raise DataError(f"times were {shown(times)}; expected a list of times in ms that rise.")
        answers, spikes = self.run(X, times[-1])
        truth, trained = np.asarray(y), np.asarray(self.estimator.predict(X))
        if truth.shape != trained.shape:
            raise DataError(
                f"y has the shape {truth.shape}; expected {trained.shape}, as X has rows."
            )
        check_classes(truth, self.layers.classes, "in_time")
        said = self.layers.classes[answers]
        places = np.array(steps) - 1
        return InTime(
            np.arange(1, steps[-1] + 1) * self.neuron.step, (said == truth).mean(1),
            (said == trained).mean(1), spikes.mean(1), float((trained == truth).mean()), places,
        )  # fmt: skip

    def _told(self) -> Facts:
        head = "layer", "units", "as", "output 1 is, Hz", "sum 0 is, nA", "sum 1 adds, nA"
        table: list[tuple[str, ...]] = [head]
        sizes = [len(self.jumps[0]), *(jumps.shape[1] for jumps in self.jumps)]
        names = [*(f"hidden_{i}" for i in range(1, len(sizes))), "output"]
        for name, size, unit, stand in zip(
            names, sizes, (*self.layers.units, "order"), self.stands, strict=True
        ):
            shown = (number(each) for each in (stand.scale.mean(), stand.middle, stand.width))
            table.append((name, f"{size}", unit, *shown))
        said = (
            f"{sum(sizes):,} neurons stand for the units of a {type(self.estimator).__name__}; tau "
            f"{number(self.neuron.tau)} ms, step {number(self.neuron.step)} ms.",
        )
        return Facts("Spiking network", said, table, words=3)


def spiking_network(
    estimator: Any,
    X: Any,
    neuron: LeakyIntegrateAndFire | None = None,
    *,
    highest_rate: float = 200.0,
    percentile: float = 99.9,
) -> SpikingNetwork:
    """Put spiking neurons in place of a trained classifier's units.

    A unit's output becomes a rate. Its activation function is fitted to the rate curve of the
    neuron, which says what current stands for a sum: sigmoid units take the fitted sigmoid itself,
    with its middle and width; ReLU units the fitted straight line, scaled so that all but the
    largest outputs of training rows stay below the highest rate (weights are balanced with the
    threshold). Output units are taken as ReLUs, and the class that fires most is the answer.
    Nothing is trained again.

    Diehl et al. (2015), Fast-classifying, high-accuracy spiking deep networks through weight and
    threshold balancing; the leak, the refractory time and sigmoids are ours.

    Arguments:
        estimator: a fitted ``NetClassifier`` or scikit-learn's ``MLPClassifier``, with ReLU or
            logistic hidden units, or a pipeline that ends in one.
        X: rows of the training, shape (n, inputs): their outputs set the scale.
        neuron: what stands for units; as it comes, at steps of 0.5 ms, if not given.
        highest_rate: Hz, of the largest output.
        percentile: of the training rows' outputs that counts as the largest.

    Raises:
        ParameterError: units that no rate can stand for, or a rate that the neuron never reaches.

    Example:
        >>> from sklearn.datasets import load_iris
        >>> from unstuck import NetClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> net = NetClassifier((30,), activation="logistic", learning_rate_init=0.01, tol=1e-3,
        ...                     random_state=0)
        >>> spiking = spiking_network(net.fit(X, y), X)
        >>> bool((spiking.predict(X, 200) == net.predict(X)).mean() > 0.9)
        True
    """
    check_kind(neuron, LeakyIntegrateAndFire, "spiking_network: neuron")
    neuron = neuron or LeakyIntegrateAndFire(step=0.5)
    check("spiking_network", percentile=(percentile, Number(50, 100)))
    layers = trained_layers(estimator)
    largest = float(neuron.current(number_of(highest_rate, "highest_rate")))
    if not neuron.rate(largest) > 0:
        raise ParameterError(
            f"spiking_network: highest_rate was {highest_rate!r} Hz, which takes no more than the "
            f"{number(neuron.least_current)} nA below which it never fires; expected a higher one."
        )
    *hidden, output = layers.sums(X)
    fitted = []
    for unit, sums in zip(layers.units, hidden, strict=True):
        if unit == "logistic":
            fitted.append(_sigmoid(neuron, largest))
        else:
            top = float(np.percentile(np.maximum(sums, 0.0), percentile)) or 1.0
            fitted.append(_line(neuron, largest, top, sums))
    second, first = np.sort(output, 1)[:, -2:].T
    ends = np.percentile(first, percentile), np.percentile(second, 100 - percentile)
    fitted.append(_order(neuron, largest, *map(float, ends)))
    return _connected(estimator, layers, neuron, fitted, X)


def _connected(
    estimator: Any, layers: TrainedLayers, neuron: LeakyIntegrateAndFire, fitted: list[Fitted],
    X: Any,
) -> SpikingNetwork:  # fmt: skip
    """Currents and jumps from layer to layer. What a rate stands for is settled for every unit by
    the straight line through the outputs and rates of the training rows."""
    sums = layers.sums(X)
    current = fitted[0].middle + fitted[0].width * sums[0]
    stands, biases, jumps = [], [], []
    for unit, a, w, b, (middle, width, scale), after in zip(
        layers.units, sums, layers.weights, layers.biases, fitted, fitted[1:], strict=False
    ):
        rates = neuron.rate(current)
        slope, offset = _lines(rates, np.asarray(ACTIVATIONS[unit](a)), 1 / scale)
        stands.append(Stand(middle, width, 1 / slope, offset))
        biases.append(after.middle + after.width * (b + offset @ w))
        current = biases[-1] + after.width * (rates * slope) @ w
        # Spikes of a rate r and a jump J are, on average, a current of J tau r / resistance.
        jumps.append(after.width * slope[:, None] * w * neuron.resistance * SECOND / neuron.tau)
    middle, width, scale = fitted[-1]
    ones = np.ones(len(biases[-1]))
    stands.append(Stand(middle, width, scale * ones, 0 * ones))
    return SpikingNetwork(layers, neuron, tuple(stands), tuple(biases), tuple(jumps), estimator)


def _lines(rates: np.ndarray, outputs: np.ndarray, usual: float) -> tuple[np.ndarray, np.ndarray]:
    """Slopes and offsets of outputs over rates, unit by unit; the usual slope of a neuron whose
    rate hardly changes."""
    r, z = rates - rates.mean(0), outputs - outputs.mean(0)
    square = (r * r).mean(0)
    slope = np.where(square > STILL**2, (r * z).mean(0) / np.maximum(square, STILL**2), usual)
    return slope, outputs.mean(0) - slope * rates.mean(0)


class Fitted(NamedTuple):
    """An activation function fitted to the rate curve: nA, nA, and the Hz of an output of 1."""

    middle: float
    width: float
    scale: float


def _line(
    neuron: LeakyIntegrateAndFire, largest: float, top: float, sums: np.ndarray
) -> Fitted:  # fmt: skip
    """ReLUs: the straight line through the rate curve, or one that begins later, up to where the
    neuron fires: whichever is nearest to the outputs of the training rows. An output ``top`` is
    reached at the largest current."""
    least, outputs = neuron.least_current, np.maximum(sums, 0.0)
    currents = np.linspace(least, largest, POINTS)
    slope, offset = np.polyfit(currents, neuron.rate(currents), 1)
    tried = []
    for begin in np.linspace(-offset / slope, least, BEGINNINGS):
        width = (largest - begin) / top
        scale = float(slope * width)
        rates = neuron.rate(begin + width * sums)
        each, added = _lines(rates, outputs, 1 / scale)
        off = float(((added + each * rates - outputs) ** 2).mean())
        tried.append((off, Fitted(float(begin), float(width), scale)))
    return min(tried)[1]


def _order(neuron: LeakyIntegrateAndFire, largest: float, top: float, bottom: float) -> Fitted:
    """Outputs: only their order counts, and those that are looked at have to fire."""
    height = max(top - bottom, np.finfo(float).tiny)
    width = (largest - neuron.least_current) / height
    middle = neuron.least_current - width * bottom
    return Fitted(middle, width, float(neuron.rate(largest)) / height)


def _sigmoid(neuron: LeakyIntegrateAndFire, largest: float) -> Fitted:
    """The sigmoid through the rate curve up to the largest current."""
    currents = np.linspace(0.0, largest, POINTS)
    rates = neuron.rate(currents)
    start = {"top": float(rates[-1]), "middle": largest / 2, "width": largest / 10}
    found = fit_curve(sigmoid, currents, rates, start).parameters
    return Fitted(float(found["middle"]), float(found["width"]), float(found["top"]))


@kept(most=8)
def _program(layers: int) -> Callable[..., Any]:
    """All layers, step by step; spikes reach the layer after one step later."""

    def run(cell: Cell, drives: Any, jumps: Any, number: Array) -> Array:
        rows = len(drives[0])
        sizes = [len(jumps[0]), *(each.shape[1] for each in jumps)]
        rest = [jnp.full((rows, size), cell.rest, float) for size in sizes]
        ready = [jnp.zeros((rows, size), jnp.int32) for size in sizes]

        def step(state: Array, _: Array) -> Array:
            v, left, fired, counts = state
            arriving = [0.0, *(f @ j for f, j in zip(fired, jumps, strict=False))]
            made = [advance(cell, *each) for each in zip(v, left, drives, arriving, strict=True)]
            v, left, spikes = (list(each) for each in zip(*made, strict=True))
            fired = [each.astype(float) for each in spikes]
            counts = counts + fired[-1]
            height = cell.threshold - cell.rest
            answer = jnp.argmax(counts + jax.nn.sigmoid((v[-1] - cell.rest) / height), 1)
            many = sum(each.sum(1, dtype=jnp.int32) for each in spikes)
            return (v, left, fired, counts), (answer.astype(jnp.int32), many)

        fired = [jnp.zeros((rows, size)) for size in sizes]
        return lax.scan(step, (rest, ready, fired, fired[-1]), number)[1]

    del layers  # it is in the shapes of what is given
    return jax.jit(run)
