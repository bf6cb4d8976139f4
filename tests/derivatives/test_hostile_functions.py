"""Functions that make a check of derivatives err: right rules pass, planted wrong ones do not."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from unstuck import check_gradients

X = np.random.default_rng(3).normal(size=(8, 3))
W = np.array([0.3, -0.7, 1.1])
ROWS = np.array([2, 0, 2, 1, 0])
RULES = np.array([1.0, 1.01, 0.9, -1.0, 0.0])


@jax.custom_jvp
def ruled(w, factor):
    """``w`` itself, with a derivative that is right where ``factor`` is 1."""
    del factor
    return w


@ruled.defjvp
def _(primals, tangents):
    w, factor = primals
    return ruled(w, factor), (factor * tangents[0]).astype(w.dtype)


def scanned(w):
    def body(carry, x):
        carry = jnp.tanh(0.9 * carry + x * w.sum())
        return carry, carry

    return jax.lax.scan(body, 0.1, X[:, 0])[1].sum()


def beside(w, small=None):
    """A part in float32 makes stairs on a curve of float64, which has another slope on each."""
    small = (w if small is None else small).astype("f4")
    return (w**2).sum() + 1e-2 * jnp.sin(small + 10.0).sum().astype(float)


FUNCTIONS = {
    "float32 inside": (lambda w: jnp.tanh(X.astype("f4") @ w.astype("f4")).sum(), W),
    "float32, an offset": (lambda w: 100.0 + jnp.sin(w.astype("f4")).sum(), W),
    "float32 beside float64": (beside, W),
    "kinks": (lambda w: jnp.abs(w).sum() + jax.nn.relu(X @ w).sum(), W),
    "a kink close by": (lambda w: jnp.abs(w - np.array([0.3 + 1e-7, 0.0, 0.0])).sum(), W),
    "the largest": (lambda w: (X @ w).max(), W),
    "sorted": (lambda w: (jnp.sort(X @ w) * np.arange(8.0)).sum(), W),
    "once differentiable": (
        lambda w: (jax.nn.relu(w - np.array([0.3, 0.0, 0.0])) ** 2).sum() + w.sum(),
        np.abs(W),
    ),
    "power 1.5": (
        lambda w: (jnp.abs(w - 1.0) ** 1.5).sum() + w.sum(),
        np.array([1 + 1e-9, 0.7, 2]),
    ),
    "units": (lambda w: jnp.exp(w * np.array([1e12, 1, 1e-12])).sum(), W * [1e-12, 1, 1e12]),
    "an offset of the value": (lambda w: 1e9 + jnp.sin(w).sum(), W),
    "an offset of the parameters": (lambda w: ((w - 1e9) ** 2).sum(), 1e9 + 10.0 * W),
    "periodic": (lambda w: jnp.sin(2e4 * np.pi * w).sum(), np.array([0.30001, 0.70002, 1.10003])),
    "flat tails": (lambda w: jnp.tanh(1e6 * (w - W)).sum(), W + np.array([2e-7, 3e-7, 0.0])),
    "a tail": (lambda w: 1.0 + jax.nn.sigmoid(w).sum(), np.array([-22.0, -20.0, -18.0])),
    "a peak": (lambda w: jnp.exp(-1e8 * (w - W) ** 2).sum(), W + np.array([2e-5, 1e-4, -5e-5])),
    "integers": (lambda w: (w * jax.lax.stop_gradient(w * 10.0).astype(int)).sum(), W * 1.1),
    "branches": (lambda w: jnp.where(w > 0.3, jnp.sin(w), jnp.sin(w) + 0.0).sum(), W),
    "a scan": (scanned, W),
    "cumulative": (lambda w: (jnp.cumsum(w) ** 2).sum() + jnp.cumprod(w).sum(), W),
    "gathered": (lambda w: (w[ROWS] ** 2 * np.arange(1.0, 6.0)).sum(), W),
    "cancellation": (lambda w: ((1.0 - jnp.cos(w)) / w**2 * w).sum(), np.array([1e-3, 2e-4, 1e-2])),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_right_and_planted_rules_are_told_apart(name):
    function, w = FUNCTIONS[name]

    def every(p, rules):
        return jax.vmap(function)(ruled(p, rules))

    check = check_gradients(every, np.tile(w, (len(RULES), 1)), RULES[:, None])
    for rule, each in ((RULES[each.index[0]], each) for each in check.comparisons):
        if each.kind != "noise":
            assert each.kind == ("right" if rule == 1.0 else "wrong"), f"{rule}: {each}"
    told = {each.index[0] for each in check.comparisons if each.kind != "noise"}
    assert told == set(range(len(RULES)))


@pytest.mark.parametrize("missing", [False, True])
def test_a_derivative_that_is_missing_on_all_stairs_is_not_that_of_the_staircase(missing):
    def function(w):
        return beside(w, jax.lax.stop_gradient(w) if missing else w)

    assert check_gradients(function, W).verdict == ("wrong" if missing else "right")


@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16])
def test_of_half_precision_no_right_derivative_is_called_wrong(dtype):
    def function(w, rule):
        inside = ruled(w, rule).astype(dtype)
        return (jnp.exp(inside) * jnp.arange(1.0, 4.0).astype(dtype)).sum()

    assert check_gradients(function, W, 1.0).verdict != "wrong"
    assert check_gradients(function, W, 0.0).verdict == "wrong"


def test_a_ripple_that_no_step_resolves_is_not_judged():
    check = check_gradients(lambda w: (w**2).sum() + 1e-9 * jnp.sin(1e15 * w).sum(), W)
    assert check.verdict == "undecided", str(check)
