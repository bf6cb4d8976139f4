"""A million epochs, then batches of one row: the count of steps is larger than 32 bits hold."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from unstuck import NetClassifier, load

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ROWS = 4400
X = np.random.default_rng(0).normal(size=(ROWS, 3))
Y = (X[:, 0] > 0).astype(int)
LONG = {"a million": 10**6, "31 bits": 2**31 // ROWS, "32 bits": 2**32 // ROWS}
"""Epochs after which the next one begins beyond the bound of 31 bits, or goes over one."""


@pytest.fixture(scope="module")
def short():
    """A fit of two epochs, one batch each."""
    parameters = {"max_iter": 2, "batch_size": ROWS, "dtype": "float32", "random_state": 0}
    return NetClassifier((4,), warm_start=True, shuffle=False, **parameters).fit(X, Y)


def older(net, epochs):
    """The estimator as if it had been trained for so many epochs."""
    net = copy.deepcopy(net)
    course = net._model.course
    course.step = epochs
    for column in course.history.columns.values():
        column[:] = np.zeros(epochs - 2).tolist() + column
    assert course.history.epochs == epochs
    return net


def gone_on(net, **parameters):
    """After one more epoch, of one step for every row."""
    return copy.copy(net).set_params(max_iter=1, batch_size=1, **parameters).fit(X, Y)


@pytest.mark.parametrize("epochs", LONG.values(), ids=LONG)
def test_the_steps_are_those_of_a_fit_that_is_not_that_old(short, epochs):
    expected, found = gone_on(short), gone_on(older(short, epochs))
    assert found.n_iter_ == 1
    assert len(found.loss_curve_) == epochs + 1
    assert found._model.course.step == (epochs + 1) * ROWS > 2**31
    assert found.loss_curve_[-1] == expected.loss_curve_[-1]
    for one, other in zip(expected.coefs_, found.coefs_, strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_is_drawn_by_the_step_goes_on_too(short, tmp_path):
    epochs = LONG["32 bits"]
    found = gone_on(older(short, epochs), dropout=0.2, shuffle=True)
    assert found.loss_curve_[-1] < short.loss_curve_[-1]
    assert np.isfinite(found.coefs_[0]).all()
    assert found.score(X, Y) > 0.9
    found.save(tmp_path / "old.safetensors")
    again = load(tmp_path / "old.safetensors")
    assert again._model.course.step == (epochs + 1) * ROWS
    one, other = (gone_on(net, dropout=0.2) for net in (found, again))
    assert one.loss_curve_[-1] == other.loss_curve_[-1]
