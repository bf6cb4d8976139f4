"""What is refused, and in which words: received, expected, what to do. And fits that go wrong."""

import contextlib
import os
import re
import signal
import threading

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from unstuck import (
    DataError,
    InterruptedWarning,
    NetClassifier,
    NetRegressor,
    ParameterError,
    StuckWarning,
    UnstuckWarning,
)
from unstuck.training.task import Observer

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
TWO = (X[:, 0] > 0).astype(int)
NUMBERS = X[:, 0] - X[:, 1]


def classifier(**parameters):
    return NetClassifier((4,), **{"max_iter": 3, "random_state": 0} | parameters)


def regressor(**parameters):
    return NetRegressor((4,), **{"max_iter": 3, "random_state": 0} | parameters)


def broken(value, row=7, column=1):
    rows = X.copy()
    rows[row, column] = value
    return rows


def refuses(error, *parts):
    """Expects an error whose text holds all parts."""
    return pytest.raises(error, match="(?s)" + "".join(f"(?=.*{re.escape(p)})" for p in parts))


# Rows


def test_no_rows():
    for net in (classifier(), regressor()):
        with refuses(ValueError, "0 sample", "minimum of 1 is required"):
            net.fit(np.empty((0, 3)), [])
    with refuses(ValueError, "0 feature"):
        regressor().fit(np.empty((5, 0)), np.ones(5))
    fitted = regressor().fit(X, NUMBERS)
    with refuses(ValueError, "0 sample"):
        fitted.predict(X[:0])


def test_one_row_is_enough_for_a_regressor_and_one_class_too_few_for_a_classifier():
    net = regressor().fit(X[:1], [3.0])
    np.testing.assert_allclose(net.predict(X[:1]), [3.0], atol=1.0)
    for labels, shown in (([7], "7"), (["a"], "'a'")):
        with refuses(DataError, f"only one class ({shown})", "at least two", "Check"):
            classifier().fit(X[:1], labels)
    with refuses(DataError, "only one class"):
        classifier().fit(X, np.zeros(40))


@pytest.mark.parametrize(
    ("value", "word"), [(np.nan, "NaN"), (np.inf, "infinity"), (-np.inf, "infinity")]
)
def test_rows_that_are_not_finite_name_the_column(value, word):
    rows = broken(value)
    with refuses(DataError, f"X contains {word}", "in column 1", "1 of 40 rows", "SimpleImputer"):
        classifier().fit(rows, TWO)
    with refuses(DataError, f"X contains {word}", "in column 1"):
        regressor().fit(sparse.csr_array(rows), NUMBERS)
    for frame in (pd.DataFrame, pl.DataFrame):
        table = frame({"age": rows[:, 0], "height": rows[:, 1], "weight": rows[:, 2]})
        with refuses(DataError, f"X contains {word}", "in column 'height'"):
            classifier().fit(table, TWO)
    net = classifier().fit(X, TWO)
    for ask in (net.predict, net.predict_proba, net.features):
        with refuses(DataError, f"X contains {word}", "column 1"):
            ask(rows)
    with refuses(DataError, "In X_val, y_val", word, "column 1"):
        classifier().fit(X, TWO, X_val=rows, y_val=TWO)


BORN = pd.date_range("2020-01-01", periods=len(X)).to_numpy()


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
@pytest.mark.parametrize("dates", [BORN, BORN - BORN[0]], ids=["dates", "durations"])
@pytest.mark.parametrize("others", [{}, {"age": X[:, 0]}], ids=["alone", "beside numbers"])
def test_dates_in_a_frame(frame, dates, others):
    with refuses(DataError, "dates or times in column 'born' (", "unstuck.TableEncoder"):
        classifier().fit(frame({**others, "born": dates}), TWO)


def test_dates_in_an_array():
    with refuses(DataError, "dates or times in column 0 (np.datetime64(", "unstuck.TableEncoder"):
        classifier().fit(BORN[:, None], TWO)
    net = regressor().fit(X[:, :1], X[:, 1])
    with refuses(DataError, "dates or times", "unstuck.TableEncoder"):
        net.predict(BORN[:, None])


def test_a_table_that_lists_no_types_is_taken_as_its_array():
    class Table:
        columns = ("a", "b")

        def __array__(self, dtype=None, copy=None):
            return np.array(X, dtype)

    net = regressor().fit(Table(), X[:, 0])
    np.testing.assert_array_equal(net.predict(X), regressor().fit(X, X[:, 0]).predict(X))


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
def test_missing_entries_of_frames_name_the_column(frame):
    table = frame({"a": [1, 2, 3], "b": [1, None, 3]})
    with refuses(DataError, "NaN in column 'b'", "1 of 3 rows"):
        regressor().fit(table, [1.0, 2.0, 3.0])


def test_text_in_rows_names_the_column_and_the_way_out():
    for rows in ([[1, "red"], [2, "blue"]], np.array([[1, "red"], [2, "blue"]], object)):
        with refuses(DataError, "text in column 1 ('red')", "numbers", "OneHotEncoder"):
            classifier().fit(rows, [0, 1])
    for frame in (pd.DataFrame, pl.DataFrame):
        table = frame({"size": [1, 2], "color": ["red", "blue"]})
        with refuses(DataError, "text in column 'color' ('red')", "TableEncoder"):
            classifier().fit(table, [0, 1])
    net = regressor().fit(X, NUMBERS)
    with refuses(DataError, "text in column 2 ('x')"):
        net.predict([[1, 2, "x"]])


def test_shapes_that_do_not_fit():
    net = classifier().fit(X, TWO)
    with refuses(ValueError, "X has 2 features", "expecting 3"):
        net.predict(X[:, :2])
    with refuses(ValueError, "X has 4 features", "expecting 3"):
        net.predict(sparse.csr_array(np.c_[X, X[:, 0]]))
    with refuses(ValueError, "X has 2 features", "expecting 3"):
        net.partial_fit(X[:, :2], TWO)
    with refuses(DataError, "In X_val, y_val", "X has 2 features", "expecting 3"):
        classifier().fit(X, TWO, X_val=X[:, :2], y_val=TWO)
    with refuses(ValueError, "Expected 2D array, got 1D array", "Reshape"):
        net.predict(X[0])
    for given in (TWO[:-1], np.r_[TWO, 1]):
        with refuses(DataError, "inconsistent", "40 rows", f"y has {len(given)}", "each row"):
            classifier().fit(X, given)
    with refuses(DataError, "X has 40 rows, y has 3"):
        regressor().fit(X, NUMBERS, X_val=X, y_val=NUMBERS[:3])
    two = regressor().partial_fit(X, np.c_[NUMBERS, NUMBERS])
    with refuses(DataError, "y has 1 columns; expected 2"):
        two.partial_fit(X, NUMBERS)


def test_layers_that_are_not_there():
    net = classifier().fit(X, TWO)
    for layer in (1, -2):
        with refuses(ParameterError, f"layer was {layer}", "from -1 to 0"):
            net.features(X, layer)
    with refuses(ParameterError, "no hidden layer", "hidden_layer_sizes"):
        NetRegressor((), max_iter=2).fit(X, NUMBERS).features(X)


# Targets


@pytest.mark.parametrize(("value", "word"), [(np.nan, "NaN"), (np.inf, "infinity")])
def test_targets_that_are_not_finite(value, word):
    y = NUMBERS.copy()
    y[3] = value
    with refuses(DataError, f"y contains {word}", "(1 of 40 rows)", "finite", "Remove"):
        regressor().fit(X, y)
    with refuses(DataError, f"y contains {word}", "in column 1 (1 of 40 rows)"):
        regressor().fit(X, np.c_[NUMBERS, y])
    labels = TWO.astype(float)
    labels[3] = value
    with refuses(DataError, f"y contains {word}", "(1 of 40 rows)"):
        classifier().fit(X, labels)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA], ids=str)
def test_labels_that_are_missing(missing):
    labels = np.array(["a", "b"], object)[TWO]
    labels[5:7] = missing
    with refuses(DataError, "no label (None or NaN) in 2 of 40 rows", "Remove"):
        classifier().fit(X, labels)
    with refuses(DataError, "no label"):
        classifier().partial_fit(X, labels, classes=["a", "b"])


@pytest.mark.parametrize(
    ("classes", "part"),
    [
        ([0.0, 1.0, np.nan], "classes contains NaN"),
        ([0], "classes holds only one class (0)"),
        ([], "classes holds no class"),
    ],
)
def test_named_classes_are_labels(classes, part):
    with refuses(DataError, part):
        classifier().partial_fit(X, TWO, classes=classes)


def test_targets_of_the_wrong_kind():
    with refuses(DataError, "requires y to be passed", "second argument"):
        classifier().fit(X, None)
    with refuses(DataError, "requires y to be passed"):
        classifier().fit(X, None, soft_targets=np.c_[1 - TWO, TWO])
    with refuses(DataError, "y mixes labels of types int, str"):
        classifier().fit(X, np.array(["a", 1], object)[TWO])
    with refuses(ValueError, "Unknown label type: continuous"):
        classifier().fit(X, NUMBERS)
    with refuses(DataError, "y contains text", "in 40 of 40 rows, first in row 0", "numbers"):
        regressor().fit(X, np.array(["a", "b"])[TWO])
    for signs in (np.c_[2 * TWO - 1, 1 - 2 * TWO], np.c_[TWO + 1, 2 - TWO]):
        with refuses(DataError, f"multi-label y holds {np.unique(signs).tolist()}", "0 and 1"):
            classifier().fit(X, signs)


def test_classes_that_nobody_announced():
    with refuses(DataError, "[2]", "[0, 1]", "partial_fit(classes=...)"):
        classifier().partial_fit(X, TWO).partial_fit(X, TWO + 1)
    with refuses(DataError, "[1]", "[0, 5]"):
        classifier().partial_fit(X, TWO, classes=[0, 5])
    with refuses(DataError, "[2]", "[0, 1]"):
        classifier().fit(X, TWO, X_val=X, y_val=TWO + 1)
    with refuses(DataError, "[2]"):
        classifier(warm_start=True).fit(X, TWO).fit(X, TWO + 1)


def test_losses_refuse_targets_they_are_not_about():
    with refuses(DataError, "'poisson' expects targets >= 0", "-"):
        regressor(loss="poisson").fit(X, NUMBERS)
    with refuses(DataError, "'cross_entropy' expects targets from 0 to 1", "received"):
        regressor(loss="cross_entropy").fit(X, NUMBERS)


@pytest.mark.parametrize(
    ("soft", "parts"),
    [
        (np.c_[1 - TWO, TWO] * 0.9, ["sum to 1", "row 0 sums to 0.9", "40 of 40", "Divide"]),
        (np.c_[1 - TWO, TWO, TWO], ["(40, 3)", "expected (40, 2)", "classes_ [0, 1]"]),
        (np.c_[1 - TWO, TWO][:5], ["(5, 2)", "expected (40, 2)"]),
        (np.c_[1 - 2 * TWO, 2 * TWO], ["probabilities from 0 to 1", "row "]),
        (np.c_[1 - TWO, TWO] * np.nan, ["soft_targets contains NaN in column 0"]),
        (np.full(40, 0.5), ["Expected 2D array"]),
    ],
    ids=["sum", "columns", "rows", "negative", "NaN", "vector"],
)
def test_soft_targets_that_are_no_distributions(soft, parts):
    with refuses(ValueError, *parts):
        classifier().fit(X, TWO, soft_targets=soft)


def test_soft_targets_may_be_off_by_rounding():
    soft = np.full((40, 3), 1 / 3, np.float32)
    classifier().fit(X, np.arange(40) % 3, soft_targets=soft)


# Weights, validation data


@pytest.mark.parametrize(
    ("weights", "parts"),
    [
        (-np.ones(40), ["Negative", "sample_weight"]),
        (np.zeros(40), ["weight", "non-zero"]),
        (np.full(40, np.nan), ["sample_weight", "NaN"]),
        (np.ones(3), ["(3,)", "(40,)"]),
        (np.ones((40, 2)), ["1D"]),
    ],
    ids=["negative", "zero", "NaN", "length", "shape"],
)
def test_weights_that_cannot_be_used(weights, parts):
    for net, y in ((classifier(), TWO), (regressor(), NUMBERS)):
        with refuses(ValueError, *parts):
            net.fit(X, y, weights)
        with refuses(ValueError, *parts):
            net.fit(X, y, X_val=X, y_val=y, sample_weight_val=weights)


def test_rows_of_weight_zero_do_not_matter():
    weights = (np.arange(40) < 30).astype(float)
    far = X.copy()
    far[30:] = 1e6
    net = regressor().fit(far, NUMBERS, weights)
    other = regressor().fit(X[:30], NUMBERS[:30])
    np.testing.assert_allclose(net.coefs_[0], other.coefs_[0], rtol=1e-9)


def test_validation_data_come_whole():
    for given in ({"X_val": X}, {"y_val": TWO}):
        with refuses(DataError, "X_val and y_val belong together"):
            classifier().fit(X, TWO, **given)
    with refuses(DataError, "sample_weight_val belongs to X_val and y_val"):
        classifier().fit(X, TWO, sample_weight_val=np.ones(40))
    with refuses(
        DataError, "could not split 5 rows", "Pass X_val and y_val", "early_stopping=False"
    ):
        classifier(early_stopping=True).fit(X[:5], [0, 1, 0, 1, 0])


# Parameters


@pytest.mark.parametrize(
    ("parameter", "value", "parts"),
    [
        ("activation", "rellu", ["'rellu'", "Did you mean 'relu'?", "'tanh'"]),
        ("activation", ("relu", "tanhh"), ["tanhh", "sequence of activations"]),
        ("activation", "relu(2)", ["'relu(2)'"]),
        ("activation", "leaky_relu(7)", ["'leaky_relu(7)'"]),
        ("solver", "Adan", ["'Adan'", "Did you mean 'adam'?"]),
        ("solver", "newton", ["'newton'", "'sgd'"]),
        ("loss", "squared_eror", ["Did you mean 'squared_error'?"]),
        ("initializer", "glorot_unifrom", ["Did you mean 'glorot_uniform'?"]),
        ("learning_rate", "cosin", ["Did you mean 'cosine'?"]),
        ("hidden_layer_sizes", (10, 0), ["(10, 0)", "integers", ">= 1"]),
        ("hidden_layer_sizes", 2.5, ["2.5", "integer"]),
        ("hidden_layer_sizes", "100", ["'100'", "integer"]),
        ("alpha", -1e-3, ["-0.001", "a number >= 0"]),
        ("alpha", np.nan, ["nan", "a number >= 0"]),
        ("alpha", "0.1", ["'0.1'", "a number >= 0"]),
        ("learning_rate_init", 0.0, ["0.0", "> 0"]),
        ("learning_rate_init", np.inf, ["inf", "> 0"]),
        ("max_iter", 0, ["0", "an integer >= 1"]),
        ("max_iter", 10.0, ["10.0", "an integer >= 1"]),
        ("max_iter", True, ["True", "an integer >= 1"]),
        ("batch_size", "all", ["'all'", "'auto'", "integer >= 1"]),
        ("momentum", 1.5, ["1.5", ">= 0 and <= 1"]),
        ("dropout", 1.0, ["1.0", ">= 0 and < 1"]),
        ("validation_fraction", 1.0, ["1.0", "> 0 and < 1"]),
        ("shuffle", "yes", ["'yes'", "True or False"]),
        ("early_stopping", None, ["None", "True or False"]),
        ("random_state", -1, ["-1", "seed"]),
        ("random_state", np.random.default_rng(0), ["Generator", "seed"]),
        ("monitor", "accuracy", ["'accuracy'", "'loss' or 'score'"]),
        ("dtype", "float16", ["'float16'", "'float32'"]),
        ("tol", "small", ["'small'", "'auto'"]),
        ("n_iter_no_change", 0, ["0", "integer >= 1", "inf"]),
        ("clip_norm", 0.0, ["0.0", "None", "> 0"]),
        ("class_weight", [1.0, 2.0], ["[1.0, 2.0]", "'balanced'", "dict"]),
        ("class_targets", (0.1, 0.2, 0.3), ["(0.1, 0.2, 0.3)", "2 numbers"]),
    ],
    ids=str,
)
def test_a_wrong_parameter_is_named_with_what_was_expected(parameter, value, parts):
    with refuses(ParameterError, f"NetClassifier: {parameter} was", *parts):
        classifier().set_params(**{parameter: value}).fit(X, TWO)


def test_several_wrong_parameters_are_listed_in_one_error():
    net = NetClassifier((0,), activation="rellu", alpha=-1, max_iter=0, dropout=1.0)
    with pytest.raises(ParameterError) as caught:
        net.set_params(batch_size=0, class_weight=np.array([1.0, 2.0])).fit(X, TWO)
    text = str(caught.value)
    assert text.startswith("NetClassifier: 7 mistakes")
    for name in ("hidden_layer_sizes", "activation", "alpha", "max_iter", "dropout"):
        assert f"\n  - {name} was " in text
    assert text.count("\n  - ") == 7
    assert text.count("expected") == 7


@pytest.mark.parametrize(
    ("parameters", "y", "parts"),
    [
        ({"class_targets": (0.9, 0.1)}, TWO, ["(0.9, 0.1)", "low < high"]),
        ({"class_targets": (-0.5, 0.5)}, TWO, ["(-0.5, 0.5)", "0 <= low < high <= 1"]),
        ({"class_targets": (0.5, 1.5)}, np.arange(40) % 3, ["(0.5, 1.5)", "0 <= low < high"]),
        (
            {"class_targets": (0.1, 0.4), "output_activation": "softmax"},
            TWO,
            ["(0.1, 0.4)", "true class gets 0.4 and each other one 0.6", "more than 1 / 2"],
        ),
        ({"class_targets": (0.1, 0.3)}, np.arange(40) % 3, ["0.35", "more than 1 / 3"]),
        ({"activation": ("relu", "tanh")}, TWO, ["2 entries", "1 layers of units (4,)"]),
        ({"initializer": ("he",)}, TWO, ["1 entries", "2 layers of units (4, 1)"]),
        ({"output_activation": "relu"}, TWO, ["'cross_entropy'", "Use output_activation="]),
    ],
    ids=str,
)
def test_parameters_that_do_not_fit_the_data_or_each_other(parameters, y, parts):
    with refuses(ParameterError, *parts):
        classifier(**parameters).fit(X, y)


def test_own_initializers_must_return_finite_weights_of_the_shape():
    def flat(key, shape, dtype):
        del key
        return np.zeros(3, dtype)

    with refuses(ParameterError, "'flat'", "shape (3,)", "(3, 4)"):
        classifier(initializer=flat).fit(X, TWO)


def test_a_refused_fit_leaves_an_unfitted_estimator_unfitted():
    net = classifier()
    with pytest.raises(DataError):
        net.fit(broken(np.nan), TWO)
    assert not hasattr(net, "coefs_")
    assert net.fit(X, TWO).n_iter_ == 3


def test_a_refused_fit_leaves_a_fitted_estimator_as_it_was():
    net = classifier().fit(X, TWO)
    before = net.predict_proba(X)
    for data in (
        (X[:, :2], np.zeros(40)),
        (pd.DataFrame(broken(np.nan), columns=["a", "b", "c"]), np.arange(40) % 3),
        (X, np.array(["a", "b"])[TWO], -np.ones(40)),
    ):
        with pytest.raises(ValueError, match=r"class|NaN|Negative"):
            net.fit(*data)
        np.testing.assert_array_equal(net.predict_proba(X), before)
        assert net.classes_.tolist() == [0, 1]
        assert net.score(X, TWO) == np.mean(before.argmax(1) == TWO)


# Numbers at the edges


@pytest.mark.parametrize("factor", [1e-300, 1e-30, 1e30, 1e150, 1e300])
def test_huge_and_tiny_values_fit_without_overflow(factor):
    net = regressor(max_iter=200, learning_rate_init=0.03).fit(X * factor, NUMBERS * factor)
    predicted = net.predict(X * factor)
    assert np.isfinite(predicted).all()
    assert np.isfinite(net.loss_curve_).all()
    if factor > 1e-100:  # squares of smaller ones are 0: such columns count as constant
        assert np.corrcoef(predicted / factor, NUMBERS)[0, 1] > 0.95
    held = classifier().fit(sparse.csr_array(X * factor), TWO)
    assert np.isfinite(held.predict_proba(X * factor)).all()


def test_constant_columns_and_targets():
    rows = np.c_[X, np.full(40, 1e9), np.zeros(40)]
    net = regressor().fit(rows, NUMBERS)
    np.testing.assert_array_equal(net._model.inputs.scale[3:], 1.0)
    assert np.isfinite(net.predict(rows)).all()
    still = regressor(max_iter=300, learning_rate_init=0.03)
    with pytest.warns(StuckWarning, match="nothing to learn"):
        still.fit(X, np.full(40, 5.0))
    np.testing.assert_allclose(still.predict(X), 5.0, atol=0.5)


@pytest.mark.parametrize(
    ("parameters", "layer"),
    [
        ({"learning_rate_init": 1e30, "solver": "sgd", "batch_size": 8}, r"'(hidden_1|output)'"),
        ({"learning_rate_init": 1e300, "solver": "sgd"}, r"'(hidden_1|output)'"),
    ],
    ids=["float32", "float64"],
)
def test_a_fit_that_becomes_non_finite_stops_and_keeps_finite_weights(parameters, layer):
    net = regressor(max_iter=20, **parameters)
    with pytest.warns(UnstuckWarning, match="became non-finite") as caught:
        net.fit(X, NUMBERS)
    text = str(net.stop_reason_)
    assert net.stop_reason_.name == "non_finite"
    assert re.search(rf"non-finite at step \d+ \(epoch \d+\) in layer {layer}", text)
    assert "Lower learning_rate_init" in text
    assert "clip_norm" in text
    assert str(caught[0].message) == text
    assert all(np.isfinite(w).all() for w in net.coefs_ + net.intercepts_)
    assert np.isfinite(net.history_["loss"]).all()


def test_the_layer_where_numbers_overflow_is_named():
    net = NetRegressor((4, 4), activation=("tanh", "exponential"), scale_inputs=False)
    net.set_params(initializer=("fan_in", large, "fan_in"), max_iter=3, random_state=0)
    with pytest.warns(UnstuckWarning, match=r"step 1 \(epoch 1\) in layer 'output'|'hidden_2'"):
        net.fit(X, NUMBERS)
    assert net.n_iter_ == 0
    assert net.loss_curve_ == []
    assert np.isfinite(net.coefs_[1]).all()


def large(key, shape, dtype):
    del key
    return np.full(shape, 1e4, dtype)


# Ctrl-C


class Interrupting(Observer):
    """Presses Ctrl-C at the end of epoch 3."""

    every_epoch = True

    def epoch(self, epoch, row, state):
        del row, state
        if epoch == 3:
            raise KeyboardInterrupt
        return False


class Signalling(Observer):
    """Sends the signal of Ctrl-C from another thread, some time after epoch 100."""

    def epoch(self, epoch, row, state):
        del row, state
        if epoch == 100:
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        return False


class Watched(NetClassifier):
    """A classifier that is watched by an observer of the tests."""

    observer = Interrupting

    @contextlib.contextmanager
    def _observers(self, *arguments):
        del arguments
        yield [self.observer()]


class Signalled(Watched):
    observer = Signalling


@pytest.mark.parametrize("batch_size", [8, 40])
def test_an_interrupted_fit_keeps_what_it_learned(batch_size):
    net = Watched((4,), max_iter=10, batch_size=batch_size, random_state=0)
    with pytest.warns(InterruptedWarning, match="after epoch 3; what was learned is kept"):
        net.fit(X, TWO)
    assert net.stop_reason_.name == "interrupted"
    assert net.n_iter_ == 3
    three = classifier(max_iter=3, batch_size=batch_size).fit(X, TWO)
    np.testing.assert_array_equal(net.coefs_[0], three.coefs_[0])
    np.testing.assert_array_equal(net.predict(X), three.predict(X))
    on = NetClassifier((4,), max_iter=7, batch_size=batch_size, random_state=0, warm_start=True)
    on.__dict__.update({k: v for k, v in net.__dict__.items() if k not in on.get_params()})
    ten = classifier(max_iter=10, batch_size=batch_size).fit(X, TWO)
    np.testing.assert_array_equal(on.fit(X, TWO).coefs_[0], ten.coefs_[0])


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_a_real_signal_ends_the_fit_between_two_chunks():
    net = Signalled((4,), max_iter=10**6, n_iter_no_change=np.inf, tol=0.0, random_state=0)
    with pytest.warns(InterruptedWarning, match="Interrupted after epoch"):
        net.fit(X, TWO)
    assert net.stop_reason_.name == "interrupted"
    assert 100 <= net.n_iter_ < 10**6
    assert len(net.history_["loss"]) == net.n_iter_
    assert all(np.isfinite(w).all() for w in net.coefs_)
    assert net.score(X, TWO) > 0.9


# Weights of zero


def test_early_stopping_needs_rows_that_weigh_in_both_parts():
    """Otherwise the loss is 0 / 0, or the inputs have no scale."""
    single, found = np.zeros(40), set()
    single[-1] = 1.0
    for seed in range(6):
        net = NetRegressor(
            (4,), early_stopping=True, validation_fraction=0.5, random_state=seed
        )  # fmt: skip
        with pytest.raises(DataError, match="all of them have sample weight zero") as caught:
            net.fit(X, X[:, 0], sample_weight=single)
        assert not hasattr(net, "coefs_")
        found.add(str(caught.value).split(",")[0])
    drew = "early_stopping=True drew 20 rows to "
    assert found == {drew + "train on", drew + "validate"}
