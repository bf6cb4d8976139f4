"""Two sigmoid layers and the norms of both weight matrices: two paths lead back to W1.

    f(x; W1, W2) = σ(W2ᵀ σ(W1ᵀ x))        l = cross_ent(y, ŷ) + λ (‖W1‖₂ + ‖W2‖₂)

The loss hears of W1 through the prediction and through the penalty, and the derivatives along
both paths are added up. ‖W‖₂ is the root of the sum of squares, not the sum: what it sends back,
λ W / ‖W‖₂, has the length λ whatever the size of W. Its square would send back 2 λ W.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from unstuck import check_gradients, trace

X, Y, LAMBDA = np.array([1.0, 2.0]), 1.0, 0.1
WEIGHTS = {"W1": np.array([[0.5, -0.4], [0.3, 0.1]]), "W2": np.array([0.6, -0.7])}
FORMULAS = {
    "u1": "W1ᵀ x", "u2": "σ(u1)", "u3": "W2ᵀ u2", "ŷ": "σ(u3)", "u4": "cross_ent(y, ŷ)",
    "u5": "‖W1‖₂", "u6": "‖W2‖₂", "u7": "u5 + u6", "u8": "λ u7", "l": "u4 + u8",
}  # fmt: skip
agree = partial(np.testing.assert_allclose, rtol=0, atol=1e-12)
text = partial(np.array2string, precision=4, floatmode="fixed", sign=" ")


@jax.jit  # one node of the graph
def cross_ent(y, prediction):
    """-y ln ŷ - (1 - y) ln(1 - ŷ)."""
    return -y * jnp.log(prediction) - (1 - y) * jnp.log(1 - prediction)


def loss(weights, x, y, penalty):
    """One operation for each formula, in their order; ``x @ W`` is Wᵀ x where x is a vector."""
    hidden = jax.nn.sigmoid(x @ weights["W1"])
    u4 = cross_ent(y, jax.nn.sigmoid(hidden @ weights["W2"]))
    return u4 + penalty * (jnp.linalg.norm(weights["W1"]) + jnp.linalg.norm(weights["W2"]))


def by_hand(W1, W2):
    """Every node: its value on the way forward, the derivative of l on the way back."""
    u1 = W1.T @ X
    u2 = 1 / (1 + np.exp(-u1))
    u3 = W2.T @ u2
    prediction = 1 / (1 + np.exp(-u3))
    u4 = -Y * np.log(prediction) - (1 - Y) * np.log(1 - prediction)
    u5, u6 = np.sqrt((W1**2).sum()), np.sqrt((W2**2).sum())
    u8 = LAMBDA * (u5 + u6)
    d_prediction = -Y / prediction + (1 - Y) / (1 - prediction)
    d3 = d_prediction * prediction * (1 - prediction)
    d2 = d3 * W2
    d1 = d2 * u2 * (1 - u2)
    values = u1, u2, u3, prediction, u4, u5, u6, u5 + u6, u8, u4 + u8
    derivatives = d1, d2, d3, d_prediction, 1.0, LAMBDA, LAMBDA, LAMBDA, 1.0, 1.0
    both = (map(np.asarray, values), map(np.asarray, derivatives))
    return (dict(zip(FORMULAS, numbers, strict=True)) for numbers in both)


def show_nodes(u, d):
    """A row for each node, compared with the graph's."""
    print("node  formula           value               dl / d node")
    computed = [node for node in trace(loss, WEIGHTS, X, Y, LAMBDA).nodes if node.parents]
    for name, node in zip(FORMULAS, computed, strict=True):
        agree(node.value, u[name])
        agree(node.adjoint, d[name])
        print(f"{name:4}  {FORMULAS[name]:16}  {text(u[name]):18}  {text(d[name])}")


def main(small: bool = False) -> None:
    """Every node, then both paths into W1."""
    del small  # it is
    u, d = by_hand(**WEIGHTS)
    W1, W2 = WEIGHTS.values()
    show_nodes(u, d)
    slope3, slope1 = u["ŷ"] * (1 - u["ŷ"]), u["u2"] * (1 - u["u2"])
    print("\ndŷ/dW1 = σ'(u3)   W2                 σ'(u1)             x")
    print(f"         {slope3:.4f}   {text(W2)}  {text(slope1)}  {text(X)}")

    du4, du8 = d["ŷ"] * np.outer(X, slope3 * W2 * slope1), LAMBDA * W1 / u["u5"]
    agree(trace(loss, WEIGHTS, X, Y, LAMBDA).node("W1").adjoint, d["u8"] * du8 + d["u4"] * du4)
    agree(trace(loss, WEIGHTS, X, Y, 0.0).node("W1").adjoint, du4)  # no penalty: one path
    assert check_gradients(loss, WEIGHTS, X, Y, LAMBDA).ok
    print("\ndl/dW1             =  dl/du8 du8/dW1     +  dl/du4 du4/dW1    (row by row)")
    for penalty, prediction in zip(d["u8"] * du8, d["u4"] * du4, strict=True):
        print(f"{text(penalty + prediction)}  =  {text(penalty)}  +  {text(prediction)}")
    print("\nThe graph and central differences agree.")


if __name__ == "__main__":
    main()
