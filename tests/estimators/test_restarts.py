"""Several starts: one program, the best is kept, all are told of."""

import os
import threading

import numpy as np
import pytest

from unstuck import NetClassifier, NetRegressor
from unstuck.errors import InterruptedWarning
from unstuck.estimators import fitting, restarts
from unstuck.training.task import Observer

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 2))
Y = np.sin(2 * X[:, 0]) + X[:, 1] ** 2

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def net(**parameters):
    return NetRegressor((5,), max_iter=20, learning_rate_init=0.02, random_state=3, **parameters)


def test_the_best_of_them_is_kept():
    found = net(n_restarts=4).fit(X, Y)
    costs = [start.cost for start in found.restarts_]
    assert len(costs) == 4
    assert len(set(costs)) == 4
    assert found.loss_curve_[-1] == min(costs)
    assert all(start.n_iter == 20 for start in found.restarts_)
    assert {start.stop_reason.name for start in found.restarts_} == {"max_iter"}


def test_each_is_the_fit_that_its_seed_gives():
    found = net(n_restarts=3).fit(X, Y)
    single = net().fit(X, Y)
    assert found.restarts_[0].cost == single.loss_curve_[-1]
    again = net(n_restarts=3).fit(X, Y)
    assert [s.cost for s in again.restarts_] == [s.cost for s in found.restarts_]
    np.testing.assert_array_equal(again.coefs_[0], found.coefs_[0])


def test_one_start_tells_of_no_others():
    assert not hasattr(net().fit(X, Y), "restarts_")
    again = net(n_restarts=2).fit(X, Y).set_params(n_restarts=1).fit(X, Y)
    assert not hasattr(again, "restarts_")


def test_validation_decides_where_there_is_some():
    found = net(n_restarts=3).fit(X[:40], Y[:40], X_val=X[40:], y_val=Y[40:])
    best = min(found.restarts_, key=lambda start: start.cost)
    assert best.cost == -found.best_validation_score_
    scored = NetClassifier((5,), max_iter=5, n_restarts=3, monitor="score", random_state=0)
    scored.fit(X[:40], Y[:40] > 0.5, X_val=X[40:], y_val=Y[40:] > 0.5)
    assert min(start.cost for start in scored.restarts_) == -scored.best_validation_score_


def test_the_others_wait_for_the_first_ones_program(compilations):
    fresh = NetRegressor((7,), max_iter=5, n_restarts=4, random_state=0)
    compilations()
    fresh.fit(X, Y)
    assert compilations() == 1


@pytest.mark.parametrize("seed", range(3))
def test_going_on_goes_on_with_the_best(seed):
    """The loss of an epoch is measured before its step: epoch 21 begins at the kept weights."""
    on = net(n_restarts=3, warm_start=True).set_params(random_state=seed).fit(X, Y)
    curve, error = on.loss_curve_, (Y - on.predict(X)) / Y.std()
    squares = sum((w**2).sum() for w in on.coefs_)
    value = 0.5 * (error**2).mean() + on.alpha / (2 * len(Y)) * squares
    on.fit(X, Y)
    assert (on.n_iter_, len(on.loss_curve_)) == (20, 40)
    assert on.loss_curve_[:20] == curve
    assert on.loss_curve_[20] == pytest.approx(value, rel=1e-9)
    assert len(on.restarts_) == 3


def test_an_error_in_one_ends_all(monkeypatch):
    usual, calls = fitting.Fit.__call__, []

    def failing(fit, model, *more):
        calls.append(model)
        if len(calls) == 2:
            raise ZeroDivisionError("in the second")
        return usual(fit, model, *more)

    monkeypatch.setattr(fitting.Fit, "__call__", failing)
    estimator = net(n_restarts=3)
    with pytest.raises(ZeroDivisionError, match="in the second"):
        estimator.fit(X, Y)
    assert not hasattr(estimator, "coefs_")
    assert not [t for t in threading.enumerate() if t.name.startswith("unstuck-start")]


class Interrupting(Observer):
    """Ctrl-C as soon as one start has ended."""

    def epoch(self, epoch, row, state):
        raise KeyboardInterrupt


def test_an_interruption_keeps_the_best_so_far(monkeypatch):
    usual = restarts.train_all
    monkeypatch.setattr(
        restarts,
        "train_all",
        lambda models, fits, observers, *ends: usual(models, fits, [Interrupting()], *ends),
    )
    with pytest.warns(InterruptedWarning, match="what was learned is kept"):
        found = net(n_restarts=3 + (os.cpu_count() or 1)).fit(X, Y)
    assert found.stop_reason_.name == "interrupted"
    assert found.loss_curve_[-1] <= found.restarts_[0].cost
    assert found.predict(X).shape == (60,)


def test_progress_counts_starts(capsys):
    net(n_restarts=3, verbose=True).fit(X, Y)
    assert "start 3/3" in capsys.readouterr().err


@pytest.mark.parametrize(("monitor", "said"), [("loss", "valid"), ("score", "score")])
def test_the_line_of_starts_says_what_they_are_compared_by(monitor, said, capsys):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 2))
    net = NetClassifier((4,), max_iter=3, n_restarts=2, early_stopping=True, monitor=monitor,
                        verbose=True, random_state=0)  # fmt: skip
    with pytest.warns(UserWarning, match="epochs"):
        net.fit(x, x[:, 0] > 0)
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("start 2/2 ")
    assert f" {said} " in last
    assert "best" not in last
