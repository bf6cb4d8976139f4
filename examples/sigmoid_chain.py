"""A chain of sigmoids, whose derivative shrinks to a quarter a layer, and its ReLU twin.

    u1 = w1 x    u2 = σ(u1)    u3 = w2 u2    u4 = σ(u3)    u5 = w3 u4    ŷ = σ(u5)

    dŷ/dw1 = σ'(u5) w3 σ'(u3) w2 σ'(u1) x

A sigmoid's slope σ (1 - σ) is at most ¼. With weights in [-1, 1] no factor makes up for it, so n
layers leave at most (1/4)ⁿ |x|. A ReLU's slope is 1 where its input is positive: what is left is
the product of the weights, and the choice of those decides. (Where the input is negative it is 0:
such a unit passes nothing back. At 0 there is no derivative; JAX takes 0.)
"""

from __future__ import annotations

from functools import partial

import jax
import numpy as np

from unstuck import check_gradients, trace

X, WEIGHTS = 2.0, [0.9, 0.8, 0.7]
agree = partial(np.testing.assert_allclose, rtol=1e-12, atol=0)


def chain(activation, weights, x):
    """One unit a layer: times the weight, then the activation."""
    for weight in weights:
        x = activation(weight * x)
    return x


def sigmoid(u):
    """Value and slope."""
    value = 1 / (1 + np.exp(-u))
    return value, value * (1 - value)


def relu(u):
    """Value and slope."""
    return max(u, 0.0), float(u > 0)


UNITS = {"σ": (jax.nn.sigmoid, sigmoid), "r": (jax.nn.relu, relu)}


def factors(unit, weights):
    """The factors of dŷ/dw1 by name, from the output back to x."""
    value, found = X, {"x": X}
    for n, weight in enumerate(weights):
        u = weight * value
        value, slope = UNITS[unit][1](u)
        found |= {f"w{n + 1}": weight, f"{unit}'(u{2 * n + 1})": slope}
    del found["w1"]  # dŷ/dw1 has x in its place
    return dict(reversed(found.items()))


def products(unit, weights):
    """The factors multiplied one by one: the adjoints of u5, u4, ... and w1 in the graph."""
    graph = trace(partial(chain, UNITS[unit][0]), weights, X)
    names = [f"u{i}" for i in range(2 * len(weights) - 1, 0, -1)] + ["weights/0"]
    so_far = np.cumprod(list(factors(unit, weights).values()))
    agree([graph.node(name).adjoint for name in names], so_far)
    return so_far


def main(small: bool = False) -> None:
    """Three layers factor by factor, then what is left after more of them."""
    for unit in UNITS:
        parts = factors(unit, WEIGHTS)
        assert check_gradients(partial(chain, UNITS[unit][0]), WEIGHTS, X).ok
        print("        " + "".join(f"{name:>10}" for name in parts))
        print("factor  " + "".join(f"{x:>10.4f}" for x in parts.values()))
        print("product " + "".join(f"{x:>10.4f}" for x in products(unit, WEIGHTS)) + " = dŷ/dw1\n")

    drawn = np.random.default_rng(0).uniform(-1, 1, 40).tolist()
    print("|dŷ/dw1|  bound for σ   σ, w drawn from [-1, 1]   σ, all w = 1   r, all w = 1")
    for n in (3, 5, 10) if small else (3, 5, 10, 20, 40):
        bound = abs(X) / 4**n
        left = [abs(products(*case)[-1]) for case in (("σ", drawn[:n]), ("σ", [1.0] * n))]
        assert max(left) <= bound
        twin = products("r", [1.0] * n)[-1]
        print(f"{n:2} layers {bound:12.1e} {left[0]:25.1e} {left[1]:14.1e} {twin:14.1f}")
    print("\nThe graph agrees with every product, central differences with three layers.")


if __name__ == "__main__":
    main()
