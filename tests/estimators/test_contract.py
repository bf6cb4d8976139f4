"""scikit-learn's contract: its own checks, and the tools that estimators are used with."""

import copy
import inspect
import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from unstuck import ACTIVATIONS, DataError, NetClassifier, NetRegressor, ParameterError, load

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

BOTH = [NetClassifier, NetRegressor]
PEERS = {NetClassifier: MLPClassifier, NetRegressor: MLPRegressor}


@parametrize_with_checks(
    [
        NetClassifier(),
        NetRegressor(),
        NetRegressor((5,), solver="lm", max_iter=20),
        NetClassifier(unit_signs=0.2),
        NetClassifier(active_share=0.05),
    ]
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 3))
    return X, (X[:, 0] + X[:, 1] > 0).astype(int)


def small(kind=NetClassifier, **parameters):
    return kind((4,), **{"max_iter": 5, "random_state": 0} | parameters)


@pytest.mark.parametrize("kind", BOTH)
def test_every_parameter_is_keyword_only_but_the_first(kind):
    with pytest.raises(TypeError):
        kind((4,), "tanh")
    given = kind((4,), activation="tanh").get_params()
    assert given["hidden_layer_sizes"] == (4,)
    assert given["activation"] == "tanh"


@pytest.mark.parametrize("kind", BOTH)
def test_parameters_can_be_read_and_set(kind):
    net = kind()
    for name, value in net.get_params().items():
        assert getattr(net, name) is value
    assert net.set_params(alpha=0.5, activation=("relu", "tanh")) is net
    assert net.get_params()["alpha"] == 0.5
    with pytest.raises(ValueError, match=r"Invalid parameter 'alhpa'.*Did you mean 'alpha'\?"):
        net.set_params(alhpa=1)
    assert "alpha=0.5" in repr(net)


@pytest.mark.parametrize("value", [ACTIVATIONS["elu(2)"], np.tanh, ["relu"], "tanh"])
def test_clone_keeps_parameters_and_forgets_the_fit(value, rows):
    copied = clone(small(activation=value))
    assert type(copied) is NetClassifier
    assert copied.activation == value
    assert not hasattr(clone(small().fit(*rows)), "coefs_")


def test_an_estimator_that_is_not_fitted_says_so():
    with pytest.raises(NotFittedError, match="not fitted"):
        NetClassifier().predict([[0.0]])
    with pytest.raises(NotFittedError, match="not fitted"):
        NetRegressor().save("nowhere")
    assert not hasattr(NetClassifier(), "coefs_")


def test_grid_search_over_activations_layers_and_numbers(rows):
    grid = {"activation": ["relu", "tanh"], "alpha": [1e-4, 1.0]}
    search = GridSearchCV(small(), grid, cv=2).fit(*rows)
    assert set(search.best_params_) == {"activation", "alpha"}
    assert len(search.cv_results_["params"]) == 4
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_pipelines_and_cross_validation(rows):
    X, y = rows
    line = make_pipeline(StandardScaler(), small(max_iter=100, learning_rate_init=0.05))
    assert line.fit(X, y).score(X, y) > 0.95
    assert cross_val_score(line, X, y, cv=3).mean() > 0.8
    shares = cross_val_predict(line, X, y, cv=3, method="predict_proba")
    np.testing.assert_allclose(shares.sum(1), 1.0)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
@pytest.mark.parametrize("kind", BOTH)
def test_copies_predict_and_go_on_like_the_original(kind, again, rows):
    X, y = rows
    net = small(kind, warm_start=True).fit(X, y)
    copied = again(net)
    np.testing.assert_array_equal(copied.predict(X), net.predict(X))
    assert copied.loss_curve_ == net.loss_curve_
    assert str(copied.network_) == str(net.network_)
    assert copied.stop_reason_ == net.stop_reason_
    before = [w.copy() for w in net.coefs_]
    copied.fit(X, y)
    for w, kept in zip(net.coefs_, before, strict=True):
        np.testing.assert_array_equal(w, kept)  # nothing is shared
    for w, v in zip(copied.coefs_, net.fit(X, y).coefs_, strict=True):
        np.testing.assert_array_equal(w, v)


def test_a_fitted_estimator_with_records_and_functions_is_pickled(rows):
    fitted = NetRegressor((4,), activation=ACTIVATIONS["leaky_relu(0.2)"], max_iter=2).fit(*rows)
    again = pickle.loads(pickle.dumps(fitted))
    assert again.activation == ACTIVATIONS["leaky_relu(0.2)"]
    np.testing.assert_array_equal(again.predict(rows[0]), fitted.predict(rows[0]))


def test_wrong_parameters_are_found_in_fit_not_before(rows):
    net = NetClassifier(alpha=-1.0, solver="adan")
    clone(net)
    with pytest.raises(ParameterError, match="2 mistakes"):
        net.fit(*rows)


# Callbacks, from scikit-learn 1.9 on


@pytest.fixture
def callback():
    return pytest.importorskip("sklearn.callback", reason="callbacks came with scikit-learn 1.9")


class Recorder:
    """Notes every hook; asks to stop at the end of epoch ``last``."""

    def __init__(self, last=None):
        self.last, self.seen, self.scores = last, [], []

    def setup(self, estimator, context):
        self.seen.append("setup")

    def teardown(self, estimator, context):
        self.seen.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.seen.append(("begin", context.task_name, context.task_id))

    def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
        self.seen.append(("end", context.task_name, context.task_id))
        if context.task_name != "epoch":
            return None
        self.scores.append(fitted_estimator.score(X, y))
        return context.task_id == self.last


@pytest.mark.parametrize("kind", BOTH)
def test_every_epoch_is_a_task_of_a_callback(kind, callback, rows):
    recorder = Recorder()
    assert isinstance(recorder, callback.FitCallback)
    net = small(kind, max_iter=3).set_callbacks(recorder).fit(*rows)
    epochs = [(hook, "epoch", i) for i in range(3) for hook in ("begin", "end")]
    fit = [("begin", "fit", 0), *epochs, ("end", "fit", 0)]
    assert recorder.seen == ["setup", *fit, "teardown"]
    assert recorder.scores[-1] == net.score(*rows)
    plain = small(kind, max_iter=3).fit(*rows)
    np.testing.assert_array_equal(net.coefs_[0], plain.coefs_[0])  # watching changes nothing


def test_a_callback_can_stop_a_fit(callback, rows):
    del callback
    recorder = Recorder(last=1)
    net = small().set_callbacks(recorder).fit(*rows)
    assert net.n_iter_ == 2
    assert net.stop_reason_.name == "callback"
    assert "epoch 2" in str(net.stop_reason_)
    np.testing.assert_array_equal(net.coefs_[0], small(max_iter=2).fit(*rows).coefs_[0])
    assert recorder.seen[-1] == "teardown"


def test_a_callback_that_fails_is_not_swallowed_and_is_torn_down(callback, rows):
    del callback

    class Failing(Recorder):
        def on_fit_task_end(self, estimator, context):
            raise RuntimeError("the callback's own trouble")

    failing = Failing()
    with pytest.raises(RuntimeError, match="own trouble"):
        small().set_callbacks(failing).fit(*rows)
    assert failing.seen[-1] == "teardown"


def test_scoring_monitor_records_the_score_of_every_epoch(callback, rows):
    monitor = callback.ScoringMonitor(scoring="accuracy")
    net = small(max_iter=4).set_callbacks(monitor).fit(*rows)
    log = monitor.get_logs().data
    assert [row["task_id"] for row in log if row["task_name"] == "epoch"] == [0, 1, 2, 3]
    assert log[-1]["accuracy"] == net.score(*rows)


def test_partial_fit_is_watched_too(callback, rows):
    del callback
    recorder = Recorder()
    small().set_callbacks(recorder).partial_fit(*rows)
    assert ("end", "epoch", 0) in recorder.seen


# As scikit-learn's MLP


@pytest.mark.parametrize("solver", ["adam", "lm", "br", "auto"])
@pytest.mark.parametrize("kind", BOTH)
def test_attributes_that_are_not_there_are_attribute_errors(kind, solver, rows, tmp_path):
    """``hasattr``, ``getattr`` with a default and ``inspect.getmembers`` take nothing else."""
    nets = [kind((4,), solver=solver, max_iter=2, random_state=0, n_ensemble=2)]
    if (kind, solver) != (NetClassifier, "br"):
        fitted = clone(nets[0]).set_params(n_ensemble=1).fit(*rows)
        fitted.save(tmp_path / "net")
        nets += [fitted, load(tmp_path / "net"), pickle.loads(pickle.dumps(fitted))]
    for net in nets:
        assert dict(inspect.getmembers(net))["solver"] == solver
        for name in dir(net):
            getattr(net, name, None)
    assert not hasattr(nets[0], "posterior_")


@pytest.mark.parametrize("kind", BOTH)
def test_n_iter_counts_the_last_fit_and_the_curve_goes_on(kind, rows, tmp_path):
    net, peer = small(kind, warm_start=True), PEERS[kind](warm_start=True, max_iter=5)
    for each in (net, peer):
        each.fit(*rows)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            each.fit(*rows)
        assert (each.n_iter_, len(each.loss_curve_)) == (5, 10)
        assert "5" in str(caught[-1].message)
        assert "10" not in str(caught[-1].message)
    net.save(tmp_path / "net")
    again = load(tmp_path / "net")
    assert (again.n_iter_, len(again.loss_curve_)) == (5, 10)
    for each in (again, peer):
        each.partial_fit(*rows)
        assert (each.n_iter_, len(each.loss_curve_)) == (1, 11)
    assert again.best_epoch_ == 11


def test_n_iter_of_several_starts(rows):
    net = small(n_restarts=2, warm_start=True).fit(*rows)
    assert [start.n_iter for start in net.restarts_] == [5, 5]
    one = small(n_ensemble=2, warm_start=True).fit(*rows).fit(*rows)
    assert [start.n_iter for start in one.restarts_] == [5, 5]
    assert [(each.n_iter_, len(each.loss_curve_)) for each in one.members_] == [(5, 10)] * 2


@pytest.mark.parametrize("other", [[1, 2], [0, 1, 2], ["a", "b"]], ids=str)
def test_other_classes_of_a_later_partial_fit_are_refused(other):
    net = small().partial_fit([[3.0, 2.0]], [0], classes=[0, 1])
    before = copy.deepcopy(net.coefs_)
    with pytest.raises(DataError, match=r"is not the same as on last call to partial_fit, was"):
        net.partial_fit([[3.0, 2.0]], [0], classes=other)
    for ours, theirs in zip(net.coefs_, before, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert net.partial_fit([[3.0, 2.0]], [1], classes=(1, 0)).n_iter_ == 1
