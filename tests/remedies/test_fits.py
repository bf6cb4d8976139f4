"""Fits of estimators of others: bounds, weights and scores as they take them."""

from __future__ import annotations

import numpy as np
import pytest
from noisy import Noisy, X, Y
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from unstuck.remedies.divisions import Rows, divided
from unstuck.remedies.fits import Fits, Job
from unstuck.remedies.treatment import UNTREATED

INPUTS = np.random.default_rng(0).normal(size=(60, 2))
CLASSES = (INPUTS[:, 0] > 0).astype(int)


def outcome(estimator, w=None, share=0.3, scorer=None, y=CLASSES):
    rows = Rows.of(estimator, INPUTS, y, w)
    fits = Fits(estimator, rows, scorer, n_jobs=1)
    return fits([Job(UNTREATED, 0, divided(rows, 0), share)])[0]


@pytest.mark.parametrize("estimator", [SVC(), Ridge(), SVC(max_iter=-1), Ridge(max_iter=None)])
def test_what_has_no_bound_of_its_steps_gets_none(estimator):
    done = outcome(estimator)
    assert not done.error
    assert done.test > 0.5


def test_weights_go_to_the_last_step_of_a_pipeline():
    piped = make_pipeline(StandardScaler(), LogisticRegression())
    w = np.where(CLASSES, 1.0, 1e-9)
    assert not outcome(piped, w).error
    assert outcome(piped, w, 1.0).test == pytest.approx(1.0)


def test_a_score_that_does_not_go_with_the_estimator_is_told():
    def scorer(fitted, x, y):
        raise ValueError("multiclass is not supported")

    assert "multiclass is not supported" in outcome(LogisticRegression(), scorer=scorer).error


@pytest.mark.parametrize("says", ["Input contains NaN.", "Input contains infinity or a value too"])
def test_outputs_that_are_no_numbers_are_worth_nothing(says):
    def scorer(fitted, x, y):
        raise ValueError(says)

    done = outcome(LogisticRegression(), scorer=scorer)
    assert (done.error, done.test) == ("", -1.0)


def test_rows_that_cannot_be_taken_are_told():
    rows = Rows.of(Noisy(), X[:100], Y)
    done = Fits(Noisy(), rows, n_jobs=1)([Job(UNTREATED, 0, divided(rows, 0))])
    assert "IndexError" in done[0].error
