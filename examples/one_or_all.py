"""Gradient descent on one example at a time, and on all of them at once.

The mean of the single updates is that of the batch. A single one costs the same for any number of
rows. Where the batch's gradient is zero those of its rows are not: they lead away from a saddle.
The saddle: all weights 0. Outputs are then the mean target, so the errors cancel, and none reaches
the hidden units. The loss falls only where both layers move together.
"""

from __future__ import annotations

import math
import time
import warnings

import jax
import numpy as np

from unstuck import NetRegressor

X = np.linspace(-1.0, 1.0, 20)[:, None]
Y = np.sin(np.pi * X[:, 0])
SADDLE = (np.zeros((1, 4)), np.zeros((4, 1)))
PLAIN = {"solver": "sgd", "momentum": 0, "nesterovs_momentum": False, "activation": "logistic",
         "alpha": 0, "tol": 0, "n_iter_no_change": math.inf, "dtype": "float64",
         "scale_inputs": False, "scale_targets": False}  # fmt: skip


def started(weights: tuple, noise: float = 0.0, **parameters) -> NetRegressor:
    """A network that starts at these weights, or at a distance; its biases start at 0."""
    draw = jax.random.normal
    laws = [lambda key, shape, _, w=w: w + noise * np.array(draw(key, shape)) for w in weights]
    return NetRegressor((4,), initializer=laws, **PLAIN | parameters)


def update(weights: tuple, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What one step of rate 1 adds to all weights and biases, as one vector."""
    net = started(weights, learning_rate_init=1.0, batch_size=len(x)).partial_fit(x, y)
    moved = map(np.subtract, net.coefs_, weights)
    return np.concatenate([np.ravel(part) for part in (*moved, *net.intercepts_)])


def compare_updates(place: str, weights: tuple) -> None:
    """A row of the first table."""
    single = np.array([update(weights, X[i : i + 1], Y[i : i + 1]) for i in range(len(X))])
    batch, norm = update(weights, X, Y), np.linalg.norm
    print(f"{place:<16}{norm(batch):11.1e}{norm(single, axis=1).mean():13.1e}", end="")
    print(f"{abs(single.mean(0) - batch).max():29.1e}")


def trained(net: NetRegressor, x: np.ndarray, y: np.ndarray) -> NetRegressor:
    """The network after its budget of epochs, used to the end."""
    with warnings.catch_warnings(action="ignore"):
        return net.fit(x, y)


def microseconds(rows: int, batch: int, steps: int) -> float:
    """Time of a step of a 10-20-1 network, without compilation."""
    x, epochs = np.random.default_rng(0).normal(size=(rows, 10)), max(1, steps * batch // rows)
    net = NetRegressor((20,), **PLAIN | {"dtype": "float32"}, batch_size=batch, max_iter=epochs)
    trained(net, x, x[:, 0])
    start = time.perf_counter()
    trained(net, x, x[:, 0])
    return 1e6 * (time.perf_counter() - start) / (epochs * rows / batch)


def escapes(noise: float, batch: int, epochs: int, seeds: int) -> float:
    """Share of seeds whose errors vary by less than half of what they do at the saddle."""
    own = {"batch_size": batch, "max_iter": epochs, "learning_rate_init": 0.1}
    nets = (started(SADDLE, noise, random_state=seed, **own) for seed in range(seeds))
    return np.mean([np.var(trained(net, X, Y).predict(X) - Y) < Y.var() / 2 for net in nets])


def main(small: bool = False) -> None:
    """Three tables: the updates, the time of a step, the ways out of a saddle."""
    normal = np.random.default_rng(0).normal
    print("                norm: batch      one row   largest: batch - mean of rows")
    compare_updates("random weights", tuple(normal(size=at.shape) for at in SADDLE))
    compare_updates("at the saddle", SADDLE)

    print("\nmicroseconds a step\n    rows    one example    all rows")
    for rows in (100, 1_000) if small else (100, 1_000, 10_000, 100_000):
        times = microseconds(rows, 1, rows if small else 100_000), microseconds(rows, rows, 20)
        print("{:8,}{:15.1f}{:12.1f}".format(rows, *times))

    seeds, epochs = (2, 30) if small else (30, 100)
    ways = ((1, epochs), (len(X), epochs), (len(X), epochs * len(X)))
    print(f"\nshare of {seeds} seeds that left the saddle, started at some distance from it")
    print("distance     one example     all rows     all rows")
    print(f"{'':<11}" + "".join(f"{count:9} ep." for _, count in ways))
    for noise in (0.0, 1e-3) if small else (0.0, 1e-6, 1e-3, 0.1):
        print(f"{noise:<11g}" + "".join(f"{escapes(noise, *way, seeds):13.0%}" for way in ways))


if __name__ == "__main__":
    main()
