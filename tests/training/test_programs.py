"""Compiled programs against the slow twin, and the bits of parts of a run."""

from __future__ import annotations

import jax
import numpy as np
import pytest
import twin
from small import Fit

from unstuck.health.signals import NAMES as SIGNALS
from unstuck.rows.arrays import ArrayRows
from unstuck.rows.probe import PROBE_ROWS, probe, probe_indices
from unstuck.solvers.first_order import FIRST_ORDER
from unstuck.training import mini_batches, snapshot
from unstuck.training.compilation import precision
from unstuck.training.validation import Validation

NAMES = [each.name for each in FIRST_ORDER]
VARIANTS = [(name, True) for name in NAMES] + [("sgd", False)]


def run_steps(fit, count, state=None, first=0):
    """The state and the measurements after ``count`` compiled steps."""
    with precision(fit.dtype):
        chunk = fit.batches.fill(first, count)
        state, measured, sound = mini_batches.steps(fit.plan)(
            state or fit.state(), chunk.arrays, fit.traced(first), np.int32(count)
        )
        assert sound
        return state, measured


# Steps


@pytest.mark.parametrize(("solver", "nesterov"), VARIANTS)
def test_steps_are_the_twins(solver, nesterov):
    """Two epochs and a half; partial last batches, row weights, a penalty, another momentum."""
    fit = Fit(rows=21, weighted=True, alpha=0.5, solver=solver, nesterov=nesterov, rate=0.02,
              numbers={"epsilon": 1e-4, "momentum": 0.7})  # fmt: skip
    state, measured = run_steps(fit, 7)
    losses, norms, vector = fit.twin_steps(7)
    np.testing.assert_allclose(measured[:7, 0], losses, rtol=1e-9)
    np.testing.assert_allclose(measured[:7, 1], norms, rtol=1e-9)
    np.testing.assert_allclose(state.vector, vector, rtol=1e-8, atol=1e-10)
    assert int(state.step) == 7


@pytest.mark.parametrize(
    ("activations", "loss"),
    [
        (("relu", "identity"), "squared_error"),
        (("logistic", "logistic"), "cross_entropy"),
        (("elu", "softmax"), "squared_error"),
        (("softplus", "exponential"), "poisson"),
        (("symmetric_sigmoid", "identity"), "huber"),
    ],
)
def test_steps_of_other_networks_are_the_twins(activations, loss):
    fit = Fit(rows=13, activations=activations, loss=loss, alpha=0.1, solver="sgd")
    state, measured = run_steps(fit, 4)
    losses, _, vector = fit.twin_steps(4)
    np.testing.assert_allclose(measured[:4, 0], losses, rtol=1e-10)
    np.testing.assert_allclose(state.vector, vector, rtol=1e-9, atol=1e-12)


def test_one_batch_of_all_rows_is_the_twins():
    fit = Fit(rows=11, batch=200, weighted=True, alpha=0.5, solver="sgd")
    assert fit.batches.padded == 64  # the padding has weight 0
    state, measured = run_steps(fit, 3)
    losses, _, vector = fit.twin_steps(3)
    np.testing.assert_allclose(measured[:3, 0], losses, rtol=1e-10)
    np.testing.assert_allclose(state.vector, vector, rtol=1e-10, atol=1e-12)


def test_clipping_is_the_twins():
    fit = Fit(rows=16, clip_norm=0.1, solver="sgd")
    state, measured = run_steps(fit, 3)
    _, norms, vector = fit.twin_steps(3, clip_norm=0.1)
    assert norms.min() > 0.1
    np.testing.assert_allclose(measured[:3, 1], norms, rtol=1e-10)
    np.testing.assert_allclose(state.vector, vector, rtol=1e-10, atol=1e-12)


def test_a_batch_without_weight_changes_nothing_but_the_memory():
    fit = Fit(rows=8, solver="sgd")
    fit.w[:] = 0.0
    state, measured = run_steps(fit, 2)
    np.testing.assert_array_equal(measured[:2], 0.0)
    np.testing.assert_array_equal(state.vector, fit.first)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fewer_steps_give_the_bits_of_the_prefix(dtype):
    fit = Fit(rows=40, dtype=dtype, dropout=0.3)
    _, measured = run_steps(fit, 10)
    part, few = run_steps(fit, 4)
    np.testing.assert_array_equal(few[:4], measured[:4])
    np.testing.assert_array_equal(few[4:], 0.0)
    state = fit.state()
    for first in range(4):
        state, _ = run_steps(fit, 1, state, first)
    np.testing.assert_array_equal(part.vector, state.vector)
    rest, more = run_steps(fit, 6, part, 4)
    np.testing.assert_array_equal(more[:6], measured[4:10])
    np.testing.assert_array_equal(rest.vector, run_steps(fit, 10)[0].vector)


@pytest.mark.parametrize("solver", NAMES)
def test_memory_is_what_optax_starts_from(solver):
    fit = Fit(solver=solver)
    with precision(fit.dtype):
        solver = mini_batches.transformation(fit.plan, fit.numbers)
        expected = solver.init(jax.numpy.array(fit.first))
        found = fit.stepper.memory(fit.dtype, fit.batches.padded)
    assert jax.tree.structure(found) == jax.tree.structure(expected)
    for mine, theirs in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        assert mine.dtype == theirs.dtype
        np.testing.assert_array_equal(mine, theirs)


# Dropout


def total_output(target, preactivation):
    """Linear in the outputs, so that its mean under dropout is its value without."""
    del target
    return preactivation.sum()


def dropped(share, seed=0):
    fit = Fit(rows=64, batch=64, widths=(3, 50, 2), activations=("identity", "identity"),
              loss=total_output, dropout=share, rate=0.0, solver="sgd", seed=seed)  # fmt: skip
    return fit, np.asarray(run_steps(fit, 60)[1])[:60, 0]


def test_dropout_keeps_the_mean():
    fit, losses = dropped(0.4)
    layers = fit.twin_layers()
    expected = np.mean([twin.forward(layers, row)[-1][0].sum() for row in fit.x])
    assert losses.std() > 0.01
    assert abs(losses.mean() - expected) < 4 * losses.std() / np.sqrt(60)


def test_dropout_drops_its_share():
    """Every hidden unit gives 1 and the output is their sum: the loss counts those that are left.

    192,000 units, each left with probability 0.6: the share is within 4 standard errors of 0.0011.
    Those that are left are divided by 0.6, so that 0.6 times the loss is a whole number of them.
    """
    rows, units, steps = 64, 50, 60
    fit, _ = dropped(0.4)
    vector = fit.network.flatten({
        "hidden_1": {"weights": np.zeros((3, units)), "bias": np.ones(units)},
        "output": {"weights": np.eye(1, 2) * np.ones((units, 1)), "bias": np.zeros(2)},
    })  # fmt: skip
    fit.first = np.asarray(vector)
    left = 0.6 * rows * np.asarray(run_steps(fit, steps)[1])[:steps, 0]
    np.testing.assert_allclose(left, left.round(), rtol=1e-12)
    assert left.mean() / (rows * units) == pytest.approx(0.6, abs=4 * 0.0011)
    # Each row and unit is drawn by itself: the counts spread as those of a binomial law do.
    spread = left.var() / (rows * units * 0.4 * 0.6)
    assert spread == pytest.approx(1.0, abs=4 * np.sqrt(2 / steps))


def test_dropout_is_off_in_evaluation():
    fit, _ = dropped(0.4)
    plain, _ = dropped(0.0)
    with precision(fit.dtype):
        rows = Validation.of(ArrayRows(fit.x, fit.y, fit.w))
        assert rows.loss(fit.objective, fit.first) == rows.loss(plain.objective, fit.first)
        look = [snapshot.signals(f.objective)(fit.first, fit.x, fit.y, fit.w, np.float64(0))
                for f in (fit, plain)]  # fmt: skip
    np.testing.assert_array_equal(*look)


def test_dropout_follows_the_seed():
    np.testing.assert_array_equal(dropped(0.4)[1], dropped(0.4)[1])
    assert (dropped(0.4)[1] != dropped(0.4, seed=1)[1]).all()


# A look at every layer


def look(fit, penalty=0.0):
    with precision(fit.dtype):
        rows = probe(fit.batches.rows)
        found = snapshot.signals(fit.objective)(fit.first, *rows, fit.dtype.type(penalty))
    return dict(zip(SIGNALS, np.asarray(found).T, strict=True))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("hidden", ["tanh", "logistic", "relu", "step"])
def test_signals_are_the_twins(hidden, weighted):
    fit = Fit(rows=30, widths=(3, 5, 4, 2), activations=(hidden, hidden, "softmax"),
              weighted=weighted)  # fmt: skip
    fit.first *= 8.0  # some units saturate
    layers = fit.twin_layers()
    kept = [row for row in range(30) if fit.w[row] > 0]
    _, gradients = twin.objective(layers, fit.x, fit.y, fit.w, 0.3, "cross_entropy")
    found = look(fit, penalty=0.3)
    passes = [twin.forward(layers, fit.x[row]) for row in kept]
    deltas = [twin.backpropagate(layers, fit.x[r], fit.y[r], "cross_entropy")[1] for r in kept]
    for index, (weights, _, activation) in enumerate(layers):
        a = np.array([each[index][0] for each in passes])
        delta = np.array([each[index] for each in deltas])
        slope = twin.ACTIVATIONS[activation][1](a)
        largest = {"tanh": 1, "logistic": 0.25, "relu": 1, "step": 1, "softmax": 0.25}[activation]
        expected = {
            "layer_gradient_norm": np.sqrt((gradients[index][0] ** 2).sum()),
            "layer_weight_norm": np.sqrt((weights**2).sum()),
            "layer_preactivation_rms": np.sqrt((a**2).mean()),
            "layer_adjoint_rms": np.sqrt((delta**2).mean()),
            "layer_mean_slope": slope.mean(),
            "layer_flat_share": (slope < 0.02 * largest).mean(),
        }
        for name, value in expected.items():
            assert found[name][index] == pytest.approx(value, rel=1e-9, abs=1e-12), name
    if hidden != "relu":
        assert found["layer_flat_share"].max() > 0


def test_the_probe_is_spread_over_the_rows():
    assert probe_indices(5).tolist() == [0, 1, 2, 3, 4]
    taken = probe_indices(12_345)
    assert len(taken) == PROBE_ROWS == 128
    assert (taken[0], taken[-1]) == (0, 12_344)
    assert np.ptp(np.diff(taken)) <= 1


# Held-out rows


@pytest.mark.parametrize("rows", [1, 127, 128, 129, 5000])
def test_loss_of_held_out_rows_is_the_twins(rows):
    fit = Fit()
    x, y, w = fit.make(np.random.default_rng(rows), rows, True)
    w[0] = 2.0
    with precision(fit.dtype):
        found = Validation.of(ArrayRows(x, y, w)).loss(fit.objective, fit.first)
    layers, total = fit.twin_layers(), 0.0
    for row, target, weight in zip(x, y, w, strict=True):
        a = twin.forward(layers, row)[-1][0]
        total += weight * twin.loss("cross_entropy", "softmax", target, a)
    assert found == pytest.approx(total / w.sum(), rel=1e-12)


def test_the_penalty_is_no_part_of_the_loss_of_held_out_rows():
    plain, penalized = Fit(alpha=0.0, validation=20), Fit(alpha=100.0, validation=20)
    with precision(plain.dtype):
        found = [f.task.validation.loss(f.objective, f.first) for f in (plain, penalized)]
    assert found[0] == found[1]
