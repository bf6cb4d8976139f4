"""Displays of classes and of two inputs: what they compute and draw, beside scikit-learn."""

from __future__ import annotations

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.contour import ContourSet
from sklearn import metrics
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.svm import LinearSVC

from unstuck import (
    ConfusionDisplay,
    DataError,
    ParameterError,
    RegionsDisplay,
    ReliabilityDisplay,
    RocDisplay,
)
from unstuck.report.probability_displays import BINS

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 2))
NOISY = X[:, 0] + 0.5 * X[:, 1] + RNG.normal(size=300)
THREE = np.array(["low", "mid", "high"])[np.digitize(NOISY, [-0.7, 0.7])]
TWO = np.where(NOISY > 0, "yes", "no")
AT = {"train": slice(0, 200), "test": slice(200, 300)}
PARTS = {part: X[at] for part, at in AT.items()}


def by_part(y):
    return {part: y[at] for part, at in AT.items()}


TWICE = LogisticRegression().fit(X[AT["train"]], TWO[AT["train"]])
THRICE = LogisticRegression().fit(X[AT["train"]], THREE[AT["train"]])


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def picture(display):
    """The bytes of the drawn figure: drawing must work, not only making the artists."""
    file = io.BytesIO()
    display.figure_.savefig(file, format="png", dpi=50)
    return file.getvalue()


# Confusion


def test_confusion_counts_like_scikit_learn_and_says_how_many_are_wrong():
    shown = ConfusionDisplay.from_estimator(THRICE, X, THREE)
    said = THRICE.predict(X)
    np.testing.assert_array_equal(
        shown.counts, metrics.confusion_matrix(THREE, said, labels=THRICE.classes_)
    )
    written = [text.get_text().split("\n")[0] for text in shown.ax_.texts[:9]]
    assert written == [str(count) for count in shown.counts.ravel()]
    assert f"{(said != THREE).sum()} of 300 rows are wrong" in [
        text.get_text() for text in shown.ax_.texts
    ]
    colors = shown.image_.get_array()
    assert (colors[0, 0] != colors[0, 1]).any()
    assert picture(shown)


def test_confusion_of_classes_that_were_never_learned_and_of_many():
    shown = ConfusionDisplay.from_estimator(TWICE, X[:4], ["no", "yes", "never", "no"])
    assert shown.classes.tolist() == ["no", "yes", "never"]
    assert shown.counts.sum() == 4
    many = np.arange(40).repeat(2)
    assert picture(ConfusionDisplay.from_predictions(many, np.roll(many, 1)))
    long = np.array(["a rather long name $x$", "another long name of a class"])
    assert picture(ConfusionDisplay.from_predictions(long, long[::-1]))


# ROC


def test_two_classes_have_a_curve_for_each_part():
    shown = RocDisplay.from_estimator(TWICE, PARTS, by_part(TWO))
    assert list(shown.curves) == list(shown.lines_) == ["train", "test"]
    for part, curve in shown.curves.items():
        among = by_part(TWO)[part] == "yes"
        scores = TWICE.predict_proba(PARTS[part])[:, 1]
        assert curve.auc == pytest.approx(metrics.roc_auc_score(among, scores))
        assert metrics.auc(curve.false_positive, curve.true_positive) == pytest.approx(curve.auc)
    assert f"{shown.curves['test'].auc:.3f}" in shown.ax_.get_title(loc="left")
    assert picture(shown)


def test_several_classes_have_a_curve_each_of_the_last_part():
    shown = RocDisplay.from_estimator(THRICE, PARTS, by_part(THREE))
    assert set(shown.curves) == {"low", "mid", "high"}
    true, scores = by_part(THREE)["test"], THRICE.predict_proba(PARTS["test"])
    areas = metrics.roc_auc_score(true[:, None] == THRICE.classes_, scores, average=None)
    assert [curve.auc for curve in shown.curves.values()] == pytest.approx(areas)
    assert f"{areas.mean():.3f}" in shown.ax_.get_title(loc="left")


def test_of_many_classes_the_lowest_curves_are_drawn():
    y = RNG.integers(0, 12, 400)
    shown = RocDisplay.from_predictions(y, RNG.dirichlet(np.ones(12), 400))
    assert len(shown.curves) == 12
    assert len(shown.lines_) == 8
    assert picture(shown)


# Reliability


def test_reliability_is_the_calibration_curve_of_scikit_learn():
    shown = ReliabilityDisplay.from_estimator(TWICE, PARTS, by_part(TWO))
    for part, found in shown.bins.items():
        probability = TWICE.predict_proba(PARTS[part])[:, 1]
        known = calibration_curve(by_part(TWO)[part] == "yes", probability, n_bins=BINS)
        np.testing.assert_allclose(found.share, known[0])
        np.testing.assert_allclose(found.probability, known[1])
        assert found.rows.sum() == len(probability)
        off = np.abs(found.share - found.probability)
        assert shown.errors[part] == pytest.approx(off @ found.rows / found.rows.sum())
    assert picture(shown)


def test_reliability_of_several_classes_is_that_of_the_predicted_one():
    shown = ReliabilityDisplay.from_predictions(THREE, THRICE.predict_proba(X), classes=None)
    assert shown.of_two is False
    assert picture(ReliabilityDisplay.from_estimator(THRICE, X, THREE))
    assert picture(ReliabilityDisplay.from_predictions([0, 1], [0.2, 1.0]))


# Regions


def test_regions_are_those_of_the_estimator_and_wrong_rows_have_a_ring():
    shown = RegionsDisplay.from_estimator(THRICE, PARTS, by_part(THREE), names=("a $b$", "c"))
    middle = shown.x1[100], shown.x2[60]
    assert THRICE.classes_[shown.response[60, 100]] == THRICE.predict([middle])[0]
    assert shown.strength[60, 100] == THRICE.predict_proba([middle]).max()
    wrong = int((THRICE.predict(X) != THREE).sum())
    assert f"{wrong} of 300 rows" in shown.ax_.get_title(loc="left")
    assert len(shown.ax_.collections[-1].get_offsets()) == wrong
    assert shown.ax_.get_xlabel() == "a $b$"
    assert picture(shown)


def drawn_boundaries(model, classes):
    """Points of the lines between regions."""
    shown = RegionsDisplay.from_estimator(model, X, classes)
    lines = [each for each in shown.ax_.collections if isinstance(each, ContourSet)]
    return np.vstack([path.vertices for each in lines for path in each.get_paths()])


def test_boundaries_are_where_the_scores_are_equal_and_not_along_the_grid():
    two, three = LinearSVC().fit(X, TWO), LinearSVC().fit(X, THREE)
    assert np.abs(two.decision_function(drawn_boundaries(two, TWO))).max() < 1e-9
    best = np.sort(three.decision_function(drawn_boundaries(three, THREE)), axis=1)
    assert np.quantile(best[:, -1] - best[:, -2], 0.95) < 1e-9  # but where three regions meet


def test_boundaries_are_those_of_the_predictions_whatever_the_scores():
    moved = FixedThresholdClassifier(TWICE, threshold=0.9, response_method="predict_proba")
    points = drawn_boundaries(moved.fit(X, TWO), TWO)
    assert np.abs(moved.predict_proba(points)[:, 1] - 0.9).max() < 0.02


def test_numbers_have_a_surface():
    model = LinearRegression().fit(X, NOISY)
    shown = RegionsDisplay.from_estimator(model, X, NOISY)
    assert shown.classes is None
    at = np.array([[shown.x1[3], shown.x2[150]]])
    assert shown.response[150, 3] == pytest.approx(model.predict(at)[0])
    assert picture(shown)
    flat = LinearRegression().fit(X, np.ones(300))
    assert picture(RegionsDisplay.from_estimator(flat, X, np.ones(300)))


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_a_frame_gives_the_names_of_the_inputs(library):
    frame = pytest.importorskip(library).DataFrame({"hours": X[:, 0], "days": X[:, 1]})
    shown = RegionsDisplay.from_estimator(LinearSVC().fit(frame, TWO), frame, TWO)
    assert (shown.ax_.get_xlabel(), shown.ax_.get_ylabel()) == ("hours", "days")


# What they share


MADE = {
    "confusion": (lambda: ConfusionDisplay(y_true=[0, 1, 1], y_pred=[0, 1, 0]), 1),
    "roc": (lambda: RocDisplay(y_true=[0, 1, 1], y_score=[0.1, 0.9, 0.3]), 1),
    "reliability": (lambda: ReliabilityDisplay(y_true=[0, 1, 1], y_score=[0.1, 0.9, 0.3]), 2),
    "regions": (
        lambda: RegionsDisplay(
            x1=[0, 1], x2=[0, 1], response=[[0, 1], [0, 1]], X=[[0, 1], [1, 0]], y=["a", "b"],
            classes=["a", "b"],
        ),
        1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(MADE))
def test_a_display_draws_on_the_axes_it_is_given_and_leaves_the_style_alone(kind):
    make, count = MADE[kind]
    before = dict(plt.rcParams)
    figure, axes = plt.subplots(count, 1)
    shown = make()
    assert shown.plot(axes) is shown
    assert figure.axes[:count] == list(np.ravel(axes))
    assert picture(shown.plot()) == picture(shown.plot())
    assert dict(plt.rcParams) == before


@pytest.mark.parametrize("display", [ConfusionDisplay, RocDisplay, ReliabilityDisplay])
def test_a_regressor_is_refused(display):
    with pytest.raises(ParameterError, match=r"LinearRegression; .*RegressionDisplay"):
        display.from_estimator(LinearRegression(), X, TWO)


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ParameterError, match="LinearSVC gives no probabilities"):
        RocDisplay.from_estimator(LinearSVC().fit(X, TWO), X, TWO)
    with pytest.raises(DataError, match="2 classes and 1 predictions"):
        ConfusionDisplay.from_predictions([0, 1], [0])
    with pytest.raises(DataError, match="and at least one"):
        ConfusionDisplay.from_predictions([], [])
    with pytest.raises(DataError, match="expected at least two"):
        RocDisplay.from_predictions([1, 1], [0.1, 0.2])
    with pytest.raises(DataError, match="no part holds rows of a class"):
        RocDisplay.from_predictions([1, 1], [0.1, 0.2], classes=[0, 1])
    with pytest.raises(DataError, match=r"scores of the shape \(2, 3\)"):
        RocDisplay.from_predictions([0, 1], np.ones((2, 3)))
    with pytest.raises(DataError, match="finite"):
        RocDisplay.from_predictions([0, 1], [0.1, np.nan])
    with pytest.raises(DataError, match="expected probabilities"):
        ReliabilityDisplay.from_predictions([0, 1], [-3.0, 2.0])
    with pytest.raises(DataError, match=r"shape \(4, 3\); expected \(n, 2\)"):
        RegionsDisplay.from_estimator(TWICE, np.ones((4, 3)), ["yes"] * 4)
    with pytest.raises(DataError, match="one target for each row"):
        RegionsDisplay.from_estimator(TWICE, X, TWO[:5])
    both = LinearRegression().fit(X, X)
    with pytest.raises(DataError, match="has 2 outputs"):
        RegionsDisplay.from_estimator(both, X, X)
    with pytest.raises(DataError, match=r"shape \(2, 2\); expected \(n,\)"):
        ConfusionDisplay.from_predictions([[0, 1], [1, 0]], [[0, 1], [1, 0]])
