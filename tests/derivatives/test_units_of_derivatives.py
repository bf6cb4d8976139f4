"""Verdicts do not depend on the units of parameters and of the value."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck import check_gradients
from unstuck.derivatives.differences import Line
from unstuck.derivatives.judging import judged

RNG = np.random.default_rng(0)
X = RNG.normal(size=(9, 3))

RULES = np.array([[1.0], [1.001], [-1.0], [0.0]])  # of rows of parameters
FAMILY = {
    "exp": lambda a: jnp.exp(a).sum(1),
    "log": lambda a: jnp.log(jnp.abs(a) + 0.1).sum(1),
    "sin": lambda a: jnp.sin(7.0 * a).sum(1),
    "polynomial": lambda a: (a**5 - 3.0 * a**2 + 1.0).sum(1),
    "norm": lambda a: jnp.sqrt((a**2).sum(1)),
    "layer": lambda a: jnp.tanh(a @ X.T).mean(1),
    "large inputs": lambda a: jnp.tanh((1e-5 * a) @ (1e5 * X.T)).mean(1),
}


@jax.custom_jvp
def ruled(a, rule):
    """``a`` itself, with a rule of derivatives that is right where ``rule`` is 1."""
    del rule
    return a


@ruled.defjvp
def _(primals, tangents):
    a, rule = primals
    return ruled(a, rule), (rule * tangents[0]).astype(a.dtype)


def every(parameters, units, value):
    """Every function of the family with every rule."""
    return {
        name: value * FAMILY[name](ruled(p / units[name], RULES)) for name, p in parameters.items()
    }


@pytest.mark.parametrize(
    ("power_of", "value"),
    [(lambda i: -12, 1e12), (lambda i: 12, 1e-12), (lambda i: 4 * i - 12, 1.0)],
)
def test_rules_are_told_apart_in_all_units(power_of, value):
    rng = np.random.default_rng(1)
    units = {name: 10.0 ** power_of(i) for i, name in enumerate(FAMILY)}
    points = {name: rng.uniform(0.3, 1.2, (len(RULES), 3)) * unit for name, unit in units.items()}
    check = check_gradients(every, points, units, value)
    for each in check.comparisons:
        assert each.kind == ("wrong" if each.index[0] else "right"), str(each)
    assert len(check.comparisons) == 2 * 12 * len(FAMILY)


CURVES = {
    "exp": (np.exp, np.exp),
    "log": (lambda a: np.log(np.abs(a) + 0.1), lambda a: np.sign(a) / (np.abs(a) + 0.1)),
    "fast": (lambda a: np.sin(1e6 * a), lambda a: 1e6 * np.cos(1e6 * a)),
    "polynomial": (lambda a: a**5 - 3 * a**2 + 1, lambda a: 5 * a**4 - 6 * a),
    "norm": (lambda a: np.sqrt(a**2 + 1), lambda a: a / np.sqrt(a**2 + 1)),
    "saturated": (
        lambda a: np.tanh(1e5 * (a - 1)),
        lambda a: 1e5 * (1 - np.tanh(1e5 * (a - 1)) ** 2),
    ),
    "flat tails, a slope": (
        lambda a: np.tanh(1e4 * (a - 1)) + a,
        lambda a: 1e4 * (1 - np.tanh(1e4 * (a - 1)) ** 2) + 1,
    ),
    "knot": (lambda a: np.maximum(a - 1, 0) ** 2 + a, lambda a: 2 * np.maximum(a - 1, 0) + 1),
}


def judgment(name, a, unit, value, factor, more=0.0):
    """One derivative ``factor f' + more`` in units of the parameter and of the value."""
    f, slope = CURVES[name]

    def derivative(p, d):
        return value * (factor * slope(p[0] / unit) + more) / unit * d[0]

    p = np.array([a * unit])
    line = Line(lambda p, d, t: value * f((p[0] + t * d[0]) / unit), p, np.abs(p))
    return judged(line, derivative, derivative(p, np.abs(p)), 0.0, 1e-6)


@settings(max_examples=150)
@given(
    name=st.sampled_from(list(CURVES)),
    a=st.one_of(st.just(1.0 + 3e-6), st.floats(0.2, 2.0)),
    unit=st.integers(-12, 12),
    value=st.integers(-12, 12),
    factor=st.sampled_from([1.0, 1.001, -1.0, 0.0, 2.0]),
)
def test_units_change_neither_kind_nor_numbers(name, a, unit, value, factor):
    plain = judgment(name, a, 1.0, 1.0, factor)
    found = judgment(name, a, 10.0**unit, 10.0**value, factor)
    resolved = plain.slope.error < 1e-4 * abs(plain.slope.value)
    if not resolved:  # the values do not tell 1.001 from 1
        assert found.kind != "wrong" or factor != 1.0
        return
    assert found.kind == plain.kind == ("right" if factor == 1.0 else "wrong")
    numeric = plain.slope.value * 10.0**value
    assert found.slope.value == pytest.approx(numeric, rel=1e-4)


@pytest.mark.parametrize("power", [-12, 0, 12])
def test_far_steps_that_agree_by_accident_prove_nothing(power):
    """A tail is flat and a sine has whole periods: the missing derivative, 0, is the far slope."""
    for name in ("saturated", "fast", "flat tails, a slope"):
        a = 1.0 + 3e-6
        assert judgment(name, a, 10.0**power, 1.0, 0.0).kind == "wrong"
        assert judgment(name, a, 10.0**power, 1.0, 0.0, more=1.0).kind == "wrong"
        assert judgment(name, a, 10.0**power, 1.0, 1.0).kind == "right"


def test_a_knot_has_an_order_of_its_own():
    """f' is continuous and f'' jumps: right, and the error falls with the step, not its square."""
    for function in (
        lambda x: (jax.nn.relu(x - 1.0) ** 2).sum(),
        lambda x: ((x - 1.0) * jnp.abs(x - 1.0)).sum() + 1.0,
        lambda x: jnp.where(jnp.abs(x) < 1.0, x**2 / 2, jnp.abs(x) - 0.5).sum(),
    ):
        check = check_gradients(function, np.ones(1))
        assert {each.kind for each in check.comparisons} == {"right"}
        assert check.order == pytest.approx(1.0, abs=0.05)


def model(p, factor, penalty):
    """A network that computes in float32, with a penalty in float64."""
    p32 = jax.tree.map(lambda a: a.astype(jnp.float32), p)
    z = ruled(jnp.tanh(X.astype(np.float32) @ p32["W"]), factor) @ p32["V"]
    squares = sum((a**2).sum() for a in jax.tree.leaves(p))
    return (z**2).mean().astype(jnp.float64) + penalty * squares


@pytest.mark.parametrize("penalty", [0.0, 0.01])
def test_a_network_of_float32_is_judged_by_what_its_digits_tell(penalty):
    for seed, (factor, verdict) in enumerate([(1.0, "right"), (1.1, "wrong"), (0.0, "wrong")]):
        rng = np.random.default_rng(seed)
        p = {"W": rng.normal(size=(3, 4)), "V": rng.normal(size=4)}
        check = check_gradients(model, p, np.float32(factor), penalty)
        assert check.verdict == verdict, str(check)
        if factor != 1.0:
            wrong = [each for each in check.of("wrong") if each.parameter == "p/W"]
            assert len(wrong) > 9


def test_digits_lost_inside_are_no_mistake():
    check = check_gradients(lambda w: jnp.exp(w + 1e8 - 1e8).sum(), np.array([0.3, -1.2]))
    assert check.verdict == "right", str(check)


def test_without_entries_nothing_is_checked_and_it_says_so():
    check = check_gradients(lambda x: x.sum() + 1.0, np.zeros(0))
    assert check.verdict == "undecided"
    assert str(check) == "the function: nothing to check, the arguments hold no numbers"


def test_a_position_may_be_a_number_of_numpy():
    check = check_gradients(lambda x, y: (x * y).sum(), X, X, argnums=np.int64(1))
    assert {each.parameter for each in check.comparisons} == {"y"}
