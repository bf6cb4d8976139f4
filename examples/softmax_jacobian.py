"""The long way from the softmax's Jacobian to z - y.

    z_i = exp(t_i) / Σ_j exp(t_j)       L = -Σ y_i ln z_i       ∂L/∂z_i = -y_i / z_i

    ∂z_j/∂t_j = z_j (1 - z_j)           ∂z_i/∂t_j = -z_i z_j  where i ≠ j

    ∂L/∂t_j = Σ_i ∂L/∂z_i ∂z_i/∂t_j
            = -y_j (1 - z_j) + Σ_(i≠j) y_i z_j  =  z_j Σ_i y_i - y_j

which is z_j - y_j if the targets sum to 1, and only then. Every z_i in a denominator meets one in
the Jacobian: what explodes and what vanishes cancel, so take this way on paper only.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from unstuck import check_gradients, trace

T, Y = np.array([1.0, 2.0, 0.5]), np.array([0.1, 0.7, 0.2])
CLASSES = range(3)
softmax = jax.jit(jax.nn.softmax)  # one node of the graph
agree = partial(np.testing.assert_allclose, rtol=0, atol=1e-12)


def loss(t, y):
    """L for one example."""
    return -(y * jnp.log(softmax(t))).sum()


def jacobian(z):
    """∂z_i/∂t_j, a row for each i."""
    return np.array(
        [[z[i] * (1 - z[i]) if i == j else -z[i] * z[j] for j in CLASSES] for i in CLASSES]
    )


def compare(z, rows, long_way):
    """The graph's values and derivatives are those of the formulas, and those of differences."""
    graph = trace(loss, T, Y)
    (node,) = (node for node in graph.nodes if node.label == "softmax")
    agree(node.value, z)
    agree(node.adjoint, -Y / z)
    agree(graph.node("t").adjoint, long_way)
    for i in CLASSES:  # a seed of 1 at z_i gives row i
        agree(trace(softmax, T, seed=np.eye(3)[i]).nodes[0].adjoint, rows[i])
    assert check_gradients(loss, T, Y).ok


def table(index, names, rows):
    """Names of columns, and rows of numbers under them."""
    print(f"\n{index}" + "".join(f"{name:>14}" for name in names))
    for number, row in enumerate(rows, 1):
        print(f"{number}" + "".join(f"{x:>14.4f}" for x in row))


def main(small: bool = False) -> None:
    """The Jacobian, the sum term by term, and what happens when targets do not sum to 1."""
    del small  # it is
    z = np.exp(T) / np.exp(T).sum()
    rows = jacobian(z)
    terms = (-Y / z)[:, None] * rows  # a row for each i
    long_way = terms.sum(axis=0)
    compare(z, rows, long_way)
    agree(terms, np.outer(Y, z) - np.diag(Y))  # y_i z_j, and -y_j (1 - z_j) where i = j
    agree(long_way, z - Y)
    table("i", ("t_i", "z_i", "y_i", "∂L/∂z_i"), np.column_stack([T, z, Y, -Y / z]))
    table("i", ("∂z_i/∂t_1", "∂z_i/∂t_2", "∂z_i/∂t_3"), rows)
    names = ("i = 1", "i = 2", "i = 3", "sum", "z_j - y_j")
    table("j", names, np.column_stack([terms.T, long_way, z - Y]))

    twice = trace(loss, T, 2 * Y).node("t").adjoint
    agree(twice, 2 * z - 2 * Y)
    print(f"\ntargets that sum to 2:  z Σ y - y = {np.round(twice, 4)}")
    print(f"                        but z - y = {np.round(z - 2 * Y, 4)}")
    print("\nThe graph and central differences agree.")


if __name__ == "__main__":
    main()
