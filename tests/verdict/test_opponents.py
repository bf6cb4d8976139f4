"""A constant and a linear model, beside scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from unstuck.verdict.examples import CLASSES, LABELS, NUMBERS, Examples
from unstuck.verdict.opponents import FOREST, STRENGTHS, constant, linear, trees

RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 3)) * [1, 10, 100]
Y = np.array(["a", "b", "c"])[np.digitize(X[:, 0] + 0.1 * RNG.normal(size=90), [-0.3, 0.6])]
NAMES = np.unique(Y)
NONE = np.empty(0)


def rows(y, x=X):
    return Examples(x, np.asarray(y), np.ones(len(y)))


def test_constants_are_those_of_dummies():
    said = constant(rows(Y), CLASSES, NAMES)(X)
    known = DummyClassifier().fit(X, Y)
    assert said.labels.tolist() == known.predict(X).tolist()
    np.testing.assert_allclose(said.probabilities, known.predict_proba(X))
    numbers = constant(rows(X[:, 0]), NUMBERS, NONE)(X)
    np.testing.assert_allclose(numbers.labels, DummyRegressor().fit(X, X[:, 0]).predict(X))
    high = constant(rows(X[:, 0]), NUMBERS, NONE, quantile=0.9)(X)
    np.testing.assert_allclose(high.labels, np.quantile(X[:, 0], 0.9, method="inverted_cdf"))


def test_linear_models_are_those_of_pipelines():
    said = linear(rows(Y), CLASSES, NAMES)(X)
    known = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)).fit(X, Y)
    np.testing.assert_allclose(said.probabilities, known.predict_proba(X), atol=1e-6)
    assert said.labels.tolist() == known.predict(X).tolist()
    y = X @ [1.0, 0.1, 0.0] + RNG.normal(size=90)
    numbers = linear(rows(y), NUMBERS, NONE)(X)
    ridge = make_pipeline(StandardScaler(), RidgeCV(STRENGTHS)).fit(X, y)
    np.testing.assert_allclose(numbers.labels, ridge.predict(X), atol=1e-6)


def test_a_quantile_is_that_of_the_errors_above_the_line():
    y = X[:, 0] + RNG.normal(size=90)
    said = linear(rows(y), NUMBERS, NONE, quantile=0.8)(X)
    assert np.mean(y <= said.labels) == pytest.approx(0.8, abs=0.02)


def test_sparse_rows_and_several_numbers_or_labels():
    both = np.column_stack([X[:, 0] > 0, X[:, 1] > 0]).astype(int)
    fits = {"dense": X, "sparse": sparse.csr_matrix(X)}
    for x in fits.values():
        said = linear(rows(both, x), LABELS, np.arange(2))(x)
        assert (said.labels == both).mean() > 0.9
        assert said.probabilities.shape == (90, 2)
        assert constant(rows(both, x), LABELS, np.arange(2))(x).labels.shape == (90, 2)
        numbers = linear(rows(X[:, :2], x), NUMBERS, NONE)(x)
        np.testing.assert_allclose(numbers.labels, X[:, :2], rtol=0.2, atol=0.5)
        assert constant(rows(X[:, :2], x), NUMBERS, NONE)(x).labels.shape == (90, 2)


def test_a_class_that_the_training_rows_lack_has_no_probability():
    some = Y != "c"
    said = linear(Examples(X[some], Y[some], np.ones(some.sum())), CLASSES, NAMES)(X)
    assert (said.probabilities[:, 2] == 0).all()
    np.testing.assert_allclose(said.probabilities.sum(1), 1)


def test_where_one_class_is_left_there_is_no_linear_model():
    same = Examples(X, np.full(90, "a"), np.ones(90))
    assert linear(same, CLASSES, NAMES) is None
    assert constant(same, CLASSES, NAMES)(X[:2]).labels.tolist() == ["a", "a"]


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.9])
def test_weights_count_in_quantiles_too(quantile):
    w = RNG.integers(1, 50, 90).astype(float)
    y = X[:, 0] + RNG.normal(size=90)
    weighed = Examples(X, y, w)
    dummy = DummyRegressor(strategy="quantile", quantile=quantile).fit(X, y, w)
    said = constant(weighed, NUMBERS, NONE, quantile)(X)
    several = np.repeat(y, w.astype(int))
    expected = np.quantile(several, quantile, method="inverted_cdf")
    assert said.labels[0] == pytest.approx(expected)
    assert said.labels[0] == pytest.approx(dummy.predict(X[:1])[0], abs=0.1)
    line = linear(weighed, NUMBERS, NONE, quantile)(X).labels
    assert np.average(y <= line + 1e-9, weights=w) == pytest.approx(quantile, abs=0.03)


def test_trees_are_a_random_forest_without_probabilities_of_zero():
    said = trees(rows(Y), CLASSES, NAMES)(X)
    known = RandomForestClassifier(FOREST, random_state=0).fit(X, Y, np.ones(90))
    assert said.labels.tolist() == known.predict(X).tolist()
    votes = FOREST * known.predict_proba(X)
    np.testing.assert_allclose(said.probabilities, (votes + 1 / 3) / (FOREST + 1))
    assert said.probabilities.min() > 0
    y = np.column_stack([X[:, 0], X[:, 1]])
    grown = RandomForestRegressor(FOREST, max_features=1 / 3, random_state=0)
    grown.fit(X, y, np.ones(90))
    np.testing.assert_allclose(trees(rows(y), NUMBERS, NONE)(X).labels, grown.predict(X))


def test_trees_of_labels_sparse_rows_and_quantiles():
    both = np.column_stack([X[:, 0] > 0, X[:, 1] > 0]).astype(int)
    for x in (X, sparse.csr_matrix(X)):
        said = trees(rows(both, x), LABELS, np.arange(2))(x)
        assert (said.labels == both).mean() > 0.9
        assert ((said.probabilities > 0) & (said.probabilities < 1)).all()
    assert trees(rows(X[:, 0]), NUMBERS, NONE, quantile=0.9) is None
    assert trees(rows(X[:, 0]), NUMBERS, NONE, quantile=0.5)(X).labels.shape == (90,)
