"""ReLU, softmax, cross-entropy and an l2 penalty: the gradient of both weight matrices.

    h = r(V x)      t = W h      z = softmax(t)      L = -Σ y_i ln z_i
    J = L + λ (‖V‖² + ‖W‖²)

    ∇_t L = z - y           ∇_W J = (z - y) hᵀ + 2 λ W
    ∇_h L = Wᵀ (z - y)      ∇_V J = (r'(V x) ∘ ∇_h L) xᵀ + 2 λ V

Softmax and cross-entropy together send back the error z - y itself: no slope of the softmax can
make it small. A hidden unit below 0 sends nothing back, and only the penalty moves its weights.
(For one example the estimators' ``alpha`` is 2 λ: their penalty has a factor of ½.)
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from unstuck import check_gradients, trace

X, Y, LAMBDA = np.array([1.0, 2.0]), np.array([0.1, 0.7, 0.2]), 0.01
WEIGHTS = {
    "V": np.array([[0.5, 0.3], [-0.8, 0.1], [0.2, 0.4]]),
    "W": np.array([[0.4, -0.6, 0.3], [-0.5, 0.2, 0.7], [0.1, 0.9, -0.2]]),
}
softmax = jax.jit(jax.nn.softmax)  # one node of the graph
agree = partial(np.testing.assert_allclose, rtol=0, atol=1e-12)


def objective(weights, x, y, penalty):
    """J for one example."""
    z = softmax(weights["W"] @ jax.nn.relu(weights["V"] @ x))
    return -(y * jnp.log(z)).sum() + penalty * sum((w**2).sum() for w in weights.values())


def by_hand(V, W):
    """Each of the formulas above, by the name that is printed."""
    h = np.maximum(V @ X, 0)
    z = np.exp(W @ h) / np.exp(W @ h).sum()
    slope = (V @ X > 0).astype(float)
    back = W.T @ (z - Y)
    return {
        "V x": V @ X, "h": h, "t = W h": W @ h, "z": z, "y": Y, "z - y": z - Y,
        "Wᵀ (z - y)": back, "r'(V x)": slope, "r'(V x) ∘ Wᵀ (z - y)": slope * back,
    }  # fmt: skip


def compare_nodes(hand):
    """The graph has these values and derivatives at its nodes."""
    graph = trace(objective, WEIGHTS, X, Y, LAMBDA)
    Vx, Wh = (node for node in graph.nodes if node.label == "matmul")
    h, z = (next(n for n in graph.nodes if n.label == name) for name in ("relu", "softmax"))
    for node, value in ((Vx, "V x"), (h, "h"), (Wh, "t = W h"), (z, "z")):
        agree(node.value, hand[value])
    agree(Wh.adjoint, hand["z - y"])
    agree(h.adjoint, hand["Wᵀ (z - y)"])
    agree(Vx.adjoint, hand["r'(V x) ∘ Wᵀ (z - y)"])


def show_gradient(name, formula, back, forward):
    """What comes back times what went forward, and what the penalty adds."""
    outer, shrinkage = np.outer(back, forward), 2 * LAMBDA * WEIGHTS[name]
    agree(trace(objective, WEIGHTS, X, Y, 0.0).node(name).adjoint, outer)
    agree(trace(objective, WEIGHTS, X, Y, LAMBDA).node(name).adjoint, outer + shrinkage)
    print(f"\n∇_{name} J = {formula} + 2 λ {name}")
    for left, right in zip(outer, shrinkage, strict=True):
        print(f"{row(left)}  +{row(right)}  ={row(left + right)}")


def row(numbers):
    """Numbers side by side; -0 is printed as 0."""
    return "".join(f"{x + 0.0:>8.4f}" for x in numbers)


def main(small: bool = False) -> None:
    """Every formula with its numbers."""
    del small  # it is
    hand = by_hand(**WEIGHTS)
    compare_nodes(hand)
    assert check_gradients(objective, WEIGHTS, X, Y, LAMBDA).ok
    for name, numbers in hand.items():
        print(f"{name:20}{row(numbers)}")
    show_gradient("W", "(z - y) hᵀ", hand["z - y"], hand["h"])
    show_gradient("V", "(r'(V x) ∘ Wᵀ (z - y)) xᵀ", hand["r'(V x) ∘ Wᵀ (z - y)"], X)
    print("\nThe graph and central differences agree.")


if __name__ == "__main__":
    main()
