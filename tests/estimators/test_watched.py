"""What a fit keeps for a diagnosis, and what it says at its end, without changing the fit."""

import copy
import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone

from unstuck import NetClassifier, NetRegressor, load
from unstuck.errors import DataError, StuckWarning
from unstuck.estimators.examples import Examples
from unstuck.estimators.seeds import Seeds
from unstuck.estimators.watched import Watched
from unstuck.report import figures

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)
CURVE = np.sin(X[:, 0]) + X[:, 1]
HELD = {"X_val": X[:20] + 0.1, "y_val": CURVE[:20]}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def examples(rows, columns, kind=np.asarray):
    x = np.arange(rows * columns, dtype=float).reshape(rows, columns)
    y = np.arange(float(rows))
    return Examples(kind(x), y[:, None], np.full(rows, 2.0), y)


def kept(rows, columns=2, kind=np.asarray, held=None):
    return Watched.of(examples(rows, columns, kind), held, {"alpha": 1.0}, Seeds.of(0))


# Nothing changes

FITS = {
    "one batch": {"batch_size": 60},
    "partial batches, many epochs": {"batch_size": 16, "max_iter": 70},
    "sgd": {"batch_size": 16, "solver": "sgd", "max_iter": 70},
    "validation": {"batch_size": 16, "max_iter": 70, "validated": True},
    "early stopping": {"batch_size": 16, "early_stopping": True},
    "dropout": {"batch_size": 16, "dropout": 0.3},
    "plateau": {"batch_size": 16, "learning_rate": "plateau", "plateau_patience": 1, "tol": 0.1,
                "n_iter_no_change": 20, "max_iter": 70},
    "restarts": {"batch_size": 16, "n_restarts": 3},
    "large": {"hidden_layer_sizes": (16_400,), "batch_size": 30, "max_iter": 70},
    "lm": {"solver": "lm"},
    "lbfgs": {"solver": "lbfgs", "max_iter": 150},
    "rprop": {"solver": "rprop", "max_iter": 150},
    "dtype": {"batch_size": 16, "dtype": "float64"},
}  # fmt: skip


def fitted(settings, **more):
    settings = {"hidden_layer_sizes": (4,), "random_state": 0, "max_iter": 40} | settings | more
    held = HELD if settings.pop("validated", False) else {}
    return NetRegressor(**settings).fit(X, CURVE, **held)


def assert_same_bits(one, other):
    for a, b in zip(one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_, strict=True):
        assert a.tobytes() == b.tobytes()
    ours, theirs = one.history_, other.history_
    columns = [name for name in ours if not name.startswith(("layer_", "look_"))]
    assert columns == [name for name in theirs if not name.startswith(("layer_", "look_"))]
    for name in columns:
        assert ours[name].tobytes() == theirs[name].tobytes(), name
    assert one.stop_reason_.name == other.stop_reason_.name


@pytest.mark.parametrize("settings", FITS.values(), ids=FITS)
def test_a_watched_fit_ends_with_the_same_bits(settings):
    watched, plain = fitted(settings), fitted(settings, watch=False)
    assert len(watched.history_["look_epoch"]) > 1
    assert_same_bits(watched, plain)


def test_parts_of_a_fit_end_with_the_same_bits_however_they_are_watched():
    whole = fitted({"batch_size": 16, "max_iter": 120})
    parts = fitted({"batch_size": 16}, warm_start=True)
    parts.set_params(watch=False).fit(X, CURVE)
    parts.set_params(watch=True).fit(X, CURVE)
    assert_same_bits(parts, whole)


# Without looks


def test_without_watching_there_are_no_looks_and_no_sample():
    net = fitted({"watch": False})
    assert not [name for name in net.history_ if name.startswith("layer_")]
    assert net.history_["look_epoch"].shape == (0,)
    assert not hasattr(net, "_watched")


def test_a_fit_that_goes_on_unwatched_keeps_the_looks_so_far(tmp_path):
    net = fitted({"batch_size": 16}, warm_start=True)
    before = net.history_
    net.set_params(watch=False).fit(X, CURVE)
    assert not hasattr(net, "_watched")
    assert net.history_["layer_mean_slope"].tolist() == before["layer_mean_slope"].tolist()
    net.save(tmp_path / "net.safetensors")
    again = load(tmp_path / "net.safetensors")
    for each in (net, again):
        each.set_params(watch=True).fit(X, CURVE)
        looks = each.history_["look_epoch"].tolist()
        assert looks[: len(before["look_epoch"])] == before["look_epoch"].tolist()
        assert looks[len(before["look_epoch"]) :][0] == 80
        assert looks[-1] == 120
    assert_same_bits(net, again)


def test_a_fit_that_was_not_watched_is_saved_and_goes_on_watched(tmp_path):
    net = fitted({"watch": False, "batch_size": 16}, warm_start=True)
    net.save(tmp_path / "net.safetensors")
    again = load(tmp_path / "net.safetensors")
    assert again.history_.keys() == net.history_.keys()
    assert again.watch is False
    again.set_params(watch=True).fit(X, CURVE)
    assert again.history_["look_epoch"][[0, -1]].tolist() == [40, 80]
    assert again.history_["layer_mean_slope"].shape[1] == 2


def test_the_figure_of_the_signals_says_that_there_are_none():
    history = fitted({"watch": False, "max_iter": 2}).history_
    with pytest.raises(DataError, match="plain has no looks at its layers; fit it with watch=True"):
        figures.signals({"plain": history}, ["output"], {"layer_mean_slope": "slope"})


# The sample


def test_few_rows_are_kept_whole_and_many_at_even_distances():
    assert kept(40).training.labels.tolist() == list(range(40))
    found = kept(10_000)
    assert (found.rows, found.weight) == (10_000, 20_000.0)
    assert len(found.training) == 1500
    steps = np.diff(found.training.labels)
    assert set(steps) <= {6.0, 7.0}
    assert found.training.labels[[0, -1]].tolist() == [0, 9999]
    assert found.validating is None
    assert len(kept(10, held=examples(5000, 2)).validating) == 1000


def test_of_wide_tables_fewer_rows_are_kept():
    assert len(kept(1000, 3999).training) == 500
    assert len(kept(200, 60_000).training) == 50
    assert len(kept(20, 60_000).training) == 20


def test_sparse_rows_stay_sparse():
    found = kept(2000, 3, sparse.csr_array).training
    assert sparse.issparse(found.x)
    assert found.x.shape == (1500, 3)


def test_rows_and_settings_are_copies():
    x, w, sizes = X.copy(), np.ones(60), [4]
    net = NetRegressor(sizes, random_state=0, max_iter=2).fit(x, CURVE, sample_weight=w)
    for own in (net._watched.training.x, net._watched.training.w):
        assert own.base is None
        assert not any(np.shares_memory(own, each) for each in (x, w))
    sizes.append(5)
    net.set_params(alpha=7.0)
    assert net._watched.settings["hidden_layer_sizes"] == [4]
    assert net._watched.settings["alpha"] == 1e-4


def test_every_fit_replaces_the_sample():
    net = fitted({"max_iter": 2}, warm_start=True)
    first = net._watched
    assert (len(first.training), first.partial) == (60, False)
    net.fit(X[:30], CURVE[:30])
    assert len(net._watched.training) == 30
    net.partial_fit(X[:7], CURVE[:7])
    assert (net._watched.rows, net._watched.partial) == (7, True)
    assert len(first.training) == 60
    net.set_params(watch=False).partial_fit(X, CURVE)
    assert not hasattr(net, "_watched")


@pytest.mark.parametrize("watch", [True, False])
def test_a_fit_that_fails_leaves_the_sample(watch):
    net = fitted({"max_iter": 2, "watch": watch})
    before = vars(net).get("_watched")
    with pytest.raises(DataError):
        net.set_params(watch=not watch).fit(X, CURVE[:-1])
    assert vars(net).get("_watched") is before


def test_validation_rows_and_the_chosen_start_are_kept():
    net = fitted({"early_stopping": True, "n_restarts": 2, "max_iter": 3})
    assert (len(net._watched.training), len(net._watched.validating)) == (54, 6)
    assert net._watched.seeds == net._model.seeds


def test_pickles_and_copies_hold_the_sample_and_clones_and_files_do_not(tmp_path):
    net = fitted({"max_iter": 2})
    for other in (pickle.loads(pickle.dumps(net)), copy.deepcopy(net)):
        assert other._watched.training.x.tolist() == net._watched.training.x.tolist()
    assert not hasattr(clone(net), "_watched")
    net.save(tmp_path / "net.safetensors")
    assert not hasattr(load(tmp_path / "net.safetensors"), "_watched")


# What is said


COIN = np.arange(60) % 2
STUCK = {"batch_size": 20, "random_state": 0, "alpha": 300.0, "max_iter": 150}


def test_a_fit_that_ends_no_better_than_a_constant_says_so():
    said = r"no better than a constant \(loss 0.69\d; a constant: 0.69\d\).*est.diagnosis_"
    with pytest.warns(StuckWarning, match=said):
        NetClassifier((4,), learning_rate_init=0.03, **STUCK).fit(X, COIN)
    with pytest.warns(StuckWarning, match=r"\(loss 0.5; a constant: 0.5\)"):
        NetRegressor((4,), learning_rate_init=0.03, **STUCK).fit(X, CURVE)


@pytest.mark.parametrize(
    "settings",
    [
        {"watch": False},
        {"max_iter": 30},
        {"max_time": 1e-9},
        {"loss_goal": 10.0},
        {"loss": "absolute_error"},
    ],
    ids=str,
)
def test_nothing_is_said_of_fits_that_somebody_ended_and_of_other_losses(settings):
    NetRegressor((4,), **STUCK | settings).fit(X, CURVE)


def test_constant_targets_are_learned_and_told():
    with pytest.warns(StuckWarning, match="all targets of the 60 rows .* nothing to learn"):
        net = NetRegressor((4,), **STUCK).fit(X, np.ones(60))
    assert np.isfinite(net.predict(X)).all()
    NetRegressor((4,), **STUCK).fit(X[:1], [1.0])
    NetRegressor((4,), **STUCK).partial_fit(X, np.ones(60))


def test_nothing_is_said_of_partial_fit_and_of_what_learns():
    net = NetRegressor((4,), **STUCK)
    for _ in range(60):
        net.partial_fit(X, CURVE)
    NetRegressor((4,), **STUCK | {"alpha": 0.0}).fit(X, CURVE)


def test_soft_targets_are_judged_above_their_entropy():
    """No output is better than the targets' own entropy, which is 0.9 of a constant's loss."""
    soft = np.stack([0.5 + 0.2 * np.tanh(X[:, 0]), 0.5 - 0.2 * np.tanh(X[:, 0])], 1)
    settings = STUCK | {"alpha": 0.0, "learning_rate_init": 0.03}
    NetClassifier((4,), **settings).fit(X, Y, soft_targets=soft)


def test_rows_of_weight_zero_are_not_kept():
    """The sample of them alone would weigh nothing, and a diagnosis divides by its weight."""
    all_rows = examples(6000, 2)
    weights = np.zeros(6000)
    weights[[17, 4003]] = 1.0
    some = Examples(all_rows.x, all_rows.y, weights, all_rows.labels)
    found = Watched.of(some, some, {}, Seeds.of(0))
    for part in (found.training, found.validating):
        assert part.labels.tolist() == [17, 4003]
    assert (found.rows, found.weight) == (6000, 2.0)
