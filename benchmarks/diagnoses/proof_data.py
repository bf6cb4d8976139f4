"""Data of the proof: what is drawn, by formula or from scikit-learn, as ``(X, y)`` of a seed."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn import datasets

Rows = tuple[Any, Any]


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(7000 + seed)


def _square(n: int, inputs: int, seed: int) -> tuple[np.random.Generator, Any]:
    rng = _rng(seed)
    return rng, rng.uniform(-1.0, 1.0, (n, inputs))


# Classes


def rings(seed: int, n: int = 600) -> Rows:
    """Three rings around each other."""
    rng = _rng(seed)
    y = np.arange(n) % 3
    turn, radius = rng.uniform(0.0, 2.0 * np.pi, n), 0.4 + 0.6 * y + rng.normal(0.0, 0.08, n)
    return np.column_stack([radius * np.cos(turn), radius * np.sin(turn)]), y


def checkerboard(seed: int, n: int = 900, cells: int = 3, flipped: float = 0.0) -> Rows:
    """A board of black and white cells; some labels may be flipped."""
    rng, X = _square(n, 2, seed)
    cell = np.floor((X + 1.0) * cells / 2.0).astype(int)
    return X, (cell.sum(1) % 2) ^ (rng.random(n) < flipped)


def noisy_xor(seed: int, n: int = 600, useless: int = 4) -> Rows:
    """Exclusive or of the signs of two columns, among useless ones."""
    _, X = _square(n, 2 + useless, seed)
    X[:, :2] += 0.25 * np.sign(X[:, :2])
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


def parity(seed: int, bits: int = 4, n: int = 480) -> Rows:
    """Parity of bits of -1 and 1, a little blurred."""
    rng = _rng(seed)
    signs = rng.choice([-1.0, 1.0], (n, bits))
    return signs + rng.normal(0.0, 0.1, (n, bits)), (signs.prod(1) > 0).astype(int)


def majority(seed: int, bits: int = 9, n: int = 500) -> Rows:
    """Whether most of some bits are set."""
    X = _rng(seed).integers(0, 2, (n, bits)).astype(float)
    return X, (X.sum(1) > bits / 2).astype(int)


def bars(seed: int, n: int = 600, side: int = 6, frame: int = 0, noise: float = 0.3) -> Rows:
    """Images of one bar, upright or lying; a dark frame never changes."""
    rng = _rng(seed)
    images, y = np.zeros((n, side, side)), np.arange(n) % 2
    for image, label, place in zip(images, y, rng.integers(0, side, n), strict=True):
        image[(slice(None), place) if label else (place, slice(None))] = 1.0
    images += rng.normal(0.0, noise, images.shape)
    return np.pad(images, ((0, 0), (frame, frame), (frame, frame))).reshape(n, -1), y


def quantiles(seed: int, n: int = 700, inputs: int = 3, classes: int = 3) -> Rows:
    """Shells of a normal distribution."""
    return datasets.make_gaussian_quantiles(
        n_samples=n, n_features=inputs, n_classes=classes, random_state=seed
    )


def hastie(seed: int, n: int = 1200) -> Rows:
    """Whether the sum of ten squares is above its median."""
    X, y = datasets.make_hastie_10_2(n, random_state=seed)
    return X, (y > 0).astype(int)


def labels(seed: int, n: int = 1200) -> Rows:
    """Bags of words with several labels each."""
    return datasets.make_multilabel_classification(
        n, n_features=16, n_classes=4, n_labels=2, random_state=seed
    )


def some_digits(*kept: int) -> Rows:
    """Images of some of the digits only."""
    X, y = datasets.load_digits(return_X_y=True)
    chosen = np.isin(y, kept)
    return X[chosen], y[chosen]


def wine_plane(first: int = 6, second: int = 9) -> Rows:
    """Two columns of wine: flavanoids and color."""
    X, y = datasets.load_wine(return_X_y=True)
    return X[:, [first, second]], y


def half_plane(seed: int, n: int = 600, inputs: int = 5, flipped: float = 0.0) -> Rows:
    """Two classes with a plane between them; some labels may be flipped."""
    rng, X = _square(n, inputs, seed)
    y = X @ np.linspace(1.0, -0.6, inputs) > 0.1
    return X, (y ^ (rng.random(n) < flipped)).astype(int)


def rare(seed: int, share: float, apart: float, n: int = 1600, inputs: int = 3) -> Rows:
    """Two round clouds, one of them with a small share of the rows."""
    rng = _rng(seed)
    y = (np.arange(n) < round(share * n)).astype(int)
    return rng.normal(0.0, 1.0, (n, inputs)) + apart * y[:, None] / np.sqrt(inputs), y


def dice(seed: int, n: int = 800) -> Rows:
    """Whether two dice together beat a third one that is not among the columns."""
    rng = _rng(seed)
    thrown = rng.integers(1, 7, (n, 3))
    return thrown[:, :2].astype(float), (thrown[:, :2].sum(1) > 2 * thrown[:, 2]).astype(int)


# Numbers


def friedman(seed: int, number: int, n: int = 500, noise: float = 0.0) -> Rows:
    """Friedman's second or third function: four inputs of very different size."""
    make = {2: datasets.make_friedman2, 3: datasets.make_friedman3}[number]
    return make(n, noise=noise, random_state=seed)


def roll(seed: int, n: int = 600) -> Rows:
    """Where a point lies along the Swiss roll."""
    return datasets.make_swiss_roll(n, noise=0.1, random_state=seed)


def s_curve(seed: int, n: int = 500) -> Rows:
    """Where a point lies along an S."""
    return datasets.make_s_curve(n, noise=0.03, random_state=seed)


def sparse_line(seed: int, n: int = 400) -> Rows:
    """A linear function of four columns out of ten, with noise."""
    return datasets.make_sparse_uncorrelated(n, n_features=10, random_state=seed)


def logistic_map(seed: int, n: int = 300) -> Rows:
    """The second next value of the chaotic logistic map, from the last one."""
    x = np.empty(n + 2)
    x[0] = _rng(seed).uniform(0.1, 0.9)
    for t in range(n + 1):
        x[t + 1] = 3.9 * x[t] * (1.0 - x[t])
    return x[:n, None], x[2:]


def mackey_glass(seed: int, n: int = 500, delay: int = 17, ahead: int = 6) -> Rows:
    """Mackey and Glass's series six steps ahead, from four values six steps apart."""
    length = n + 300 + 4 * ahead
    x = np.full(length, 1.2) + _rng(seed).uniform(-0.3, 0.3)
    for t in range(delay, length - 1):
        late = x[t - delay]
        x[t + 1] = 0.9 * x[t] + 0.2 * late / (1.0 + late**10)
    past = [x[250 + k * ahead : 250 + k * ahead + n] for k in range(5)]
    return np.column_stack(past[:4]), past[4]


def product(seed: int, n: int = 500, noise: float = 0.0) -> Rows:
    """A product of two columns and a square of the third."""
    rng, X = _square(n, 3, seed)
    return X, X[:, 0] * X[:, 1] + 0.5 * X[:, 2] ** 2 + rng.normal(0.0, noise, n)


def stairs(seed: int, n: int = 400, noise: float = 0.1) -> Rows:
    """Four steps of a stair over one input, with noise."""
    rng, X = _square(n, 1, seed)
    return X, np.floor(2.0 * X[:, 0] + 2.0) + rng.normal(0.0, noise, n)


def damped(seed: int, n: int = 300, noise: float = 0.03) -> Rows:
    """A damped oscillation."""
    rng, X = _square(n, 1, seed)
    return X, np.exp(-1.2 * (X[:, 0] + 1)) * np.cos(6.0 * X[:, 0]) + rng.normal(0.0, noise, n)


def peaks(seed: int, n: int = 700) -> Rows:
    """Hills and hollows over a plane."""
    _, X = _square(n, 2, seed)
    u, v = 2.5 * X.T
    hill = 3.0 * (1.0 - u) ** 2 * np.exp(-(u**2) - (v + 1.0) ** 2)
    hollow = 10.0 * (u / 5.0 - u**3 - v**5) * np.exp(-(u**2) - v**2)
    return X, hill - hollow - np.exp(-((u + 1.0) ** 2) - v**2) / 3.0


def arm(seed: int, n: int = 600) -> Rows:
    """Where the hand of an arm with two joints is, from its angles."""
    _, X = _square(n, 2, seed)
    first, second = 1.5 * X[:, 0], 1.5 * (X[:, 0] + X[:, 1])
    place = [np.cos(first) + 0.7 * np.cos(second), np.sin(first) + 0.7 * np.sin(second)]
    return X, np.column_stack(place)


def counts(seed: int, n: int = 600) -> Rows:
    """Counts whose rate bends."""
    rng, X = _square(n, 2, seed)
    return X, rng.poisson(np.exp(2.0 + X[:, 0] - 1.5 * X[:, 1] ** 2)).astype(float)


def projectile(seed: int, n: int = 500) -> Rows:
    """How far a ball flies in meters, from speed in m/s and angle in degrees."""
    rng = _rng(seed)
    speed, angle = rng.uniform(20.0, 200.0, n), rng.uniform(5.0, 85.0, n)
    return np.column_stack([speed, angle]), speed**2 * np.sin(np.radians(2.0 * angle)) / 9.81


def circuit(seed: int, n: int = 500) -> Rows:
    """Loss in decibels of a resonant circuit, from ohm, henry, farad and hertz."""
    rng = _rng(seed)
    R, L = rng.uniform(20.0, 100.0, n), rng.uniform(1e-3, 2e-3, n)
    C, f = rng.uniform(1e-7, 2e-7, n), rng.uniform(5e3, 2e4, n)
    w = 2.0 * np.pi * f
    return np.column_stack([R, L, C, f]), 20.0 * np.log10(np.hypot(R, w * L - 1.0 / (w * C)) / R)


def diabetes() -> Rows:
    """Progress of diabetes from ten measurements."""
    return datasets.load_diabetes(return_X_y=True)
