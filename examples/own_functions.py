"""An activation, a loss and an initializer of your own, kept in a file and passed back."""

from __future__ import annotations

import tempfile
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from unstuck import NetRegressor, load


def swish(a):
    """An activation: pre-activations in, outputs out, any shape."""
    return a * jax.nn.sigmoid(a)


def log_cosh(target, preactivation):
    """A loss of one row: like squared error near 0, like absolute error far away."""
    return jnp.log(jnp.cosh(target - preactivation)).sum()


def small_normal(key, shape, dtype):
    """An initializer: a key, the shape (fan-in, fan-out), the type."""
    return jax.random.normal(key, shape, dtype) * 0.5 / shape[0] ** 0.5


OWN = {"swish": swish, "log_cosh": log_cosh, "small_normal": small_normal}


def main(small: bool = False) -> None:
    """Fit a wave with outliers; save, load, compare."""
    rng = np.random.default_rng(0)
    x = np.linspace(-3, 3, 300)[:, None]
    clean = np.sin(2 * x[:, 0])
    y = clean + np.where(rng.random(300) < 0.1, rng.normal(0, 3, 300), 0)
    parameters = {"activation": swish, "initializer": small_normal}
    common = {"learning_rate_init": 0.01, "max_iter": 1000, "tol": 1e-3 if small else 1e-5}
    print("error against the clean wave (root mean square):")
    for loss in ("squared_error", log_cosh):
        net = NetRegressor((32, 32), loss=loss, random_state=0, **parameters, **common).fit(x, y)
        error = np.sqrt(np.mean((net.predict(x) - clean) ** 2))
        print(f"  {getattr(loss, '__name__', loss):<14} {error:.3f}   {net.n_iter_} epochs")

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "wave.safetensors"
        net.save(path)
        again = load(path, functions=OWN)
    same = np.array_equal(again.predict(x), net.predict(x))
    print(f"the file holds the functions' names only; read back: same predictions, {same}")


if __name__ == "__main__":
    main()
