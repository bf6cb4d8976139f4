"""Parameters that scikit-learn's MLP has, too: the same from the same first weights, or as
``docs/parameters.md`` tells the difference."""

import inspect
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor, _multilayer_perceptron

from unstuck import DataError, NetClassifier, NetRegressor

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::unstuck.IgnoredParameterWarning"),
]

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = X[:, 0] - X[:, 1] ** 2
THREE = np.digitize(X[:, 0], [-0.5, 0.5])
W = RNG.uniform(0.5, 2.0, 60)
PAIRS = {NetRegressor: MLPRegressor, NetClassifier: MLPClassifier}
PAGE = Path(__file__).parents[2] / "docs/parameters.md"


def both(kind=NetRegressor, y=Y, w=None, theirs=(), fits=1, **shared):
    """Ours and theirs, fitted from the same first weights to the same batches."""
    shared = {
        "hidden_layer_sizes": (4,),
        "activation": "tanh",
        "solver": "sgd",
        "max_iter": 5,
        "learning_rate_init": 0.05,
        "alpha": 0.0,
        "batch_size": 20,
        "shuffle": False,
        **shared,
    }
    widths = [3, *shared["hidden_layer_sizes"], _outputs(kind, y)]
    rng = np.random.default_rng(1)
    first = [(rng.normal(size=(i, o)), rng.normal(size=o)) for i, o in pairwise(widths)]

    class Peer(PAIRS[kind]):
        def _init_coef(self, fan_in, fan_out, dtype):
            return next((w.copy(), b.copy()) for w, b in first if w.shape == (fan_in, fan_out))

    weights = {"coefs_init": [w for w, _ in first], "intercepts_init": [b for _, b in first]}
    plain = {"scale_inputs": False, "dtype": "float64"}
    if kind is NetRegressor:
        plain["scale_targets"] = False
    ours, peer = kind(**shared, **weights, **plain), Peer(**shared | dict(theirs))
    ours.set_params(warm_start=fits > 1), peer.set_params(warm_start=fits > 1)
    for _ in range(fits):
        ours.fit(X, y, w)
        peer.fit(X, y, sample_weight=w)
    return ours, peer


def _outputs(kind, y):
    return y.shape[1] if y.ndim == 2 else (3 if kind is NetClassifier else 1)


def same(ours, peer):
    pairs = zip([*ours.coefs_, *ours.intercepts_], [*peer.coefs_, *peer.intercepts_], strict=True)
    return all(np.allclose(mine, theirs, rtol=1e-9, atol=1e-12) for mine, theirs in pairs)


# What means the same


@pytest.mark.parametrize("kind", PAIRS)
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"momentum": 0.0},
        {"nesterovs_momentum": False},
        {"batch_size": 7},
        {"batch_size": "auto", "alpha": 0.3},
        {"solver": "adam", "epsilon": 1e-30, "beta_1": 0.8, "beta_2": 0.99},
        {"max_iter": 200, "tol": 1e-3, "n_iter_no_change": 3},
        {"learning_rate": "adaptive", "momentum": 0.0, "max_iter": 80, "tol": 0.01,
         "n_iter_no_change": 1},
    ],
    ids=str,
)  # fmt: skip
def test_the_same_weights_losses_and_epochs(kind, parameters):
    ours, peer = both(kind, Y if kind is NetRegressor else THREE, **parameters)
    assert ours.n_iter_ == peer.n_iter_
    np.testing.assert_allclose(ours.loss_curve_, peer.loss_curve_, rtol=1e-9)
    assert ours.best_loss_ == pytest.approx(peer.best_loss_)
    assert same(ours, peer)


def test_the_adaptive_rate_falls_at_the_same_epochs():
    ours, peer = both(
        learning_rate="adaptive", momentum=0.0, max_iter=80, tol=0.01, n_iter_no_change=1
    )
    assert ours.history_["learning_rate"][-1] < 0.05
    assert peer._optimizer.learning_rate == pytest.approx(ours.history_["learning_rate"][-1])


def test_early_stopping_by_the_score(monkeypatch):
    """With theirs holding out the last 20 rows, too."""

    def held_out(x, y, **parameters):
        return x[:40], x[40:], y[:40], y[40:]

    monkeypatch.setattr(_multilayer_perceptron, "train_test_split", held_out)
    shared = {"early_stopping": True, "max_iter": 200, "tol": 1e-3, "n_iter_no_change": 4}
    ours, peer = both(**shared)
    ours.set_params(monitor="score").fit(X[:40], Y[:40], X_val=X[40:], y_val=Y[40:])
    assert ours.n_iter_ == peer.n_iter_ < 200
    np.testing.assert_allclose(ours.validation_scores_, peer.validation_scores_, rtol=1e-9)
    assert ours.best_validation_score_ == pytest.approx(peer.best_validation_score_)
    assert same(ours, peer)


def test_lbfgs_ends_at_the_same_minimum():
    shared = {"hidden_layer_sizes": (), "alpha": 0.5, "max_iter": 500, "solver": "lbfgs"}
    ours, peer = both(NetClassifier, THREE, theirs={"tol": 1e-9}, **shared)
    assert ours.loss_ == pytest.approx(peer.loss_, rel=1e-8)
    for mine, theirs in zip(ours.coefs_, peer.coefs_, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-3)


def test_losses_of_counts_and_of_labels():
    counts = abs(Y).round()
    ours, peer = both(y=counts, loss="poisson", learning_rate_init=0.01)
    assert same(ours, peer)
    np.testing.assert_allclose(ours.loss_curve_, peer.loss_curve_, rtol=1e-9)
    assert (ours.out_activation_, peer.out_activation_) == ("exponential", "exp")
    ours, peer = both(NetClassifier, (X[:, :2] > 0).astype(int))
    assert same(ours, peer)
    np.testing.assert_allclose(ours.loss_curve_, peer.loss_curve_, rtol=1e-9)


def test_weights_of_the_rows():
    ours, peer = both(w=W, batch_size=60, alpha=0.3)
    assert same(ours, peer)
    np.testing.assert_allclose(ours.loss_curve_, peer.loss_curve_, rtol=1e-9)


# What differs, and how


def test_alpha_is_divided_by_all_rows():
    assert not same(*both(alpha=0.3))
    ours, peer = both(alpha=0.9, theirs={"alpha": 0.3})  # batches of 20 of 60 rows
    assert same(ours, peer)


def test_epsilon_is_added_after_the_bias_correction():
    one = {"solver": "adam", "max_iter": 1, "batch_size": 60, "beta_2": 0.99}
    assert not same(*both(**one, epsilon=0.1))
    assert same(*both(**one, epsilon=1.0, theirs={"epsilon": (1 - 0.99) ** 0.5}))


def test_invscaling_counts_epochs():
    ours, peer = both(learning_rate="invscaling", power_t=0.5, momentum=0.0, max_iter=1)
    assert same(ours, peer)
    assert peer._optimizer.learning_rate == pytest.approx(0.05 / 61**0.5)  # rows seen, and one
    ours, peer = both(learning_rate="invscaling", power_t=0.5, momentum=0.0, max_iter=2)
    np.testing.assert_allclose(ours.history_["learning_rate"], [0.05, 0.05 / 2**0.5])
    assert not same(ours, peer)


def test_a_rate_that_falls_and_momentum():
    """Their velocity holds the rates of its steps, ours the gradients."""
    falling = {"learning_rate": "adaptive", "max_iter": 60, "tol": 0.05, "n_iter_no_change": 1}
    ours, peer = both(**falling)
    assert ours.history_["learning_rate"][-1] < 0.05
    assert not same(ours, peer)


def test_the_loss_of_several_outputs_is_a_sum():
    ours, peer = both(y=np.c_[Y, X[:, 0]])
    assert same(ours, peer)
    np.testing.assert_allclose(ours.loss_curve_, 2 * np.array(peer.loss_curve_), rtol=1e-9)


def test_the_mean_of_an_epochs_batches_counts_the_weights_of_their_rows():
    ours, peer = both(w=W)
    assert same(ours, peer)
    assert not np.allclose(ours.loss_curve_, peer.loss_curve_)


def test_a_warm_start_keeps_the_velocity():
    assert same(*both(fits=2, momentum=0.0))
    assert not same(*both(fits=2))


def test_every_class_is_held_out():
    few = np.r_[np.zeros(30, int), np.ones(29, int), 2]
    MLPClassifier((4,), early_stopping=True, max_iter=1).fit(X, few)
    with pytest.raises(DataError, match="could not split"):
        NetClassifier((4,), early_stopping=True, max_iter=1).fit(X, few)


def test_early_stopping_follows_the_loss_unless_told():
    ours, peer = (kind((4,), early_stopping=True, max_iter=3).fit(X, THREE) for kind in
                  (NetClassifier, MLPClassifier))  # fmt: skip
    assert min(peer.validation_scores_) >= 0 > max(ours.validation_scores_)
    assert peer.best_loss_ is None
    assert ours.best_loss_ == min(ours.loss_curve_)


def test_adam_reads_the_schedule():
    ours, peer = both(solver="adam", learning_rate="invscaling", epsilon=1e-30)
    assert ours.history_["learning_rate"][-1] == pytest.approx(0.05 / 5**0.5)
    assert not same(ours, peer)
    assert same(both(solver="adam", epsilon=1e-30)[1], peer)  # theirs does not


def test_a_batch_larger_than_the_rows():
    with pytest.warns(UserWarning, match="It is going to be clipped"):
        ours, peer = both(batch_size=100)
    assert same(ours, peer)


def test_rows_seen_are_not_kept():
    ours, peer = both()
    assert peer.t_ == 300
    with pytest.raises(AttributeError, match="t_ is not kept"):
        _ = ours.t_


def test_first_biases():
    still = {"learning_rate_init": 1e-300, "max_iter": 1, "random_state": 0}
    ours, peer = NetClassifier((4,), **still).fit(X, THREE), MLPClassifier((4,), **still)
    assert abs(ours.intercepts_[0]).max() < 1e-200
    assert abs(peer.fit(X, THREE).intercepts_[0]).min() > 1e-3


def test_lbfgs_has_a_curve_and_reads_tol_otherwise():
    ours, peer = both(solver="lbfgs", max_iter=7)
    assert len(ours.loss_curve_) == 7
    assert not hasattr(peer, "loss_curve_")
    loose, theirs = both(solver="lbfgs", tol=1e3, max_iter=50)  # theirs: of the gradient
    assert theirs.n_iter_ <= 1
    assert loose.n_iter_ > 1


def test_defaults_are_the_same_but_for_those_that_are_named():
    for kind, peer in PAIRS.items():
        ours, theirs = kind().get_params(), peer().get_params()
        missing = {"max_fun"}
        assert theirs.keys() - ours.keys() == missing
        other = {n for n in theirs.keys() - missing if ours[n] != theirs[n]}
        assert other - {"loss"} == {"tol"}


def test_every_parameter_of_theirs_is_in_the_table():
    section = PAGE.read_text("utf-8").partition("## Beside scikit-learn")[2]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    for peer in PAIRS.values():
        names = set(inspect.signature(peer).parameters)
        assert names <= told, names - told
