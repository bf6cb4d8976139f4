"""Checks of gradients: right ones pass, wrong ones are named, kinks and noise are told apart."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small import network_of

from unstuck import (
    ACTIVATIONS,
    LOSSES,
    DataError,
    GradientError,
    ParameterError,
    check_gradients,
)
from unstuck.derivatives.differences import Line
from unstuck.derivatives.judging import judged
from unstuck.training.objective import Objective
from unstuck.variations import SlopeOffset

RNG = np.random.default_rng(0)
X = RNG.normal(size=(7, 3))
W, B = RNG.normal(size=(3, 4)), RNG.normal(size=4)


def tanh_with(backward):
    """tanh whose derivative is ``backward(x, g)``."""

    @jax.custom_vjp
    def function(x):
        return jnp.tanh(x)

    function.defvjp(lambda x: (jnp.tanh(x), x), lambda x, g: (backward(x, g),))
    return function


def slope(x):
    return 1.0 - jnp.tanh(x) ** 2


def network(p, x, function=jnp.tanh):
    return (function(x @ p["first"]["W"] + p["first"]["b"]) @ p["second"]).sum() ** 2


def parameters():
    return {"first": {"W": W, "b": B}, "second": np.array([0.3, -1.2, 0.7, 0.4])}


# Wrong derivatives

WRONG = {
    "a flipped sign": lambda x, g: -g * slope(x),
    "analytic = 2 x numeric": lambda x, g: 2.0 * g * slope(x),
    "nothing arrives": lambda x, g: 0.0 * g,
    "a term is missing": lambda x, g: g,  # the slope of tanh is left out
}


@pytest.mark.parametrize("said", WRONG)
def test_a_wrong_custom_vjp_is_caught_and_the_parameters_before_it_named(said):
    function = tanh_with(WRONG[said])
    check = check_gradients(lambda p, x: network(p, x, function), parameters(), X)
    assert check.verdict == "wrong"
    assert not check.ok
    assert check.wrong_parameters == ("p/first/W", "p/first/b")
    assert said in str(check)
    assert "custom_vjp" in check.missing["forward"]
    assert check.modes == ("reverse",)
    with pytest.raises(GradientError, match="WRONG derivatives of p/first/W, p/first/b"):
        check.raise_if_wrong()


def test_a_right_custom_vjp_passes():
    check = check_gradients(
        lambda p, x: network(p, x, tanh_with(lambda x, g: g * slope(x))), parameters(), X
    )
    assert check.ok
    check.raise_if_wrong()


def test_a_detached_term_is_caught():
    def loss(p):
        return (p["a"] ** 2).sum() + (jax.lax.stop_gradient(p["b"]) * p["a"].sum()).sum()

    check = check_gradients(loss, {"a": np.array([0.5, -1.0]), "b": np.array([2.0])})
    assert check.wrong_parameters == ("p/b",)
    assert check.modes == ("reverse", "forward")
    assert check.worst.place == "p/b[0]"
    assert check.worst.analytic == 0.0
    assert check.worst.numeric == pytest.approx(-0.5, rel=1e-9)
    assert "stop_gradient" in str(check)


def test_one_wrong_entry_among_right_ones_is_found_with_both_numbers():
    @jax.custom_jvp
    def square(x):
        return x**2

    @square.defjvp
    def _(primals, tangents):
        (x,), (dx,) = primals, tangents
        return x**2, 2.0 * x * dx * jnp.array([1.0, 1.0, 1.001, 1.0])

    check = check_gradients(lambda w: square(w).sum(), B)
    assert [each.index for each in check.of("wrong")] == [(2,), (2,)]
    assert check.worst.analytic == pytest.approx(2.002 * B[2])
    assert check.worst.numeric == pytest.approx(2.0 * B[2])
    assert check.worst.error == pytest.approx(1e-3, rel=0.01)
    assert check.worst.order == pytest.approx(0.0, abs=0.1)


def test_a_wrong_jvp_with_a_right_transpose_is_wrong_in_one_mode():
    from jax.custom_derivatives import linear_call

    def double(x):
        return linear_call(lambda _, x: 3.0 * x, lambda _, g: 2.0 * g, (), x)

    @jax.custom_jvp
    def function(x):
        return 2.0 * x

    function.defjvp(lambda primals, tangents: (function(*primals), double(*tangents)))
    check = check_gradients(lambda w: (function(w) ** 2).sum(), B)
    assert {each.mode for each in check.of("wrong")} == {"forward"}
    assert {each.mode for each in check.of("right")} == {"reverse"}
    assert "analytic = 1.5 x numeric" in str(check)


def test_in_a_large_function_directions_are_checked_and_a_wrong_entry_is_looked_for():
    mask = np.ones((60, 50))
    mask[17, 31] = 0.5

    @jax.custom_jvp
    def square(x):
        return x**2

    square.defjvp(lambda p, t: (p[0] ** 2, 2.0 * p[0] * t[0] * mask))
    p = {"w": RNG.normal(size=(60, 50)), "b": RNG.normal(size=50)}
    check = check_gradients(lambda p: square(p["w"]).sum() + jnp.cos(p["b"]).sum(), p)
    assert len(check.comparisons) == 2 * (5 + 5 + 1)
    assert check.wrong_parameters == ("p/w",)
    assert {c.index for c in check.of("wrong")} == {None, (17, 31)}
    assert check.worst.index == (17, 31)


def test_a_derivative_that_is_not_finite_is_wrong():
    check = check_gradients(lambda w: jnp.where(w > 0, jnp.sqrt(w), 0.0).sum(), np.array([-1.0, 2]))
    assert check.wrong_parameters == ("w",)
    assert "not finite" in str(check)


# What is no mistake


def test_kinks_are_named_and_are_no_mistake():
    for function in (jax.nn.relu, jnp.abs):
        check = check_gradients(lambda w, f=function: f(w).sum(), np.array([0.0, 1.0, -2.0]))
        assert check.ok
        assert {each.index for each in check.of("kink")} == {(0,)}
        assert "at a kink" in str(check)


def test_a_kink_close_by_does_not_matter():
    near = np.array([1e-7, -1e-8, 3e-6])
    assert check_gradients(lambda w: jax.nn.relu(w).sum(), near).of("wrong") == ()


def test_a_wrong_slope_on_one_side_of_a_kink_is_no_convention():
    @jax.custom_jvp
    def relu(x):
        return jnp.maximum(x, 0.0)

    relu.defjvp(lambda p, t: (relu(*p), jnp.where(p[0] > 0, 2.0, 0.0) * t[0]))
    assert check_gradients(lambda w: relu(w).sum(), np.array([0.0])).verdict == "wrong"


def test_units_at_a_kink_all_at_once_are_no_mistake():
    """First layer 0, output layer not: every pre-activation of every row is 0."""
    net = network_of((3, 5, 2), ("relu", "identity"))
    p = {name: {k: np.zeros(s) for k, s in shapes.items()} for name, shapes in net.shapes().items()}
    p["output"]["weights"] = RNG.normal(size=(5, 2))
    objective = Objective(net, LOSSES["squared_error"])
    y, w = RNG.normal(size=(7, 2)), np.ones(7)
    check = check_gradients(lambda p: objective(p, X, y, w, 0.1, jnp), p)
    assert check.ok
    assert check.of("kink")


def test_a_jump_is_named():
    check = check_gradients(lambda w: jnp.where(w >= 0, 1.0, 0.0).sum(), np.array([0.0, 1.0]))
    assert {each.index for each in check.of("jump")} == {(0,)}
    assert check.of("wrong") == ()


def test_the_edge_of_the_domain_is_named():
    check = check_gradients(lambda w: jnp.sqrt(w[0]) + w[1] ** 2, np.array([0.0, 1.0]))
    assert check.of("edge")[0].index == (0,)


def test_noise_is_named_where_it_hides_the_derivative():
    def noisy(w):
        return 1e-5 * jnp.tanh(w).sum() + 1e-3 * jnp.sin(1e17 * w).sum()

    def rule(w, g):
        return (1e-5 * slope(w) * g,)

    function = jax.custom_vjp(noisy)
    function.defvjp(lambda w: (noisy(w), w), rule)
    check = check_gradients(function, np.array([0.3]))
    assert check.verdict == "undecided"
    assert check.comparisons[0].kind == "noise"
    assert "hidden by the function's noise" in str(check)


def test_float32_inside_is_less_exact_but_a_factor_is_still_seen():
    def inside(w):
        return jnp.tanh(w.astype(jnp.float32)).sum()

    assert check_gradients(inside, B).ok
    doubled = tanh_with(lambda x, g: 2.0 * g * slope(x))
    assert check_gradients(lambda w: doubled(w.astype(jnp.float32)).sum(), B).verdict == "wrong"


# Any function

FUNCTIONS = {
    "tiny": (lambda w: 1e-30 * jnp.exp(w).sum(), B),
    "huge": (lambda w: 1e30 * jnp.exp(w).sum(), B),
    "large offset": (lambda w: 1e8 + jnp.exp(w).sum(), B),
    "fast": (lambda w: jnp.sin(1e6 * w).sum(), B),
    "entries of many sizes": (lambda w: jnp.log(w).sum(), np.array([1e-8, 1e-3, 1.0, 1e5, 1e12])),
    "stationary": (lambda w: ((w - B) ** 2).sum(), B),
    "constant": (lambda w: 5.0 + 0.0 * w.sum(), B),
    "linear": (lambda w: (3.0 * w).sum(), B),
    "a number": (lambda w: w**3, 2.0),
    "several outputs": (lambda w: {"a": 1e9 * jnp.outer(w, w), "b": [w.sum() ** 2, 3]}, B),
    "integer outputs too": (lambda w: (jnp.argmax(w), w**2), B),
    "loop": (lambda w: jax.lax.scan(lambda c, x: (jnp.sin(c * x), c), w.sum(), w)[0], B),
    "Python's if": (lambda w: (w**2).sum() if w[0] > -9 else w.sum(), B),
    "empty leaf": (lambda p: (p[0] ** 2).sum() + p[1].sum(), (B, np.zeros(0))),
    "half precision": (lambda w: (w**2).sum(), jnp.ones(3, jnp.bfloat16)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_right_derivatives_pass(name):
    function, w = FUNCTIONS[name]
    check = check_gradients(function, w)
    assert check.ok, str(check)
    assert check.modes == ("reverse", "forward")
    assert len(check.of("right")) == len(check.comparisons)


def test_a_small_derivative_beside_a_large_value_is_still_judged():
    @jax.custom_jvp
    def wrong(w):
        return jnp.exp(w)

    wrong.defjvp(lambda p, t: (jnp.exp(p[0]), 1.5 * jnp.exp(p[0]) * t[0]))
    assert check_gradients(lambda w: 1e8 + 1e-2 * wrong(w).sum(), B).verdict == "wrong"


def test_a_small_output_beside_a_large_one_is_still_judged():
    flipped = tanh_with(lambda x, g: -g * slope(x))
    assert check_gradients(lambda w: (1e12 * w, 1e-9 * flipped(w)), B).verdict == "wrong"


def test_a_mode_that_jax_does_not_have_is_named():
    def loop(w):
        return jax.lax.while_loop(lambda s: s[0] < 5.0, lambda s: (2.0 * s[0], s[1] * w), (w, w))[1]

    check = check_gradients(loop, 1.5)
    assert check.ok
    assert check.modes == ("forward",)
    assert "while_loop" in check.missing["reverse"]
    assert "reverse mode is missing" in str(check)


def test_other_arguments_are_left_alone_or_checked_by_choice():
    def loss(w, x, rows):
        return ((x[rows] @ w) ** 2).sum()

    rows = np.array([0, 2, 4])
    one = check_gradients(loss, W, X, rows)
    assert {each.parameter for each in one.comparisons} == {"w"}
    both = check_gradients(loss, W, X, rows, argnums=(0, 1))
    assert {each.parameter for each in both.comparisons} == {"w", "x"}
    assert both.ok
    assert len(check_gradients(loss, W, X, rows, argnums=-2).comparisons) == 2 * X.size


def test_arguments_are_converted_whatever_their_dtype():
    seen = []

    def loss(w, x):
        seen.append((w.dtype, x.dtype))
        return jnp.tanh(x @ w).sum()

    assert check_gradients(loss, W.astype(np.float32), X.astype(np.float16)).ok
    assert set(seen) == {(np.dtype(float), np.dtype(float))}
    assert jnp.ones(1).dtype == jnp.float32  # outside, nothing has changed


def test_modules_of_equinox_are_checked():
    eqx = pytest.importorskip("equinox")
    model = eqx.nn.MLP(3, 2, 4, 1, activation=jnp.tanh, key=jax.random.key(0))
    check = check_gradients(lambda model, x: jax.vmap(model)(x).sum(), model, X)
    assert check.ok
    assert "model/layers/0/weight" in str(check)


def test_the_error_of_central_differences_falls_with_the_square_of_the_step():
    check = check_gradients(lambda p, x: network(p, x), parameters(), X)
    assert check.order == pytest.approx(2.0, abs=0.05)
    coarse = check.steps > 1e-3
    np.testing.assert_allclose(check.errors[coarse][1:-1] / check.errors[coarse][2:], 4.0, rtol=0.1)
    wrong = check_gradients(
        lambda p, x: network(p, x, tanh_with(lambda x, g: -g * slope(x))), parameters(), X
    )
    assert wrong.order == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize(
    ("function", "arguments", "named", "error", "message"),
    [
        (lambda w: w.sum(), (np.arange(3),), {}, DataError, "no floating-point number"),
        (lambda w: w.sum(), (np.array([np.nan]),), {}, DataError, "w holds NaN or infinity"),
        (lambda w: jnp.log(-w).sum(), (np.ones(2),), {}, DataError, "returns NaN or infinity"),
        (lambda w: jnp.argmax(w), (np.ones(2),), {}, DataError, "returns no floating-point"),
        (lambda w: w.real.sum(), (np.ones(2) * 1j,), {}, DataError, "w is complex"),
        (lambda w: w + 1j, (np.ones(2),), {}, DataError, "returns complex"),
        (lambda w: w.sum(), (np.ones(2),), {"argnums": 1}, ParameterError, "argnums was"),
        (lambda w: w.sum(), (np.ones(2),), {"tolerance": 0}, ParameterError, "tolerance was 0"),
        (lambda w: w.sum(), (np.ones(2),), {"directions": 0}, ParameterError, "directions 0"),
        (lambda w: np.sin(np.asarray(w)).sum(), (B,), {}, ParameterError, "cannot differentiate"),
    ],
)  # fmt: skip
def test_what_cannot_be_checked_is_refused_in_words(function, arguments, named, error, message):
    with pytest.raises(error, match=message):
        check_gradients(function, *arguments, **named)


# Networks

EVERY_UNIT = ("cross_entropy", "squared_error", "poisson")
PAIRS = [
    (loss.name, unit)
    for loss in LOSSES.values()
    for unit in (
        (*loss.partners, *loss.sticks) if loss.name in EVERY_UNIT else ("identity", "tanh")
    )
]


def targets_of(loss, rows, outputs):
    if LOSSES[loss].targets == "probabilities":
        return RNG.dirichlet(np.ones(outputs), rows)
    return RNG.uniform(0.1, 2.0, size=(rows, outputs))


@pytest.mark.parametrize(("loss", "unit"), PAIRS)
def test_every_loss_with_output_units_has_the_right_gradient(loss, unit):
    hidden = list(ACTIVATIONS)[PAIRS.index((loss, unit)) % len(ACTIVATIONS)]
    net = network_of((3, 3, 2), (hidden, unit), layer_norm=PAIRS.index((loss, unit)) % 3 == 0)
    objective = Objective(net, LOSSES[loss])
    p = {
        name: {k: 0.5 * RNG.normal(size=s) for k, s in shapes.items()}
        for name, shapes in net.shapes().items()
    }
    y, w = targets_of(loss, len(X), 2), RNG.uniform(0.5, 2.0, len(X))
    check = check_gradients(lambda p: objective(p, X, y, w, 0.1, jnp), p)
    assert check.ok, str(check)


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_every_activation_has_the_right_gradient(hidden):
    net = network_of((3, 4, 4, 2), (hidden, hidden, "softmax"))
    objective = Objective(net, LOSSES["cross_entropy"])
    p = {
        name: {k: 0.5 * RNG.normal(size=s) for k, s in shapes.items()}
        for name, shapes in net.shapes().items()
    }
    y = RNG.dirichlet(np.ones(2), len(X))
    check = check_gradients(lambda p: objective(p, X, y, np.ones(len(X)), 0.0, jnp), p)
    assert check.ok, str(check)


def test_a_slope_offset_is_not_the_gradient():
    net = network_of((3, 4, 2), ("tanh", "identity"))
    p = {n: {k: RNG.normal(size=s) for k, s in d.items()} for n, d in net.shapes().items()}
    y = RNG.normal(size=(7, 2))
    for offset, verdict in ((0.0, "right"), (0.1, "wrong")):
        objective = Objective(net, LOSSES["squared_error"], (SlopeOffset(offset),))
        check = check_gradients(lambda p, f=objective: f(p, X, y, np.ones(7), 0.0, jnp), p)
        assert check.verdict == verdict


# No false alarm

SMOOTH = {
    "sin": (np.sin, np.cos),
    "tanh": (np.tanh, lambda a: 1.0 - np.tanh(a) ** 2),
    "exp": (np.exp, np.exp),
    "arctan": (np.arctan, lambda a: 1.0 / (1.0 + a * a)),
    "square": (np.square, lambda a: 2.0 * a),
    "softplus": (lambda a: np.logaddexp(0.0, a), lambda a: 1.0 / (1.0 + np.exp(-a))),
}


@settings(max_examples=400)
@given(
    names=st.lists(st.sampled_from(list(SMOOTH)), min_size=1, max_size=3),
    inner=st.lists(st.floats(-2, 1), min_size=3, max_size=3),
    outer=st.floats(-12, 12),
    offset=st.floats(-10, 10),
    w=st.floats(-3, 3).filter(lambda w: abs(w) > 1e-20 or w == 0),
)
def test_right_and_wrong_slopes_of_smooth_functions_are_told_apart(names, inner, outer, offset, w):
    scales, outer = 10.0 ** np.array(inner), 10.0**outer

    def value(p):
        a = p[0]
        for name, scale in zip(names, scales, strict=False):
            a = SMOOTH[name][0](np.clip(scale * a, -20, 20))
        return outer * (a + offset)

    def values(p, d, t):
        return value([p[0] + t * d[0]])

    def slope(p):
        a, found = p[0], outer
        for name, scale in zip(names, scales, strict=False):
            found *= scale * SMOOTH[name][1](scale * a)
            a = SMOOTH[name][0](scale * a)
        return found

    def kind(factor):
        unit = abs(w) or 1.0
        line = Line(values, np.array([w]), np.array([unit]))
        found, scale = factor * slope([w]) * unit, abs(slope([w])) * unit
        return judged(line, lambda p, d: factor * slope(p) * d[0], found, scale, 1e-6).kind

    inside = all(abs(each) < 15 for each in chain(names, scales, w))
    assume(inside)
    assert kind(1.0) in ("right", "noise")
    largest = max(abs(value([w - 0.1])), abs(value([w + 0.1])), 1e-300)
    # What is summed is rounded at its own size, and a small unit leaves few digits above that.
    within = abs(slope([w])) * (abs(w) or 1.0) / max(largest, outer * abs(offset))
    share = abs(slope([w])) / largest
    if share > 1e-8 and within > 1e-6:
        assert kind(1.0) == "right"
        assert {kind(factor) for factor in (-1.0, 0.0, 2.0)} == {"wrong"}
    if share > 1e-5 and within > 1e-5:
        assert kind(1.001) == "wrong"


def chain(names, scales, a):
    """What the functions of the chain receive."""
    for name, scale in zip(names, scales, strict=False):
        yield scale * a
        a = SMOOTH[name][0](min(max(scale * a, -20.0), 20.0))
