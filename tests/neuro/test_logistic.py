"""The logistic unit: two losses, one fit, which may not exist; and discriminant analysis."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.linear_model import LogisticRegression

from unstuck import DataError, ParameterError
from unstuck.neuro import beside_discriminant, logistic_unit, overlap, separation
from unstuck.neuro.discriminant import far_rows

CANCER = load_breast_cancer()
IRIS = load_iris()


def rows(seed=0, n=64, apart=1.0):
    """Two Gaussian clouds of two inputs, of very different units."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    return (rng.normal(size=(n, 2)) + apart * y[:, None]) * [1.0, 1e4] + [5.0, 0.0], y


@pytest.fixture(scope="module")
def peer():
    x, y = rows()
    model = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000, solver="newton-cholesky")
    scaled = model.fit(x / [1.0, 1e4], y)
    return scaled.coef_ / [1.0, 1e4], scaled.intercept_


@pytest.mark.parametrize("loss", ["cross_entropy", "logit"])
def test_both_losses_give_the_weights_of_the_peer(loss, peer):
    x, y = rows()
    names = np.array(["no", "yes"])[y]
    unit = logistic_unit(x, names, loss=loss)
    np.testing.assert_allclose(unit.coef_, peer[0], rtol=1e-6)
    np.testing.assert_allclose(unit.intercept_, peer[1], rtol=1e-6)
    p = unit.predict_proba(x)
    np.testing.assert_allclose(p.sum(1), 1)
    assert unit.log_likelihood == pytest.approx(np.log(p[np.arange(len(y)), y]).sum())
    np.testing.assert_array_equal(unit.predict(x) == "yes", p[:, 1] > 0.5)
    assert "σ(w·x + b)" in str(unit)


def test_the_published_fit_of_two_kinds_of_iris_is_found_again():
    """As R's glm(family = binomial) prints it; residual deviance 11.899."""
    unit = logistic_unit(IRIS.data[50:], IRIS.target[50:])
    np.testing.assert_allclose(unit.coef_[0], [-2.465, -6.681, 9.429, 18.286], atol=6e-4)
    assert unit.intercept_[0] == pytest.approx(-42.638, abs=6e-4)
    assert -2 * unit.log_likelihood == pytest.approx(11.899, abs=6e-4)


def test_both_losses_are_the_same_number():
    x, y = rows()
    values = [logistic_unit(x, y, loss=loss).log_likelihood for loss in ("cross_entropy", "logit")]
    assert values[0] == pytest.approx(values[1], rel=1e-12)


def test_at_the_fit_the_residuals_are_orthogonal_to_the_inputs():
    """The likelihood's equations: Σ (y - p) = 0, Σ (y - p) x = 0."""
    x, y = rows()
    left = y - logistic_unit(x, y).predict_proba(x)[:, 1]
    np.testing.assert_allclose(
        left @ np.column_stack([x / x.std(0), np.ones(len(x))]), 0, atol=1e-6
    )


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_overlap_is_proved(form):
    x, y = rows()
    found = overlap(form(x), y)
    assert found.exists
    assert found.multipliers.min() >= 1
    z = np.where(y == 1, 1, -1)[:, None] * np.column_stack([x / abs(x).max(0), np.ones(len(x))])
    np.testing.assert_allclose(found.multipliers @ z, 0, atol=1e-7)
    assert "a maximum-likelihood fit exists" in str(found)


def test_separable_rows_have_no_fit_and_it_is_said():
    x, y = rows(apart=9.0)
    found = overlap(x, y)
    assert found.kind == "separable"
    assert ((x @ found.weights + found.bias > 0) == (y == 1)).all()
    with pytest.raises(DataError, match=r"No maximum-likelihood fit exists.*penalty"):
        logistic_unit(x, y)
    with pytest.raises(DataError, match="No maximum-likelihood fit exists"):
        logistic_unit(IRIS.data, IRIS.target == 0)
    assert overlap(IRIS.data, IRIS.target == 1).exists


def test_of_touching_classes_there_is_no_fit_though_none_separates_them():
    x, y = [[1.0], [2.0], [2.0], [3.0]], [0, 0, 1, 1]
    assert not separation(x, y).separable
    assert overlap(x, y).kind == "touching"
    with pytest.raises(DataError, match="on their side or on it"):
        logistic_unit(x, y)


def test_thirty_inputs_of_breast_cancer_are_separable():
    """Known of this table: without a penalty the weights grow without end."""
    assert overlap(CANCER.data, CANCER.target).kind == "separable"
    assert overlap(CANCER.data[:, :5], CANCER.target).exists


def test_discriminant_analysis_is_its_closed_form_and_near_on_gaussian_rows():
    x, y = rows(n=64)
    x = x / [1.0, 1e4]
    other = rows(1, n=4000)
    found = beside_discriminant(x, y, other[0] / [1.0, 1e4], other[1])
    means = np.array([x[y == k].mean(0) for k in (0, 1)])
    within = (x - means[y]).T @ (x - means[y]) / len(x)
    w = np.linalg.solve(within, means[1] - means[0])
    np.testing.assert_allclose(found.lda.coef_[0], w, rtol=1e-6)
    np.testing.assert_allclose(found.lda.intercept_[0], -w @ means.mean(0), rtol=1e-6)
    assert abs(found.accuracy["LDA"] - found.accuracy["logistic unit"]) < 0.02
    assert "degrees" in str(found)


def test_rows_that_are_far_away_mislead_discriminant_analysis():
    found = beside_discriminant(*far_rows(64, 0), *far_rows(4000, 1))
    assert found.accuracy["logistic unit"] > found.accuracy["LDA"] + 0.03
    assert found.log_loss["logistic unit"] < found.log_loss["LDA"]
    assert found.plot(*far_rows(64, 0)).get_legend() is not None


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: logistic_unit(*rows(), loss="hinge"), ParameterError, "'logit'"),
        (lambda: logistic_unit(IRIS.data, IRIS.target), DataError, "3 classes; expected 2"),
        (lambda: logistic_unit(rows()[0][:, [0, 0]], rows()[1]), DataError, "infinitely many"),
        (lambda: logistic_unit(*rows()).predict([[1.0]]), DataError, "expected 2, as in the fit"),
    ],
)
def test_bad_input_gets_a_clear_error(act, error, message):
    with pytest.raises(error) as caught:
        act()
    assert message in str(caught.value)
