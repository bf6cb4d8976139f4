"""Scores beside scikit-learn's, and rows that lack something."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics
from sklearn.linear_model import LogisticRegression

from unstuck.verdict.examples import CLASSES, LABELS, NUMBERS, Examples, Predicted
from unstuck.verdict.scores import calibration_error, confusion, of_each_class, scores

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 2))
Y = np.array(["a", "b", "c"])[np.digitize(X[:, 0] + RNG.normal(size=120), [-0.5, 0.5])]
NET = LogisticRegression().fit(X, Y)
SAID = Predicted(NET.predict(X), NET.predict_proba(X))
W = RNG.uniform(0.5, 2, 120)


def of(y, said, kind=CLASSES, classes=NET.classes_, w=None):
    return scores(
        kind, Examples(X[: len(y)], y, np.ones(len(y)) if w is None else w), said, classes
    )


def test_scores_of_classes_are_those_of_scikit_learn():
    found = of(Y, SAID, w=W)
    given = {"sample_weight": W}
    hit = (Y[:, None] == NET.classes_) * 1.0
    assert found == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(Y, SAID.labels, **given),
            "balanced_accuracy": metrics.balanced_accuracy_score(Y, SAID.labels, **given),
            "AUC": metrics.roc_auc_score(hit, SAID.probabilities, average="macro", **given),
            "log_loss": metrics.log_loss(Y, SAID.probabilities, **given),
            "Brier_score": np.average(((SAID.probabilities - hit) ** 2).sum(1), weights=W),
            "calibration_error": found["calibration_error"],
        }
    )
    assert 0 < found["calibration_error"] < 0.2


def test_scores_of_two_classes():
    y = np.where(X[:, 0] > 0, 1, 0)
    made = LogisticRegression().fit(X, y)
    said = Predicted(made.predict(X), made.predict_proba(X))
    found = of(y, said, classes=made.classes_)
    assert found["AUC"] == pytest.approx(metrics.roc_auc_score(y, said.probabilities[:, 1]))


def test_the_calibration_error_of_sure_and_right_is_nothing():
    assert calibration_error(np.ones(5), np.ones(5), np.ones(5)) == 0.0
    slow = []
    confidence, right = RNG.uniform(0.3, 1, 200), RNG.integers(0, 2, 200).astype(float)
    for low in np.arange(10) / 10:
        inside = (confidence >= low) & (confidence < low + 0.1)
        if inside.any():
            slow.append(inside.mean() * abs(right[inside].mean() - confidence[inside].mean()))
    assert calibration_error(right, confidence, np.ones(200)) == pytest.approx(sum(slow))


def test_rows_of_one_class_have_no_auc_and_unknown_classes_count_as_wrong():
    one = of(np.full(5, "a"), SAID.take(np.arange(5)))
    assert "AUC" not in one
    assert "log_loss" in one
    other = of(np.full(5, "z"), SAID.take(np.arange(5)))
    assert other["accuracy"] == 0
    assert "log_loss" not in other
    assert confusion(Examples(X[:5], np.full(5, "z"), np.ones(5)), SAID, NET.classes_).sum() == 0


def test_precision_recall_and_what_is_taken_for_what():
    rows = Examples(X, Y, np.ones(120))
    found = of_each_class(CLASSES, rows, SAID, NET.classes_)
    counts = metrics.confusion_matrix(Y, SAID.labels)
    np.testing.assert_array_equal(confusion(rows, SAID, NET.classes_), counts)
    for place, each in enumerate(found):
        assert each.rows == counts[place].sum()
        assert each.recall == pytest.approx(counts[place, place] / counts[place].sum())
        assert each.precision == pytest.approx(counts[place, place] / counts[:, place].sum())
        assert dict(each.taken_for).get("b", 0) == counts[place, 1] * (place != 1)
    never = Predicted(np.full(120, "a"))
    assert of_each_class(CLASSES, rows, never, NET.classes_)[1].precision is None


def test_scores_of_numbers_and_of_labels():
    y = X[:, 0]
    found = of(y, Predicted(y + 1.0), NUMBERS)
    assert found["RMSE"] == pytest.approx(1)
    assert found["R2"] == pytest.approx(metrics.r2_score(y, y + 1.0))
    assert "R2" not in of(np.ones(4), Predicted(np.ones(4)), NUMBERS)
    labels = (X > 0).astype(int)
    sure = np.where(labels == 1, 0.9, 0.1)
    found = of(labels, Predicted(labels, sure), LABELS, np.arange(2))
    assert found["accuracy"] == found["F1"] == found["AUC"] == 1.0
    assert found["log_loss"] == pytest.approx(-np.log(0.9))
    rows = Examples(X, labels, np.ones(120))
    each = of_each_class(LABELS, rows, Predicted(labels, sure), np.arange(2))
    assert [one.recall for one in each] == [1.0, 1.0]
