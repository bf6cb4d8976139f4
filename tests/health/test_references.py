"""What plain models reach, by cross-validation."""

import numpy as np
import pytest

from unstuck.health.errors import mean, row_errors, variance_of
from unstuck.health.references import reference

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 4))
ONES = np.ones(300)


def reached(kind, labels, x=X, w=ONES):
    unit = variance_of(labels, w) if kind == "numbers" else 1.0
    found = reference(kind, x, labels, w, lambda p, rows: row_errors(kind, p, labels[rows], unit))
    return found, mean(found.errors, w[found.rows]), mean(found.constant, w[found.rows])


def test_what_can_be_told_is_told():
    labels = np.where(X[:, 0] > 0, "yes", "no")
    found, best, constant = reached("classes", labels)
    assert best < 0.06
    assert constant == pytest.approx(min(np.mean(labels == "yes"), np.mean(labels == "no")))
    assert found.balanced > 0.94


def test_noise_cannot_be_told():
    _, best, constant = reached("numbers", RNG.normal(size=(300, 1)))
    assert best > 0.9
    assert constant == pytest.approx(1.0)


def test_a_bent_relation_is_found_by_a_bent_model():
    found, best, _ = reached("numbers", (X[:, :1] * X[:, 1:2]))
    assert mean(found.linear, ONES) > 0.9
    assert best < 0.4


def test_several_labels():
    labels = (X[:, :2] > 0).astype(int)
    _, best, _ = reached("labels", labels)
    assert best < 0.12


def test_equal_rows_share_a_fold():
    x = np.repeat(RNG.normal(size=(100, 3)), 3, axis=0)
    labels = np.repeat(RNG.integers(0, 2, 100), 3)
    _, best, constant = reached("classes", labels, x)
    assert best > constant - 0.12  # rows known by heart would leave 0


def test_rows_without_weight_are_left_out():
    w = np.r_[np.ones(200), np.zeros(100)]
    labels = (X[:, 0] > 0).astype(int)
    found, _, _ = reached("classes", labels, w=w)
    assert found.rows.max() < 200


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 12])
def test_few_rows(rows):
    labels = np.arange(rows) % 2
    found = reference(
        "classes", X[:rows], labels, np.ones(rows), lambda p, at: (p != labels[at]).astype(float)
    )
    assert (found is None) == (rows < 4)
    if found is not None:
        assert found.few


@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_rows_that_are_all_equal_leave_nothing_to_hold_out(kind):
    labels = np.arange(300) % 2
    labels = labels if kind == "classes" else labels[:, None].astype(float)
    found, best, constant = reached(kind, labels, np.ones((300, 4)))
    assert found.few
    assert best == pytest.approx(constant)


def test_one_class_is_no_reference():
    assert reference("classes", X, np.zeros(300), ONES, None) is None
