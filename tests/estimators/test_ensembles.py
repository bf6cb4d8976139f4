"""Networks that are averaged."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone

from unstuck import NetClassifier, NetRegressor, ParameterError, load
from unstuck.errors import IgnoredParameterWarning, UnstuckWarning
from unstuck.estimators.restarts import Starts, Trained, averaged
from unstuck.estimators.seeds import Seeds
from unstuck.solvers.stop import StopReason

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2))
Y = np.sin(2 * X[:, 0]) + X[:, 1] ** 2 + RNG.normal(0, 0.1, 60)
CLASSES = np.digitize(Y, [0.5, 1.5])

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def net(kind=NetRegressor, **parameters):
    return kind((5,), max_iter=20, learning_rate_init=0.02, random_state=3, **parameters)


@pytest.fixture(scope="module")
def regressor():
    return net(n_ensemble=3, early_stopping=True, validation_fraction=0.2).fit(X, Y)


@pytest.fixture(scope="module")
def classifier():
    return net(NetClassifier, n_ensemble=3).fit(X, CLASSES)


def test_predictions_are_the_mean_of_the_members(regressor, classifier):
    each = [member.predict(X) for member in regressor.members_]
    np.testing.assert_allclose(regressor.predict(X), np.mean(each, axis=0), rtol=1e-12)
    each = [member.predict_proba(X) for member in classifier.members_]
    np.testing.assert_allclose(classifier.predict_proba(X), np.mean(each, axis=0), rtol=1e-12)
    np.testing.assert_allclose(
        classifier.predict_log_proba(X), np.log(np.mean(each, axis=0)), rtol=1e-10
    )
    np.testing.assert_array_equal(
        classifier.predict(X), classifier.classes_[np.mean(each, axis=0).argmax(1)]
    )


def test_members_are_the_fits_that_their_seeds_give(classifier):
    alone = [
        net(NetClassifier).set_params(random_state=3 + i * 7919).fit(X, CLASSES) for i in range(3)
    ]
    each = [single.predict_proba(X) for single in alone]
    np.testing.assert_allclose(classifier.predict_proba(X), np.mean(each, axis=0), rtol=1e-12)
    assert [start.seed for start in classifier.restarts_] == [3, 3 + 7919, 3 + 2 * 7919]


def test_the_first_describes_the_estimator(regressor, classifier):
    """The best where all can be compared; on rows of their own, the first start."""
    assert regressor.members_[0].random_state == 3
    costs = {start.seed: start.cost for start in classifier.restarts_}
    kept = [costs[member.random_state] for member in classifier.members_]
    assert kept == sorted(costs.values())
    assert regressor.loss_curve_ == regressor.members_[0].loss_curve_
    assert regressor.diagnosis_.verdict


def test_each_holds_out_rows_of_its_own(regressor):
    splits = {member._model.seeds.split for member in regressor.members_}
    assert len(splits) == 3
    means = {start.cost for start in regressor.restarts_}
    assert len(means) == 3


def test_the_best_of_more_starts_are_averaged():
    found = net(n_restarts=4, n_ensemble=2).fit(X, Y)
    assert len(found.restarts_) == 4
    kept = {member.loss_curve_[-1] for member in found.members_}
    assert kept == set(sorted(start.cost for start in found.restarts_)[:2])


def test_one_network_is_its_only_member():
    found = net().fit(X, Y)
    np.testing.assert_array_equal(found.members_[0].predict(X), found.predict(X))
    assert len(found.members_) == 1


def test_standard_deviations_are_noise_and_scatter(regressor):
    mean, std = regressor.predict(X, return_std=True)
    each = np.array([member.predict(X) for member in regressor.members_])
    scatter = each.var(axis=0, ddof=1) * (1 + 1 / 3)
    np.testing.assert_allclose(std**2, scatter + regressor.noise_**2, rtol=1e-10)
    np.testing.assert_array_equal(mean, regressor.predict(X))
    with pytest.raises(ParameterError, match="n_ensemble=5, early_stopping=True"):
        net(n_ensemble=2).fit(X, Y).predict(X, return_std=True)


def test_standard_deviations_cover_what_they_should():
    """About two thirds of new observations lie within one."""
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, (640, 1))
    y = np.sin(3 * x[:, 0]) + rng.normal(0, 0.2, 640)
    found = NetRegressor(
        (5,), activation="tanh", learning_rate_init=0.05, max_iter=300, n_ensemble=3,
        early_stopping=True, random_state=0,
    ).fit(x[:320], y[:320])  # fmt: skip
    mean, std = found.predict(x[320:], return_std=True)
    assert 0.6 < np.mean(np.abs(mean - y[320:]) < std) < 0.76


def test_bayesian_networks_are_averaged_with_their_posteriors():
    found = NetRegressor(
        (5,), solver="br", activation="tanh", max_iter=20, n_ensemble=2, random_state=0
    ).fit(X, Y)
    mean, std = found.predict(X, return_std=True)
    each = np.array([member.predict(X, return_std=True) for member in found.members_])
    np.testing.assert_allclose(mean, each[:, 0].mean(0), rtol=1e-12)
    np.testing.assert_allclose(std**2, (each[:, 1] ** 2).mean(0) + each[:, 0].var(0), rtol=1e-10)


def test_one_file_keeps_them_all(regressor, classifier, tmp_path):
    for found in (regressor, classifier):
        found.save(tmp_path / "net.safetensors")
        again = load(tmp_path / "net.safetensors")
        assert len(again.members_) == 3
        np.testing.assert_array_equal(again.predict(X), found.predict(X))
    regressor.save(tmp_path / "net.safetensors")
    again = load(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(again.predict(X, return_std=True)[1], again_std(regressor))


def again_std(found):
    return found.predict(X, return_std=True)[1]


def test_pieces_are_in_the_file(tmp_path):
    found = net(n_pieces=3, n_ensemble=2).fit(X, Y)
    found.save(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(load(tmp_path / "net.safetensors").predict(X), found.predict(X))


def test_going_on_goes_on_with_every_member(regressor):
    first = net(n_ensemble=3).set_params(max_iter=10).fit(X, Y)
    going = first.set_params(warm_start=True).fit(X, Y)
    whole = net(n_ensemble=3).set_params(max_iter=20).fit(X, Y)
    assert (going.n_iter_, len(going.loss_curve_)) == (10, 20)
    np.testing.assert_array_equal(going.predict(X), whole.predict(X))


def test_partial_fit_trains_every_member():
    found = net(NetClassifier, n_ensemble=3)
    for _ in range(2):
        found.partial_fit(X, CLASSES)
    assert [len(member.loss_curve_) for member in found.members_] == [2, 2, 2]
    again = clone(found).set_params(n_ensemble=1).fit(X, CLASSES)
    assert len(again.members_) == 1


def test_members_can_be_saved_and_pickled(classifier, tmp_path):
    member = classifier.members_[1]
    member.save(tmp_path / "one.safetensors")
    np.testing.assert_array_equal(
        load(tmp_path / "one.safetensors").predict_proba(X), member.predict_proba(X)
    )


# What does not go well


def test_networks_whose_turn_does_not_come_stay_as_they_were():
    found = net(n_ensemble=3, warm_start=True).fit(X, Y)
    found.set_params(max_time=1e-9).fit(X, Y)
    assert len(found.members_) == 3
    assert len(found.members_[-1].loss_curve_) == 20
    assert found.members_[-1].n_iter_ == 0


def test_a_new_fit_that_ends_before_their_turn_says_so():
    found = net(n_ensemble=3, max_time=1e-9)
    with pytest.warns(UnstuckWarning, match="1 of 3 networks are averaged"):
        found.fit(X, Y)
    assert len(found.members_) == 1


def trained(cost, reason=StopReason.MAX_ITER):
    outcome = SimpleNamespace(cost=cost, stop=SimpleNamespace(reason=reason))
    return Trained(None, outcome, None, None)


@pytest.mark.parametrize(
    ("costs", "kept"),
    [
        ([0.3, 0.2, 9e12], [0.2, 0.3]),
        ([0.3, np.nan, 0.1], [0.1, 0.3]),
        ([np.inf, np.inf], [np.inf]),
        ([-900.0, -1000.0, -950.0], [-1000.0, -950.0, -900.0]),
    ],
)
def test_networks_that_ran_away_are_left_out(costs, kept):
    found = averaged([trained(cost) for cost in costs], 3, comparable=True)
    assert [each.cost for each in found] == kept


def test_networks_that_broke_are_left_out_and_the_order_of_others_is_kept():
    starts = [trained(0.3), trained(0.2, StopReason.NON_FINITE), trained(0.1)]
    assert averaged(starts, 3, comparable=False) == [starts[0], starts[2]]


def test_noise_that_is_not_finite_is_not_known(tmp_path):
    found = net(n_ensemble=2, early_stopping=True).fit(X, 1e200 * Y)
    assert found.noise_ is None or np.isfinite(found.noise_).all()
    found.save(tmp_path / "net.safetensors")
    load(tmp_path / "net.safetensors")


def test_fewer_networks_go_on_than_were_fitted():
    found = net(n_ensemble=3, warm_start=True).fit(X, Y)
    assert len(found.set_params(n_ensemble=2).fit(X, Y).members_) == 2
    found = net(n_pieces=3, warm_start=True).fit(X, Y)
    with pytest.raises(ParameterError, match="n_pieces is 0 now"):
        found.set_params(n_pieces=0).fit(X, Y)


def test_the_class_is_the_most_probable_one():
    found = net(NetClassifier, n_ensemble=3, output_activation="logistic").fit(X, CLASSES)
    likely = found.predict_proba(X).argmax(1)
    np.testing.assert_array_equal(found.predict(X), found.classes_[likely])


def test_pieces_that_do_not_come_are_told():
    with pytest.warns(IgnoredParameterWarning, match="n_pieces is ignored: the inputs are sparse"):
        net(n_pieces=3).fit(sparse.csr_matrix(X), Y)


def test_neighboring_random_states_share_no_network():
    seeds = [{seed.random_state for seed in Seeds.of(i).members(5)} for i in (0, 1)]
    assert not seeds[0] & seeds[1]


def test_a_file_is_read_whichever_start_took_longest(regressor, tmp_path):
    """The first describes the estimator, and another may have gone on for longer."""
    found = copy.deepcopy(regressor)
    found.restarts_ = Starts(s._replace(cost=-1.0, n_iter=10**6) if i else s
                             for i, s in enumerate(found.restarts_))  # fmt: skip
    found.save(tmp_path / "net.safetensors")
    assert len(load(tmp_path / "net.safetensors").restarts_) == 3
