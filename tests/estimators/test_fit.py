"""What a fit does: kinds of targets and inputs, parts, going on, stopping, the objective."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from unstuck import (
    ACTIVATIONS,
    LOSSES,
    SCHEDULES,
    IgnoredParameterWarning,
    NetClassifier,
    NetRegressor,
    ParameterError,
    StuckWarning,
    UnstuckWarning,
)
from unstuck.layers import network as network_module
from unstuck.solvers.first_order import FIRST_ORDER
from unstuck.training import mini_batches

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
TWO = (X[:, 0] + X[:, 1] > 0).astype(int)
THREE = np.digitize(X[:, 0], [-0.5, 0.5])
NUMBERS = X[:, 0] - 2 * X[:, 1] + 5.0


def classifier(**parameters):
    return NetClassifier((4,), **{"max_iter": 10, "random_state": 0} | parameters)


def regressor(**parameters):
    return NetRegressor((4,), **{"max_iter": 10, "random_state": 0} | parameters)


def same(one, other):
    """Whether two networks have the same weights, to the bit."""
    mine, theirs = one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_
    return all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))


def close(one, other, **tolerance):
    mine, theirs = one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_
    for a, b in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(a, b, **{"rtol": 1e-9, "atol": 1e-11} | tolerance)


# Targets


def test_digits_with_defaults_are_read_as_well_as_promised():
    data = train_test_split(*load_digits(return_X_y=True), random_state=0)
    train_x, test_x, train_y, test_y = data
    net = NetClassifier(random_state=0).fit(train_x, train_y)
    assert net.score(test_x, test_y) >= 0.97
    assert net.n_layers_ == 3
    assert net.out_activation_ == "softmax"
    assert net.loss_curve_[-1] < net.loss_curve_[0] / 20


@pytest.mark.parametrize(
    ("y", "unit", "outputs"),
    [(TWO, "logistic", 1), (THREE, "softmax", 3), (np.c_[TWO, THREE == 1] * 1, "logistic", 2)],
    ids=["two classes", "three classes", "labels"],
)
def test_classification(y, unit, outputs):
    net = classifier(max_iter=400, learning_rate_init=0.03).fit(X, y)
    assert net.out_activation_ == unit
    assert net.n_outputs_ == outputs == net.coefs_[-1].shape[1]
    assert net.score(X, y) > 0.9
    assert net.predict(X).shape == y.shape
    shares = net.predict_proba(X)
    assert shares.shape == (60, 2 if y is TWO else outputs)
    assert (shares >= 0).all()
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(np.exp(net.predict_log_proba(X)), shares, rtol=1e-9)
    if y.ndim == 1:
        np.testing.assert_allclose(shares.sum(1), 1.0)
        np.testing.assert_array_equal(net.classes_[shares.argmax(1)], net.predict(X))


@pytest.mark.parametrize("y", [NUMBERS, np.c_[NUMBERS, 1e4 * X[:, 2]]], ids=["one", "two"])
def test_regression(y):
    net = regressor(max_iter=600, learning_rate_init=0.03).fit(X, y)
    assert net.predict(X).shape == y.shape
    assert net.out_activation_ == "identity"
    assert net.score(X, y) > 0.98


def test_one_column_of_targets_is_read_as_a_vector_with_a_warning():
    with pytest.warns(Warning, match="column-vector"):
        net = regressor().fit(X, NUMBERS[:, None])
    assert net.predict(X).shape == (60,)
    assert same(net, regressor().fit(X, NUMBERS))


@pytest.mark.parametrize(
    "names",
    [
        np.array(["no", "yes"]),
        np.array(["no", "yes"], object),
        np.array([-1, 1]),
        np.array([False, True]),
        np.array([0.5, 1.5])[[0, 1]] * 2,
    ],
    ids=["text", "objects", "signs", "truth values", "whole floats"],
)
def test_labels_of_any_kind_come_back(names):
    net = classifier().fit(X, names[TWO])
    np.testing.assert_array_equal(net.classes_, names)
    assert net.predict(X).dtype == names.dtype
    assert set(net.predict(X).tolist()) <= set(names.tolist())
    assert same(net, classifier().fit(X, TWO))
    assert net.score(X, names[TWO]) == classifier().fit(X, TWO).score(X, TWO)


# Inputs


def test_sparse_rows_give_the_weights_of_dense_rows():
    holes = np.where(RNG.random(X.shape) < 0.5, 0.0, X) + np.array([0.0, 0.0, 3.0])
    dense = classifier().fit(holes, TWO)
    for kind in (sparse.csr_array, sparse.csc_matrix, sparse.coo_array):
        net = classifier().fit(kind(holes), TWO)
        close(net, dense)
        np.testing.assert_allclose(net.predict_proba(kind(holes)), dense.predict_proba(holes))
        np.testing.assert_allclose(net.features(kind(holes)), dense.features(holes), atol=1e-12)
    mini = {"batch_size": 16, "dtype": "float64"}
    close(classifier(**mini).fit(sparse.csr_array(holes), TWO), classifier(**mini).fit(holes, TWO))


@pytest.mark.parametrize("value", [0.1, 0.3, 7.7, 1e6 + 0.1])
def test_a_constant_column_does_not_matter_dense_or_sparse(value):
    for count in (30, 60):
        rows = np.c_[X[:count, :2], np.full(count, value)]
        other = rows + np.array([0.0, 0.0, 0.01])
        nets = [
            classifier().fit(form(rows), TWO[:count]) for form in (np.asarray, sparse.csr_array)
        ]
        shares = [net.predict_proba(other) for net in nets]
        np.testing.assert_allclose(shares[0], shares[1], atol=1e-6)
        np.testing.assert_allclose(shares[0], nets[0].predict_proba(rows), atol=0.05)


def test_sparse_columns_far_from_zero_and_huge_ones_are_standardized():
    for far in (X + 1e6, X * 1e200):
        dense = classifier().fit(far, TWO)
        close(classifier().fit(sparse.csr_array(far), TWO), dense, rtol=1e-6, atol=1e-6)
        close(classifier().fit(X, TWO), dense, rtol=1e-6, atol=1e-6)


def test_sparse_rows_with_duplicates_and_stored_zeros_mean_their_sum():
    rows, columns = np.nonzero(np.ones_like(X))
    twice = sparse.csr_array(
        (np.r_[X.ravel() / 2, X.ravel() / 2], (np.r_[rows, rows], np.r_[columns, columns])),
        shape=X.shape,
    )
    raw = sparse.coo_array(
        (
            np.r_[X.ravel() - 1, np.ones(X.size), 0.0],
            (np.r_[rows, rows, 0], np.r_[columns, columns, 0]),
        ),
        shape=X.shape,
    )
    for each in (twice, raw):
        close(classifier().fit(each, TWO), classifier().fit(X, TWO))


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
def test_frames_keep_the_names_of_their_columns(frame):
    table = frame({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2]})
    net = classifier().fit(table, TWO)
    assert net.feature_names_in_.tolist() == ["a", "b", "c"]
    assert same(net, classifier().fit(X, TWO))
    np.testing.assert_array_equal(net.predict(table), classifier().fit(X, TWO).predict(X))
    swapped = frame({"b": X[:, 1], "a": X[:, 0], "c": X[:, 2]})
    with pytest.raises(ValueError, match="feature names"):
        net.predict(swapped)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        net.predict(X)


def test_targets_may_come_from_frames_too():
    for series in (pd.Series, pl.Series):
        assert same(classifier().fit(X, series(TWO)), classifier().fit(X, TWO))
        text = series(np.array(["no", "yes"])[TWO].tolist())
        assert classifier().fit(X, text).classes_.tolist() == ["no", "yes"]
        assert same(regressor().fit(X, series(NUMBERS)), regressor().fit(X, NUMBERS))


def test_other_forms_of_the_same_numbers():
    exact = np.round(X * 64) / 64  # the same in float32
    net = classifier().fit(exact, TWO)
    for form in (exact.astype(np.float32), exact.tolist(), np.asfortranarray(exact)):
        assert same(classifier().fit(form, TWO), net)
        np.testing.assert_array_equal(net.predict_proba(form), net.predict_proba(exact))
    whole = classifier().fit((exact * 64).astype(int), TWO)
    close(whole, net)  # scaling undoes the factor


def test_predictions_do_not_depend_on_how_rows_are_grouped():
    net = classifier().fit(X, THREE)
    one_by_one = np.concatenate([net.predict_proba(row[None]) for row in X])
    np.testing.assert_allclose(one_by_one, net.predict_proba(X), rtol=1e-12)


def test_scaling_can_be_left_out():
    net = regressor(scale_inputs=False, scale_targets=False).fit(X, NUMBERS)
    hidden = np.maximum(X @ net.coefs_[0] + net.intercepts_[0], 0)
    by_hand = hidden @ net.coefs_[1] + net.intercepts_[1]
    np.testing.assert_allclose(net.predict(X), by_hand[:, 0], rtol=1e-12)
    scaled = regressor().fit(X, NUMBERS)
    rows = (X - X.mean(0)) / X.std(0)
    hidden = np.maximum(rows @ scaled.coefs_[0] + scaled.intercepts_[0], 0)
    by_hand = (hidden @ scaled.coefs_[1] + scaled.intercepts_[1])[:, 0]
    np.testing.assert_allclose(scaled.predict(X), by_hand * NUMBERS.std() + NUMBERS.mean())


def test_units_of_inputs_and_targets_do_not_matter():
    net = regressor().fit(X, NUMBERS)
    other = regressor().fit(1e6 * X - 7, 1e-3 * NUMBERS)
    np.testing.assert_allclose(other.loss_curve_, net.loss_curve_, rtol=1e-8)
    np.testing.assert_allclose(other.predict(1e6 * X - 7), 1e-3 * net.predict(X), rtol=1e-8)


# Weights


@pytest.mark.parametrize(("make", "y"), [(classifier, THREE), (regressor, NUMBERS)])
def test_a_weight_is_a_repetition(make, y):
    weights = RNG.integers(0, 4, 60)
    weighted = make().fit(X, y, weights)
    repeated = make().fit(np.repeat(X, weights, 0), np.repeat(y, weights, 0))
    close(weighted, repeated)
    np.testing.assert_allclose(weighted.loss_curve_, repeated.loss_curve_)


def test_only_ratios_of_weights_matter_to_the_losses():
    net = classifier(alpha=0.0).fit(X, TWO, np.full(60, 7.0))
    close(net, classifier(alpha=0.0).fit(X, TWO))


@pytest.mark.parametrize(
    "class_weight", [{0: 3.0, 1: 1.0}, {0: 3.0}, "balanced"], ids=["both", "one", "balanced"]
)
def test_class_weights_multiply_the_weights_of_the_rows(class_weight):
    y = (X[:, 0] > 1).astype(int)
    counts = np.bincount(y)
    per_class = 60 / (2 * counts) if class_weight == "balanced" else np.array([3.0, 1.0])
    rows = RNG.uniform(1, 2, 60)
    net = classifier(class_weight=class_weight).fit(X, y, rows)
    close(net, classifier().fit(X, y, rows * per_class[y]))


# Soft targets


def test_hard_soft_targets_are_the_labels():
    one_hot = np.eye(3)[THREE]
    assert same(classifier().fit(X, THREE, soft_targets=one_hot), classifier().fit(X, THREE))
    pair = np.c_[1 - TWO, TWO]
    assert same(classifier().fit(X, TWO, soft_targets=pair), classifier().fit(X, TWO))


def test_soft_targets_are_in_the_order_of_classes():
    names = np.array(["c", "a", "b"])[THREE]  # classes_ will be a, b, c
    soft = np.full((60, 3), 0.05)
    soft[np.arange(60), np.searchsorted(["a", "b", "c"], names)] = 0.9
    net = classifier(max_iter=500, learning_rate_init=0.05).fit(X, names, soft_targets=soft)
    assert net.classes_.tolist() == ["a", "b", "c"]
    assert net.score(X, names) > 0.9
    turned = classifier(max_iter=500, learning_rate_init=0.05).fit(
        X, names, soft_targets=soft[:, [1, 2, 0]]
    )
    assert turned.score(X, names) < 0.2


@pytest.mark.parametrize("high", [0.85, 0.6])
def test_class_targets_of_softmax_share_the_rest(high):
    soft = np.full((60, 3), (1 - high) / 2)
    soft[np.arange(60), THREE] = high
    net = classifier(class_targets=(0.1, high)).fit(X, THREE)
    assert same(net, classifier().fit(X, THREE, soft_targets=soft))


def test_class_targets_of_logistic_outputs_are_literal():
    net = classifier(class_targets=(0.1, 0.7)).fit(X, TWO)
    literal = np.where(TWO == 1, 0.7, 0.1)
    assert same(net, classifier().fit(X, TWO, soft_targets=np.c_[1 - literal, literal]))
    labels = np.c_[TWO, THREE == 1] * 1
    net = classifier(class_targets=(0.1, 0.7)).fit(X, labels)
    assert same(net, classifier().fit(X, labels, soft_targets=np.where(labels, 0.7, 0.1)))


# Validation data and early stopping


def noisy(count, seed):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, 3))
    return rows, (rows[:, 0] + rng.normal(0, 1.0, count) > 0).astype(int)


def test_the_weights_with_the_best_validation_loss_are_kept():
    rows, y = noisy(40, 1)
    held_x, held_y = noisy(100, 2)
    net = NetClassifier((30,), max_iter=200, learning_rate_init=0.03, random_state=0)
    net.fit(rows, y, X_val=held_x, y_val=held_y)
    losses = net.history_["validation_loss"]
    assert net.n_iter_ == 200  # without early_stopping the fit goes on, and still keeps the best
    assert losses.argmin() < 150
    assert losses[-1] > losses.min() * 1.05
    assert log_loss(held_y, net.predict_proba(held_x)) == pytest.approx(losses.min(), rel=1e-9)
    np.testing.assert_allclose(net.validation_scores_, -losses)
    assert net.best_validation_score_ == pytest.approx(-losses.min())
    again = clone(net).set_params(max_iter=int(losses.argmin()) + 1).fit(rows, y)
    assert same(again, net)


def test_early_stopping_ends_the_fit_and_splits_its_own_data():
    rows, y = noisy(120, 1)
    net = NetClassifier(
        (30,), early_stopping=True, max_iter=500, learning_rate_init=0.03, random_state=0
    ).fit(rows, y)
    assert net.stop_reason_.name == "validation"
    assert net.n_iter_ < 200
    best = int(np.argmax(net.validation_scores_))
    assert net.n_iter_ - best >= net.n_iter_no_change
    seed = net._model.seeds.split
    kept, held = train_test_split(np.arange(120), test_size=0.1, random_state=seed, stratify=y)
    by_hand = log_loss(y[held], net.predict_proba(rows[held]))
    assert by_hand == pytest.approx(-net.best_validation_score_, rel=1e-9)
    given = clone(net).fit(rows[kept], y[kept], X_val=rows[held], y_val=y[held])
    close(given, net)


def test_the_score_can_be_followed_instead_of_the_loss():
    rows, y = noisy(120, 1)
    held_x, held_y = noisy(100, 2)
    net = NetClassifier((30,), early_stopping=True, monitor="score", max_iter=300, random_state=0)
    net.fit(rows, y, X_val=held_x, y_val=held_y)
    assert max(net.validation_scores_) == net.best_validation_score_
    assert net.score(held_x, held_y) == net.best_validation_score_
    assert net.stop_reason_.name == "validation"
    assert "score" in str(net.stop_reason_)
    line = NetRegressor((4,), early_stopping=True, monitor="score", max_iter=50, random_state=0)
    line.fit(X, NUMBERS, X_val=X[:20], y_val=NUMBERS[:20])
    assert line.score(X[:20], NUMBERS[:20]) == pytest.approx(line.best_validation_score_)


def test_validation_rows_have_weights():
    weights = RNG.integers(0, 3, 20)
    net = classifier().fit(X, TWO, X_val=X[:20], y_val=TWO[:20], sample_weight_val=weights)
    repeated = np.repeat(np.arange(20), weights)
    other = classifier().fit(X, TWO, X_val=X[repeated], y_val=TWO[repeated])
    np.testing.assert_allclose(net.validation_scores_, other.validation_scores_, rtol=1e-9)


def test_a_fit_that_stops_falling_says_so():
    net = classifier(max_iter=2000, tol=1e-2, n_iter_no_change=5).fit(X, TWO)
    assert net.stop_reason_.name == "tol"
    curve = np.array(net.loss_curve_)
    before = np.minimum.accumulate(curve)[-7:-1]
    assert (curve[-6:] > before - 1e-2).all()


def test_a_fit_that_uses_all_epochs_warns_as_scikit_learn_does():
    with pytest.warns(ConvergenceWarning, match=r"All 3 epochs were used.*raise max_iter"):
        net = classifier(max_iter=3).fit(X, TWO)
    assert net.stop_reason_.name == "max_iter"
    assert net.n_iter_ == len(net.loss_curve_) == 3
    assert net.best_loss_ == min(net.loss_curve_)


# Going on


@pytest.mark.parametrize("parameters", [{}, {"batch_size": 16, "dropout": 0.2}], ids=str)
def test_fifty_epochs_twice_are_a_hundred(parameters):
    steady = {"tol": 0.0, "n_iter_no_change": np.inf} | parameters
    once = classifier(max_iter=100, **steady).fit(X, TWO)
    twice = classifier(max_iter=50, warm_start=True, **steady).fit(X, TWO)
    assert twice.n_iter_ == 50
    twice.fit(X, TWO)
    assert same(once, twice)
    assert once.loss_curve_ == twice.loss_curve_
    assert twice.n_iter_ == 50


def test_without_warm_start_a_fit_begins_anew():
    net = classifier().fit(X, THREE).fit(X, TWO)
    assert same(net, classifier().fit(X, TWO))
    assert net.classes_.tolist() == [0, 1]


def test_a_warm_start_with_other_layers_is_refused():
    net = classifier(warm_start=True).fit(X, TWO)
    with pytest.raises(ParameterError, match=r"(?s)cannot go on.*hidden_1.*warm_start=False"):
        net.set_params(hidden_layer_sizes=(5,)).fit(X, TWO)


def test_a_warm_start_may_change_loss_solver_and_rate():
    net = classifier(warm_start=True, alpha=0.0, class_targets=(0.15, 0.85), max_iter=300)
    net.set_params(n_iter_no_change=np.inf, learning_rate_init=0.05).fit(X, TWO)
    reached = net.loss_curve_[-1]
    net.set_params(loss="squared_error", solver="rmsprop", max_iter=5)
    with pytest.warns(StuckWarning):
        net.fit(X, TWO)
    # Half a squared error lies under the entropy of the targets; that is no global minimum.
    assert net.loss_curve_[-1] < reached
    assert net.stop_reason_.name == "max_iter"


def test_partial_fit_is_one_epoch_a_call():
    steps = classifier(batch_size=16)
    for _ in range(10):
        steps.partial_fit(X, TWO)
    assert steps.stop_reason_.name == "partial_fit"
    assert (steps.n_iter_, len(steps.loss_curve_)) == (1, 10)
    assert same(steps, classifier(batch_size=16).fit(X, TWO))


def test_partial_fit_freezes_scaling_at_its_first_call():
    net = regressor().partial_fit(X, NUMBERS)
    before = net.predict(X)
    far = net.set_params(learning_rate_init=1e-300).partial_fit(1000 + 50 * X, 99 * NUMBERS)
    np.testing.assert_allclose(far.predict(X), before, rtol=1e-12)


def test_partial_fit_learns_classes_that_come_later():
    net = classifier(learning_rate_init=0.05)
    first = THREE < 2
    net.partial_fit(X[first], THREE[first], classes=[0, 1, 2])
    for _ in range(100):
        net.partial_fit(X[~first], THREE[~first])
        net.partial_fit(X[first], THREE[first])
    assert net.classes_.tolist() == [0, 1, 2]
    assert set(net.predict(X)) == {0, 1, 2}


def test_partial_fit_sees_every_row_of_blocks_of_any_size():
    """At a rate of 0 with momentum off, the mean loss of an epoch is the loss of its rows."""
    net = classifier(batch_size=16, alpha=0.0, learning_rate_init=1e-30, solver="sgd", momentum=0)
    for count in (60, 33, 60, 17, 50, 1, 60, 16, 48):
        rows, y = X[:count], TWO[:count]
        net.partial_fit(rows, y)
        expected = log_loss(y, net.predict_proba(rows), labels=[0, 1]) if count > 1 else None
        if expected is not None:
            assert net.loss_curve_[-1] == pytest.approx(expected, rel=1e-5)
    assert len(net.loss_curve_) == 9


def test_one_seed_one_network():
    assert same(classifier(batch_size=8).fit(X, TWO), classifier(batch_size=8).fit(X, TWO))
    one, other = classifier(random_state=1).fit(X, TWO), classifier(random_state=2).fit(X, TWO)
    assert not same(one, other)
    free = classifier(random_state=None)
    assert not same(clone(free).fit(X, TWO), clone(free).fit(X, TWO))
    state = np.random.RandomState(3)
    first = classifier(random_state=state).fit(X, TWO)
    assert not same(first, classifier(random_state=state).fit(X, TWO))
    assert same(first, classifier(random_state=np.random.RandomState(3)).fit(X, TWO))


# Batches, rates, regularization


def test_batch_size_one_takes_a_step_for_each_row_and_n_one_in_all():
    single = classifier(batch_size=1, dtype="float64").fit(X, TWO)
    assert single._model.course.step == 600
    everything = classifier(batch_size=60).fit(X, TWO)
    assert everything._model.course.step == 10
    assert same(everything, classifier().fit(X, TWO))
    assert same(everything, classifier(batch_size=1000).fit(X, TWO))
    assert single.loss_curve_[-1] < everything.loss_curve_[-1]


def test_whole_batches_are_trained_in_float64_and_small_ones_in_float32():
    def is_float32(net):
        return all((w == w.astype(np.float32)).all() for w in net.coefs_)

    assert not is_float32(classifier().fit(X, TWO))
    assert is_float32(classifier(batch_size=16).fit(X, TWO))
    assert is_float32(classifier(dtype="float32").fit(X, TWO))
    assert not is_float32(classifier(batch_size=16, dtype="float64").fit(X, TWO))
    assert classifier().fit(X, TWO).coefs_[0].dtype == np.float64


def test_order_of_rows_without_shuffle():
    """One pass over two batches, by hand: plain gradient descent on a linear model."""
    net = NetRegressor(
        (),
        solver="sgd",
        momentum=0.0,
        alpha=0.0,
        batch_size=30,
        shuffle=False,
        learning_rate_init=0.1,
        max_iter=1,
        dtype="float64",
        scale_inputs=False,
        scale_targets=False,
        random_state=0,
    )
    start = clone(net).set_params(learning_rate_init=1e-300).fit(X, NUMBERS)
    w, b = start.coefs_[0][:, 0].copy(), start.intercepts_[0][0]
    for rows, y in ((X[:30], NUMBERS[:30]), (X[30:], NUMBERS[30:])):
        error = rows @ w + b - y
        w, b = w - 0.1 * rows.T @ error / 30, b - 0.1 * error.mean()
    net.fit(X, NUMBERS)
    np.testing.assert_allclose(net.coefs_[0][:, 0], w, rtol=1e-12)
    np.testing.assert_allclose(net.intercepts_[0], b, rtol=1e-12)
    shuffled = clone(net).set_params(shuffle=True).fit(X, NUMBERS)
    assert not same(shuffled, net)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_schedule_trains_at_its_own_rates(schedule):
    net = classifier(learning_rate=schedule, learning_rate_init=0.05, max_iter=40, tol=0.0)
    net.fit(X, TWO)
    rates = net.history_["learning_rate"]
    assert net.loss_curve_[-1] < net.loss_curve_[0]
    assert (rates <= 0.05 * (1 + 1e-12)).all()
    t = np.arange(40)
    expected = {
        "constant": np.full(40, 0.05),
        "invscaling": 0.05 / np.sqrt(t + 1),
        "linear": 0.05 * (1 - t / 40),
        "cosine": 0.025 * (1 + np.cos(np.pi * t / 40)),
    }
    if schedule in expected:
        np.testing.assert_allclose(rates, expected[schedule], rtol=1e-12)


def test_rates_that_react_fall_when_nothing_improves():
    hard = {"learning_rate_init": 0.05, "tol": 10.0, "max_iter": 60, "n_iter_no_change": 4}
    adaptive = classifier(learning_rate="adaptive", **hard).fit(X, TWO)
    levels = -np.sort(-np.unique(adaptive.history_["learning_rate"]))
    np.testing.assert_allclose(levels[:3], [0.05, 0.01, 0.002])
    assert adaptive.stop_reason_.name == "learning_rate"
    hard["n_iter_no_change"] = np.inf
    plateau = classifier(learning_rate="plateau", plateau_patience=3, **hard).fit(X, TWO)
    rates = plateau.history_["learning_rate"]
    np.testing.assert_allclose(rates[:7], [0.05] * 4 + [0.025] * 3)


def test_dropout_trains_noisily_and_predicts_without_noise():
    net = classifier(dropout=0.5, max_iter=300, learning_rate_init=0.03).fit(X, TWO)
    np.testing.assert_array_equal(net.predict_proba(X), net.predict_proba(X))
    assert net.score(X, TWO) > 0.85
    assert not same(net, classifier(max_iter=300, learning_rate_init=0.03).fit(X, TWO))
    assert np.mean(np.diff(net.loss_curve_) > 0) > 0.2


def test_layer_norm_standardizes_hidden_preactivations():
    net = NetRegressor((8,), layer_norm=True, activation="identity", max_iter=1, random_state=0)
    net.set_params(learning_rate_init=1e-300).fit(X, NUMBERS)
    hidden = net.features(X)
    np.testing.assert_allclose(hidden.mean(1), 0.0, atol=1e-12)
    np.testing.assert_allclose(hidden.std(1), 1.0, atol=1e-3)
    trained = NetRegressor((8,), layer_norm=True, max_iter=300, random_state=0)
    assert trained.set_params(learning_rate_init=0.03).fit(X, NUMBERS).score(X, NUMBERS) > 0.8


def test_clipping_bounds_the_step():
    plain = {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 1.0, "max_iter": 1}
    start = regressor(**plain | {"learning_rate_init": 1e-300}).fit(X, NUMBERS)

    def moved(net):
        pairs = zip(net.coefs_ + net.intercepts_, start.coefs_ + start.intercepts_, strict=True)
        return np.sqrt(sum(((a - b) ** 2).sum() for a, b in pairs))

    free = regressor(**plain).fit(X, NUMBERS)
    assert moved(free) == pytest.approx(free.history_["gradient_norm"][0])
    assert moved(regressor(**plain, clip_norm=1e-3).fit(X, NUMBERS)) == pytest.approx(1e-3)
    assert same(regressor(**plain, clip_norm=1e9).fit(X, NUMBERS), free)


def test_slope_offset_changes_the_course_but_not_the_objective():
    offset = classifier(activation="tanh", slope_offset=0.1).fit(X, TWO)
    plain = classifier(activation="tanh").fit(X, TWO)
    assert offset.loss_curve_[0] == plain.loss_curve_[0]
    assert not same(offset, plain)


# Every part


@pytest.mark.parametrize("solver", [each.name for each in FIRST_ORDER])
def test_every_solver_trains(solver):
    rate = {"sgd": 0.05, "adadelta": 20.0, "adagrad": 0.1, "lion": 0.005}.get(solver, 0.02)
    net = classifier(solver=solver, learning_rate_init=rate, max_iter=100).fit(X, TWO)
    assert net.loss_curve_[-1] < 0.85 * net.loss_curve_[0]
    assert net.score(X, TWO) > 0.8


@pytest.mark.filterwarnings("ignore::unstuck.StuckWarning")
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_trains_in_a_hidden_layer(activation):
    net = regressor(activation=activation, learning_rate_init=0.03, max_iter=150)
    net.fit(X, NUMBERS)
    # Where no slope passes, the output layer still learns on random features.
    share = 0.95 if activation == "step" else 0.7
    assert net.loss_curve_[-1] < share * net.loss_curve_[0]
    assert np.isfinite(net.predict(X)).all()


def test_one_activation_per_layer():
    net = NetClassifier((4, 5), activation=("tanh", "elu(2)"), max_iter=2, random_state=0)
    text = str(net.fit(X, TWO).network_)
    assert "hidden_1  tanh" in text
    assert "hidden_2  elu(2.0)" in text
    np.testing.assert_allclose(
        net.features(X, layer=0),
        np.tanh((X - X.mean(0)) / X.std(0) @ net.coefs_[0] + net.intercepts_[0]),
    )


def test_own_functions_as_activation_loss_and_initializer():
    import jax
    import jax.numpy as jnp

    def swish(a):
        return a * jax.nn.sigmoid(a)

    def log_cosh(target, preactivation):
        return jnp.log(jnp.cosh(preactivation - target)).sum()

    def tiny(key, shape, dtype):
        return jax.random.normal(key, shape, dtype) * dtype(0.1)

    net = regressor(activation=swish, loss=log_cosh, initializer=tiny)
    net.set_params(max_iter=300, learning_rate_init=0.03).fit(X, NUMBERS)
    assert net.score(X, NUMBERS) > 0.9
    a = (X - X.mean(0)) / X.std(0) @ net.coefs_[0] + net.intercepts_[0]
    np.testing.assert_allclose(net.features(X), a / (1 + np.exp(-a)), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_trains_in_regression(loss):
    y = {"cross_entropy": 1 / (1 + np.exp(-NUMBERS + 5)), "poisson": np.exp(X[:, 0])}.get(
        loss, NUMBERS
    )
    net = regressor(loss=loss, max_iter=300, learning_rate_init=0.03).fit(X, y)
    assert net.score(X, y) > 0.8
    floor = net.loss_curve_[0] * 0.9
    assert net.loss_curve_[-1] < floor
    assert net.out_activation_ == {"cross_entropy": "logistic", "poisson": "exponential"}.get(
        loss, "identity"
    )


def test_a_quantile_covers_its_share():
    rng = np.random.default_rng(1)
    rows = rng.uniform(-1, 1, (600, 1))
    y = np.sin(3 * rows[:, 0]) + rng.normal(0, 0.3 + 0.2 * rows[:, 0])
    net = NetRegressor((8,), loss="quantile(0.9)", max_iter=800, learning_rate_init=0.02)
    net.set_params(batch_size=600, random_state=0, learning_rate="cosine", tol=0.0)
    net.set_params(n_iter_no_change=np.inf).fit(rows, y)
    assert 0.87 <= np.mean(y <= net.predict(rows)) <= 0.93


def test_poisson_predicts_rates():
    rng = np.random.default_rng(1)
    rows = rng.uniform(-1, 1, (600, 1))
    rates = np.exp(1.0 + rows[:, 0])
    net = NetRegressor((8,), loss="poisson", max_iter=300, learning_rate_init=0.01)
    net.set_params(batch_size=600, random_state=0).fit(rows, rng.poisson(rates))
    predicted = net.predict(rows)
    assert (predicted > 0).all()
    assert np.abs(predicted / rates - 1).mean() < 0.12


def test_robust_losses_shrug_off_outliers():
    y = NUMBERS.copy()
    y[:6] += 500.0
    line = {"max_iter": 2000, "learning_rate": "cosine", "learning_rate_init": 0.03, "tol": 0.0}
    line |= {"n_iter_no_change": np.inf, "alpha": 0.0}
    off = {}
    for loss in ("squared_error", "absolute_error", "huber(0.01)"):
        net = NetRegressor((), loss=loss, random_state=0, **line).fit(X, y)
        off[loss] = np.abs(net.predict(X) - NUMBERS)[6:].mean()
    assert off["squared_error"] > 20
    assert off["absolute_error"] < 2
    assert off["huber(0.01)"] < 2


# Pairs, warnings


@pytest.mark.parametrize("output", ["logistic", "softmax"])
def test_squared_error_of_probabilities_warns_and_trains(output):
    y = THREE if output == "softmax" else TWO
    net = classifier(loss="squared_error", output_activation=output, max_iter=200)
    with pytest.warns(StuckWarning, match=r"squared_error.*get stuck.*'cross_entropy'"):
        net.set_params(learning_rate_init=0.05).fit(X, y)
    assert net.score(X, y) > 0.8


@pytest.mark.parametrize("output", ["relu", "identity"])
def test_cross_entropy_of_unbounded_outputs_is_an_error_that_names_the_partner(output):
    with pytest.raises(ParameterError) as caught:
        classifier(output_activation=output).fit(X, THREE)
    text = str(caught.value)
    assert f"'cross_entropy' is not defined for output_activation={output!r}" in text
    assert "'softmax'" in text
    assert "'squared_error'" in text


def test_a_stack_that_is_one_linear_map_warns():
    with pytest.warns(StuckWarning, match=r"collapse into one linear map.*'relu'"):
        regressor(activation="identity").fit(X, NUMBERS)
    with pytest.warns(StuckWarning, match="slope 0 everywhere"):
        regressor(activation="step").fit(X, NUMBERS)
    NetRegressor((), max_iter=2).fit(X, NUMBERS)  # a linear model that says what it is


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"momentum": 0.5}, ["momentum is ignored by solver='adam'", "sgd"]),
        ({"solver": "sgd", "beta_1": 0.5}, ["beta_1 is ignored by solver='sgd'", "adam"]),
        ({"weight_decay": 0.5}, ["weight_decay is ignored", "adamw, lion"]),
        ({"power_t": 0.7}, ["power_t is ignored by learning_rate='constant'"]),
        ({"slope_offset": 0.1}, ["slope_offset is ignored: no unit"]),
    ],
    ids=str,
)
def test_a_parameter_that_nothing_reads_warns(parameters, named):
    with pytest.warns(IgnoredParameterWarning) as caught:
        classifier(**parameters).fit(X, TWO)
    for part in named:
        assert part in str(caught[0].message)
    assert caught[0].filename == __file__  # the warning points at the user's line


def test_defaults_warn_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classifier(max_iter=1000, tol=1e-2).fit(X, TWO)


# The objective


def test_the_loss_curve_is_the_objective():
    weights = RNG.uniform(0.5, 2, 60)
    rows = (X - np.average(X, 0, weights)) / np.sqrt(
        np.average((X - np.average(X, 0, weights)) ** 2, 0, weights)
    )
    for count in range(1, 4):  # the loss of an epoch is measured before its step
        net = classifier(alpha=0.7, max_iter=count, learning_rate_init=0.1).fit(X, THREE, weights)
        after = classifier(alpha=0.7, max_iter=count + 1, learning_rate_init=0.1)
        measured = after.fit(X, THREE, weights).loss_curve_[count]
        hidden = np.maximum(rows @ net.coefs_[0] + net.intercepts_[0], 0)
        np.testing.assert_allclose(net.features(X), hidden, rtol=1e-10, atol=1e-12)
        a = hidden @ net.coefs_[1] + net.intercepts_[1]
        logs = a - np.log(np.exp(a).sum(1, keepdims=True))
        losses = -logs[np.arange(60), THREE]
        squares = sum((w**2).sum() for w in net.coefs_)
        by_hand = weights @ losses / weights.sum() + 0.7 / (2 * weights.sum()) * squares
        assert measured == pytest.approx(by_hand, rel=1e-12)


def test_the_squared_error_is_half_the_sum_over_outputs():
    y = np.c_[NUMBERS, X[:, 2]]
    plain = {"alpha": 0.0, "scale_targets": False, "scale_inputs": False}
    net = regressor(max_iter=1, **plain).fit(X, y)
    measured = regressor(max_iter=2, **plain).fit(X, y).loss_curve_[1]
    assert measured == pytest.approx(0.5 * ((net.predict(X) - y) ** 2).sum(1).mean(), rel=1e-12)


@pytest.mark.parametrize("weights", [None, np.linspace(0.5, 2.0, 60)], ids=["equal", "weighted"])
def test_without_a_hidden_layer_it_is_ridge_regression(weights):
    """The l2 penalty of O5: alpha / 2 |w|^2 beside half the sum of squares is Ridge(alpha)."""
    net = NetRegressor(
        (),
        alpha=20.0,
        solver="sgd",
        learning_rate_init=0.1,
        max_iter=3000,
        tol=0.0,
        n_iter_no_change=np.inf,
        scale_inputs=False,
        scale_targets=False,
        random_state=0,
    ).fit(X, NUMBERS, weights)
    ridge = Ridge(alpha=20.0).fit(X, NUMBERS, weights)
    np.testing.assert_allclose(net.coefs_[0][:, 0], ridge.coef_, rtol=1e-9)
    np.testing.assert_allclose(net.intercepts_[0][0], ridge.intercept_, rtol=1e-9)
    assert not np.allclose(ridge.coef_, LinearRegression().fit(X, NUMBERS, weights).coef_, 0.1)


def test_without_a_hidden_layer_it_is_logistic_regression():
    net = NetClassifier((), alpha=5.0, solver="sgd", learning_rate_init=0.5, max_iter=3000)
    net.set_params(tol=0.0, n_iter_no_change=np.inf, scale_inputs=False, random_state=0)
    net.fit(X, THREE)
    peer = LogisticRegression(C=1 / 5.0, tol=1e-12, max_iter=10_000).fit(X, THREE)
    np.testing.assert_allclose(net.predict_proba(X), peer.predict_proba(X), atol=1e-7)


# Features, posterior probabilities, global minimum (O7, O4)


def test_least_squares_on_the_features_is_the_output_layer():
    net = NetRegressor((4,), activation="tanh", alpha=0.0, learning_rate_init=0.02, max_iter=6000)
    net.set_params(tol=0.0, n_iter_no_change=np.inf, learning_rate="cosine", random_state=0)
    y = np.sin(X[:, 0]) + 0.5 * X[:, 1]
    net.fit(X, y)
    again = LinearRegression().fit(net.features(X), y)
    np.testing.assert_allclose(again.predict(net.features(X)), net.predict(X), atol=1e-2)
    np.testing.assert_allclose(again.coef_, net.coefs_[1][:, 0] * y.std(), atol=5e-2)


def test_softmax_regression_on_the_features_is_the_output_layer():
    net = NetClassifier((3,), activation="tanh", alpha=1.0, learning_rate_init=0.02, max_iter=4000)
    net.set_params(tol=0.0, n_iter_no_change=np.inf, learning_rate="cosine", random_state=0)
    net.fit(X, THREE)
    again = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(net.features(X), THREE)
    shares = again.predict_proba(net.features(X))
    np.testing.assert_allclose(shares, net.predict_proba(X), atol=1e-3)
    centered = net.coefs_[1] - net.coefs_[1].mean(1, keepdims=True)
    np.testing.assert_allclose(again.coef_.T, centered, atol=5e-3)


def test_outputs_estimate_posterior_probabilities():
    """Two Gaussians of one shape: the posterior is a logistic function of x1 + x2."""
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 4000)
    rows = rng.normal(size=(4000, 2)) + np.where(y, 0.75, -0.75)[:, None]
    posterior = 1 / (1 + np.exp(-1.5 * rows.sum(1)))
    net = NetClassifier((8,), early_stopping=True, learning_rate_init=0.01, random_state=0)
    shares = net.fit(rows, y).predict_proba(rows)[:, 1]
    assert np.abs(shares - posterior).mean() < 0.03
    bins = np.digitize(shares, np.linspace(0, 1, 6)[1:-1])
    for each in range(5):
        inside = bins == each
        assert abs(y[inside].mean() - shares[inside].mean()) < 0.06  # calibrated


def test_a_global_minimum_is_reached_and_said():
    rows, y = X[:6], np.array([0, 1, 0, 1, 1, 0])
    net = NetClassifier((10,), activation="tanh", class_targets=(0.15, 0.85), alpha=0.0)
    net.set_params(solver="sgd", learning_rate_init=0.5, max_iter=20_000, random_state=0)
    net.set_params(n_iter_no_change=np.inf, tol=0.0).fit(rows, y)
    assert net.stop_reason_.name == "global_minimum"
    assert "global minimum" in str(net.stop_reason_)
    entropy = -(0.15 * np.log(0.15) + 0.85 * np.log(0.85))
    assert net.loss_curve_[-1] == pytest.approx(entropy, abs=1e-13)
    np.testing.assert_allclose(net.predict_proba(rows)[:, 1], np.where(y, 0.85, 0.15), atol=1e-6)


@pytest.mark.parametrize(
    "spoilt", ["conflicting labels", "penalty", "hard targets", "squared error"]
)
def test_nothing_else_is_called_a_global_minimum(spoilt):
    rows, y = X[:6].copy(), np.array([0, 1, 0, 1, 1, 0])
    net = NetClassifier((10,), activation="tanh", class_targets=(0.15, 0.85), alpha=0.0)
    net.set_params(solver="sgd", learning_rate_init=0.5, max_iter=5000, random_state=0)
    net.set_params(n_iter_no_change=np.inf, tol=0.0)
    if spoilt == "conflicting labels":
        rows[1] = rows[0]
    if spoilt == "penalty":
        net.set_params(alpha=1e-4)
    if spoilt == "hard targets":
        net.set_params(class_targets=(0.0, 1.0))
    if spoilt == "squared error":
        net.set_params(loss="squared_error")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StuckWarning)
        if spoilt == "conflicting labels":
            with pytest.warns(UnstuckWarning, match=r"2 rows have the same inputs.*cannot reach"):
                net.fit(rows, y)
        else:
            net.fit(rows, y)
    assert net.stop_reason_.name == "max_iter"


# What a fit leaves behind


def test_fitted_attributes_agree():
    net = NetClassifier((5, 4), max_iter=7, random_state=0).fit(X, THREE)
    assert [w.shape for w in net.coefs_] == [(3, 5), (5, 4), (4, 3)]
    assert [b.shape for b in net.intercepts_] == [(5,), (4,), (3,)]
    assert net.n_layers_ == 4
    assert net.n_outputs_ == 3
    assert net.n_features_in_ == 3
    assert net.n_iter_ == len(net.loss_curve_) == len(net.history_["loss"]) == 7
    assert net.validation_scores_ is None
    assert net.best_validation_score_ is None
    assert not hasattr(net, "feature_names_in_")
    assert "total" in str(net.network_)
    assert net.features(X).shape == (60, 4)
    np.testing.assert_array_equal(net.features(X, 0), net.features(X, -2))
    assert net.history_["layer_gradient_norm"].shape[1] == 3
    assert np.isnan(net.history_["validation_loss"]).all()


def test_a_classifier_without_probabilities_has_no_predict_proba():
    net = classifier(output_activation="tanh", loss="squared_error", class_targets=(-0.9, 0.9))
    with pytest.warns(StuckWarning):
        net.set_params(max_iter=300, learning_rate_init=0.03).fit(X, TWO)
    assert not hasattr(net, "predict_proba")
    assert net.score(X, TWO) > 0.9
    for unit in ("softmax", "sigmoid", ACTIVATIONS["logistic"]):
        assert hasattr(classifier(output_activation=unit), "predict_proba")
    assert not hasattr(classifier(output_activation="nonsense"), "predict_proba")


def test_two_classes_by_softmax_is_the_logistic_of_the_difference():
    net = classifier(output_activation="softmax").fit(X, TWO)
    a = net.features(X) @ net.coefs_[1] + net.intercepts_[1]
    by_hand = 1 / (1 + np.exp(a[:, 0] - a[:, 1]))
    np.testing.assert_allclose(net.predict_proba(X)[:, 1], by_hand, rtol=1e-12)


def test_fits_in_threads_do_not_disturb_each_other():
    from concurrent.futures import ThreadPoolExecutor

    nets = [classifier(random_state=seed, batch_size=b) for seed in (0, 1) for b in (16, 60)]
    with ThreadPoolExecutor(4) as pool:
        fitted = list(pool.map(lambda net: clone(net).fit(X, TWO), nets))
    for net, other in zip(nets, fitted, strict=True):
        assert same(net.fit(X, TWO), other)


def test_small_probabilities_keep_their_logarithm():
    """1 - z is exactly 0 beyond a = 37; the logarithm of the other class must stay finite."""
    X = np.linspace(-1.0, 1.0, 40)[:, None]
    net = NetClassifier((), random_state=0, max_iter=1, tol=0.0)
    with pytest.warns(ConvergenceWarning):
        net.fit(X, X[:, 0] > 0)
    net.coefs_[0][:] = 100.0
    logarithms = net.predict_log_proba(X)
    a = 100.0 * (X[:, 0] - X.mean()) / X.std() + net.intercepts_[0][0]
    np.testing.assert_allclose(logarithms[:, 0], -np.logaddexp(0.0, a), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(np.exp(logarithms), net.predict_proba(X), rtol=1e-12, atol=1e-300)


def test_partial_fit_refuses_early_stopping():
    X = np.linspace(-1.0, 1.0, 40)[:, None]
    with pytest.raises(ParameterError, match="cannot stop early"):
        NetClassifier(early_stopping=True).partial_fit(X, X[:, 0] > 0)


@pytest.mark.parametrize("solver", ["adam", "adamw"])
def test_large_networks_train_as_small_ones_do(monkeypatch, solver):
    """Large networks are trained as one array each, small ones as one vector: the same steps."""
    X, y = load_digits(return_X_y=True)
    settings = {"solver": solver, "max_iter": 2, "random_state": 0, "clip_norm": 0.5}
    fitted = []
    for largest in (0, 1 << 30):
        monkeypatch.setattr(network_module, "LARGEST_VECTOR", largest)
        mini_batches._memory_shapes.cache_clear()
        with pytest.warns(ConvergenceWarning):
            fitted.append(NetClassifier((20,), **settings).fit(X, y))
    mini_batches._memory_shapes.cache_clear()
    packed, whole = fitted
    assert len(packed._model.course.memory) > len(whole._model.course.memory)
    np.testing.assert_allclose(packed.loss_curve_, whole.loss_curve_, rtol=1e-5)
    for a, b in zip(packed.coefs_, whole.coefs_, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)
