"""Full-batch solvers as a user meets them: course, ends, going on, and what they refuse."""

import contextlib
import copy

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from unstuck import SOLVERS, NetClassifier, NetRegressor, load
from unstuck.errors import IgnoredParameterWarning, ParameterError
from unstuck.estimators import building
from unstuck.solvers.solver import FullBatch
from unstuck.training.task import Observer

WHOLE = [name for name in SOLVERS if isinstance(SOLVERS[name], FullBatch)]
MONOTONE = [name for name in WHOLE if SOLVERS[name].monotone]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2))
Y = np.sin(2 * X[:, 0]) + X[:, 1] ** 2 + 0.1 * RNG.normal(size=60)
CLASSES = np.array(["a", "b", "c"])[np.digitize(Y, [0.0, 1.0])]

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def net(solver, **parameters):
    usual = {"hidden_layer_sizes": (5,), "activation": "tanh", "max_iter": 20}
    usual |= {"tol": 0.0, "random_state": 3}
    return NetRegressor(solver=solver, **(usual | parameters))


def same(first, second):
    for mine, other in zip(first.coefs_, second.coefs_, strict=True):
        np.testing.assert_array_equal(mine, other)
    assert first.loss_curve_ == second.loss_curve_


@pytest.mark.parametrize("solver", WHOLE)
def test_it_learns(solver):
    found = net(solver, max_iter=100).fit(X, Y)
    assert found.score(X, Y) > (0.6 if solver == "quickprop" else 0.9)
    assert found.coefs_[0].dtype == np.float64
    columns = SOLVERS[solver].columns
    assert all(np.isfinite(found.history_[name]).all() for name in columns)
    assert (found.history_["evaluations"] >= 1).all()
    assert np.isnan(found.history_["learning_rate"]).all()


@pytest.mark.parametrize("solver", [name for name in WHOLE if name != "br"])
def test_it_learns_classes(solver):
    parameters = {"solver": solver, "max_iter": 200, "random_state": 0}
    found = NetClassifier((5,), activation="tanh", **parameters).fit(X, CLASSES)
    assert found.score(X, CLASSES) > (0.7 if solver == "quickprop" else 0.85)


@pytest.mark.parametrize("solver", MONOTONE)
@pytest.mark.parametrize("seed", range(3))
def test_the_objective_never_rises(solver, seed):
    found = net(solver, random_state=seed, activation="relu", alpha=0.1, max_iter=40).fit(X, Y)
    assert (np.diff(found.loss_curve_) <= 0).all()


@pytest.mark.parametrize("solver", WHOLE)
def test_half_and_half_is_the_whole(solver, tmp_path):
    whole = net(solver, max_iter=20).fit(X, Y)
    half = net(solver, max_iter=10, warm_start=True).fit(X, Y)
    half.save(tmp_path / "half.safetensors")
    loaded, kept = load(tmp_path / "half.safetensors"), copy.deepcopy(half)
    same(half.fit(X, Y), whole)
    same(loaded.fit(X, Y), whole)
    for _ in range(10):
        kept.partial_fit(X, Y)
    same(kept, whole)


@pytest.mark.parametrize("solver", WHOLE)
@pytest.mark.parametrize("change", ["rows", "weights", "penalty"])
def test_other_data_begin_with_a_new_memory(solver, change):
    first = net(solver, max_iter=5, warm_start=True).fit(X, Y)
    fresh = copy.deepcopy(first)
    fresh._model.course.memory = None
    x, y = (X[::-1], Y[::-1] + 1) if change == "rows" else (X, Y)
    weights = np.linspace(1, 2, 60) if change == "weights" else None
    for each in (first, fresh):
        if change == "penalty":
            each.set_params(alpha=0.5)
        each.fit(x, y, weights)
    same(first, fresh)


def test_goals_end_a_fit():
    reached = net("bfgs", max_iter=200, loss_goal=0.05).fit(X, Y)
    assert reached.stop_reason_.name == "loss_goal"
    assert reached.loss_curve_[-1] <= 0.05 < reached.loss_curve_[-2]
    flat = net("bfgs", max_iter=2000, alpha=1.0, gradient_goal=1e-4).fit(X, Y)
    assert flat.stop_reason_.name == "gradient_goal"
    norms = flat.history_["gradient_norm"]
    assert norms[-1] <= 1e-4 < norms[-2]
    assert str(flat.stop_reason_).endswith("gradient_goal was 0.0001.")


def test_goals_end_first_order_fits_too():
    found = net("adam", max_iter=1000, learning_rate_init=0.02, loss_goal=0.4).fit(X, Y)
    assert found.stop_reason_.name == "loss_goal"


def test_time_ends_a_fit():
    found = net("rprop", max_iter=10**7, n_iter_no_change=np.inf, max_time=0.2).fit(X, Y)
    assert found.stop_reason_.name == "max_time"
    assert 1 <= found.n_iter_ < 10**7
    assert "max_time was 0.2" in str(found.stop_reason_)


@pytest.mark.parametrize("solver", ["gd", "cg", "scg", "bfgs", "lbfgs", "lm"])
@pytest.mark.parametrize("seed", range(3))
def test_a_stationary_point_ends_a_fit(solver, seed):
    """Without a tolerance, too: nobody goes round in places that differ by rounding."""
    linear = NetRegressor((), solver=solver, alpha=1.0, tol=0.0, max_iter=1000, random_state=seed)
    linear.fit(X, Y)
    assert linear.stop_reason_.name in ("no_descent", "tol")
    assert linear.history_["gradient_norm"][-1] < 1e-6


def test_progress_is_relative():
    coarse = net("bfgs", tol=0.1, n_iter_no_change=1, max_iter=500).fit(X, Y)
    assert coarse.stop_reason_.name == "tol"
    assert "0.1 of itself" in str(coarse.stop_reason_)
    a, b, c = coarse.loss_curve_[-3:]
    assert b > 0.9 * a
    assert c > 0.9 * b


def test_validation_failures_end_a_fit():
    found = net("lm", early_stopping=True, n_iter_no_change=4, max_iter=500).fit(X, Y)
    assert found.stop_reason_.name == "validation"
    assert found.history_["validation_failures"][-1] == 5
    best = int(np.nanargmin(found.history_["validation_loss"]))
    assert best == found.n_iter_ - 6


class EveryEpoch(Observer):
    every_epoch = True


class Stopping(Observer):
    """Ctrl-C after an epoch."""

    def epoch(self, epoch, row, state):
        if epoch == 7:
            raise KeyboardInterrupt
        return False


def observed(observer):
    class Observed(NetRegressor):
        @contextlib.contextmanager
        def _observers(self, *arguments):
            del arguments
            yield [observer()]

    return Observed


@pytest.mark.parametrize("solver", WHOLE)
def test_chunks_change_no_bit(solver):
    parameters = {"activation": "tanh", "solver": solver, "max_iter": 20, "tol": 0.0}
    same(observed(EveryEpoch)((5,), random_state=3, **parameters).fit(X, Y), net(solver).fit(X, Y))


def test_an_interruption_keeps_whole_iterations():
    parameters = {"activation": "tanh", "solver": "lm", "max_iter": 20, "tol": 0.0}
    found = observed(Stopping)((5,), random_state=3, **parameters)
    with pytest.warns(UserWarning, match="what was learned is kept"):
        found.fit(X, Y)
    assert found.stop_reason_.name == "interrupted"
    same(found, net("lm", max_iter=7).fit(X, Y))


@pytest.mark.parametrize("solver", ["gd", "lbfgs", "lm", "rprop"])
def test_other_rows_seeds_and_numbers_compile_nothing(solver, compilations):
    net(solver).fit(X, Y)
    compilations()
    net(solver, random_state=1).fit(X, Y)
    net(solver, alpha=0.5, loss_goal=0.1).fit(X[:50], Y[:50])
    net(solver, max_iter=7).fit(X[:40], Y[:40])
    assert compilations() == 0


@pytest.mark.parametrize("solver", ["cg", "lm"])
def test_weights_are_repetitions(solver):
    counts = np.arange(60) % 3
    weighted = net(solver, alpha=0.01, max_iter=8).fit(X, Y, counts)
    repeated = net(solver, alpha=0.01, max_iter=8)
    repeated.fit(np.repeat(X, counts, 0), np.repeat(Y, counts))
    np.testing.assert_allclose(weighted.coefs_[0], repeated.coefs_[0], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("solver", WHOLE)
def test_dropout_is_refused(solver):
    with pytest.raises(
        ParameterError, match=r"dropout was 0\.5\. Set dropout=0, or take one of sgd, "
    ):
        net(solver, dropout=0.5).fit(X, Y)


@pytest.mark.parametrize("solver", [*MONOTONE, "br"])
def test_changed_slopes_are_refused(solver):
    with pytest.raises(ParameterError, match=r"slope_offset was 0.1.*quickprop"):
        net(solver, slope_offset=0.1).fit(X, Y)


@pytest.mark.parametrize("solver", ["rprop", "quickprop"])
def test_changed_slopes_are_taken_by_the_others(solver):
    changed = net(solver, slope_offset=0.1).fit(X, Y)
    assert changed.loss_curve_ != net(solver).fit(X, Y).loss_curve_


def test_what_they_do_not_read_is_told():
    with pytest.warns(IgnoredParameterWarning, match="batch_size is ignored by solver='bfgs'"):
        net("bfgs", batch_size=10).fit(X, Y)
    with pytest.warns(IgnoredParameterWarning, match="damping is ignored by solver='bfgs'"):
        net("bfgs", damping=0.5).fit(X, Y)


def test_losses_without_a_gauss_newton_matrix_are_refused():
    with pytest.raises(ParameterError, match="absolute_error"):
        net("lm", loss="absolute_error").fit(X, Y)
    with pytest.raises(ParameterError, match="solver='br' is for regression"):
        NetClassifier(solver="br").fit(X, CLASSES)


def test_matrices_that_do_not_fit_are_refused_before_the_start():
    wide = NetRegressor((2000, 2000), solver="lm")
    with pytest.raises(ParameterError, match=r"GB.*Take solver='lbfgs'"):
        wide.fit(np.repeat(X, 100, 0), np.repeat(Y, 100))
    with pytest.raises(ParameterError, match=r"a step of 6,000,000 rows.*or solver='adam'"):
        wide.fit(np.repeat(X, 100_000, 0), np.repeat(Y, 100_000))


def test_reached_without_convergence_is_warned_of():
    with pytest.warns(ConvergenceWarning, match="All 2 epochs were used"):
        net("cg", max_iter=2).fit(X, Y)


# The choice


@pytest.mark.parametrize(
    ("estimator", "rows", "expected"),
    [
        (NetRegressor((5,), activation="tanh"), 60, "br"),
        (NetClassifier((5,), activation="tanh"), 60, "lbfgs"),
        (NetRegressor((100, 100)), 60, "lbfgs"),
        (NetRegressor((5,), activation="tanh", loss="absolute_error"), 60, "lbfgs"),
        (NetClassifier((5,)), 12_000, "adam"),
        (NetRegressor((5,), dropout=0.1), 60, "adam"),
    ],
)
def test_auto_chooses_and_says_why(estimator, rows, expected):
    estimator.set_params(solver="auto", max_iter=2, random_state=0)
    y = CLASSES if isinstance(estimator, NetClassifier) else Y
    repeats = rows // 60
    estimator.fit(np.repeat(X, repeats, 0), np.repeat(y, repeats))
    assert estimator.solver_ == expected
    assert estimator.solver_reason_.startswith(f"{expected}: ")
    held = expected != "br"  # which the evidence holds back; all others need rows held out
    named = copy.deepcopy(estimator).set_params(solver=expected, early_stopping=held)
    same(estimator, named.fit(np.repeat(X, repeats, 0), np.repeat(y, repeats)))
    assert named.solver_reason_ == ""


def test_a_choice_holds_for_the_fits_that_go_on():
    found = net("auto", warm_start=True, max_iter=3).fit(X, Y)
    found.fit(np.repeat(X, 300, 0), np.repeat(Y, 300))
    assert found.solver_ == "br"
    assert net("auto").partial_fit(X, Y).solver_ == "adam"


def test_auto_takes_lm_where_rows_are_held_out():
    assert net("auto", early_stopping=True, max_iter=3).fit(X, Y).solver_ == "lm"
    assert net("auto", max_iter=3).fit(X, Y, X_val=X, y_val=Y).solver_ == "lm"


def test_auto_does_without_held_out_rows_where_there_are_too_few():
    few = NetClassifier((5,), solver="auto", max_iter=3, random_state=0).fit(X[:4], [0, 1, 2, 3])
    assert few.validation_scores_ is None


# Bayesian regularization


@pytest.fixture(scope="module")
def bayesian():
    return net("br", max_iter=200, tol=1e-6).fit(X, Y)


def test_the_posterior_is_told(bayesian, tmp_path):
    found = bayesian.posterior_
    assert 3 < found.effective_parameters < bayesian.network_.size
    history = bayesian.history_
    for name in ("effective_parameters", "log_evidence", "prior_precision", "noise_precision"):
        assert getattr(found, name) == history[name][-1]
    mean, std = bayesian.predict(X, return_std=True)
    np.testing.assert_array_equal(mean, bayesian.predict(X))
    assert std.shape == (60,)
    noise = np.std(Y) / np.sqrt(found.noise_precision)
    assert (std > noise).all()
    assert 0.05 < noise < 0.2
    far = bayesian.predict([[30.0, 30.0]], return_std=True)[1]
    assert far[0] > std.max()
    bayesian.save(tmp_path / "br.safetensors")
    again = load(tmp_path / "br.safetensors")
    np.testing.assert_array_equal(again.predict(X, return_std=True)[1], std)


def test_several_outputs_have_a_deviation_each():
    found = net("br").fit(X, np.column_stack([Y, 100 * Y]))
    mean, std = found.predict(X, return_std=True)
    assert mean.shape == std.shape == (60, 2)
    assert (std[:, 1] > 50 * std[:, 0]).all()


def test_other_solvers_know_no_deviation():
    with pytest.raises(ParameterError, match=r"solver='br'.*the solver was 'lm'"):
        net("lm").fit(X, Y).predict(X, return_std=True)


def test_restarts_of_it_are_compared_by_evidence():
    found = net("br", n_restarts=3, max_iter=50).fit(X, Y)
    best = min(found.restarts_, key=lambda start: start.cost)
    assert -best.cost == found.posterior_.log_evidence


# The first weights


@pytest.mark.parametrize("scale_inputs", [True, False])
def test_units_of_a_curve_start_where_the_inputs_are(scale_inputs, monkeypatch):
    seen = []
    usual = building.first_parameters

    def watched(*arguments):
        seen.append(usual(*arguments))
        return seen[-1]

    monkeypatch.setattr(building, "first_parameters", watched)
    x = np.linspace(100.0, 300.0, 50)[:, None]
    curve = net("lm", hidden_layer_sizes=(9,), scale_inputs=scale_inputs, max_iter=1)
    curve.fit(x, np.sin(x[:, 0]))
    layer = seen[0]["hidden_1"]
    centers = np.sort(-layer["bias"] / layer["weights"][0])
    low, high = curve._model.inputs(x)[[0, -1], 0]
    np.testing.assert_allclose(centers, np.linspace(low, high, 9), rtol=1e-9, atol=1e-9)


def test_the_law_follows_from_solver_loss_and_activation():
    for solver, activation, loss, law in [
        ("lm", "tanh", "squared_error", "nguyen_widrow"),
        ("lm", "relu", "squared_error", "he_normal"),
        ("adam", "tanh", "squared_error", "glorot_uniform"),
        ("lbfgs", "tanh", "absolute_error", "glorot_uniform"),
    ]:
        parameters = {"activation": activation, "loss": loss, "max_iter": 2}
        chosen = net(solver, **parameters).fit(X, Y)
        named = net(solver, initializer=(law, "fan_in"), **parameters).fit(X, Y)
        same(chosen, named)
