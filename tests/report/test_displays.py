"""Displays: what they compute and draw, compared with NumPy and SciPy."""

from __future__ import annotations

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import BayesianRidge, LinearRegression
from sklearn.pipeline import make_pipeline

from unstuck import (
    DataError,
    ErrorHistogramDisplay,
    FittedCurveDisplay,
    NetClassifier,
    NetRegressor,
    ParameterError,
    RegressionDisplay,
    TrainingCurveDisplay,
    TrainingStateDisplay,
    load,
)
from unstuck.report.panels import appearances, pairs_of, thinned
from unstuck.report.training_displays import STATE
from unstuck.solvers.table import FULL_BATCH

PARTS = {"train": slice(0, 60), "validation": slice(60, 80), "test": slice(80, 100)}


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 2, (100, 1))
    y = np.sin(2 * x[:, 0]) + rng.normal(0, 0.1, 100)
    return {part: x[at] for part, at in PARTS.items()}, {part: y[at] for part, at in PARTS.items()}


@pytest.fixture(scope="module")
def net(data):
    x, y = data
    made = NetRegressor(
        *((8,),), activation="tanh", early_stopping=True, n_iter_no_change=3,
        learning_rate_init=0.1, batch_size=10, max_iter=300, random_state=0,
    )  # fmt: skip
    return made.fit(x["train"], y["train"], X_val=x["validation"], y_val=y["validation"])


@pytest.fixture(scope="module")
def bayesian(data):
    made = NetRegressor((3,), activation="tanh", solver="br", random_state=0)
    return made.fit(data[0]["train"], data[1]["train"])


def picture(display):
    """The bytes of the drawn figure: drawing must work, not only making the artists."""
    file = io.BytesIO()
    display.figure_.savefig(file, format="png", dpi=50)
    return file.getvalue()


def overlaps(first, second):
    return first.get_window_extent().overlaps(second.get_window_extent())


# Training


def test_training_curve_shows_the_history_and_marks_the_weights_that_are_kept(net, data):
    shown = TrainingCurveDisplay.from_estimator(net)
    history = net.history_
    np.testing.assert_array_equal(shown.line_.get_ydata(), history["loss"])
    np.testing.assert_array_equal(shown.validation_line_.get_ydata(), history["validation_loss"])
    best = int(np.argmin(history["validation_loss"]))
    assert shown.best_epoch == best + 1 < net.n_iter_
    assert shown.best_.get_xydata().tolist() == [[best + 1, history["validation_loss"][best]]]
    x, y = data[0]["validation"], data[1]["validation"]
    spread = data[1]["train"].std()
    kept = 0.5 * np.mean(((net.predict(x) - y) / spread) ** 2)
    assert kept == pytest.approx(history["validation_loss"][best], rel=1e-4)
    assert shown.ax_.get_yscale() == "log"
    assert f"epoch {best + 1}" in shown.ax_.get_title(loc="left")


def test_training_curve_marks_the_best_score_where_the_score_was_followed():
    x, y = np.random.default_rng(0).normal(size=(80, 2)), np.arange(80) % 2
    made = NetClassifier((4,), max_iter=8, monitor="score", early_stopping=True, random_state=0)
    with pytest.warns(ConvergenceWarning):
        made.fit(x, y)
    shown = TrainingCurveDisplay.from_estimator(made)
    assert shown.best_epoch == np.argmax(made.validation_scores_) + 1


def test_training_curve_without_validation_data_shows_one_curve_and_the_goal():
    x = np.linspace(-1, 1, 20)[:, None]
    made = NetRegressor((), loss_goal=0.1, learning_rate_init=0.1, random_state=0)
    shown = TrainingCurveDisplay.from_estimator(made.fit(x, x[:, 0]))
    assert shown.validation_line_ is None
    assert shown.loss_goal == 0.1
    assert [line.get_label() for line in shown.ax_.lines].count("loss goal") == 1
    assert shown.best_epoch == made.best_epoch_ == made.n_iter_


def test_the_epoch_that_is_marked_is_the_one_whose_weights_are_kept():
    """Without validation data that is the last, whether or not its loss is the smallest."""
    x = np.random.default_rng(0).normal(size=(40, 1))
    made = NetRegressor((), learning_rate_init=3.0, max_iter=5, tol=0, random_state=0)
    with pytest.warns(ConvergenceWarning):
        made.fit(x, x[:, 0])
    assert np.argmin(made.loss_curve_) + 1 < made.n_iter_
    shown = TrainingCurveDisplay.from_estimator(made)
    assert shown.best_epoch == made.n_iter_
    assert shown.ax_.get_title(loc="left").startswith("Kept: training loss")


def test_the_key_of_a_curve_covers_no_data(net):
    shown = TrainingCurveDisplay.from_estimator(net)
    picture(shown)
    assert not overlaps(shown.ax_.get_legend(), shown.ax_.patch)


def test_losses_that_are_not_positive_are_not_on_a_logarithmic_axis():
    shown = TrainingCurveDisplay(train_loss=[1.0, 0.0, -1.0]).plot()
    assert shown.ax_.get_yscale() == "linear"
    assert shown.best_epoch == 3


def test_a_fit_without_a_finite_loss_is_refused():
    with pytest.raises(DataError, match="losses of 0 epochs"):
        TrainingCurveDisplay(train_loss=[])


def test_training_state_has_a_panel_for_what_is_known(net):
    shown = TrainingStateDisplay.from_estimator(net)
    assert list(shown.lines_) == ["gradient_norm", "validation_failures"]
    failures = shown.lines_["validation_failures"].get_ydata()
    assert failures[-1] == net.n_iter_no_change + 1
    assert [panel.get_yscale() for panel in shown.axes_] == ["log", "linear"]


def test_training_state_of_a_solver_shows_its_own_numbers(bayesian):
    shown = TrainingStateDisplay.from_estimator(bayesian)
    assert list(shown.lines_) == [
        "gradient_norm", "damping", "effective_parameters", "log_evidence",
    ]  # fmt: skip
    last = shown.lines_["effective_parameters"].get_ydata()[-1]
    assert last == pytest.approx(bayesian.posterior_.effective_parameters)


@pytest.mark.parametrize("name", [name for each in FULL_BATCH for name in each.columns])
def test_what_batch_solvers_measure_is_shown_or_known_to_be_left_out(name):
    assert name in STATE or name in {"evaluations", "prior_precision", "noise_precision"}


def test_a_learning_rate_is_shown_where_it_changes():
    numbers = {"gradient_norm": [2.0, 1.0], "learning_rate": [0.1, 0.05], "loss": [1.0, 0.5]}
    assert list(TrainingStateDisplay(numbers).columns) == ["gradient_norm", "learning_rate"]
    numbers["learning_rate"] = [0.1, 0.1]
    assert list(TrainingStateDisplay(numbers).columns) == ["gradient_norm"]


def test_training_displays_work_for_a_loaded_network_and_for_one_epoch(net, tmp_path):
    net.save(tmp_path / "net.safetensors")
    again = TrainingStateDisplay.from_estimator(load(tmp_path / "net.safetensors"))
    assert list(again.lines_) == ["gradient_norm", "validation_failures"]
    assert picture(TrainingCurveDisplay(train_loss=[0.5]).plot())
    assert picture(TrainingStateDisplay({"gradient_norm": [1.0], "damping": [0.0]}).plot())


def test_what_has_no_history_is_refused():
    with pytest.raises(ParameterError, match=r"received Pipeline; .* pipeline\[-1\]"):
        TrainingCurveDisplay.from_estimator(make_pipeline(NetRegressor()))
    with pytest.raises(ParameterError, match="expected one of gradient_norm"):
        TrainingStateDisplay({"loss": [1.0], "damping": [np.nan]})


# Regression


numbers = st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=30)


@given(numbers, st.floats(-2, 2), st.integers(0, 99))
def test_r_and_line_are_those_of_scipy(targets, slope, seed):
    targets = np.array(targets)
    outputs = slope * targets + np.random.default_rng(seed).normal(size=len(targets))
    shown = RegressionDisplay(y_true=targets, y_pred=outputs)
    if np.ptp(targets) == 0 or np.var(targets) == 0:
        assert np.isnan([shown.r_["data"], *shown.lines_["data"]]).all()
    elif np.ptp(targets) > 1e-3:
        known = stats.linregress(targets, outputs)
        assert shown.r_["data"] == pytest.approx(known.rvalue, abs=1e-9)
        assert shown.lines_["data"] == pytest.approx((known.slope, known.intercept), rel=1e-6)


def test_regression_has_a_panel_for_each_part_and_one_for_all(net, data):
    shown = RegressionDisplay.from_estimator(net, *data)
    assert list(shown.r_) == ["train", "validation", "test", "all"]
    everything = [np.concatenate(list(each.values())) for each in data]
    known = np.corrcoef(everything[1], net.predict(everything[0]))[0, 1]
    assert shown.r_["all"] == pytest.approx(known)
    assert [panel.get_title(loc="left") for panel in shown.axes_] == [
        f"{part}: R = {r:.4f}" for part, r in shown.r_.items()
    ]
    for panel in shown.axes_:
        assert panel.get_xlim() == panel.get_ylim()
    assert len(shown.axes_[-1].collections) == 3


def test_constant_targets_have_no_correlation():
    shown = RegressionDisplay.from_predictions([2.0, 2.0], [1.0, 3.0])
    assert "not defined" in shown.axes_[0].get_title(loc="left")
    assert picture(shown)


@settings(max_examples=20)
@given(st.dictionaries(st.sampled_from(list(PARTS)), numbers, min_size=1), st.integers(1, 40))
def test_the_stacked_bars_count_every_error_once(errors, bins):
    zeros = {part: np.zeros(len(each)) for part, each in errors.items()}
    shown = ErrorHistogramDisplay(y_true=errors, y_pred=zeros, bins=bins).plot()
    for part, each in errors.items():
        heights = [bar.get_height() for bar in shown.bars_[part]]
        assert len(heights) == bins
        assert sum(heights) == len(each)
    tops = [[bar.get_y() + bar.get_height() for bar in bars] for bars in shown.bars_.values()]
    feet = [[bar.get_y() for bar in bars] for bars in shown.bars_.values()]
    assert feet[1:] == tops[:-1]
    plt.close("all")


def test_error_is_target_minus_output_and_its_size_is_told():
    shown = ErrorHistogramDisplay.from_predictions([[3.0, 1.0]], [[1.0, 1.0]])
    assert shown.errors["data"].tolist() == [2.0, 0.0]
    assert shown.ax_.get_legend().get_texts()[0].get_text() == f"data {2**0.5:.3g}"


# Fitted curve


def test_fitted_curve_shows_the_network_between_the_rows(net, data):
    shown = FittedCurveDisplay.from_estimator(net, *data, name="a $b$ c")
    grid = np.linspace(*shown.line_.get_xdata()[[0, -1]], 500)
    np.testing.assert_allclose(shown.line_.get_ydata(), net.predict(grid[:, None]))
    assert grid[0] == min(each.min() for each in data[0].values())
    assert shown.band_ is None
    assert shown.axes_[0].get_xlim() == shown.axes_[1].get_xlim()
    assert picture(shown)


@pytest.mark.parametrize("library", ["unstuck", "sklearn"])
def test_the_band_is_two_standard_deviations_where_they_are_known(data, bayesian, library):
    x, y = data[0]["train"], data[1]["train"]
    made = bayesian if library == "unstuck" else BayesianRidge().fit(x, y)
    shown = FittedCurveDisplay.from_estimator(made, x, y)
    mean, std = made.predict(shown.curve_x[:, None], return_std=True)
    drawn = shown.band_.get_paths()[0].vertices
    assert drawn[:, 1].max() == pytest.approx((mean + 2 * std).max())
    assert drawn[:, 1].min() == pytest.approx((mean - 2 * std).min())


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_a_frame_gives_the_name_of_the_input(library):
    x = np.linspace(0, 1, 9)
    frame = pytest.importorskip(library).DataFrame({"hours": x})
    shown = FittedCurveDisplay.from_estimator(LinearRegression().fit(frame, 2 * x), frame, 2 * x)
    assert shown.axes_[1].get_xlabel() == "hours"
    np.testing.assert_allclose(shown.curve_y, 2 * shown.curve_x, atol=1e-12)


def test_several_inputs_or_outputs_are_refused(data):
    two = np.ones((4, 2))
    with pytest.raises(DataError, match=r"X has the shape \(4, 2\); expected \(n, 1\)"):
        FittedCurveDisplay.from_estimator(LinearRegression().fit(two, two), two, two)
    with pytest.raises(DataError, match="4 inputs and 8 targets"):
        FittedCurveDisplay.from_estimator(LinearRegression().fit(two[:, :1], two), two[:, :1], two)


# What they share


MADE = {
    "curve": (lambda: TrainingCurveDisplay(train_loss=[2.0, 1.0], validation_loss=[2, 1.5]), 1),
    "state": (lambda: TrainingStateDisplay({"gradient_norm": [2.0, 1], "damping": [1.0, 2]}), 2),
    "histogram": (lambda: ErrorHistogramDisplay(y_true=[1.0, 2.0], y_pred=[1.0, 3.0]), 1),
    "regression": (
        lambda: RegressionDisplay(y_true={"a": [1, 2], "b": [3]}, y_pred={"a": [1, 3], "b": [3]}),
        3,
    ),
    "fitted": (
        lambda: FittedCurveDisplay(x=[1], y_true=[1], y_pred=[2], curve_x=[0, 1], curve_y=[0, 1]),
        2,
    ),
}


@pytest.mark.parametrize("kind", list(MADE))
def test_a_display_draws_on_the_axes_it_is_given(kind):
    make, count = MADE[kind]
    figure, axes = plt.subplots(1, 2)
    shown = make().plot(axes[0])
    assert shown.figure_ is figure
    assert len(figure.axes) == 1 + count
    assert picture(shown)
    figure, axes = plt.subplots(count, 1)
    shown = make()
    assert shown.plot(axes) is shown
    assert figure.axes == list(np.ravel(axes)) == list(getattr(shown, "axes_", [axes]))
    wrong = plt.subplots(1, 5)[1]
    with pytest.raises(ParameterError, match=f"ax was 5 axes; expected {count}"):
        make().plot(wrong)


@pytest.mark.parametrize("kind", list(MADE))
def test_a_display_draws_the_same_twice_and_leaves_the_users_style_alone(kind):
    before = dict(plt.rcParams)
    shown = MADE[kind][0]()
    assert picture(shown.plot()) == picture(shown.plot())
    assert dict(plt.rcParams) == before


def test_axes_without_a_place_in_a_grid_cannot_be_divided():
    free = plt.figure().add_axes((0, 0, 1, 1))
    with pytest.raises(ParameterError, match="ax was 1 axes; expected 2"):
        MADE["state"][0]().plot(free)


@pytest.mark.parametrize("display", [ErrorHistogramDisplay, RegressionDisplay, FittedCurveDisplay])
def test_a_classifier_is_refused(display):
    with pytest.raises(ParameterError, match=r"NetClassifier; .*ConfusionDisplay"):
        display.from_estimator(NetClassifier(), [[1.0]], [1])


@pytest.mark.parametrize(
    ("true", "predicted", "message"),
    [
        ([1.0, 2.0], [1.0], r"shape \(2,\) and outputs \(1,\)"),
        ([], [], "at least one"),
        ([1.0], [np.nan], "finite"),
        ({"train": [1.0]}, {"test": [1.0]}, r"\['train'\] and y_pred has \['test'\]"),
        ({"train": [1.0]}, [1.0], r"\['train'\] and y_pred has \['data'\]"),
    ],
)
def test_targets_and_outputs_that_do_not_belong_together_are_refused(true, predicted, message):
    with pytest.raises(DataError, match=message):
        pairs_of(true, predicted)


def test_every_part_has_a_look_of_its_own():
    names = ["train", "validation", "test", "a", "b", "c"]
    assert len({look.marker for look in appearances(names).values()}) == 6
    assert appearances(["a", "train"])["train"] == appearances(["train"])["train"]


def test_large_parts_are_thinned_evenly_with_both_ends():
    (kept,) = thinned(np.arange(100_000))
    assert len(kept) == 5000
    assert (kept[0], kept[-1]) == (0, 99_999)
    assert set(np.diff(kept)) <= {20, 21}
    (all_of,) = thinned(np.arange(7))
    assert all_of.tolist() == list(range(7))
