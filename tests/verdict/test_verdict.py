"""The whole verdict, as estimators give it: what it says, for every kind of targets."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

from unstuck import DataError, NetClassifier, NetRegressor, Verdict, load
from unstuck.cli.columns import columns_named
from unstuck.health.diagnosis import Diagnosis
from unstuck.health.finding import Finding, Remedy
from unstuck.verdict import telling, wording
from unstuck.verdict.comparison import BETTER, SAME, WORSE, Comparison
from unstuck.verdict.examples import Examples
from unstuck.verdict.judging import bounded, judged
from unstuck.verdict.leaks import Leak
from unstuck.verdict.next_step import NextStep, next_step
from unstuck.verdict.seen import MOST, SOME, share_seen
from unstuck.verdict.standing import Fitted, Standing

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
RNG = np.random.default_rng(0)
X = RNG.normal(size=(160, 3))
RING = np.where((X[:, 0] ** 2 + X[:, 1] ** 2) > 1.4, "out", "in")
FIT = {"max_iter": 60, "learning_rate_init": 0.05, "batch_size": 60, "random_state": 0}
TRAIN, TEST = slice(0, 60), slice(60, 160)
QUIET = {"diagnosis": False}


@pytest.fixture(scope="module")
def ring():
    return NetClassifier((8,), **FIT).fit(X[TRAIN], RING[TRAIN])


@pytest.fixture(scope="module")
def found(ring):
    return ring.verdict(X[TEST], RING[TEST])


def strict(verdict):
    """What comes back from strict JSON."""
    return json.loads(json.dumps(verdict.to_dict(), allow_nan=False))


def test_a_network_that_bends_is_better_than_a_line(ring, found):
    first = found.comparisons[0]
    assert first.network == ring.score(X[TEST], RING[TEST])
    assert (found.result, first.result) == (BETTER, BETTER)
    assert found.sentence.startswith(f"Better than {first.opponent}: accuracy 0.")
    assert " ± " in found.sentence
    assert "on 100 held-out rows" in found.sentence
    assert {each.column for each in found.importance[:2]} == {"x0", "x1"}
    assert found.leaks == ()
    assert found.diagnosis is ring.diagnosis_
    assert sum(map(sum, found.confusion)) == 100
    assert list(found.scores) == ["train", "test", "a linear model", "a constant"]


def test_it_prints_and_shows_and_is_plain_data(found):
    text = str(found)
    assert repr(found) == text
    order = ["Better than", "balanced", "precision", "Columns that matter", "Diagnosis:", "Next"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert max(map(len, text.splitlines())) <= 80
    page = found._repr_html_()
    assert page.count("<div") == page.count("</div>") == 1
    assert "Class by class" in page
    data = strict(found)
    assert data["result"] == "better"
    assert data["comparisons"][0]["network"] == found.comparisons[0].network
    assert data["scores"]["test"].keys() >= {"accuracy", "balanced_accuracy", "AUC", "log_loss"}
    assert data["diagnosis"]["healthy"] in (True, False)


def test_below_the_better_of_two_is_said(ring):
    """A line that is drawn where there is nothing but noise, and one beyond a line that is."""
    y = np.where(X[:, 0] > 0, "out", "in")
    told = ring.verdict(X[TEST], y[TEST], X_train=X[TRAIN], y_train=y[TRAIN], **QUIET)
    assert told.result == WORSE
    assert told.sentence.startswith("Worse than a linear model: accuracy")
    lost = told.comparisons[0]
    assert lost.ahead is False


def compare(network, opponent=0.7, margin=0.05, result=SAME, **more):
    return Comparison(
        *("accuracy", True, network, opponent, 0.5, 0.05, "a linear model"),
        *(network - opponent, margin, result),
    )


@pytest.mark.parametrize(
    ("network", "result", "said"),
    [
        (0.75, BETTER, "Better than a linear model: "),
        (0.71, SAME, "Better than a linear model, but within the noise: "),
        (0.69, SAME, "Worse than a linear model, but within the noise: "),
        (0.7, SAME, "As good as a linear model: "),
        (0.6, WORSE, "Worse than a linear model: "),
    ],
)
def test_on_which_side_it_stands_is_always_said(network, result, said):
    made = Verdict(
        (compare(network, result=result),), {"train": {"accuracy": 0.7}}, {"test": 50},
        NextStep("use it"),
    )  # fmt: skip
    assert made.sentence.startswith(said)
    assert "(+0.050 ± 0.050)" in made.sentence or network != 0.75


def test_training_rows_learned_by_heart_are_told():
    given = (compare(0.69),), {"train": {"accuracy": 0.99}}, {"test": 50}, NextStep("use it")
    told = " ".join(telling.opening(Verdict(*given, by_heart=True)))
    assert "On the rows it was trained on, its accuracy is 0.990" in told
    assert "trained on" not in " ".join(telling.opening(Verdict(*given)))


class Said(ClassifierMixin, BaseEstimator):
    """A classifier whose first input is what it says, with a probability that is given."""

    def __init__(self, sure=0.9):
        self.sure = sure
        self.classes_ = np.array([0, 1])

    def predict(self, x):
        return x[:, 0].astype(int)

    def predict_proba(self, x):
        return np.where(x[:, :1] == self.classes_, self.sure, 1 - self.sure)


def said(right, sure, rows=100, others=0):
    """The verdict on one that is right in the training rows, and in a share of the others."""
    y = np.arange(rows) % 2
    x = np.where(np.arange(rows) < right * rows, y, 1 - y)[:, None] * 1.0
    w = np.ones(rows)
    held = y.copy()
    held[rows - others :] = 2
    train = Examples(y[:, None] * 1.0, y, w)
    return judged(Said(sure), train, Examples(x, held, w), ())


@pytest.mark.parametrize(("sure", "told"), [(0.99, True), (0.7, False), (0.51, False)])
def test_too_sure_is_one_whose_probabilities_promise_more_than_it_keeps(sure, told):
    assert said(0.7, sure).too_sure == told
    lost = replace(compare(0.9, result=WORSE), measure="log_loss", higher=False)
    made = Verdict(
        (compare(0.7), lost), {"train": {"accuracy": 0.7}}, {"test": 50}, NextStep("use it"),
        too_sure=told,
    )  # fmt: skip
    assert ("too sure of itself" in made.sentence) == told


def test_classes_that_the_fit_never_saw_are_not_rows_learned_by_heart():
    assert said(0.7, 0.9).by_heart
    assert not said(1.0, 0.9, others=30).by_heart
    assert said(0.5, 0.9, others=30).by_heart
    assert not said(1.0, 0.9, others=100).by_heart


# Kinds of targets

NUMBER = np.sin(2 * X[:, 0]) + X[:, 1]
REGRESSIONS = {
    "numbers": ({}, NUMBER, "RMSE"),
    "several": ({}, np.column_stack([NUMBER, 1000 * X[:, 2]]), "standardized_RMSE"),
    "absolute": ({"loss": "absolute_error"}, NUMBER, "MAE"),
    "quantile": ({"loss": "quantile(0.9)"}, NUMBER, "pinball_loss"),
}


@pytest.mark.parametrize("name", list(REGRESSIONS))
def test_numbers(name):
    parameters, y, measure = REGRESSIONS[name]
    net = NetRegressor((8,), **FIT, **parameters).fit(X[TRAIN], y[TRAIN])
    found = net.verdict(X[TEST], y[TEST], **QUIET)
    assert found.comparisons[0].measure == measure
    assert found.comparisons[0].network < found.comparisons[0].constant
    assert found.classes == found.confusion == ()
    assert found.scores["test"].keys() >= {"RMSE", "MAE", "R2"}
    assert strict(found)["result"] == found.result
    assert "test" in str(found)


def test_labels_soft_targets_and_outputs_without_probabilities():
    labels = (X[:, :2] > 0).astype(int)
    net = NetClassifier((8,), **FIT).fit(X[TRAIN], labels[TRAIN])
    found = net.verdict(X[TEST], labels[TEST], **QUIET)
    assert [each.name for each in found.classes] == ["0", "1"]
    assert found.scores["test"].keys() >= {"accuracy", "F1", "AUC", "log_loss"}
    soft = np.where(labels[:, :1] == [0, 1], 0.9, 0.1)
    net = NetClassifier((8,), **FIT).fit(X[TRAIN], labels[TRAIN, 0], soft_targets=soft[TRAIN])
    assert strict(net.verdict(X[TEST], labels[TEST, 0], **QUIET))["rows"] == {
        "train": 60,
        "test": 100,
    }
    straight = {"output_activation": "identity", "loss": "squared_error"}
    net = NetClassifier((8,), **straight, **FIT).fit(X[TRAIN], labels[TRAIN, 0])
    found = net.verdict(X[TEST], labels[TEST, 0], **QUIET)
    assert [each.measure for each in found.comparisons] == ["accuracy"]


def test_weights_of_classes_count_where_networks_are_compared():
    y = (X[:, 0] > 1.2).astype(int)
    net = NetClassifier((8,), class_weight="balanced", **FIT).fit(X[TRAIN], y[TRAIN])
    found = net.verdict(X[TEST], y[TEST], **QUIET)
    first = found.comparisons[0]
    assert first.measure == "balanced_accuracy"
    assert first.network == pytest.approx(found.scores["test"]["balanced_accuracy"])
    assert first.constant == pytest.approx(0.5)


# Where rows come from


def test_columns_have_the_names_that_the_user_knows(ring):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["width", "height", "noise"])
    net = NetClassifier((8,), **FIT).fit(frame[TRAIN], RING[TRAIN])
    found = net.verdict(frame[TEST], RING[TEST], **QUIET)
    assert {each.column for each in found.importance[:2]} == {"width", "height"}
    sparse_found = ring.verdict(sparse.csr_matrix(X[TEST]), RING[TEST], **QUIET)
    assert sparse_found.comparisons[0] == ring.verdict(X[TEST], RING[TEST], **QUIET).comparisons[0]


def test_a_loaded_network_asks_for_training_rows(ring, tmp_path):
    ring.save(tmp_path / "ring.safetensors")
    again = load(tmp_path / "ring.safetensors")
    with pytest.raises(DataError, match="Pass X_train and y_train"):
        again.verdict(X[TEST], RING[TEST])
    found = again.verdict(X[TEST], RING[TEST], X_train=X[TRAIN], y_train=RING[TRAIN])
    assert found.diagnosis is None
    assert found.comparisons == ring.verdict(X[TEST], RING[TEST], **QUIET).comparisons


def test_the_rows_of_the_network_stay_as_they_are(ring):
    x, y = X[TEST].copy(), RING[TEST].copy()
    ring.verdict(x, y, **QUIET)
    np.testing.assert_array_equal(x, X[TEST])


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X[:5], None, "target y is None"),
        (X[:5], RING[:4], "X has 5 rows and y 4 targets"),
        (X[:5, :2], RING[:5], "expecting 3 features"),
        (X[:0], RING[:0], "minimum of 1 is required"),
        (np.full((2, 3), np.nan), RING[:2], "NaN"),
        (X[:5], np.arange(5), "labels like the classes"),
        (X[:5], np.array([["in", "out"]] * 5), "shape"),
    ],
)
def test_rows_that_cannot_be_judged_are_refused(ring, x, y, message):
    with pytest.raises(DataError, match=message):
        ring.verdict(x, y)
    with pytest.raises(DataError, match="belong together"):
        ring.verdict(X[:5], RING[:5], X_train=X[:5])


def test_few_rows_and_rows_of_one_class_have_a_verdict(ring):
    one = ring.verdict(X[60:61], RING[60:61], **QUIET)
    assert "on 1 held-out row" in one.sentence
    assert one.sentence.startswith("Too few rows to judge it beside a ")
    assert not one.next_step.do.startswith("use it")
    assert "± unknown" in one.sentence
    assert strict(one)["comparisons"][0]["difference_margin"] is None
    same = X[TEST][RING[TEST] == "in"]
    assert strict(ring.verdict(same, np.full(len(same), "in"), **QUIET))["scores"]["test"]
    never = ring.verdict(X[60:64], np.full(4, "never"), **QUIET)
    assert "4 held-out rows of classes that the fit never saw count as wrong" in never.notes
    assert never.comparisons[0].network == 0


def test_a_constant_that_knows_the_weights_is_not_beaten_by_one_that_does_not():
    """Most of the weight lies on 10, whose weighted error no constant undercuts."""
    y = np.where(RNG.random(160) < 0.6, 0.0, 10.0)
    w = np.where(y > 5, 100.0, 1.0)
    net = NetRegressor((2,), loss="absolute_error", **FIT).fit(X[TRAIN], y[TRAIN], w[TRAIN])
    found = net.verdict(X[TEST], y[TEST], sample_weight=w[TEST], **QUIET).comparisons[0]
    reached = np.average(np.abs(y[TEST] - 10), weights=w[TEST])
    assert found.constant == pytest.approx(reached)
    assert found.result != BETTER


def test_the_unit_of_weights_decides_nothing_and_rows_of_none_count_nowhere(ring):
    w = RNG.integers(0, 3, 100).astype(float)
    first, large = (
        ring.verdict(X[TEST], RING[TEST], sample_weight=w * unit, **QUIET) for unit in (1, 2.0**990)
    )
    assert first.to_dict() == large.to_dict()
    some = np.flatnonzero(w > 0)
    few = ring.verdict(X[TEST][some], RING[TEST][some], sample_weight=w[some], **QUIET)
    assert few.to_dict() == first.to_dict()
    assert first.rows["test"] == len(some)
    with pytest.raises(DataError, match="at least one non-zero"):
        ring.verdict(X[TEST], RING[TEST], sample_weight=0 * w, **QUIET)


@pytest.mark.parametrize("rows", [[0], range(100)])
def test_targets_whose_errors_overflow_are_refused(rows):
    net = NetRegressor((2,), **{**FIT, "max_iter": 2}).fit(X[TRAIN], X[TRAIN, 0])
    y = X[TEST, 0].copy()
    y[rows] = 1e200
    with pytest.raises(DataError, match="RMSE on the held-out rows overflows: targets reach 1e"):
        net.verdict(X[TEST], y, **QUIET)


def test_many_training_rows_are_thinned_for_the_others():
    many = Examples(np.zeros((30_000, 2)), np.zeros(30_000), np.ones(30_000))
    assert len(bounded(many)) == 10_000
    wide = Examples(np.zeros((500, 50_000), np.int8), np.zeros(500), np.ones(500))
    assert len(bounded(wide)) == 200


def test_any_classifier_can_be_judged():
    model = LogisticRegression().fit(X[TRAIN], RING[TRAIN])
    ones = np.ones(160)
    train, test = (Examples(X[at], RING[at], ones[at]) for at in (TRAIN, TEST))
    found = judged(model, train, test, ())
    assert found.result in (SAME, WORSE)
    assert found.importance == ()


# What to do next

USUAL = {"early_stopping": False, "alpha": 1e-4, "max_iter": 200}


def step(result=SAME, network=0.7, stopped="tol", held_out=False, settings=USUAL, **more):
    leaks, diagnosis = more.pop("leaks", ()), more.pop("diagnosis", None)
    standing = Standing([compare(network, result=result)], **more)
    return next_step(standing, leaks, diagnosis, Fitted(settings, stopped, held_out))


def test_what_to_do_next():
    assert step(BETTER).do == "use it"
    assert step(SAME).do.startswith("use it, or a linear model")
    assert step(WORSE).do == "take a linear model, or bring more rows"
    assert step(WORSE, stopped="max_iter").parameters == {"max_iter": 1000}
    assert step(WORSE, overfits=True).parameters == {"early_stopping": True}
    assert step(WORSE, overfits=True, held_out=True).parameters == {"alpha": 1.0}
    strong = {**USUAL, "alpha": 10.0}
    by_heart = {"overfits": True, "held_out": True, "settings": strong}
    assert step(WORSE, **by_heart).parameters == {}
    assert (
        step(WORSE, **by_heart, stopped="max_iter").do == "take a linear model, or bring more rows"
    )
    leak = step(BETTER, leaks=(Leak("paid late", 0.99, None, 100),))
    assert leak.leave_out == ("paid late",)
    assert telling.done_by(leak) == ['X.drop(columns=["paid late"])']
    assert telling.done_by(leak, typed=True) == ["--ignore 'paid late'"]
    assert telling.done_by(step(WORSE, stopped="max_iter"), typed=True) == ["--max-iter 1000"]


def finding(code, *remedies):
    return Finding(code, "something is wrong", remedies=remedies)


STOP = Remedy("Stop when held-out rows get worse.", "", {"early_stopping": True})
LESS, MORE = (
    Remedy("Lower the penalty.", "", {"alpha": 1e-6}),
    Remedy("Or raise it.", "", {"alpha": 1}),
)
UNITS = Remedy("Take more units.", "", {"hidden_layer_sizes": (64,)})


def test_no_remedy_loops_or_harms():
    """What is on is not turned on, and rows known by heart are not followed more closely."""
    ill = Diagnosis((finding("overfitting", STOP, MORE),))
    assert step(diagnosis=ill).parameters == {"early_stopping": True}
    again = step(diagnosis=ill, held_out=True)
    assert (again.do, again.parameters) == ("raise it.", {"alpha": 1})
    on = {**USUAL, "alpha": 1}
    assert step(diagnosis=ill, held_out=True, settings=on).do.startswith(
        "use it, or a linear model"
    )
    weak = Diagnosis((finding("underfitting", UNITS, Remedy("Lower what holds it back.", "", {})),))
    assert step(WORSE, diagnosis=weak).do == "Take more units."
    assert step(WORSE, diagnosis=weak, overfits=True).parameters == {"early_stopping": True}
    slow = Diagnosis((finding("slow", LESS, Remedy("Or train on.", "", {"max_iter": 2000})),))
    assert step(WORSE, diagnosis=slow).parameters == {"alpha": 1e-6}
    assert step(WORSE, diagnosis=slow, overfits=True).parameters == {"early_stopping": True}


def test_validation_rows_that_are_there_or_cannot_be_are_not_advised():
    plain = NetClassifier((4,), **FIT).fit(X[TRAIN], RING[TRAIN])
    assert not Fitted.of(plain, divisible=True).held_out
    assert Fitted.of(plain, divisible=False).held_out
    given = {"X_val": X[TEST], "y_val": RING[TEST]}
    assert Fitted.of(NetClassifier((4,), **FIT).fit(X[TRAIN], RING[TRAIN], **given), True).held_out


def test_whole_numbers_learned_as_classes_are_to_be_learned_as_numbers(found):
    told = step(SAME, network=0.5, amounts=True)
    assert told.task == "regression"
    assert telling.done_by(told, typed=True) == ["--task regression"]
    assert telling.done_by(told) == ["NetRegressor().fit(X, y)"]
    assert step(SAME, network=0.5).task == step(BETTER, network=0.75, amounts=True).task == ""
    assert found.next_step.task == ""


def test_rows_of_the_fit_are_told_from_new_ones(ring):
    told = ring.verdict(X[TRAIN], RING[TRAIN], **QUIET)
    assert "on 60 rows that it was fitted to" in told.sentence
    assert told.seen
    assert told.next_step.do == "judge it by rows that were held out of the fit"
    some = ring.verdict(X[40:], RING[40:], **QUIET)
    assert "about 16.7 % of these rows were trained on" in some.notes
    assert "on 120 held-out rows" in some.sentence
    assert not ring.verdict(X[TEST], RING[TEST], **QUIET).notes


def test_equal_rows_are_no_wonder_where_rows_come_several_times():
    rng = np.random.default_rng(0)
    for values in (3, 5, 8):
        x = rng.integers(0, values, (2000, 4)).astype(float)
        assert share_seen(x[1000:], x[:1000], 1000) <= SOME
        assert share_seen(x[1000:], x[:300], 1000) <= SOME
    x = rng.normal(size=(20_000, 4))
    assert share_seen(x[:5000], x[::13], 20_000) > MOST
    assert share_seen(sparse.csr_matrix(x[:50]), x[:50], 50) == 1.0


def test_of_an_ensemble_it_is_told_which_network_is_meant():
    net = NetClassifier((8,), n_ensemble=2, early_stopping=True, **FIT).fit(X[TRAIN], RING[TRAIN])
    told = net.verdict(X[TEST], RING[TEST])
    assert told.networks == 2
    assert "Diagnosis of the first of 2 networks: " in str(told)
    assert "Diagnosis of the first of 2 networks: " in told._repr_html_()
    assert (
        "train: the 54 rows that the first of 2 networks was trained on, the others on others"
        in told.notes
    )


def test_the_result_is_what_the_sentence_begins_with(found):
    sure = compare(0.7)
    probable = Comparison(
        "log_loss", False, 0.4, 0.6, 0.7, 0.05, "a linear model", -0.2, 0.05, BETTER
    )
    made = Verdict((sure, probable), {"train": {"accuracy": 0.7}}, {"test": 50}, NextStep("use it"))
    assert made.sentence.startswith("As good as a linear model: ")
    assert "Its probabilities are better" in made.sentence
    assert made.result == SAME
    by_probabilities = next_step(Standing((sure, probable)), (), None, Fitted(USUAL))
    assert by_probabilities.why == "its probabilities are better than what is cheap to reach"


def test_the_diagnosis_says_what_to_do_where_it_found_something(ring):
    stuck = NetClassifier((8,) * 6, activation="logistic", **FIT).fit(X[TRAIN], RING[TRAIN])
    found = stuck.verdict(X[TEST], RING[TEST])
    remedy = stuck.diagnosis_.findings[0].remedies[0]
    assert found.next_step.do == remedy.do
    assert found.next_step.parameters == remedy.parameters


# Wording


def test_a_leak_is_told_with_its_evidence():
    told = wording.leak(Leak("logwage", 0.999, None, 1750))
    assert told == (
        "'logwage' gives the target away: is it known before? Alone it removes 99.9 % of a "
        "constant's error (1,750 rows, cross-validated)."
    )
    assert "all other columns 53 %" in wording.leak(Leak("paid", 0.93, 0.53, 400))


@pytest.mark.parametrize(
    ("difference", "margin", "said"),
    [
        (-3.94, 3.04, "-3.9 ± 3.0"),
        (0.0, 0.5, "0.00 ± 0.50"),
        (1234.5, 321.0, "+1234 ± 321"),
        (-1e-9, 1e-9, "-1e-9 ± 1e-9"),
        (2.0, np.inf, "+2 ± unknown"),
    ],
)
def test_a_difference_is_told_to_the_second_digit_of_its_uncertainty(difference, margin, said):
    made = Comparison(
        "RMSE", False, 5.0, 5.0 - difference, 9.0, 1.0, "a linear model", difference, margin, SAME
    )
    assert wording.difference(made) == said


def test_of_many_classes_the_worst_are_shown(found):
    many = found.classes * 10
    lines = telling.class_table(many, most=3)
    assert len(lines) == 1 + 3 + 1
    assert re.search(r"and 17 more", lines[-1])


@pytest.mark.parametrize("width", [40, 60, 80])
def test_tables_fit_narrow_terminals_and_long_names(found, width):
    first, *others = found.classes
    long = replace(first, name="n" * 300, taken_for=(("m" * 300, 4), ("other", 2)))
    lines = telling.class_table([long, *others], width=width)
    lines += telling.score_table(found, width)
    assert max(map(len, lines)) <= width
    numbers = set(re.findall(r"\d\.\d+", "\n".join(lines)))
    whole = [*telling.class_table([long, *others], width=999), *telling.score_table(found, 999)]
    assert numbers == set(re.findall(r"\d\.\d+", "\n".join(whole)))


def test_what_is_to_be_typed_can_be_typed():
    names = ('a"b', "c\n", "it's, two", "\\d\x1b")
    found = NextStep("leave it out", leave_out=names)
    (line,) = telling.done_by(found)
    assert eval(line.removeprefix("X.drop(columns=").removesuffix(")")) == list(names)
    typed = telling.done_by(found, typed=True)
    assert not any(char in line for line in typed for char in "\n\x1b")
    command = f"printf '%s\\0' {' '.join(typed)}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.split("\0")[1:-1:2] == list(names)
    columns = ["a,b", "a", "b"]
    assert columns_named(["a", "b"], columns, "--ignore") == ["a", "b"]
    assert columns_named(["a,b"], columns, "--ignore") == ["a,b"]
