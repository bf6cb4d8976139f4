"""First weights as arrays: ``coefs_init`` and ``intercepts_init``."""

import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPRegressor

from unstuck import IgnoredParameterWarning, NetClassifier, NetRegressor, ParameterError, load

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = X[:, 0] - X[:, 1] ** 2
CLASSES = (Y > 0).astype(int)
COEFS = [RNG.normal(size=(3, 4)), RNG.normal(size=(4, 1))]
INTERCEPTS = [RNG.normal(size=4), RNG.normal(size=1)]
STILL = {"solver": "sgd", "learning_rate_init": 1e-300, "max_iter": 1, "alpha": 0}


def net(kind=NetRegressor, **parameters):
    given = {"coefs_init": COEFS, "intercepts_init": INTERCEPTS}
    return kind((4,), **{"max_iter": 5, "random_state": 0, **given} | parameters)


def assert_starts_from(found, coefs=COEFS, intercepts=INTERCEPTS):
    for ours, theirs in zip(
        [*found.coefs_, *found.intercepts_], [*coefs, *intercepts], strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("kind", [NetClassifier, NetRegressor])
def test_training_starts_from_them(kind):
    found = net(kind, **STILL).fit(X, CLASSES)
    assert_starts_from(found)
    assert_starts_from(net(kind, **STILL).partial_fit(X, CLASSES))
    lists = [each.tolist() for each in COEFS]
    assert_starts_from(net(kind, coefs_init=lists, **STILL).fit(X, CLASSES))
    drawn = net(kind, coefs_init=None, **STILL).fit(X, CLASSES)
    plain = net(kind, coefs_init=None, intercepts_init=None, **STILL).fit(X, CLASSES)
    assert_starts_from(drawn, plain.coefs_)


def test_what_a_fit_has_left_can_be_given_as_it_is():
    first = net(coefs_init=None, intercepts_init=None).fit(X, Y)
    given = {"coefs_init": first.coefs_, "intercepts_init": first.intercepts_}
    np.testing.assert_array_equal(net(**STILL, **given).fit(X, Y).predict(X), first.predict(X))


def test_of_layer_norm_and_pieces():
    shape = {"layer_norm": True, "n_pieces": 3, "coefs_init": None, "intercepts_init": None}
    first = net(**shape).fit(X, Y)
    given = {"coefs_init": first.coefs_, "intercepts_init": first.intercepts_}
    assert_starts_from(net(**shape | given | STILL).fit(X, Y), *given.values())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"coefs_init": COEFS[:1]}, r"coefs_init has the shapes \(3, 4\); expected \(3, 4\), \(4"),
        ({"coefs_init": []}, "coefs_init has the shapes no arrays; expected"),
        (
            {"coefs_init": [COEFS[0].T, COEFS[1]], "intercepts_init": [[1.0], [2.0]]},
            r"(?s)2 mistakes.*coefs_init has the shapes \(4, 3\).*intercepts_init has the",
        ),
        ({"coefs_init": [[[np.nan]]]}, "coefs_init was .*expected None, or a sequence of arrays"),
        ({"coefs_init": [["a"]]}, "each an array of finite numbers"),
        ({"coefs_init": [np.array(["1e400"], np.longdouble)]}, "each an array of finite numbers"),
        ({"coefs_init": [[[np.nan] * 9999]]}, r"(?s)^.{1,400}each an array of finite numbers"),
        ({"coefs_init": COEFS[0][0]}, "each an array of finite numbers"),
        ({"intercepts_init": "zeros"}, "intercepts_init was 'zeros'"),
    ],
)
def test_what_cannot_be_is_refused_before_the_fit(given, message):
    with pytest.raises(ParameterError, match=message):
        net(**given).fit(X, Y)


def test_the_first_start_takes_them_and_the_others_draw():
    several = net(n_restarts=3).fit(X, Y)
    one = net().fit(X, Y)
    drawn = net(coefs_init=None, intercepts_init=None, random_state=several.restarts_[1].seed)
    assert several.restarts_[0].cost == one.loss_
    assert several.restarts_[1].cost == drawn.fit(X, Y).loss_
    for member in net(n_ensemble=2).fit(X, Y).members_:
        again = clone(member).fit(X, Y)
        np.testing.assert_array_equal(again.predict(X), member.predict(X))


def test_they_are_copied_saved_and_searched_over(tmp_path):
    found = net().fit(X, Y)
    found.save(tmp_path / "net")
    again = load(tmp_path / "net")
    for name in ("coefs_init", "intercepts_init"):
        for ours, theirs in zip(getattr(again, name), getattr(found, name), strict=True):
            np.testing.assert_array_equal(ours, theirs)
    for other in (clone(found), clone(again)):
        np.testing.assert_array_equal(other.fit(X, Y).predict(X), found.predict(X))
    grid = {"coefs_init": [None, COEFS], "alpha": [0.0]}
    GridSearchCV(net(), grid, cv=2).fit(X, Y)
    assert "coefs_init" in repr(found)


def test_a_diagnosis_does_without_them_where_the_layers_change():
    found = net(learning_rate_init=1e-7, max_iter=20).fit(X, Y)
    assert found.diagnosis_.verdict


def test_a_warm_start_goes_on_with_its_own():
    found = net(warm_start=True, **STILL).fit(X, Y)
    found.set_params(coefs_init=[0 * each for each in COEFS]).fit(X, Y)
    assert_starts_from(found)


def test_scikit_learn_gives_the_same_weights_from_the_same_first_ones():
    """Plain gradient descent on all rows, whose penalty and gradient mean the same."""
    shared = {"activation": "tanh", "solver": "sgd", "learning_rate_init": 0.1, "alpha": 0.3,
              "batch_size": 60, "momentum": 0.9, "max_iter": 20, "shuffle": False}  # fmt: skip

    class Peer(MLPRegressor):
        def _init_coef(self, fan_in, fan_out, dtype):
            layer = 0 if fan_in == 3 else 1
            return COEFS[layer].copy(), INTERCEPTS[layer].copy()

    peer = Peer(hidden_layer_sizes=(4,), **shared).fit(X, Y)
    ours = net(scale_inputs=False, scale_targets=False, **shared).fit(X, Y)
    np.testing.assert_allclose(ours.loss_curve_, peer.loss_curve_, rtol=1e-12)
    for mine, theirs in zip(ours.coefs_, peer.coefs_, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10)


def test_weights_that_are_too_large_for_the_precision():
    huge = [np.full((3, 4), 1e300), COEFS[1]]
    with pytest.raises(ParameterError, match=r"too large for float32.*give smaller first weights"):
        net(coefs_init=huge, dtype="float32").fit(X, Y)


def test_an_array_of_arrays_is_a_list_of_them():
    packed = np.empty(2, object)
    packed[:] = COEFS
    assert_starts_from(net(coefs_init=packed, **STILL).fit(X, Y))


def test_an_initializer_that_draws_nothing_is_ignored():
    given = {"coefs_init": COEFS, "intercepts_init": INTERCEPTS, "initializer": "he_normal"}
    with pytest.warns(IgnoredParameterWarning, match="initializer is ignored"):
        net(**given).fit(X, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("error", IgnoredParameterWarning)
        net().fit(X, Y)
        net(**given, n_restarts=2).fit(X, Y)
        net(**given | {"intercepts_init": None}).fit(X, Y)
