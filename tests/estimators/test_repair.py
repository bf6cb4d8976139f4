"""Repair of real networks, from outside and in the fit."""

from __future__ import annotations

import math
import signal
import time

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from unstuck import NetClassifier, NetRegressor, ParameterError, datasets, load, repair

pytestmark = pytest.mark.filterwarnings(
    "ignore::unstuck.errors.StuckWarning", "ignore::sklearn.exceptions.ConvergenceWarning"
)

MOONS = datasets.load_dataset("moons", n=160, seed=0)
X, Y = MOONS.X, MOONS.y
SICK = {"activation": "identity", "solver": "lbfgs", "tol": 1e-3, "max_iter": 100}
"""A stack of linear layers, which the moons are too bent for."""


def sick(**more):
    return NetClassifier((8,), random_state=0, **{**SICK, **more})


@pytest.fixture(scope="module")
def found():
    return repair(sick(), X, Y)


def test_it_finds_what_mends_a_linear_stack(found):
    assert found.accepted
    assert found.params["activation"] in ("relu", "tanh")
    mended = sick().set_params(**found.params).fit(X[::2], Y[::2])
    assert (
        mended.score(X[1::2], Y[1::2]) > sick().fit(X[::2], Y[::2]).score(X[1::2], Y[1::2]) + 0.05
    )


def test_a_healthy_network_is_left_alone():
    net = NetClassifier((8,), solver="lbfgs", tol=1e-3, max_iter=100, random_state=0).fit(X, Y)
    alone = repair(net, X, Y)
    assert not alone.accepted
    assert "Nothing to repair" in alone.verdict
    assert alone.fits == 0


def test_faults_of_the_data_are_said_and_nothing_is_proposed():
    random = np.random.default_rng(0)
    unrelated = repair(sick(activation="tanh", alpha=1.0), X, random.permutation(Y))
    assert not unrelated.accepted
    assert unrelated.params == {}
    assert any("targets" in each for each in unrelated.said)
    assert unrelated.fits == 0


def test_of_a_pipeline_the_parameters_are_those_of_its_last_step(found):
    pipeline = make_pipeline(StandardScaler(), sick())
    piped = repair(pipeline, X, Y)
    assert piped.accepted
    assert all(name.startswith("netclassifier__") for name in piped.params)
    assert pipeline.set_params(**piped.params).fit(X, Y).score(X, Y) > 0.9


def test_a_search_says_what_to_pass():
    search = GridSearchCV(sick(), {"alpha": [1e-4]}, cv=2)
    with pytest.raises(ParameterError, match="best_estimator_"):
        repair(search, X, Y)


def test_the_estimator_is_left_as_it_was():
    net = sick().fit(X, Y)
    before, parameters = net.predict_proba(X), net.get_params()
    repair(net, X, Y)
    assert net.get_params() == parameters
    np.testing.assert_array_equal(net.predict_proba(X), before)
    assert not hasattr(net, "repair_")


def test_nothing_is_left_in_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    repair(sick(), X, Y, max_fits=14)
    assert not list(tmp_path.iterdir())


def test_in_the_fit_the_network_is_repaired_and_the_parameters_stay(tmp_path):
    net = sick(repair=True).fit(X, Y)
    assert net.repair_.accepted
    assert net.get_params()["activation"] == "identity"
    assert net.network_.hidden[0][1].unit.name == net.repair_.params["activation"]
    assert net.score(X, Y) > sick().fit(X, Y).score(X, Y) + 0.05
    assert net.diagnosis_.healthy
    net.save(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(load(tmp_path / "net.safetensors").predict(X), net.predict(X))
    with pytest.raises(ParameterError, match="is not the one the parameters describe"):
        net.partial_fit(X, Y)


def test_in_the_fit_of_a_healthy_network_nothing_changes():
    good = {"activation": "tanh", "solver": "lbfgs", "tol": 1e-3, "max_iter": 100}
    plain, own = (NetClassifier((8,), random_state=0, repair=r, **good) for r in (False, True))
    plain.fit(X, Y)
    own.fit(X, Y)
    np.testing.assert_array_equal(plain.coefs_[0], own.coefs_[0])
    assert not own.repair_.accepted
    assert not hasattr(plain, "repair_")


def test_a_later_fit_without_repair_forgets_it():
    net = sick(repair=True).fit(X, Y)
    net.set_params(repair=False).fit(X, Y)
    assert not hasattr(net, "repair_")


def test_numbers_are_repaired_too():
    x = np.linspace(-1.0, 1.0, 160)[:, None]
    y = np.sin(4.0 * x[:, 0])
    net = NetRegressor((8,), random_state=0, **SICK)
    mended = repair(net, x, y)
    assert mended.accepted
    assert mended.measure == "R2"


def test_few_rows_are_judged_by_what_was_learned():
    bits = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
    mended = repair(sick(max_iter=60), bits, np.array([0, 1, 1, 0]))
    assert mended.accepted
    assert mended.table[-1].gain.after > 0.9


def test_ctrl_c_gives_what_was_tried():
    said = []

    def press(what):
        said.append(what)
        if "tried" in what:
            signal.raise_signal(signal.SIGINT)

    ended = repair(sick(), X, Y, progress=press)
    assert not ended.accepted
    assert "interrupted before anything was confirmed" in ended.verdict
    assert ended.table


def test_ctrl_c_while_the_network_is_diagnosed():
    def press(what):
        signal.raise_signal(signal.SIGINT)

    ended = repair(sick().fit(X, Y), X, Y, progress=press)
    assert "interrupted before anything was confirmed" in ended.verdict


def test_ctrl_c_in_the_fit_keeps_the_network(monkeypatch):
    from unstuck.remedies import selecting

    measured = selecting.Selection._tried

    def pressed(self, *given):
        signal.raise_signal(signal.SIGINT)
        return measured(self, *given)

    monkeypatch.setattr(selecting.Selection, "_tried", pressed)
    net = sick(repair=True).fit(X, Y)
    assert "interrupted" in net.repair_.verdict
    assert net.score(X, Y) > 0.8


def test_ctrl_c_in_the_fit_of_the_better_network_keeps_the_first(monkeypatch):
    from unstuck.estimators import own_repair

    cloned = own_repair.clone

    def pressed(net):
        signal.raise_signal(signal.SIGINT)
        return cloned(net)

    monkeypatch.setattr(own_repair, "clone", pressed)
    net = sick(repair=True).fit(X, Y)
    assert net.repair_.accepted
    assert net.network_.hidden[0][1].unit.name == "identity"
    np.testing.assert_array_equal(net.predict(X), sick().fit(X, Y).predict(X))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [({"warm_start": True}, "repair=True and warm_start=True"), ({"watch": False}, "watch=True")],
)
def test_what_a_repair_cannot_go_with(parameters, message):
    with pytest.raises(ParameterError, match=message):
        sick(repair=True, **parameters).fit(X, Y)


def test_soft_targets_are_refused():
    soft = np.full((len(Y), 2), 0.5)
    with pytest.raises(ParameterError, match="soft_targets"):
        sick(repair=True).fit(X, Y, soft_targets=soft)


ENDLESS = {"solver": "sgd", "tol": 0.0, "n_iter_no_change": math.inf, "max_iter": 10**7}


@pytest.mark.parametrize("piped", [False, True])
def test_the_time_is_kept_while_the_network_is_fitted_for_the_diagnosis(piped):
    net = sick(**ENDLESS)
    began = time.perf_counter()
    found = repair(make_pipeline(StandardScaler(), net) if piped else net, X, Y, max_time=1.0)
    assert "the time was over" in found.verdict
    assert time.perf_counter() - began < 30
    assert net.max_time is None


def test_given_first_weights_are_left_where_layers_change():
    from unstuck.estimators.repairs import _begun
    from unstuck.remedies.treatment import Treatment

    given = [np.full((2, 8), 0.5), np.full((8, 1), 0.5)]
    net, wider = sick(coefs_init=given), Treatment("wider", {"hidden_layer_sizes": (16,)})
    assert _begun(net, wider).parameters == {**wider.parameters, "coefs_init": None}
    assert _begun(sick(), wider) == wider
    bent = Treatment("bent", {"activation": "relu"})
    assert _begun(net, bent) == bent
    found = repair(net, X, Y)
    assert not any("Error" in each.became for each in found.table)


def test_weights_of_a_pipeline():
    piped = make_pipeline(StandardScaler(), sick())
    remedies = {"bent": {"netclassifier__activation": "tanh"}}
    found = repair(piped, X, Y, np.ones(len(Y)), remedies=remedies)
    assert found.accepted


def test_what_is_saved_of_a_loss_is_counted_whatever_its_unit():
    x = np.linspace(-1.0, 1.0, 160)[:, None]
    y = 1e4 * np.sin(4.0 * x[:, 0])
    net = NetRegressor((8,), random_state=0, **SICK)
    remedies = {"bent": {"activation": "tanh"}}
    found = repair(net, x, y, remedies=remedies, scoring="neg_mean_squared_error")
    assert found.accepted
    assert "The share of a constant's mean squared error that it saves rises" in found.verdict


def test_the_time_of_a_fit_is_that_of_its_repair_too():
    net = sick(repair=True, max_time=1e-3).fit(X, Y)
    assert not net.repair_.accepted
    assert "time was over" in net.repair_.verdict or "are left" in net.repair_.verdict
