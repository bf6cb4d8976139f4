"""Data sets of the development settings, and the pieces of which the settings are made."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from sklearn import datasets

from benchmarks.diagnoses.setting import Made, divided
from unstuck import ACTIVATIONS, Activation, Initializer, NetClassifier, NetRegressor

Rows = tuple[Any, Any]


def classifier(rows: Rows, seed: int, hidden: Sequence[Any], **parameters: Any) -> Made:
    """A classifier and its rows."""
    return _made(NetClassifier, rows, seed, hidden, parameters)


def regressor(rows: Rows, seed: int, hidden: Sequence[Any], **parameters: Any) -> Made:
    """A regressor and its rows."""
    return _made(NetRegressor, rows, seed, hidden, parameters)


def _made(kind: Any, rows: Rows, seed: int, hidden: Sequence[Any], parameters: Any) -> Made:
    stop_late = {"tol": 0.0, "n_iter_no_change": math.inf}
    net = kind(tuple(hidden), random_state=seed, **{**stop_late, **parameters})
    return Made(net, *divided(*rows, seed))


def normal(deviation: float) -> Initializer:
    """First weights of one standard deviation in every layer."""
    return Initializer(
        f"normal({deviation:g})", lambda rng, shape: rng.normal(0.0, deviation, shape)
    )


def constant(value: float) -> Initializer:
    """First weights that are all the same."""
    return Initializer(f"constant({value:g})", lambda rng, shape: np.full(shape, value))


def gain(factor: float) -> Initializer:
    """He's law, too large by a factor."""
    return Initializer(
        f"gain({factor:g})",
        lambda rng, shape: rng.normal(0.0, factor * math.sqrt(2.0 / shape[0]), shape),
    )


def shifted(bias: float) -> Initializer:
    """He's law with one bias for all units."""
    return Initializer(
        f"shifted({bias:g})",
        lambda rng, shape: rng.normal(0.0, math.sqrt(2.0 / shape[0]), shape),
        biases=lambda rng, weights: np.full(weights.shape[1], bias),
    )


def scattered(bias: float) -> Initializer:
    """The fan-in law with biases of one size and either sign."""
    return Initializer(
        f"scattered({bias:g})",
        lambda rng, shape: rng.normal(0.0, math.sqrt(1.0 / shape[0]), shape),
        biases=lambda rng, weights: bias * rng.choice([-1.0, 1.0], weights.shape[1]),
    )


def only_hidden(law: Any, layers: int, output: Any = "fan_in") -> tuple[Any, ...]:
    """A law for the hidden layers and another one for the output."""
    return (law,) * layers + (output,)


def with_slope(base: str, name: str, slope: Callable[[Any, Any, Any], Any]) -> Activation:
    """An activation function whose derivative is another one's."""
    return Activation(name, ACTIVATIONS[base].value, slope)


@cache
def digits(count: int = 1000) -> Rows:
    data = datasets.load_digits()
    return data.data[:count] / 16.0, data.target[:count]


@cache
def wine() -> Rows:
    return datasets.load_wine(return_X_y=True)


@cache
def cancer() -> Rows:
    return datasets.load_breast_cancer(return_X_y=True)


@cache
def iris() -> Rows:
    return datasets.load_iris(return_X_y=True)


@cache
def diabetes() -> Rows:
    return datasets.load_diabetes(return_X_y=True)


@cache
def moons(count: int = 500, noise: float = 0.15) -> Rows:
    return datasets.make_moons(count, noise=noise, random_state=1)


@cache
def circles(count: int = 500) -> Rows:
    return datasets.make_circles(count, noise=0.08, factor=0.5, random_state=1)


@cache
def friedman1(count: int = 600) -> Rows:
    return datasets.make_friedman1(count, noise=0.5, random_state=1)


@cache
def friedman2(count: int = 500) -> Rows:
    X, y = datasets.make_friedman2(count, noise=20.0, random_state=2)
    return X, y


@cache
def friedman3(count: int = 500) -> Rows:
    return datasets.make_friedman3(count, noise=0.02, random_state=3)


@cache
def sinc(count: int = 400) -> Rows:
    x = np.linspace(-3.0, 3.0, count)
    return x[:, None], np.sinc(1.2 * x)


@cache
def spirals(count: int = 600) -> Rows:
    rng = np.random.default_rng(3)
    angle = np.sqrt(rng.random(count)) * 3.0 * np.pi
    arm = np.arange(count) % 2
    radius = np.where(arm, 1.0, -1.0) * angle / 9.0
    points = np.c_[radius * np.cos(angle), radius * np.sin(angle)]
    return points + rng.normal(0.0, 0.02, points.shape), arm


@cache
def blobs(count: int = 600, centers: int = 5, columns: int = 8, spread: float = 2.0) -> Rows:
    return datasets.make_blobs(count, columns, centers=centers, cluster_std=spread, random_state=2)[
        :2
    ]


@cache
def shells(count: int = 700) -> Rows:
    """Three classes by the distance from the middle."""
    return datasets.make_gaussian_quantiles(
        n_samples=count, n_features=3, n_classes=3, random_state=4
    )


@cache
def swiss_roll(count: int = 600) -> Rows:
    return datasets.make_swiss_roll(count, noise=0.1, random_state=5)


@cache
def rare(count: int = 1500, share: float = 0.04) -> Rows:
    """Two classes, one of them rare, with some overlap."""
    return datasets.make_classification(
        count, 10, n_informative=5, n_redundant=0, weights=[1.0 - share], class_sep=0.8,
        flip_y=0, random_state=5,
    )  # fmt: skip


@cache
def plane(count: int = 500, noise: float = 0.6) -> Rows:
    """A linear law with noise."""
    rng = np.random.default_rng(4)
    X = rng.normal(size=(count, 6))
    y = X @ rng.normal(size=6)
    return X, y / y.std() + rng.normal(0.0, noise, count)


@cache
def parabola(count: int = 300) -> Rows:
    rng = np.random.default_rng(0)
    x = rng.uniform(-10.0, 10.0, count)
    return x[:, None], 5.0 * x**2 + rng.normal(size=count)


@cache
def waves(count: int = 500) -> Rows:
    """Three targets of two inputs."""
    rng = np.random.default_rng(6)
    X = rng.uniform(-2.0, 2.0, (count, 2))
    a, b = X.T
    return X, np.c_[np.sin(a + b), a * b, np.cos(2.0 * a)] + rng.normal(0.0, 0.05, (count, 3))


@cache
def corners(count: int = 400) -> Rows:
    """Exclusive or, with noise on the corners."""
    rng = np.random.default_rng(7)
    bits = rng.integers(0, 2, (count, 2))
    return bits + rng.normal(0.0, 0.1, bits.shape), bits[:, 0] ^ bits[:, 1]


@cache
def parity(bits: int = 4, times: int = 8) -> Rows:
    """Whether the number of ones is odd, every row several times."""
    X = (np.arange(2**bits)[:, None] >> np.arange(bits)) % 2
    return np.tile(X * 2.0 - 1.0, (times, 1)), np.tile(X.sum(1) % 2, times)


@cache
def tags(count: int = 600) -> Rows:
    """Several labels at once."""
    return datasets.make_multilabel_classification(
        count, n_features=12, n_classes=4, n_labels=2, random_state=8
    )
