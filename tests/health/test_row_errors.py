import numpy as np
import pytest
from scipy.stats import ttest_rel

from unstuck.health.errors import HUGE, mean, paired_t, row_errors, variance_of


def test_numbers_are_measured_in_units_of_the_variance_of_each_column():
    labels = np.array([[0.0, 0.0], [2.0, 200.0]])
    variance = variance_of(labels, np.ones(2))
    predicted = labels.mean(0) + np.zeros((2, 2))
    assert row_errors("numbers", predicted, labels, variance).tolist() == [1.0, 1.0]


def test_rows_without_weight_are_in_no_variance():
    labels = np.array([[0.0], [2.0], [1e9]])
    assert variance_of(labels, np.array([1.0, 1.0, 0.0])).tolist() == [1.0]


def test_several_labels_count_by_their_share():
    assert row_errors("labels", np.array([[1, 0, 1, 1]]), np.ones((1, 4))).tolist() == [0.25]


def test_a_prediction_that_is_no_number_is_as_wrong_as_can_be():
    assert row_errors("numbers", np.array([[np.nan], [np.inf]]), np.eye(2)[:, :1]).min() == HUGE


def test_paired_t_is_the_textbooks():
    rng = np.random.default_rng(0)
    worse, better = rng.normal(1.0, 1.0, 50), rng.normal(size=50)
    assert paired_t(worse, better, np.ones(50)) == pytest.approx(ttest_rel(worse, better).statistic)


def test_rows_without_weight_do_not_count():
    w = np.r_[np.ones(50), np.zeros(10)]
    rng = np.random.default_rng(0)
    worse, better = rng.normal(size=(2, 60))
    assert mean(worse, w) == pytest.approx(worse[:50].mean())
    assert paired_t(worse, better, w) == pytest.approx(
        paired_t(worse[:50], better[:50], np.ones(50))
    )
