"""Checksums of weights and history of some twenty fits: what must stay when code is rebuilt.

    python -m benchmarks.checksums > before.txt
    python -m benchmarks.checksums | diff before.txt -

A line holds a setting, checksums of its weights, history and predictions, and its last loss. They
are the same from run to run on one machine with one number of cores; they differ between machines.
"""

from __future__ import annotations

import hashlib
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from unstuck import NetClassifier, NetRegressor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(150, 4))
NUMBERS = np.sin(X[:, 0]) + 0.1 * RNG.normal(size=150)
CLASSES = np.digitize(X[:, 0] + X[:, 1], [-0.7, 0.7])
COUNTS = RNG.poisson(np.exp(0.5 * X[:, 1]))
X_VAL = RNG.normal(size=(60, 4))
NUMBERS_VAL = np.sin(X_VAL[:, 0])
WEIGHTS = RNG.integers(0, 4, 150).astype(float)
SPARSE = sparse.csr_matrix(np.where(abs(X) > 0.8, X, 0.0))


def regressor(sizes: tuple[int, ...] = (8,), **parameters: Any) -> NetRegressor:
    """A small regressor that is fitted for few epochs."""
    return NetRegressor(sizes, **{"max_iter": 20, "random_state": 0, **parameters})


def classifier(sizes: tuple[int, ...] = (8,), **parameters: Any) -> NetClassifier:
    """A small classifier that is fitted for few epochs."""
    return NetClassifier(sizes, **{"max_iter": 20, "random_state": 0, **parameters})


def partial(net: Any, y: np.ndarray, **more: Any) -> Any:
    """Three calls of ``partial_fit``."""
    for _ in range(3):
        net.partial_fit(X, y, **more)
    return net


SETTINGS: dict[str, Callable[[], Any]] = {
    "adam, mini-batches": lambda: regressor(batch_size=32).fit(X, NUMBERS),
    "adam, one batch": lambda: regressor().fit(X, NUMBERS),
    "sgd, one example, clipped": lambda: classifier(
        solver="sgd", batch_size=1, clip_norm=1.0, max_iter=4, learning_rate_init=0.01
    ).fit(X, CLASSES),
    "adamw, plateau, weights of rows": lambda: regressor(
        solver="adamw", learning_rate="plateau", plateau_patience=1, batch_size=32, tol=1e-2
    ).fit(X, NUMBERS, WEIGHTS),
    "dropout, layer norm": lambda: classifier(
        (8, 8), dropout=0.2, layer_norm=True, batch_size=32
    ).fit(X, CLASSES),
    "slope offset, squared error of sigmoids": lambda: classifier(
        activation="logistic", output_activation="logistic", loss="squared_error",
        slope_offset=0.1, class_targets=(0.15, 0.85), batch_size=32,
    ).fit(X, CLASSES),
    "sparse rows": lambda: regressor(batch_size=32).fit(SPARSE, NUMBERS),
    "sparse rows, layer norm, one batch": lambda: regressor(layer_norm=True).fit(SPARSE, NUMBERS),
    "large network": lambda: regressor((300, 300), max_iter=3, batch_size=32).fit(X, NUMBERS),
    "poisson": lambda: regressor(loss="poisson", batch_size=32).fit(X, COUNTS),
    "huber, cosine": lambda: regressor(loss="huber", learning_rate="cosine").fit(X, NUMBERS),
    "validation": lambda: regressor(batch_size=32).fit(
        X, NUMBERS, X_val=X_VAL, y_val=NUMBERS_VAL
    ),
    "early stopping, score": lambda: classifier(
        early_stopping=True, monitor="score", batch_size=32, n_iter_no_change=3, max_iter=60
    ).fit(X, CLASSES),
    "lm": lambda: regressor(activation="tanh", solver="lm").fit(X, NUMBERS),
    "lm, classes, layer norm": lambda: classifier(solver="lm", layer_norm=True).fit(X, CLASSES),
    "br": lambda: regressor(activation="tanh", solver="br").fit(X, NUMBERS),
    "bfgs": lambda: classifier(solver="bfgs").fit(X, CLASSES),
    "lbfgs, validation": lambda: regressor(solver="lbfgs", early_stopping=True).fit(X, NUMBERS),
    "rprop, weights of rows": lambda: regressor(solver="rprop").fit(X, NUMBERS, WEIGHTS),
    "scg": lambda: regressor(solver="scg").fit(X, NUMBERS),
    "quickprop": lambda: regressor(solver="quickprop", max_iter=10).fit(X, NUMBERS),
    "restarts": lambda: regressor(n_restarts=3, batch_size=32).fit(X, NUMBERS),
    "going on": lambda: regressor(warm_start=True, batch_size=32).fit(X, NUMBERS).fit(X, NUMBERS),
    "going on, lbfgs": lambda: regressor(warm_start=True, solver="lbfgs")
    .fit(X, NUMBERS)
    .fit(X, NUMBERS),
    "partial_fit": lambda: partial(regressor(batch_size=32), NUMBERS),
    "partial_fit, classes": lambda: partial(
        classifier(), CLASSES, classes=np.arange(3), sample_weight=WEIGHTS
    ),
    "several outputs": lambda: regressor().fit(X, np.c_[NUMBERS, X[:, 1]]),
    "multi-label": lambda: classifier(batch_size=32).fit(X, (X[:, :3] > 0).astype(int)),
    "no hidden layer": lambda: classifier((), batch_size=32).fit(X, CLASSES),
}  # fmt: skip


def checksum(arrays: list[np.ndarray]) -> str:
    """The first digits of a digest of the arrays' bits."""
    return hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).hexdigest()[
        :10
    ]


def line(name: str, net: Any) -> str:
    """The setting and its checksums."""
    rows = SPARSE if "sparse" in name else X
    history = [array for _, array in sorted(net.history_.items())]
    sums = (
        checksum(net.coefs_ + net.intercepts_),
        checksum(history),
        checksum([net.predict(rows)]),
    )
    return f"{name:40} {' '.join(sums)} {net.n_iter_:4d} {net.loss_curve_[-1]:.10g}"


def main() -> None:
    """Fit every setting, or those whose names hold a word that was given."""
    warnings.simplefilter("ignore")
    for name, fit in SETTINGS.items():
        if not sys.argv[1:] or any(word in name for word in sys.argv[1:]):
            print(line(name, fit()), flush=True)


if __name__ == "__main__":
    main()
