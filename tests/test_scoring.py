"""Scores beside scikit-learn's, and their uncertainty beside the bootstrap's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from unstuck.errors import DataError
from unstuck.scoring import Score, scores

RNG = np.random.default_rng(0)


def classes(rows=300, count=3, seed=0):
    """Targets, predictions and probabilities of a middling classifier."""
    rng = np.random.default_rng(seed)
    y = rng.choice(count, rows, p=[0.6, *[0.4 / (count - 1)] * (count - 1)])
    height = rng.normal(size=(rows, count)) + 1.2 * np.eye(count)[y]
    probabilities = np.exp(height) / np.exp(height).sum(1, keepdims=True)
    return y, probabilities.argmax(1), probabilities


def numbers(rows=300, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.gamma(2.0, size=rows)
    return y, y + rng.normal(0, 0.3 + 0.3 * y)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_classes_are_scored_as_by_scikit_learn(count):
    y, predicted, p = classes(count=count)
    found = {k: v.value for k, v in scores(y, predicted, "classification", p, range(count)).items()}
    area = (
        metrics.roc_auc_score(y, p[:, 1])
        if count == 2
        else metrics.roc_auc_score(y, p, multi_class="ovr")
    )
    assert found == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(y, predicted),
            "balanced_accuracy": metrics.balanced_accuracy_score(y, predicted),
            "AUC": area,
            "log_loss": metrics.log_loss(y, p),
        }
    )


def test_numbers_are_scored_as_by_scikit_learn():
    y, predicted = numbers()
    found = {k: v.value for k, v in scores(y, predicted, "regression").items()}
    assert found == pytest.approx(
        {
            "R2": metrics.r2_score(y, predicted),
            "RMSE": metrics.root_mean_squared_error(y, predicted),
            "MAE": metrics.mean_absolute_error(y, predicted),
        }
    )


def of(rows, task):
    """Scores of some rows of two models."""
    if task == "regression":
        y, first = numbers()
        second = first + 0.3 * np.random.default_rng(5).normal(size=len(y))
        return tuple(scores(y[rows], each[rows], task) for each in (first, second))
    y, predicted, p = classes()
    q = 0.6 * p + 0.4 * classes(seed=8)[2]
    first = scores(y[rows], predicted[rows], task, p[rows], range(3))
    return first, scores(y[rows], q.argmax(1)[rows], task, q[rows], range(3))


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_uncertainty_is_that_of_the_bootstrap(task):
    drawn = [of(RNG.integers(0, 300, 300), task) for _ in range(600)]
    first, second = of(np.arange(300), task)
    for name in first:
        alone = np.std([a[name].value for a, _ in drawn])
        paired = np.std([a[name].value - b[name].value for a, b in drawn])
        assert first[name].uncertainty == pytest.approx(alone, rel=0.12), name
        assert first[name].minus(second[name])[1] == pytest.approx(paired, rel=0.15), name
        assert first[name].pulls.mean() == pytest.approx(0, abs=1e-9)


def test_the_same_rows_make_a_difference_surer():
    first, second = of(np.arange(300), "regression")
    for name in ("RMSE", "MAE", "R2"):
        apart = np.hypot(first[name].uncertainty, second[name].uncertainty)
        assert first[name].minus(second[name])[1] < 0.7 * apart


def test_a_share_of_all_or_none_is_not_certain():
    y = np.array(["a"] * 38)
    every = scores(y, y, "classification")["accuracy"]
    none = scores(y, np.array(["b"] * 38), "classification")["accuracy"]
    assert every.value == 1
    assert none.value == 0
    assert every.uncertainty == pytest.approx(none.uncertainty)
    assert 0.02 < every.uncertainty < 0.03
    assert every.minus(every) == (0.0, pytest.approx(1 / 40))


def test_a_pair_of_shares_is_that_of_agresti_and_min():
    y = np.zeros(40)
    a, b = np.zeros(40), np.zeros(40)
    a[:3], b[3:10] = 1, 1  # wrong
    first, second = (scores(y, each, "classification")["accuracy"] for each in (a, b))
    only_first, only_second, rows = 7.5, 3.5, 42
    error = (only_first + only_second - (only_first - only_second) ** 2 / rows) ** 0.5 / rows
    assert first.minus(second) == (pytest.approx(0.1), pytest.approx(error))


def test_what_cannot_vary_has_no_r2_and_what_is_exact_is_certain():
    y = np.full(5, 2.0)
    found = scores(y, y, "regression")
    assert np.isnan(found["R2"].value)
    assert found["RMSE"] == Score("RMSE", 0.0, found["RMSE"].pulls)
    assert found["RMSE"].uncertainty == found["MAE"].uncertainty == 0


def test_a_class_that_is_unknown_is_wrong_and_has_no_probability():
    y, p = np.array(["a", "b", "new"]), np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
    found = scores(y, np.array(["a", "b", "a"]), "classification", p, ["a", "b"])
    assert found["accuracy"].value == pytest.approx(2 / 3)
    assert found["log_loss"].value > 10
    alone = scores(y[:1], y[:1], "classification", p[:1], ["a", "b"])
    assert "AUC" not in alone


def test_no_rows_and_other_rows_are_told():
    with pytest.raises(DataError, match="0 predictions for 0 targets"):
        scores(np.array([]), np.array([]), "regression")
    with pytest.raises(DataError, match="2 predictions for 3 targets"):
        scores(np.zeros(3), np.zeros(2), "regression")
