"""Scores beside scikit-learn's, and their uncertainty beside the bootstrap's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from sklearn import metrics

from unstuck.errors import DataError
from unstuck.scoring import scores
from unstuck.uncertainty import Parts, Score
from unstuck.verdict.examples import CLASSES, Examples, Predicted
from unstuck.verdict.scores import scores as of_verdict

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
    assert every.minus(every)[:2] == (0.0, pytest.approx(1 / 40))


def test_a_pair_of_shares_is_that_of_agresti_and_min():
    y = np.zeros(40)
    a, b = np.zeros(40), np.zeros(40)
    a[:3], b[3:10] = 1, 1  # wrong
    first, second = (scores(y, each, "classification")["accuracy"] for each in (a, b))
    only_first, only_second, rows = 7.5, 3.5, 42
    error = (only_first + only_second - (only_first - only_second) ** 2 / rows) ** 0.5 / rows
    assert first.minus(second)[:2] == (pytest.approx(0.1), pytest.approx(error))


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
    assert found["log_loss"].value == pytest.approx(metrics.log_loss(y[:2], p[:2]))
    assert found["log_loss"].pulls[2] == found["log_loss"].pulls.mean() == 0
    alone = scores(y[:1], y[:1], "classification", p[:1], ["a", "b"])
    assert "AUC" not in alone
    never = scores(y[2:], y[2:], "classification", p[2:], ["a", "b"])
    assert list(never) == ["accuracy", "balanced_accuracy"]


def test_the_verdict_and_the_command_line_mean_the_same_by_a_name():
    """Also where a class has no rows, and rows have a class that the fit never saw."""
    y, predicted, p = classes(count=4)
    for rows, names in ((y != 1, range(4)), (y > -1, range(3))):
        given = p[rows][:, list(names)]
        ours = scores(y[rows], predicted[rows], "classification", given, names)
        theirs = of_verdict(
            CLASSES,
            Examples(None, y[rows], np.ones(rows.sum())),
            Predicted(predicted[rows], given),
            np.array(names),
        )
        assert {name: each.value for name, each in ours.items()} == pytest.approx(
            {name: theirs[name] for name in ours}
        )


def rare(rows, part, rng):
    """A classifier whose scores are normal, and what it reaches in the limit."""
    y = (rng.random(rows) < part).astype(int)
    x = rng.normal(size=rows) + 2 * y
    p = 1 / (1 + np.exp(1 - x))
    return y, (x > 1).astype(int), np.column_stack([1 - p, p])


@pytest.mark.parametrize(("rows", "part"), [(20, 0.15), (100, 0.08), (200, 0.4)])
def test_intervals_hold_the_truth_with_a_rare_class_too(rows, part):
    rng = np.random.default_rng(0)
    true = {"balanced_accuracy": norm.cdf(1), "AUC": norm.cdf(2**0.5)}
    held = {name: [] for name in true}
    for _ in range(300):
        y, predicted, p = rare(rows, part, rng)
        if len(np.unique(y)) > 1:
            found = scores(y, predicted, "classification", p, range(2))
            for name, value in true.items():
                held[name].append(abs(found[name].value - value) <= found[name].margin)
    for name, each in held.items():
        assert np.mean(each) > 0.91, name


def test_few_rows_that_are_all_right_are_not_certain():
    y = np.array(["a"] * 27 + ["b"] * 3)
    p = np.where(y[:, None] == ["a", "b"], 0.9, 0.1)
    found = scores(y, y, "classification", p, ["a", "b"])
    rare_error = (4 / 5 * 1 / 5 / 5) ** 0.5 / 2
    frequent_error = (28 / 29 * 1 / 29 / 29) ** 0.5 / 2
    assert found["balanced_accuracy"].uncertainty == pytest.approx(
        np.hypot(rare_error, frequent_error)
    )
    assert found["accuracy"].margin < 0.1
    for name in ("balanced_accuracy", "AUC"):
        assert 0.2 < found[name].margin < 1
        assert 0.2 < found[name].minus(found[name]).margin < 1
    one = scores(y[:-2], y[:-2], "classification", p[:-2], ["a", "b"])
    assert one["balanced_accuracy"].margin == one["AUC"].margin == np.inf
    assert scores(y[:2], y[:2], "classification")["accuracy"].margin == np.inf


def test_noise_of_the_arithmetic_is_no_uncertainty():
    lost = np.full(40, 0.0512932943875504463) + 1e-17 * np.arange(40)
    score = Score("log_loss", float(lost.mean()), lost - lost.mean() + 1e-17)
    assert score.uncertainty == score.margin == 0
    other = score._replace(value=score.value + 1e-16)
    assert score.minus(other) == (0, 0, 0)


def test_what_is_made_of_other_rows_is_compared_by_its_pulls():
    parts = Parts(np.array([0, 0, 1, 1]), np.array([1.0, 0.0, 1.0, 1.0]), np.ones(2), True)
    first = Score("a", 0.75, np.array([0.25, -0.75, 0.25, 0.25]), parts)
    other = first._replace(parts=parts._replace(group=np.array([0, 1, 1, 0])))
    assert first.minus(other)[:2] == (0, 0)


def test_no_rows_and_other_rows_are_told():
    with pytest.raises(DataError, match="0 predictions for 0 targets"):
        scores(np.array([]), np.array([]), "regression")
    with pytest.raises(DataError, match="2 predictions for 3 targets"):
        scores(np.zeros(3), np.zeros(2), "regression")
