"""The perceptron: scikit-learn's contract, the bound of mistakes, rows that are not separable."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import minimize
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Perceptron as Peer
from sklearn.utils.estimator_checks import parametrize_with_checks

from unstuck import DataError, ParameterError, StuckWarning
from unstuck.neuro import Perceptron
from unstuck.neuro.margin import widest

IRIS = load_iris()


@pytest.mark.filterwarnings("ignore:.*not separable:unstuck.StuckWarning")
@parametrize_with_checks([Perceptron()])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def slow(x, y, most=1000):
    """Rosenblatt's rule, row by row."""
    w, mistakes = np.zeros(x.shape[1] + 1), 0
    for _ in range(most):
        before = mistakes
        for row, target in zip(np.column_stack([x, np.ones(len(x))]), y, strict=True):
            if (w @ row >= 0) != target:
                w += row if target else -row
                mistakes += 1
        if mistakes == before:
            break
    return w, mistakes


def separable(seed, n=600, inputs=3, gap=0.2):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(4 * n, inputs))
    side = x @ rng.normal(size=inputs) + 0.3
    far = abs(side) > gap
    return x[far][:n], side[far][:n] > 0


@pytest.mark.parametrize("seed", range(5))
def test_it_learns_as_row_by_row_and_within_the_bound(seed):
    x, y = separable(seed)
    found = Perceptron().fit(x, y)
    w, mistakes = slow(x, y)
    np.testing.assert_array_equal(np.append(found.coef_[0], found.intercept_), w)
    assert found.mistakes_[0] == mistakes <= found.bound_[0] < np.inf
    assert found.score(x, y) == 1
    assert found.separable_.all()
    assert found.separations_ == (None,)


@pytest.mark.parametrize("form", [sparse.csr_array, sparse.csc_matrix])
def test_sparse_rows_are_learned_alike(form):
    x, y = separable(7, n=100)
    x = np.where(abs(x) < 0.3, 0, x)
    y = y & (x[:, 0] > 0) | (x[:, 0] > 0.3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dense, thin = Perceptron().fit(x, y), Perceptron().fit(form(x), y)
    np.testing.assert_allclose(thin.coef_, dense.coef_, atol=1e-12)
    np.testing.assert_array_equal(thin.predict(form(x)), dense.predict(x))
    np.testing.assert_allclose(thin.bound_, dense.bound_)


@pytest.mark.parametrize("seed", range(3))
def test_the_widest_margin_is_that_of_another_solver(seed):
    x, y = separable(seed, n=80, gap=0.4)
    z = np.where(y, 1, -1)[:, None] * np.column_stack([x, np.ones(len(x))])
    hard = {"type": "ineq", "fun": lambda w: z @ w - 1, "jac": lambda w: z}
    start = slow(x, y)[0]
    start = start / (z @ start).min()
    twin = minimize(lambda w: w @ w / 2, start, jac=lambda w: w, constraints=hard, tol=1e-14)
    found = widest(z)
    assert found.margin == pytest.approx(1 / np.linalg.norm(twin.x), rel=1e-5)
    assert found.radius == pytest.approx(np.linalg.norm(z, axis=1).max())
    assert widest(sparse.csr_array(z)).margin == pytest.approx(found.margin)


def test_the_bound_can_be_met():
    """Two rows whose bound is known in closed form: z = (1, 1), (2, -1)."""
    x, y = np.array([[1.0], [-2.0]]), [True, False]
    found = Perceptron().fit(x, y)
    assert found.bound_[0] == pytest.approx(5 / (9 / 5))  # R^2 = 5, gamma = 3 / sqrt(5)
    assert found.mistakes_[0] <= found.bound_[0]


def test_xor_is_told_to_be_inseparable_with_its_proof():
    x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0]
    with pytest.warns(StuckWarning, match="4 of them that contradict every unit"):
        found = Perceptron().fit(x, y)
    assert not found.separable_[0]
    assert np.isinf(found.bound_[0])
    np.testing.assert_allclose(found.separations_[0].multipliers, 0.25)
    assert found.n_iter_ == 10  # not the 1000 that are allowed
    assert "no, proved" in str(found.mistakes_told_)


def test_of_iris_one_class_is_separable_from_the_rest():
    with pytest.warns(StuckWarning, match="2 of 3 classes"):
        found = Perceptron().fit(IRIS.data, IRIS.target)
    assert found.separable_.tolist() == [True, False, False]
    assert found.mistakes_[0] <= found.bound_[0]
    assert found.score(IRIS.data, IRIS.target) > 0.6
    with pytest.warns(StuckWarning, match="not separable"):
        Perceptron().fit(IRIS.data[50:], IRIS.target[50:])


def test_separable_classes_are_all_found_as_by_the_peer():
    rng = np.random.default_rng(0)
    y = np.arange(150) % 3
    x = 4.0 * np.stack([np.cos(2 * np.pi * y / 3), np.sin(2 * np.pi * y / 3)], 1)
    x += 0.3 * rng.normal(size=x.shape)
    found = Perceptron().fit(x, np.array(["a", "b", "c"])[y])
    assert found.separable_.all()
    assert (found.mistakes_ <= found.bound_).all()
    assert found.score(x, np.array(["a", "b", "c"])[y]) == Peer().fit(x, y).score(x, y) == 1
    assert found.decision_function(x).shape == (150, 3)


def test_too_few_passes_are_no_proof():
    x, y = separable(0, gap=0.001)
    with pytest.warns(ConvergenceWarning, match="The rows are separable"):
        found = Perceptron(max_iter=1).fit(x, y)
    assert found.separable_.all()


def test_it_is_drawn_as_scalars_and_as_tensors(tmp_path):
    x, y = separable(0, inputs=2)
    found = Perceptron().fit(x, y)
    scalars, tensors = (found.graph(x[0], of) for of in ("scalars", "tensors"))
    for graph in (scalars, tensors):
        assert graph.nodes[graph.outputs[0]].value == y[0]
    assert len(scalars.nodes) > len(tensors.nodes)
    assert scalars.node("w_2").value == found.coef_[0, 1]
    np.testing.assert_array_equal(tensors.node("w").value, found.coef_[0])
    assert scalars.draw(tmp_path / "s.svg").exists()


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: Perceptron(max_iter=0).fit([[1], [2]], [0, 1]), ParameterError, "integer >= 1"),
        (
            lambda: Perceptron(max_iter=True).fit([[1], [2]], [0, 1]),
            ParameterError,
            "an integer >= 1",
        ),
        (lambda: Perceptron().fit([[1], [2]], [1, 1]), DataError, "one class"),
        (lambda: Perceptron().fit([[1], [2]], [0, 1]).graph([1, 2]), DataError, "one row"),
        (lambda: Perceptron().fit([[1], [2]], [0, 1]).graph([1], "all"), ParameterError, "tensors"),
    ],
)
def test_bad_input_gets_a_clear_error(act, error, message):
    with pytest.raises(error) as caught:
        act()
    assert message in str(caught.value)
