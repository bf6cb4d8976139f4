"""Permutation importance beside a closed form, and columns that give the target away."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split

from unstuck.verdict.columns import ColumnGroup, groups_of
from unstuck.verdict.examples import CLASSES, NUMBERS, Examples, model_of
from unstuck.verdict.importance import importance, shuffled
from unstuck.verdict.leaks import leaks
from unstuck.verdict.measures import Measure, measures

RNG = np.random.default_rng(0)
N = 400
X = RNG.normal(size=(N, 6))
SQUARED = measures(NUMBERS, np.empty(0), None, X[:, 0])[0]


def rows(x, y):
    return Examples(x, y, np.ones(len(y)))


def halves(x, y, seed=0):
    a, b, c, d = train_test_split(x, y, random_state=seed)
    return rows(a, c), rows(b, d)


# Importance


def test_importance_in_a_linear_model_is_twice_the_variance_it_brings():
    """Shuffled, a column brings its own variance once more and misses what it brought."""
    y = 3 * X[:, 0] + X[:, 1] + 0.1 * RNG.normal(size=N)
    model = LinearRegression().fit(X, y)
    mean = Measure("MSE", SQUARED.rows)
    found = importance(model_of(model), rows(X, y), groups_of([f"x{i}" for i in range(6)]), mean)
    assert [each.column for each in found[:2]] == ["x0", "x1"]
    assert found[0].loss == pytest.approx(2 * 9 * X[:, 0].var(), rel=0.1)
    assert found[0].matters
    assert not found[-1].matters
    known = permutation_importance(
        model, X, y, scoring="neg_mean_squared_error", n_repeats=5, random_state=0
    )
    assert found[0].loss == pytest.approx(known.importances_mean[0], rel=0.1)


def test_the_root_of_squares_is_told_in_its_own_units():
    y = 2 * X[:, 0] + RNG.normal(size=N)
    model = model_of(LinearRegression().fit(X, y))
    one = groups_of([f"x{i}" for i in range(6)])
    roots, means = (
        {e.column: e.loss for e in importance(model, rows(X, y), one, each)}
        for each in (SQUARED, Measure("MSE", SQUARED.rows))
    )
    before = np.mean(SQUARED.rows(y, model(X)))
    assert roots["x0"] == pytest.approx(np.sqrt(before + means["x0"]) - np.sqrt(before))


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix])
def test_inputs_of_a_column_are_shuffled_together(kind):
    x = kind(np.eye(5)[RNG.integers(0, 5, 30)])
    order = RNG.permutation(30)
    changed = shuffled(x, (1, 3), order)
    dense = changed.toarray() if sparse.issparse(changed) else changed
    was = x.toarray() if sparse.issparse(x) else x
    np.testing.assert_array_equal(dense[:, [1, 3]], was[order][:, [1, 3]])
    np.testing.assert_array_equal(dense[:, [0, 2, 4]], was[:, [0, 2, 4]])


def test_one_hot_inputs_count_as_their_column():
    color = RNG.integers(0, 3, N)
    x = np.column_stack([X[:, 0], np.eye(3)[color]])
    y = color * 2.0 + X[:, 0]
    groups = groups_of(["size", "color"], [1, 3])
    assert groups[1] == ColumnGroup("color", (1, 2, 3))
    found = importance(model_of(LinearRegression().fit(x, y)), rows(x, y), groups, SQUARED)
    assert [each.column for each in found] == ["color", "size"]


def test_one_row_tells_nothing():
    model = model_of(LinearRegression().fit(X, X[:, 0]))
    assert importance(model, rows(X[:1], X[:1, 0]), groups_of("abcdef"), SQUARED) == ()


# Leaks


@pytest.mark.parametrize("load", [load_iris, load_breast_cancer, load_diabetes])
@pytest.mark.parametrize("seed", range(3))
def test_honest_tables_raise_no_alarm(load, seed):
    data = load()
    kind = NUMBERS if load is load_diabetes else CLASSES
    assert leaks(kind, *halves(data.data, data.target, seed), groups_of(data.feature_names)) == ()


def with_column(values):
    x = X.copy()
    x[:, 3] = values
    return x


NOISE = RNG.normal(size=N)
NUMBER = X[:, 0] + X[:, 1] + NOISE
CLASS = (NUMBER > 0).astype(int)
GIVEN_AWAY = {
    "a class in other words": (CLASSES, with_column(CLASS * 3 + 0.1 * NOISE), CLASS),
    "all but a few": (
        CLASSES,
        with_column(np.where(RNG.random(N) < 0.03, 1 - CLASS, CLASS)),
        CLASS,
    ),
    "rows sorted by class": (CLASSES, with_column(np.arange(N)), np.sort(CLASS)),
    "another unit": (NUMBERS, with_column(NUMBER * 1.19 + 2), NUMBER),
    "another scale": (NUMBERS, with_column(np.exp(NUMBER)), NUMBER),
    "nearly the target": (NUMBERS, with_column(NUMBER + 0.3 * RNG.normal(size=N)), NUMBER),
}


@pytest.mark.parametrize("name", list(GIVEN_AWAY))
def test_a_column_that_gives_the_target_away_is_named(name):
    kind, x, y = GIVEN_AWAY[name]
    found = leaks(kind, *halves(x, y), groups_of([f"x{i}" for i in range(6)]))
    assert [each.column for each in found] == ["x3"]
    assert found[0].share > 0.9
    sparse_found = leaks(
        kind, *halves(sparse.csr_matrix(x), y), groups_of([f"x{i}" for i in range(6)])
    )
    assert [each.column for each in sparse_found] == ["x3"]


def test_one_column_few_rows_and_several_outputs_are_no_leaks():
    y = X[:, 0]
    assert leaks(NUMBERS, *halves(X[:, :1], y), groups_of(["x"])) == ()
    assert leaks(NUMBERS, *halves(X[:20], y[:20]), groups_of("abcdef")) == ()
    assert leaks(NUMBERS, *halves(X, X[:, :2]), groups_of("abcdef")) == ()


def test_a_copy_of_many_classes_is_named():
    y = np.arange(1600) % 100
    x = np.column_stack([RNG.normal(size=1600), y])
    found = leaks(CLASSES, *halves(x, y), groups_of("ab"))
    assert [(each.column, each.share) for each in found] == [("b", 1.0)]


@pytest.mark.parametrize("name", ["all but a few", "nearly the target"])
def test_a_leak_that_is_there_twice_is_named_twice(name):
    kind, x, y = GIVEN_AWAY[name]
    x = np.column_stack([x, -2 * x[:, 3]])
    found = leaks(kind, *halves(x, y), groups_of("abcdefg"))
    assert {each.column for each in found} == {"d", "g"}
    alone = leaks(kind, *halves(x[:, :6], y), groups_of("abcdef"))
    assert found[0].share == pytest.approx(alone[0].share, abs=0.02)
