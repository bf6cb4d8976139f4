"""``prune``: a fitted copy with fewer units that predicts the same, is smaller, and learns on."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from unstuck import DataError, NetClassifier, NetRegressor, ParameterError, align, load, prune
from unstuck.activations import ACTIVATIONS
from unstuck.layers.dense import Dense

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore::unstuck.errors.StuckWarning"
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
CURVE = np.sin(X[:, 0]) + X[:, 1]
DEAD = 6


def killed(net, first=DEAD):
    """The network with its first units dead: a bias far below 0, in every one of its networks."""
    for model in net._models:
        model.parameters["hidden_1"]["bias"][:first] = -1e6
    return net


def fitted(kind=NetClassifier, sizes=(16,), y=Y, x=X, **given):
    net = kind(sizes, max_iter=3, random_state=0, **given)
    return net.fit(x, y)


@pytest.fixture
def net():
    return killed(fitted())


def same(one, two, x=X):
    return np.allclose(one.predict_proba(x), two.predict_proba(x), rtol=1e-12, atol=1e-14)


def test_the_outputs_stay_and_the_file_is_smaller(net, tmp_path):
    before = pickle.dumps(net.parameters_)
    small = prune(net, X)
    assert small.hidden_layer_sizes == (10,)
    assert (net.hidden_layer_sizes, net.network_.widths) == ((16,), (3, 16, 1))
    assert pickle.dumps(net.parameters_) == before
    assert same(net, small)
    assert [each.shape for each in small.coefs_] == [(3, 10), (10, 1)]
    files = [tmp_path / name for name in ("whole", "small")]
    for each, file in zip((net, small), files, strict=True):
        each.save(file)
    assert files[1].stat().st_size < files[0].stat().st_size
    again = load(files[1])
    assert np.array_equal(again.predict_proba(X), small.predict_proba(X))
    assert again.hidden_layer_sizes == (10,)
    assert same(pickle.loads(pickle.dumps(small)), small)
    assert clone(small).hidden_layer_sizes == (10,)


def test_it_says_what_was_taken_out(net):
    net.parameters_["output"]["weights"][10] = 0.0
    found = prune(net, X).pruned_
    (layer,) = found.layers
    assert layer[:5] == ("hidden_1", 16, 9, 6, 1)
    assert (found.before, found.after) == (16 * 4 + 17, 9 * 4 + 10)
    assert str(found).startswith("7 hidden units taken out: 46 parameters of 81 are left.")
    assert "hidden_1" in str(found)
    assert "<table>" in found._repr_html_()
    assert found.to_dict()["layers"][0]["unheard"] == 1
    assert "why no more" not in str(found), "a column without a word"


def test_where_all_do_something_nothing_goes():
    net = fitted(activation="tanh")
    small = prune(net, X)
    assert small is not net
    assert small.hidden_layer_sizes == (16,)
    assert small.pruned_.said.startswith("Nothing was taken out")
    assert align(net, small).equal


def test_all_units_dead_leaves_one():
    net = killed(fitted(), 16)
    small = prune(net, X)
    assert small.hidden_layer_sizes == (1,)
    assert "one has to stay" in str(small.pruned_)
    assert same(net, small)


def test_a_linear_model_has_nothing_to_take_out():
    net = fitted(sizes=())
    assert prune(net, X).pruned_.layers == ()
    assert same(net, prune(net, X))


@pytest.mark.parametrize("given", [{}, {"early_stopping": True}])
def test_it_goes_on_learning(given, tmp_path):
    small = prune(killed(fitted(warm_start=True, **given)), X)
    epochs = len(small.history_["loss"])
    small.save(tmp_path / "small")
    for each in (small, load(tmp_path / "small")):
        each.fit(X, Y)
        assert len(each.history_["loss"]) > epochs
        assert np.isfinite(each.history_["loss"]).all()
        assert not hasattr(each, "pruned_") or each is small


def test_it_goes_on_in_parts(net):
    small = prune(net, X)
    start = [each.copy() for each in small.coefs_]
    small.partial_fit(X, Y)
    assert not np.array_equal(small.coefs_[0], start[0])
    assert small.coefs_[0].shape == (3, 10)
    assert same(net, prune(net, X))  # what it was made of did not move


def test_a_new_fit_forgets_what_was_taken_out(net):
    small = prune(net, X)
    small.fit(X, Y)
    assert not hasattr(small, "pruned_")
    assert small.network_.widths == (3, 10, 1)


def test_early_stopping_keeps_what_was_best():
    net = killed(fitted(early_stopping=True))
    small = prune(net, X)
    assert small.best_validation_score_ == net.best_validation_score_
    assert small.best_epoch_ == net.best_epoch_
    assert np.array_equal(small.history_["loss"], net.history_["loss"])


def test_networks_that_are_averaged_stay_of_one_shape(tmp_path):
    net = killed(fitted(n_ensemble=2))
    net._others[0].parameters["hidden_1"]["bias"][:2] = 100.0
    small = prune(net, X)
    assert small.hidden_layer_sizes == (12,)
    assert same(net, small)
    small.save(tmp_path / "small")
    assert same(load(tmp_path / "small"), small)
    assert [each.network_.widths for each in small.members_] == [(3, 12, 1)] * 2


def test_standard_deviations_stay():
    net = killed(fitted(NetRegressor, (8,), CURVE, solver="br", activation="relu"), 3)
    small = prune(net, X)
    assert small.hidden_layer_sizes == (5,)
    both = zip(net.predict(X, return_std=True), small.predict(X, return_std=True), strict=True)
    for one, two in both:
        assert np.allclose(one, two, rtol=1e-9)
    assert small.posterior_.factor.shape == (26, 26)


def test_a_pipeline_and_a_search():
    pipe = make_pipeline(StandardScaler(), NetClassifier((16,), max_iter=3, random_state=0))
    pipe.fit(X, Y)
    killed(pipe[-1])
    small = prune(pipe, X)
    assert same(pipe, small)
    assert small[-1].hidden_layer_sizes == (10,)
    assert pipe[-1].hidden_layer_sizes == (16,)
    search = GridSearchCV(NetClassifier((16,), max_iter=3, random_state=0), {"alpha": [0.1]}, cv=2)
    killed(search.fit(X, Y).best_estimator_)
    assert prune(search, X).hidden_layer_sizes == (10,)


def test_sparse_rows_and_frames():
    rows = sparse.random_array((60, 3), density=0.5, rng=0, format="csr")
    net = killed(fitted(x=rows))
    small = prune(net, rows)
    assert small.hidden_layer_sizes == (10,)
    assert same(net, small, rows)
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["a", "b", "c"])
    named = killed(fitted(x=frame))
    assert same(named, prune(named, frame), frame)


def test_layers_that_are_given_as_layers():
    net = killed(fitted(sizes=[Dense(16, ACTIVATIONS["relu"])]))
    small = prune(net, X)
    assert small.hidden_layer_sizes == (Dense(10, ACTIVATIONS["relu"]),)
    assert same(net, small)


def test_first_weights_that_were_given_are_forgotten():
    first = fitted()
    net = killed(fitted(coefs_init=first.coefs_, warm_start=True))
    small = prune(net, X)
    assert small.coefs_init is None
    small.fit(X, Y)


def test_it_has_no_rows_to_be_diagnosed_on(net):
    with pytest.raises(AttributeError, match=r"pruned.*diagnose"):
        prune(net, X).diagnosis_  # noqa: B018


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (X[:1], "X has one row"),
        (np.ones((4, 3)), "all 4 rows of X are the same"),
        (sparse.csr_array(np.ones((4, 3))), "all 4 rows of X are the same"),
        (X[:, :2], "3 features"),
        (np.full((2, 3), np.nan), "NaN"),
        ([], "array"),
        ("abc", "X"),
    ],
)
def test_rows_that_cannot_tell(net, rows, message):
    with pytest.raises(DataError, match=message):
        prune(net, rows)


def test_what_is_no_fitted_network():
    with pytest.raises(NotFittedError):
        prune(NetClassifier(), X)
    with pytest.raises(NotFittedError):
        prune(make_pipeline(StandardScaler(), NetClassifier()), X)
    for wrong in (StandardScaler(), None, 3, NetClassifier, make_pipeline(StandardScaler())):
        with pytest.raises((ParameterError, NotFittedError)):
            prune(wrong, X)
