"""Numbers as pieces, beside a slow twin; columns of zeros and ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from unstuck import NetRegressor
from unstuck.rows.pieces import MOST_PIECES, Pieces
from unstuck.rows.scaling import Scaler, indicators

COLUMNS = arrays(
    float, (30, 2), elements=st.integers(-10_000, 10_000).map(lambda number: number / 8)
)


def slow(pieces, row):
    """One row, number by number."""
    found = list((row - pieces.scaler.mean) / pieces.scaler.scale)
    for column, low, high in zip(pieces.column, pieces.low, pieces.high, strict=True):
        found.append(min(max((row[column] - low) / (high - low), 0.0), 1.0))
    return found


@given(COLUMNS)
def test_pieces_are_as_the_formula_says(x):
    made = Pieces.of(Scaler.of(x, np.ones(30)), x, np.ones(30), 4)
    np.testing.assert_allclose(made(x), [slow(made, row) for row in x], rtol=1e-12, atol=1e-12)
    assert made(x).shape == (30, made.width)
    assert (made.low < made.high).all()


@given(COLUMNS)
def test_pieces_never_lose_the_order_of_the_numbers(x):
    """Their sum grows with the number, from none of them to all."""
    made = Pieces.of(Scaler.identity(2), x, np.ones(30), 4)
    for column in range(2):
        own = made(x)[:, 2:][:, made.column == column].sum(1)
        assert (np.diff(own[np.argsort(x[:, column], kind="stable")]) >= 0).all()


def test_beyond_the_rows_of_the_fit_pieces_end():
    x = np.linspace(0, 1, 50)[:, None]
    made = Pieces.of(Scaler.identity(1), x, np.ones(50), 5)
    np.testing.assert_array_equal(made(np.array([[-1e300], [1e300]]))[:, 1:], [[0] * 5, [1] * 5])


def test_rows_of_weight_zero_say_nothing():
    x, w = np.append(np.arange(20.0), 1e6)[:, None], np.append(np.ones(20), 0.0)
    assert Pieces.of(Scaler.identity(1), x, w, 4).high.max() == 19


def test_columns_of_zeros_and_ones_and_constants_have_none():
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.integers(0, 2, 40), np.full(40, 7.0), rng.normal(size=40)])
    made = Pieces.of(Scaler.identity(3), x, np.ones(40), 3)
    assert made.column.tolist() == [2, 2, 2]


def test_a_column_that_is_mostly_zero_has_as_many_pieces():
    x = np.append(np.zeros(90), np.arange(1.0, 11.0))[:, None]
    assert len(Pieces.of(Scaler.identity(1), x, np.ones(100), 4).column) == 4


def test_many_columns_have_few_pieces():
    rng = np.random.default_rng(0)
    for columns in (50, 100, 300):
        x = rng.normal(size=(20, columns))
        assert len(Pieces.of(Scaler.identity(columns), x, np.ones(20), 8).column) <= MOST_PIECES


def test_float32_sparse_and_dense_rows_are_the_same():
    x = np.round(np.random.default_rng(0).normal(size=(30, 3)), 2)
    made = Pieces.of(Scaler.of(x, np.ones(30)), x, np.ones(30), 4)
    np.testing.assert_array_equal(made(sparse.csr_matrix(x)), made(x))
    np.testing.assert_allclose(made.scaled(x, np.float32), made(x), atol=1e-6)


@pytest.mark.parametrize("as_sparse", [False, True])
def test_zeros_and_ones_are_left_as_they_are(as_sparse):
    rng = np.random.default_rng(0)
    x = np.column_stack(
        [rng.integers(0, 2, 200), rng.normal(size=200), np.zeros(200), np.ones(200)]
    )
    x[:199, 0], x[199, 0] = 0.0, 1.0
    given_rows = sparse.csr_matrix(x) if as_sparse else x
    found = Scaler.of(given_rows, np.ones(200))
    assert indicators(given_rows).tolist() == [True, False, False, False]
    assert (found.mean[0], found.scale[0]) == (0.0, 1.0)
    assert found.scale[1] == pytest.approx(x[:, 1].std())
    assert Scaler.of_all(given_rows, np.ones(200)).scale[0] == pytest.approx(x[:, 0].std())


def test_a_network_follows_a_jump_by_pieces():
    """A linear model of pieces can bend where one of the number cannot."""
    x = np.linspace(-1, 1, 60)[:, None]
    y = np.abs(x[:, 0])
    plain, pieces = (
        NetRegressor((), solver="lbfgs", alpha=0.0, n_pieces=n, random_state=0).fit(x, y)
        for n in (0, 4)
    )
    assert plain.score(x, y) < 0.1
    assert pieces.score(x, y) > 0.99
    assert pieces.n_features_in_ == 1
    assert pieces.coefs_[0].shape == (5, 1)


def test_rows_of_weight_zero_do_not_tell_what_a_column_is():
    x = np.append(np.tile([0.0, 1.0], 20), 5.0)[:, None]
    found = Scaler.of(x, np.append(np.ones(40), 0.0))
    assert (found.mean[0], found.scale[0]) == (0.0, 1.0)
