"""Three models on the same rows: differences and their uncertainty, beside a bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from unstuck.verdict.comparison import BETTER, SAME, WORSE, compared
from unstuck.verdict.examples import CLASSES, NUMBERS, Predicted
from unstuck.verdict.measures import Measure, measures
from unstuck.verdict.opponents import CONSTANT, LINEAR

RNG = np.random.default_rng(0)
SQUARED = measures(NUMBERS, np.empty(0), None, RNG.normal(size=50))[0]
RIGHT = Measure("accuracy", lambda y, said: (y == said.labels) * 1.0, higher=True, binary=True)


def right(count, rows):
    return (np.arange(rows) < count) * 1.0


def by_accuracy(network, linear, constant, w=None):
    w = np.ones(len(network)) if w is None else w
    return compared(RIGHT, w, network, {LINEAR: linear, CONSTANT: constant})


def test_the_network_is_compared_with_the_better_of_the_two():
    found = by_accuracy(right(90, 100), right(70, 100), right(50, 100))
    assert (found.opponent, found.result) == (LINEAR, BETTER)
    assert (found.network, found.linear, found.constant) == (0.9, 0.7, 0.5)
    assert found.difference == pytest.approx(0.2)
    assert found.reached == 0.7
    worse = by_accuracy(right(50, 100), right(60, 100), right(90, 100))
    assert (worse.opponent, worse.result, worse.ahead) == (CONSTANT, WORSE, False)


def test_few_rows_that_differ_are_noise():
    """By the exact test of the sign, four of four have a probability of 1/8."""
    assert by_accuracy(right(38, 38), right(34, 38), right(9, 38)).result == SAME
    assert by_accuracy(right(38, 38), right(31, 38), right(9, 38)).result == BETTER
    tie = by_accuracy(right(30, 38), right(30, 38), right(9, 38))
    assert (tie.result, tie.ahead, tie.difference) == (SAME, None, 0.0)
    assert tie.difference_margin > 0


@pytest.mark.parametrize("rows", [2, 4, 9])
def test_a_few_rows_judge_nothing(rows):
    found = by_accuracy(np.ones(rows), np.zeros(rows), np.zeros(rows))
    assert (found.result, found.too_few) == (SAME, True)
    assert found.difference_margin == np.inf or found.difference_margin < 1
    assert not by_accuracy(right(38, 38), right(34, 38), right(9, 38)).too_few


def test_an_interval_wider_than_a_constants_error_judges_nothing():
    errors = np.r_[np.ones(19), 900.0]
    others = {LINEAR: np.ones(20), CONSTANT: np.full(20, 4.0)}
    found = compared(SQUARED, np.ones(20), errors, others)
    assert (found.result, found.too_few) == (SAME, True)
    assert not compared(SQUARED, np.ones(20), np.full(20, 1.1), others).too_few


@pytest.mark.parametrize("root", [True, False])
def test_the_margin_is_that_of_a_paired_bootstrap(root):
    rows = 400
    common = RNG.gamma(2.0, size=rows)
    network, linear = common * RNG.uniform(0.5, 1, rows), common * RNG.uniform(0.6, 1.2, rows)
    measure = Measure("RMSE", SQUARED.rows, root=root)
    found = compared(measure, np.ones(rows), network, {LINEAR: linear, CONSTANT: 3 * common})
    drawn = RNG.integers(rows, size=(4000, rows))
    means = np.array([network[drawn].mean(1), linear[drawn].mean(1)])
    differences = np.diff((np.sqrt(means) if root else means)[::-1], axis=0)[0]
    assert found.difference == pytest.approx(differences.mean(), rel=0.05)
    assert found.difference_margin == pytest.approx(1.96 * differences.std(), rel=0.06)
    assert found.result == BETTER


def test_whole_weights_are_rows_that_come_several_times():
    w = RNG.integers(0, 4, 60).astype(float)
    values = {name: RNG.gamma(2.0, size=60) for name in ("mine", LINEAR, CONSTANT)}
    others = {name: values[name] for name in (LINEAR, CONSTANT)}
    weighted = compared(SQUARED, w, values["mine"], others)
    repeated = np.repeat(np.arange(60), w.astype(int))
    again = compared(
        *(SQUARED, np.ones(len(repeated)), values["mine"][repeated]),
        {name: each[repeated] for name, each in others.items()},
    )
    for name in ("network", "linear", "constant", "difference"):
        assert getattr(weighted, name) == pytest.approx(getattr(again, name))


def test_one_row_says_nothing_of_its_uncertainty():
    found = by_accuracy(np.ones(1), np.zeros(1), np.zeros(1))
    assert found.difference_margin == np.inf
    assert found.result == SAME


def test_log_loss_is_that_of_scikit_learn_and_leaves_unknown_classes_out():
    from sklearn.metrics import log_loss

    x = RNG.normal(size=(80, 2))
    y = np.where(x[:, 0] > 0, "yes", "no")
    model = LogisticRegression().fit(x, y)
    _, lost = measures(CLASSES, model.classes_, model, y)
    said = Predicted(model.predict(x), model.predict_proba(x))
    rows = lost.rows(y, said)
    assert lost.of(rows, np.ones(80)) == pytest.approx(log_loss(y, said.probabilities))
    assert np.isnan(lost.rows(np.array(["never"] * 80), said)).all()
