"""XOR: what no unit solves, two hidden ones do."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression

from unstuck import DataError
from unstuck.neuro import by_hand, logistic_unit, representable

X, Y = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])


def test_no_linear_classifier_gets_more_than_three_rows():
    assert representable(Y).unit is None
    unit = logistic_unit(X, Y)
    np.testing.assert_allclose([*unit.coef_[0], *unit.intercept_], 0, atol=1e-7)
    np.testing.assert_allclose(unit.predict_proba(X), 0.5)
    assert unit.log_likelihood == pytest.approx(-4 * np.log(2))
    for model in (LogisticRegression(), LinearDiscriminantAnalysis(solver="lsqr")):
        assert model.fit(X, Y).score(X, Y) < 1
        np.testing.assert_allclose(model.coef_, 0, atol=1e-9)


def test_two_hidden_units_do_with_the_numbers_of_the_text():
    """The sixteen: inputs' rows by "a or b", "not both", the output, and XOR, all but 1e-4."""
    hidden, output = by_hand().values(X)
    told = np.column_stack([hidden, output, by_hand().predict(X)])
    expected = [[0, 1, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1], [1, 0, 0, 0]]
    np.testing.assert_allclose(told, expected, atol=1e-4)


def test_every_number_is_the_sigmoid_of_its_sum():
    def sigmoid(t):
        return 1 / (1 + np.exp(-t))

    for a, b in X:
        h1, h2 = sigmoid(20 * a + 20 * b - 10), sigmoid(-20 * a - 20 * b + 30)
        hidden, output = by_hand().values([[a, b]])
        np.testing.assert_allclose(hidden[0], [h1, h2])
        np.testing.assert_allclose(output, sigmoid(20 * h1 + 20 * h2 - 30))
        np.testing.assert_allclose(by_hand().predict_proba([[a, b]])[0, 1], output[0])


def test_other_rows_are_refused():
    with pytest.raises(DataError, match="two inputs"):
        by_hand().predict([[1.0, 2.0, 3.0]])
