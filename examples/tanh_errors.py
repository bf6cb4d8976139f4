"""A tanh layer, a linear one and half the sum of squares: errors go back, δ times input.

    a_j = Σ_i w_ji x_i      z_j = tanh(a_j)      y_k = Σ_j w_kj z_j      L = ½ Σ_k (y_k - t_k)²

    δ_k = y_k - t_k         δ_j = (1 - z_j²) Σ_k w_kj δ_k
    ∂L/∂w_kj = δ_k z_j      ∂L/∂w_ji = δ_j x_i

The biases are the weights of x_0 = 1 and z_0 = 1. No error is sent to z_0, which is a constant.

Reference: Bishop 2006, section 5.3.2.
"""

from __future__ import annotations

from functools import partial

import jax.numpy as jnp
import numpy as np

from unstuck import check_gradients, trace

X, TARGET = np.array([1.0, 0.5, 2.0]), np.array([1.0, -1.0])
WEIGHTS = {
    "hidden": np.array([[0.1, 0.4, -0.3], [-0.2, 0.6, 0.5]]),  # w_ji: a row for each j
    "output": np.array([[0.3, -0.5, 0.8], [0.0, 0.7, 0.2]]),  # w_kj: a row for each k
}
agree = partial(np.testing.assert_allclose, rtol=0, atol=1e-12)


def loss(weights, x, t):
    """L for one example."""
    a = weights["hidden"] @ x
    z = jnp.concatenate([jnp.ones(1), jnp.tanh(a)])
    y = weights["output"] @ z
    return ((y - t) ** 2).sum() / 2


def by_hand(hidden, output):
    """Forward, then the errors, sum by sum as written above."""
    a = hidden @ X
    z = np.array([1.0, *np.tanh(a)])
    y = output @ z
    delta_k = y - TARGET
    back = np.array([sum(output[k, j] * delta_k[k] for k in range(2)) for j in range(3)])[1:]
    delta_j = (1 - z[1:] ** 2) * back
    return a, z, y, back, delta_j, delta_k


def table(index, names, rows):
    """Names of columns, and rows of numbers under them."""
    print(f"\n{index}" + "".join(f"{name:>14}" for name in names))
    for number, row in enumerate(rows, 1):
        print(f"{number}" + "".join(f"{x:>14.4f}" for x in row))


def main(small: bool = False) -> None:
    """Activations, outputs, errors and derivatives."""
    del small  # it is
    a, z, y, back, delta_j, delta_k = by_hand(**WEIGHTS)
    graph = trace(loss, WEIGHTS, X, TARGET)
    node_a, node_y = (node for node in graph.nodes if node.label == "matmul")
    (node_tanh,) = (node for node in graph.nodes if node.label == "tanh")
    for node, value, derivative in (
        (node_a, a, delta_j),
        (node_tanh, z[1:], back),
        (node_y, y, delta_k),
        (graph.node("hidden"), WEIGHTS["hidden"], np.outer(delta_j, X)),
        (graph.node("output"), WEIGHTS["output"], np.outer(delta_k, z)),
    ):
        agree(node.value, value)
        agree(node.adjoint, derivative)
    assert check_gradients(loss, WEIGHTS, X, TARGET).ok

    hidden = np.column_stack([a, z[1:], 1 - z[1:] ** 2, back, delta_j])
    table("j", ("a_j", "z_j", "1 - z_j²", "Σ_k w_kj δ_k", "δ_j"), hidden)
    table("k", ("y_k", "t_k", "δ_k"), np.column_stack([y, TARGET, delta_k]))
    table("j", ("δ_j x_0", "δ_j x_1", "δ_j x_2"), np.outer(delta_j, X))
    table("k", ("δ_k z_0", "δ_k z_1", "δ_k z_2"), np.outer(delta_k, z))
    print("\nThe graph and central differences agree.")


if __name__ == "__main__":
    main()
