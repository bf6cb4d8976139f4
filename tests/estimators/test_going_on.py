"""A fit in parts is the fit in one go, an error leaves no trace, a seed gives its start again."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import log_loss

from unstuck import NetClassifier, NetRegressor, ParameterError
from unstuck.training.history import EPOCH_COLUMNS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

EPOCHS = 100
STEADY = {"tol": 0.0, "n_iter_no_change": np.inf}


def noisy(count, seed):
    """Rows of which a third has the wrong class: validation gets worse after a while."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, 3))
    return rows, (rows[:, 0] + rng.normal(0.0, 1.0, count) > 0).astype(int)


X, Y = noisy(60, 1)
HELD_X, HELD_Y = noisy(60, 2)
GIVEN = {"X_val": HELD_X, "y_val": HELD_Y}
CURVE = np.sin(2 * X[:, 0]) + X[:, 1] ** 2


def classifier(**parameters):
    return NetClassifier(
        (4,),
        **{"max_iter": EPOCHS, "learning_rate_init": 0.05, "random_state": 0} | STEADY | parameters,
    )


def state(net):
    """All that a fit has left behind and that can be seen from outside, as copies."""
    names = [name for name in vars(net) if name.endswith("_") and not name.startswith("_")]
    found = {name: getattr(net, name) for name in names}
    found |= {f"history {name}": values for name, values in net.history_.items()}
    for name, layer in net.parameters_.items():
        found |= {f"{name}/{kind}": values for kind, values in layer.items()}
    return copy.deepcopy(found)


def assert_same_state(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name], err_msg=name)


def assert_same_fit(one, other):
    """The same weights, columns of epochs and claims, to the bit."""
    for mine, theirs in zip(
        one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_, strict=True
    ):
        np.testing.assert_array_equal(mine, theirs)
    for column in EPOCH_COLUMNS:
        mine, theirs = one.history_[column], other.history_[column]
        np.testing.assert_array_equal(mine, theirs, err_msg=column)
    assert one.best_validation_score_ == other.best_validation_score_
    assert len(one.loss_curve_) == len(other.loss_curve_)


# Validation data

SOLVERS = {
    "mini-batches": {"batch_size": 16, "dropout": 0.2},
    "one batch": {},
    "scg": {"solver": "scg", "learning_rate_init": 0.001},
}
WATCHED = {
    "loss": ({"monitor": "loss"}, GIVEN),
    "score": ({"monitor": "score"}, GIVEN),
    "own split": ({"early_stopping": True, "validation_fraction": 0.4}, {}),
}


@pytest.mark.parametrize("watched", WATCHED)
@pytest.mark.parametrize("solver", SOLVERS)
def test_parts_with_validation_data_equal_one_fit(solver, watched):
    parameters, given = WATCHED[watched]
    parameters = parameters | SOLVERS[solver]
    parts = classifier(warm_start=True, **parameters)
    for part in range(1, 4):
        parts.fit(X, Y, **given)
        once = classifier(**parameters | {"max_iter": part * EPOCHS}).fit(X, Y, **given)
        assert_same_fit(parts, once)
    assert np.argmax(parts.validation_scores_) < EPOCHS  # the best lies in the first part


def claimed(net):
    """What the weights give on the validation rows, in the measure that was monitored."""
    if net.monitor == "score":
        return net.score(HELD_X, HELD_Y)
    return -log_loss(HELD_Y, net.predict_proba(HELD_X))


@pytest.mark.parametrize("monitor", ["loss", "score"])
@pytest.mark.parametrize("solver", ["mini-batches", "one batch"])
def test_the_kept_weights_are_never_worse_than_the_best_of_all_parts(solver, monitor):
    net = classifier(warm_start=True, monitor=monitor, **SOLVERS[solver])
    best = -np.inf
    for _ in range(3):
        net.fit(X, Y, **GIVEN)
        assert net.best_validation_score_ == max(net.validation_scores_)
        assert claimed(net) == pytest.approx(net.best_validation_score_, rel=1e-6)
        assert claimed(net) >= best - 1e-6
        best = claimed(net)


def test_partial_fit_and_fit_go_on_from_the_last_epoch_not_from_the_best():
    """The training loss does not jump back where a part begins."""
    net = classifier(warm_start=True, batch_size=16).fit(X, Y, **GIVEN)
    last = net.loss_curve_[-1]
    net.set_params(max_iter=1).fit(X, Y, **GIVEN)
    assert net.loss_curve_[-1] == pytest.approx(last, abs=0.05)


@pytest.mark.parametrize("solver", ["mini-batches", "one batch"])
def test_patience_counts_over_parts(solver):
    """A fit that is cut two epochs before validation would end it ends two epochs later."""
    patient = SOLVERS[solver] | {"early_stopping": True, "n_iter_no_change": 5, "max_iter": 400}
    once = classifier(**patient).fit(X, Y, **GIVEN)
    assert once.stop_reason_.name == "validation"
    assert 10 < once.n_iter_ < 400
    parts = classifier(**patient | {"warm_start": True, "max_iter": once.n_iter_ - 2})
    parts.fit(X, Y, **GIVEN)
    assert parts.stop_reason_.name == "max_iter"
    parts.fit(X, Y, **GIVEN)
    assert parts.stop_reason_.name == "validation"
    assert_same_fit(parts, once)


# Errors


class TroubleError(Exception):
    """Of a user."""


class RaisesAt:
    """A callback of scikit-learn that fails at the end of an epoch of its fit."""

    def __init__(self, epoch):
        self.epoch = epoch

    def setup(self, estimator, context):
        """Nothing to set up."""

    def teardown(self, estimator, context):
        """Nothing to tear down."""

    def on_fit_task_begin(self, estimator, context):
        """Nothing to do."""

    def on_fit_task_end(self, estimator, context):
        if context.task_name == "epoch" and context.task_id + 1 == self.epoch:
            raise TroubleError


def broken_loss(target, preactivation):
    raise TroubleError


def callback_raises(net, given):
    pytest.importorskip("sklearn.callback", reason="came with scikit-learn 1.9")
    net.set_callbacks(RaisesAt(15))
    try:
        net.fit(X, CURVE, **given)
    finally:
        net.set_callbacks()


def own_loss_raises(net, given):
    net.set_params(loss=broken_loss)
    try:
        net.fit(X, CURVE, **given)
    finally:
        net.set_params(loss="auto")


def rows_are_not_finite(net, given):
    net.fit(np.where(X > 1, np.nan, X), CURVE, **given)


def rows_have_other_columns(net, given):
    net.fit(X[:, :2], CURVE, **given)


def targets_are_too_few(net, given):
    net.fit(X, CURVE[:-1], **given)


def validation_rows_are_bad(net, given):
    del given
    net.fit(X, CURVE, X_val=HELD_X, y_val=HELD_X[:5, 0])


def partial_fit_of_bad_rows(net, given):
    del given
    net.partial_fit(np.where(X > 1, np.inf, X), CURVE)


FAILURES = [
    callback_raises,
    own_loss_raises,
    rows_are_not_finite,
    rows_have_other_columns,
    targets_are_too_few,
    validation_rows_are_bad,
    partial_fit_of_bad_rows,
]


def regressor(**parameters):
    return NetRegressor(
        (4,), **{"max_iter": 10, "batch_size": 16, "random_state": 0} | STEADY | parameters
    )


@pytest.mark.parametrize("given", [{}, {"X_val": HELD_X, "y_val": HELD_X[:, 0]}],
                         ids=["alone", "validation"])  # fmt: skip
@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.__name__)
def test_an_error_in_a_fit_that_goes_on_leaves_no_trace(failure, given, tmp_path):
    def file_of(net):
        net.save(tmp_path / "net.safetensors")
        return (tmp_path / "net.safetensors").read_bytes()

    usual = regressor(warm_start=True).fit(X, CURVE, **given)
    net = regressor(warm_start=True).fit(X, CURVE, **given)
    net.set_params(max_iter=20)
    before, file = state(net), file_of(net)
    with pytest.raises((TroubleError, ValueError)):
        failure(net, given)
    assert_same_state(state(net), before)
    assert file_of(net) == file
    usual.set_params(max_iter=20).fit(X, CURVE, **given)
    net.fit(X, CURVE, **given)
    assert_same_fit(net, usual)
    assert_same_state(state(net), state(usual))


@pytest.mark.parametrize("failure", [callback_raises, own_loss_raises, rows_are_not_finite],
                         ids=lambda failure: failure.__name__)  # fmt: skip
def test_an_error_in_a_fit_that_begins_anew_keeps_the_old_fit(failure):
    net = regressor(max_iter=20).fit(X, CURVE)
    before, predicted = state(net), net.predict(X)
    with pytest.raises((TroubleError, ValueError)):
        failure(net, {})
    assert_same_state(state(net), before)
    np.testing.assert_array_equal(net.predict(X), predicted)


def test_an_error_in_the_first_fit_leaves_nothing():
    net = regressor(loss=broken_loss)
    with pytest.raises(TroubleError):
        net.fit(X, CURVE)
    assert not [name for name in vars(net) if name.endswith("_")]
    assert_same_fit(net.set_params(loss="auto").fit(X, CURVE), regressor().fit(X, CURVE))


# Seeds of restarts


@pytest.mark.parametrize(
    "parameters",
    [{}, {"batch_size": 16, "dropout": 0.2}, {"early_stopping": True, "validation_fraction": 0.4}],
    ids=["one batch", "mini-batches", "early stopping"],
)
def test_the_seed_of_a_start_gives_that_start(parameters):
    parameters = {"max_iter": 20, "n_iter_no_change": 10} | parameters
    found = classifier(n_restarts=4, **parameters).fit(X, Y)
    singles = [classifier(**parameters | {"random_state": start.seed}).fit(X, Y)
               for start in found.restarts_]  # fmt: skip
    for start, single in zip(found.restarts_, singles, strict=True):
        score = single.best_validation_score_
        assert start.cost == (single.loss_curve_[-1] if score is None else -score)
        assert start.n_iter == single.n_iter_
        assert start.stop_reason == single.stop_reason_
    costs = [start.cost for start in found.restarts_]
    assert len(set(costs)) == 4
    assert_same_fit(found, singles[int(np.argmin(costs))])


@pytest.mark.parametrize("seed", range(3))
def test_whichever_start_is_the_best_its_seed_gives_its_weights(seed):
    found = regressor(n_restarts=3, random_state=seed).fit(X, CURVE)
    best = min(found.restarts_, key=lambda start: start.cost)
    assert_same_fit(found, regressor(random_state=best.seed).fit(X, CURVE))
    assert found.restarts_[0].cost == regressor(random_state=seed).fit(X, CURVE).loss_curve_[-1]


@pytest.mark.parametrize("seed", range(3))
def test_several_starts_go_on_as_the_best_of_them_would(seed):
    on = regressor(n_restarts=3, random_state=seed, warm_start=True).fit(X, CURVE)
    best = min(on.restarts_, key=lambda start: start.cost)
    single = regressor(random_state=best.seed, warm_start=True).fit(X, CURVE)
    assert_same_fit(on.fit(X, CURVE), single.fit(X, CURVE))


# Timed schedules

FACTORS = {
    "linear": lambda share: 1.0 - share,
    "cosine": lambda share: 0.5 * (1.0 + np.cos(np.pi * share)),
    "one_cycle": lambda share: np.interp(share, [0.0, 0.3, 1.0], [0.04, 1.0, 1e-4]),
}
"""The formulas of the schedules: factor by the share of the horizon that is over."""


@pytest.mark.parametrize("schedule", FACTORS)
@pytest.mark.parametrize("batch", [60, 16])
def test_max_iter_calls_of_partial_fit_are_the_horizon(schedule, batch):
    net = classifier(learning_rate=schedule, batch_size=batch, max_iter=12, dtype="float64")
    for _ in range(12):
        net.partial_fit(X, Y)
    steps = -(-60 // batch)
    last = np.arange(12) + (steps - 1) / steps  # epochs at the start of each epoch's last step
    np.testing.assert_allclose(
        net.history_["learning_rate"], 0.05 * FACTORS[schedule](last / 12), rtol=1e-12
    )
    whole = classifier(learning_rate=schedule, batch_size=batch, max_iter=12, dtype="float64")
    assert_same_fit(net, whole.fit(X, Y))


@pytest.mark.parametrize("schedule", FACTORS)
def test_calls_after_the_horizon_stay_at_its_end(schedule):
    net = classifier(learning_rate=schedule, max_iter=3)
    for _ in range(5):
        net.partial_fit(X, Y)
    rates = net.history_["learning_rate"][3:]
    np.testing.assert_allclose(rates, 0.05 * FACTORS[schedule](1.0), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("schedule", FACTORS)
def test_a_warm_start_has_max_iter_more_epochs_to_its_horizon(schedule):
    """Each part's horizon ends with the part: done epochs and ``max_iter`` more."""
    net = classifier(learning_rate=schedule, max_iter=10, warm_start=True).fit(X, Y)
    net.set_params(max_iter=30).fit(X, Y)
    rates, epochs = net.history_["learning_rate"], np.arange(40)
    np.testing.assert_allclose(rates[:10], 0.05 * FACTORS[schedule](epochs[:10] / 10), rtol=1e-12)
    np.testing.assert_allclose(rates[10:], 0.05 * FACTORS[schedule](epochs[10:] / 40), rtol=1e-12)


def test_a_clone_of_a_fitted_estimator_begins_anew():
    net = classifier(learning_rate="linear", max_iter=10, warm_start=True).fit(X, Y)
    assert_same_fit(clone(net.fit(X, Y)).fit(X, Y), clone(net).fit(X, Y))


# What a fit goes on with where something has changed


@pytest.mark.parametrize("sizes", [(60, 15), (15, 60)])
def test_looks_stay_due_where_the_batches_change(sizes):
    """The count of steps is another one then; half of the looks of the second part lie within."""
    net = classifier(batch_size=sizes[0], warm_start=True, max_iter=300).fit(X, Y)
    net.set_params(batch_size=sizes[1]).fit(X, Y)
    looks = net.history_["look_epoch"]
    assert len(looks[(looks > 300) & (looks < 600)]) >= 1
    assert (np.diff(looks) < 250).all()


@pytest.mark.parametrize("changes", [{"loss": "absolute_error"}, {"dropout": 0.4}])
def test_progress_of_another_objective_is_forgotten(changes):
    net = NetRegressor((4,), max_iter=50, random_state=0, warm_start=True, batch_size=20)
    net.fit(X, CURVE)
    before = net._model.course.stalls
    net.set_params(max_iter=1, **changes).fit(X, CURVE)
    after = net._model.course.stalls
    assert after.best == -net.loss_curve_[-1] != before.best
    assert after.stalled == 0


def test_a_solver_of_all_rows_forgets_another_loss():
    """Its memory holds the value, the gradient and the curvature of the loss before."""
    net = NetRegressor((4,), solver="bfgs", max_iter=20, random_state=0, warm_start=True, **STEADY)
    net.fit(X, CURVE)
    net.set_params(loss="huber", max_iter=3)
    fresh = copy.deepcopy(net)
    fresh._model.course.memory = None
    assert_same_fit(net.fit(X, CURVE), fresh.fit(X, CURVE))


def test_the_best_score_is_that_of_the_rows_that_validate_now():
    net = classifier(warm_start=True, batch_size=16).fit(X, Y, X_val=X, y_val=Y)
    net.fit(X, Y, **GIVEN)
    assert net.best_validation_score_ == pytest.approx(claimed(net), rel=1e-5)


# Other validation than before


@pytest.mark.parametrize("monitors", [("score", "loss"), ("loss", "score"), ("score", "score")])
def test_what_is_claimed_is_what_the_kept_weights_give_in_the_last_monitor(monitors):
    net = classifier(warm_start=True, monitor=monitors[0], max_iter=40).fit(X, Y, **GIVEN)
    net.set_params(monitor=monitors[1], max_iter=3).fit(X, Y, **GIVEN)
    assert claimed(net) == pytest.approx(net.best_validation_score_, rel=1e-6)


def test_what_is_claimed_holds_for_the_last_validation_rows():
    net = classifier(warm_start=True, max_iter=40).fit(X, Y, X_val=X, y_val=Y)
    net.fit(X, Y, **GIVEN)
    assert claimed(net) == pytest.approx(net.best_validation_score_, rel=1e-6)
    assert net.best_validation_score_ < max(net.validation_scores_)


PROGRESS = {
    "from score to loss": ({"monitor": "score"}, {"monitor": "loss"}, GIVEN, GIVEN),
    "from training to validation": ({"early_stopping": False}, {}, {}, GIVEN),
    "from validation to training": ({}, {"early_stopping": False}, GIVEN, {}),
    "to other rows": ({}, {}, {"X_val": X, "y_val": Y}, GIVEN),
}
"""What is followed before and after, and with which validation data."""


@pytest.mark.parametrize("change", PROGRESS)
@pytest.mark.parametrize("batch", [60, 16])
def test_progress_counts_anew_where_something_else_is_followed(change, batch):
    """The best score is above every loss: against it, no epoch would be a better one."""
    first, then, given, following = PROGRESS[change]
    shared = {"early_stopping": True, "batch_size": batch, "warm_start": True}
    net = classifier(**shared | {"max_iter": 20} | first).fit(X, Y, **given)
    last = net._model.course.stalls.best
    net.set_params(early_stopping=True, max_iter=1, monitor="loss").set_params(**then)
    net.fit(X, Y, **following)
    best = net._model.course.stalls.best
    validated = net.history_["validation_loss"][-1]
    assert best == -(validated if following else net.loss_curve_[-1]) != last
    assert net._model.course.stalls.stalled == 0


# Another dtype than before


@pytest.mark.parametrize("given", [{}, GIVEN], ids=["", "validated"])
def test_weights_too_large_for_float32_are_refused_not_lost(given):
    net = classifier(warm_start=True, dtype="float64", max_iter=2).fit(X, Y, **given)
    net._model.parameters["output"]["weights"] *= 1e100
    if net._model.course.vector is not None:
        net._model.course.vector = net._model.course.vector * 1e100
    before = state(net)
    with pytest.raises(ParameterError, match=r'too large for float32.*Set dtype="float64"'):
        net.set_params(dtype="float32").fit(X, Y, **given)
    assert_same_state(state(net), before)


def test_a_memory_too_large_for_float32_begins_anew():
    """Squared gradients of infinity would stop Adam for ever."""
    net = classifier(warm_start=True, dtype="float64", max_iter=2).fit(X, Y)
    net._model.course.memory = [part * 10**60 if part.dtype.kind == "f" else part
                                for part in net._model.course.memory]  # fmt: skip
    before = net.coefs_
    net.set_params(dtype="float32").fit(X, Y)
    assert all(np.isfinite(part).all() for part in net._model.course.memory)
    assert not np.allclose(before[0], net.coefs_[0], atol=1e-3)
