"""What is followed on validation rows: a score that cannot be computed is not followed."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.model_selection import train_test_split

from unstuck import (
    IgnoredParameterWarning,
    NetClassifier,
    NetRegressor,
    ParameterError,
    UnstuckWarning,
    load,
)
from unstuck.estimators.validation import divisible
from unstuck.training.stopping import Stalls, Stopping

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = np.random.default_rng(0).normal(size=(12, 2))
Y = X[:, 0]


def fitted(monitor, x_val, y_val, w_val=None, **parameters):
    net = NetRegressor((2,), monitor=monitor, random_state=0, **{"max_iter": 40} | parameters)
    return net.fit(X, Y, X_val=x_val, y_val=y_val, sample_weight_val=w_val)


NO_SCORE = {
    "one row": (X[:1], Y[:1], None),
    "the same target everywhere": (X[:4], np.full(4, 3.0), None),
    "one row that weighs": (X[:4], Y[:4], [0, 0, 1, 0]),
}


@pytest.mark.parametrize("case", NO_SCORE)
def test_without_a_score_the_loss_is_followed_and_this_is_said_once(case):
    stops = {"early_stopping": True, "tol": 1.0, "n_iter_no_change": 3}
    by_loss = fitted("loss", *NO_SCORE[case], **stops)
    with pytest.warns(UnstuckWarning, match=r"R\^2 is undefined.* loss is followed") as caught:
        by_score = fitted("score", *NO_SCORE[case], **stops)
    assert len(caught) == 1
    assert by_score.n_iter_ == by_loss.n_iter_ < 40
    assert "The validation loss stopped" in str(by_score.stop_reason_)
    np.testing.assert_array_equal(by_score.predict(X), by_loss.predict(X))
    assert by_score.validation_scores_ == by_loss.validation_scores_


def test_one_row_split_off_has_no_score():
    net = NetRegressor((2,), early_stopping=True, monitor="score", max_iter=3, random_state=0)
    with pytest.warns(UnstuckWarning, match="of the 1 validation rows do not vary"):
        net.fit(X[:9], Y[:9])
    assert math.isfinite(net.best_validation_score_)


def test_scores_that_can_be_computed_are_followed():
    two = np.c_[Y, np.zeros(12)]
    net = NetRegressor((2,), monitor="score", max_iter=3, random_state=0)
    net.fit(X, two, X_val=X, y_val=two)
    assert net.validation_scores_[-1] == pytest.approx(net.score(X, two))
    single = NetClassifier((2,), monitor="score", max_iter=3, random_state=0)
    single.fit(X, Y > 0, X_val=X[:1], y_val=Y[:1] > 0)
    assert set(single.validation_scores_) <= {0.0, 1.0}


def test_a_value_that_is_no_number_is_never_progress():
    rules = Stopping(tol=0.1, patience=3, early=True, reacts="epochs", rate=0.1)
    stalls, stop, epochs = Stalls(), None, 0
    while stop is None and epochs < 10:
        stalls, stop = rules.epoch(stalls, 1.0, math.nan)
        epochs += 1
    assert epochs == 4
    assert rules.epoch(stalls, 1.0, 0.5)[0].stalled == 0


# Prechelt's rules


@pytest.mark.parametrize("rule", ["gl(1)", "pq(0.5)", "up(2)"])
def test_a_rule_ends_a_fit_that_is_cut_saved_and_read_where_it_ends_the_whole(rule, tmp_path):
    rng = np.random.default_rng(0)
    rows, noise = rng.normal(size=(60, 3)), rng.normal(size=60)
    held = {"X_val": rows[:20], "y_val": noise[:20]}
    given = {"early_stopping": True, "stopping_rule": rule, "n_iter_no_change": np.inf}
    given["strip_length"] = 5 if rule.startswith("gl") else 4
    whole = NetRegressor(
        (4,), max_iter=400, learning_rate_init=0.05, random_state=0, **given
    ).fit(rows[20:], noise[20:], **held)  # fmt: skip
    assert whole.stop_reason_.name == "stopping_rule"
    assert rule.partition("(")[0] in str(whole.stop_reason_)
    epochs = whole.n_iter_
    assert 5 < epochs < 400
    assert whole.best_epoch_ < epochs
    assert np.isnan(whole.history_.get("validation_failures", np.nan)).all()
    parts = clone(whole).set_params(max_iter=epochs - 2, warm_start=True)
    parts.fit(rows[20:], noise[20:], **held)
    assert parts.stop_reason_.name == "max_iter"
    parts.save(tmp_path / "net")
    again = load(tmp_path / "net").fit(rows[20:], noise[20:], **held)
    assert again.stop_reason_ == whole.stop_reason_
    assert again.loss_curve_ == whole.loss_curve_
    again.fit(rows[20:], noise[20:], **held)  # one that goes on is not ended at once
    assert again.n_iter_ > 1


def test_a_rule_that_nothing_reads_is_told():
    with pytest.warns(IgnoredParameterWarning, match="stopping_rule is ignored: early_stopping"):
        NetRegressor((4,), stopping_rule="gl", max_iter=1).fit(X, X[:, 0])
    with pytest.warns(IgnoredParameterWarning, match=r"strip_length is ignored by stopping_rule="):
        NetRegressor((4,), strip_length=3, max_iter=1).fit(X, X[:, 0])
    with pytest.raises(
        ParameterError, match=r"stopping_rule was 'patient'.*Did you mean 'patience'"
    ):
        NetRegressor((4,), stopping_rule="patient", max_iter=1).fit(X, X[:, 0])


# Which rows can be held out


@given(
    st.lists(st.integers(0, 3), min_size=2, max_size=20),
    st.sampled_from([0.05, 0.1, 0.25, 0.3, 0.5, 0.9]),
    st.booleans(),
)
def test_what_can_be_divided_is_what_scikit_learn_divides(classes, share, stratified):
    strata = classes if stratified else None
    try:
        train_test_split(classes, test_size=share, stratify=strata, random_state=0)
    except ValueError:
        assert not divisible(len(classes), strata, share)
    else:
        assert divisible(len(classes), strata, share)
