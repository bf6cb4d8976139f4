"""The same fit by unstuck, scikit-learn, PyTorch eager and a hand-written JAX scan."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.workloads import LEARNING_RATE, Data, Workload

Fit = Callable[[], float]
"""One whole fit from fresh weights; returns the mean training loss of the last epoch."""


def classifier(peer: str, hidden: tuple[int, ...], **parameters: Any) -> Any:
    """An estimator of unstuck or scikit-learn, told to use all its epochs."""
    if peer == "unstuck":
        from unstuck import NetClassifier as Estimator
    else:
        from sklearn.neural_network import MLPClassifier as Estimator
    return Estimator(
        hidden,
        learning_rate_init=LEARNING_RATE,
        alpha=0.0,
        tol=0.0,
        n_iter_no_change=math.inf,
        random_state=0,
        **parameters,
    )


def unstuck(work: Workload, data: Data) -> Fit:
    """``NetClassifier.fit``, with everything it does by default."""
    held_out = {"X_val": data.x_val, "y_val": data.y_val} if work.valid else {}

    def fit() -> float:
        net = classifier(
            "unstuck", work.widths[1:-1], batch_size=work.batch, max_iter=work.epochs
        ).fit(data.x, data.y, **held_out)
        assert net.n_iter_ == work.epochs
        assert not work.valid or len(net.validation_scores_) == work.epochs
        return net.loss_curve_[-1]

    return fit


def scikit_learn(work: Workload, data: Data) -> Fit:
    """``MLPClassifier.fit`` on float32; it splits the same number of validation rows off."""
    x, y = np.concatenate([data.x, data.x_val]), np.concatenate([data.y, data.y_val])
    split = {"early_stopping": True, "validation_fraction": work.valid / len(y)}

    def fit() -> float:
        net = classifier(
            "scikit-learn",
            work.widths[1:-1],
            batch_size=work.batch,
            max_iter=work.epochs,
            **(split if work.valid else {}),
        ).fit(x, y)
        assert net.t_ == work.rows * work.epochs
        return net.loss_curve_[-1]

    return fit


def torch_eager(work: Workload, data: Data, fused: bool = False) -> Fit:
    """The ordinary loop: tensors in memory, shuffled indices, one backward pass a step."""
    import torch

    x, y, x_val, y_val = (torch.from_numpy(np.ascontiguousarray(part)) for part in data)
    loss_of = torch.nn.functional.cross_entropy

    def layers() -> list[Any]:
        found: list[Any] = []
        for fan_in, units in zip(work.widths, work.widths[1:], strict=False):
            found += [torch.nn.Linear(fan_in, units), torch.nn.ReLU()]
        return found[:-1]

    def fit() -> float:
        torch.manual_seed(0)
        net = torch.nn.Sequential(*layers())
        adam = torch.optim.Adam(net.parameters(), lr=LEARNING_RATE, fused=fused or None)
        total, validation = torch.zeros(()), []
        for _ in range(work.epochs):
            total = torch.zeros(())
            for rows in torch.randperm(len(x)).split(work.batch):
                adam.zero_grad()
                loss = loss_of(net(x[rows]), y[rows])
                loss.backward()
                adam.step()
                total += loss.detach() * len(rows)
            if work.valid:
                with torch.no_grad():
                    validation.append(loss_of(net(x_val), y_val).item())
        return total.item() / len(x)

    return fit


def scan(work: Workload, data: Data) -> Fit:
    """What one would write by hand in JAX: an epoch is one compiled scan over gathered rows."""
    import jax

    x, x_val = jax.device_put(data.x), jax.device_put(data.x_val)
    y, y_val = (jax.device_put(_one_hot(part, work.widths[-1])) for part in (data.y, data.y_val))
    epoch = jax.jit(_scanned_epoch(work), donate_argnums=0)
    validate = jax.jit(_cross_entropy)

    def fit() -> float:
        rng = np.random.default_rng(0)
        weights = [
            (rng.normal(0, math.sqrt(2 / n), (n, m)).astype(np.float32), np.zeros(m, np.float32))
            for n, m in zip(work.widths, work.widths[1:], strict=False)
        ]
        zeros = [(np.zeros_like(w), np.zeros_like(b)) for w, b in weights]
        carry, history = (weights, zeros, zeros, np.float32(0)), []
        for _ in range(work.epochs):
            carry, loss = epoch(carry, x, y, rng.permutation(work.rows).astype(np.int32))
            history.append((loss, validate(carry[0], x_val, y_val) if work.valid else loss))
            float(history[-1][1])
        return float(history[-1][0])

    return fit


def _one_hot(classes: np.ndarray, count: int) -> np.ndarray:
    return (classes[:, None] == np.arange(count)).astype(np.float32)


def _cross_entropy(weights: Any, x: Any, y: Any) -> Any:
    import jax

    for w, b in weights[:-1]:
        x = jax.nn.relu(x @ w + b)
    w, b = weights[-1]
    return -(y * jax.nn.log_softmax(x @ w + b)).sum(1).mean()


def _adam(carry: Any, x: Any, y: Any) -> tuple[Any, Any]:
    import jax
    import jax.numpy as jnp

    weights, first, second, count = carry
    loss, slopes = jax.value_and_grad(_cross_entropy)(weights, x, y)
    count = count + 1
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slopes)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, slopes)
    rate = LEARNING_RATE * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
    weights = jax.tree.map(
        lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-8), weights, first, second
    )
    return (weights, first, second, count), loss


def _scanned_epoch(work: Workload) -> Callable[..., Any]:
    full, rest = divmod(work.rows, work.batch)

    def epoch(carry: Any, x: Any, y: Any, order: Any) -> tuple[Any, Any]:
        import jax

        batches = order[: full * work.batch].reshape(full, work.batch)
        carry, losses = jax.lax.scan(lambda c, rows: _adam(c, x[rows], y[rows]), carry, batches)
        total = losses.sum() * work.batch
        if rest:
            last = order[full * work.batch :]
            carry, loss = _adam(carry, x[last], y[last])
            total = total + loss * rest
        return carry, total / work.rows

    return epoch


PEERS: dict[str, Callable[[Workload, Data], Fit]] = {
    "unstuck": unstuck,
    "scikit-learn": scikit_learn,
    "torch": torch_eager,
    "torch, fused Adam": lambda work, data: torch_eager(work, data, fused=True),
    "scan": scan,
}
"""Who does the work: name -> preparation, which is not timed, of a fit, which is."""
