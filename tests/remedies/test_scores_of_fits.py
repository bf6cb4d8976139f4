"""What experiments are judged by, beside scikit-learn and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import log_loss, make_scorer, mean_absolute_error, r2_score

from unstuck.remedies.divisions import Rows
from unstuck.remedies.scoring import is_loss, scorer_of, words

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 2))
NUMBERS = 1000.0 * (X[:, 0] + RANDOM.normal(size=60))
CLASSES = (NUMBERS > 300).astype(int)
LINE = LinearRegression().fit(X, NUMBERS)


def test_the_share_of_the_squared_error_that_is_saved_is_r2():
    score = scorer_of(LINE, Rows.of(LINE, X, NUMBERS), "neg_mean_squared_error")
    assert score(LINE, X, NUMBERS) == pytest.approx(r2_score(NUMBERS, LINE.predict(X)))


def test_of_the_log_loss_it_is_that_of_mcfadden():
    model = LogisticRegression().fit(X, CLASSES)
    score = scorer_of(model, Rows.of(model, X, CLASSES), "neg_log_loss")
    share = CLASSES.mean()
    entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
    expected = 1 - log_loss(CLASSES, model.predict_proba(X)) / entropy
    assert score(model, X, CLASSES) == pytest.approx(expected)
    constant = DummyClassifier(strategy="prior").fit(X, CLASSES)
    assert score(constant, X, CLASSES) == pytest.approx(0.0)


def test_losses_of_ones_own_are_known():
    scoring = make_scorer(mean_absolute_error, greater_is_better=False)
    assert is_loss(scoring)
    found = scorer_of(LINE, Rows.of(LINE, X, NUMBERS), scoring)(LINE, X, NUMBERS)
    spread = np.abs(NUMBERS - NUMBERS.mean()).mean()
    assert found == pytest.approx(1 - np.abs(NUMBERS - LINE.predict(X)).mean() / spread)


def test_words():
    assert words(LINE, None) == "R2"
    assert words(LogisticRegression(), None) == "accuracy"
    assert words(LINE, "balanced_accuracy") == "balanced accuracy"
    assert words(LINE, "neg_log_loss") == "share of a constant's log loss that it saves"
