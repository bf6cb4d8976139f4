"""The perceptron as a graph of scalars, and as one of tensors: the same numbers in fewer nodes.

    scalars  σ(w_1 x_1 + w_2 x_2 + b)        tensors  σ(wᵀ x + b)

What the scalars' graph does weight by weight is one product in the tensors' graph, whatever the
number of weights. Rosenblatt's unit has a step in place of σ. A step's derivative is 0 wherever
there is one, so nothing reaches the weights; at the jump there is none. Both graphs can be drawn:
``graph.draw("perceptron.svg")``.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from unstuck import check_gradients, trace

W, B, X = np.array([0.5, -0.5]), 0.75, np.array([1.0, 2.0])
SCALARS = {"w_1": W[0], "w_2": W[1], "b": B}, {"x_1": X[0], "x_2": X[1]}
TENSORS = {"w": W, "b": B}, X
agree = partial(np.testing.assert_allclose, rtol=0, atol=1e-12)


def of_scalars(parameters, inputs):
    """Every product and every sum is a node."""
    w, x = parameters, inputs
    return jax.nn.sigmoid(w["w_1"] * x["x_1"] + w["w_2"] * x["x_2"] + w["b"])


def of_tensors(parameters, x):
    """One product, one sum."""
    return jax.nn.sigmoid(parameters["w"] @ x + parameters["b"])


def with_step(parameters, x):
    """Rosenblatt's unit."""
    return jnp.where(parameters["w"] @ x + parameters["b"] >= 0, 1.0, 0.0)


def main(small: bool = False) -> None:
    """Both graphs, the derivatives by hand, and the step."""
    del small  # it is
    scalars, tensors = trace(of_scalars, *SCALARS), trace(of_tensors, *TENSORS)
    print(f"{scalars}\n\n{tensors}")

    s = sum(w * x for w, x in zip(W, X, strict=True)) + B
    output = 1 / (1 + np.exp(-s))
    slope = output * (1 - output)
    by_hand = {"w": slope * X, "x": slope * W, "b": slope}
    for name, derivative in by_hand.items():
        agree(tensors.node(name).adjoint, derivative)
        for i, part in enumerate(np.atleast_1d(derivative), 1):
            agree(scalars.node(name if name == "b" else f"{name}_{i}").adjoint, part)
    for graph in (scalars, tensors):
        agree(graph.nodes[graph.outputs[0]].value, output)
    assert check_gradients(of_scalars, *SCALARS, argnums=(0, 1)).ok
    assert check_gradients(of_tensors, *TENSORS, argnums=(0, 1)).ok
    print(f"\ns = wᵀ x + b = {s:.4f}, y = σ(s) = {output:.4f}, σ'(s) = y (1 - y) = {slope:.4f}")
    for name, formula in (("w", "σ'(s) x"), ("x", "σ'(s) w"), ("b", "σ'(s)")):
        print(f"dy/d{name} = {formula:7} = {np.round(by_hand[name], 4)}")

    step = trace(with_step, *TENSORS)
    agree(step.node("w").adjoint, 0)
    print(f"with a step: y = {step.nodes[step.outputs[0]].value}, dy/dw = {step.node('w').adjoint}")
    at_jump = check_gradients(with_step, {"w": W, "b": -W @ X}, X)  # s = 0
    print(f"at its jump, where s = 0, the check of derivatives says: {at_jump.verdict}")
    assert not at_jump.ok
    print("\nThe graphs and central differences agree.")


if __name__ == "__main__":
    main()
